/** Paths of MAIL and RCPT (RFC 5321 §4.1.1.2, §4.1.1.3), as servers read them and clients write them. */

/**
 * The path in the argument of MAIL or RCPT, without its brackets; '' for `<>`. Brackets left out, and spaces behind the
 * colon, are forgiven: devices send both.
 */
export function readPath(argument: string | null): string {
  if (argument === null) return '';
  const colon = argument.indexOf(':');
  const text = (colon < 0 ? argument : argument.slice(colon + 1)).trimStart();
  if (!text.startsWith('<')) return text.split(/[ \t]/, 1)[0] as string;
  // A quoted local part may hold a bracket.
  let isQuoted = false;
  for (let i = 1; i < text.length; i++) {
    const letter = text[i];
    if (letter === '\\') i++;
    else if (letter === '"') isQuoted = !isQuoted;
    else if (letter === '>' && !isQuoted) return text.slice(1, i);
  }
  return text.slice(1).split(/[ \t]/, 1)[0] as string;
}
