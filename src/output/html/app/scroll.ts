/** Brings a part of the page into sight and gives it the focus, so that eye and screen reader are at the same place. */
export function showElement(id: string): void {
  const element = document.getElementById(id);
  if (element === null) return;
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  element.scrollIntoView({ block: 'center', behavior: isCalm ? 'auto' : 'smooth' });
  element.focus({ preventScroll: true });
}
