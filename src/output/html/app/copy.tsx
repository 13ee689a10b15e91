/** A button that copies a text, and says so. */
import { useState } from 'preact/hooks';

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [state, setState] = useState<'idle' | 'done' | 'failed'>('idle');
  const copy = async (): Promise<void> => {
    setState((await copied(text)) ? 'done' : 'failed');
    setTimeout(() => setState('idle'), 1600);
  };
  const word = state === 'done' ? 'Copied' : state === 'failed' ? 'Not copied' : 'Copy';
  return (
    <button type="button" class={`copy ${state}`} onClick={copy} aria-label={`Copy ${what}`}>
      <span aria-live="polite">{word}</span>
    </button>
  );
}

async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedByHand(text);
  }
}

/** For browsers that give pages from disk no clipboard. */
function copiedByHand(text: string): boolean {
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'offscreen';
  document.body.append(field);
  field.select();
  try {
    return document.execCommand('copy');
  } catch {
    return false;
  } finally {
    field.remove();
  }
}
