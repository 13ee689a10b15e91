/** Where smtpscope and another program differ about a session, in a form that can be written into a list. */
import type { OurSession } from './ours.ts';
import type { SharkStream } from './sharkd.ts';

export type Subject =
  | 'commands'
  | 'replies'
  | 'client bytes'
  | 'server bytes'
  | 'client retransmissions'
  | 'server retransmissions';

export interface Difference {
  /** Number of the connection in the capture, as Wireshark counts them. */
  readonly stream: number;
  readonly what: Subject;
  /** What each has where the other has something else: from the first item that differs to the last. */
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
}

/** Items and characters that a difference shows; of the rest it says how much there is. */
const SHOWN_ITEMS = 4;
const SHOWN_CHARACTERS = 60;

export function differencesOf(ours: OurSession, stream: number, theirs: SharkStream): Difference[] {
  const { record } = ours;
  const found: Difference[] = [];
  const compare = (what: Subject, a: readonly string[], b: readonly string[]) => {
    const difference = between(a, b);
    if (difference !== null) found.push({ stream, what, ...difference });
  };
  compare('commands', ours.commands, theirs.commands);
  compare('replies', ours.replies, theirs.replies);
  for (const [side, index] of [
    ['client', 0],
    ['server', 1],
  ] as const) {
    const { address, port } = record[side];
    const bytes = (theirs.bytes[`${address} ${port}`] ?? '').replaceAll('capture file]\0', 'capture file]');
    const difference = betweenBytes(ours.bytes[index], bytes);
    if (difference !== null) found.push({ stream, what: `${side} bytes`, ...difference });
    const { retransmissions, retransmissionKinds: kinds } = record.transport[side];
    const sent = theirs.retransmissions.get(String(port));
    compare(
      `${side} retransmissions`,
      counted(retransmissions, kinds?.fast, kinds?.needless, kinds?.timeout),
      counted(sent?.all, sent?.fast, sent?.spurious, sent?.late),
    );
  }
  return found;
}

/** All, and how many of them are of which kind. */
function counted(all = 0, fast = 0, needless = 0, timeout = 0): string[] {
  return [String(all), `${fast} fast`, `${needless} needless`, `${timeout} by timeout`];
}

function between(ours: readonly string[], theirs: readonly string[]): Pick<Difference, 'ours' | 'theirs'> | null {
  let first = 0;
  while (first < ours.length && first < theirs.length && ours[first] === theirs[first]) first++;
  if (first === ours.length && first === theirs.length) return null;
  let last = 0;
  const most = Math.min(ours.length, theirs.length) - first;
  while (last < most && ours[ours.length - 1 - last] === theirs[theirs.length - 1 - last]) last++;
  return {
    ours: shown(ours.slice(first, ours.length - last)),
    theirs: shown(theirs.slice(first, theirs.length - last)),
  };
}

export function betweenBytes(ours: string, theirs: string): Pick<Difference, 'ours' | 'theirs'> | null {
  if (ours === theirs) return null;
  let first = 0;
  while (first < ours.length && ours[first] === theirs[first]) first++;
  const tell = (bytes: string) => [`${bytes.length} bytes, from ${first}: ${brief(bytes.slice(first))}`];
  return { ours: tell(ours), theirs: tell(theirs) };
}

function shown(items: readonly string[]): string[] {
  const rest = items.length - SHOWN_ITEMS;
  return [...items.slice(0, SHOWN_ITEMS).map(brief), ...(rest > 0 ? [`and ${rest} more`] : [])];
}

function brief(text: string): string {
  const printable = text.replace(
    /[^ -~]/g,
    (character) => `<${character.charCodeAt(0).toString(16).padStart(2, '0')}>`,
  );
  return printable.length > SHOWN_CHARACTERS
    ? `${printable.slice(0, SHOWN_CHARACTERS)}… (${printable.length})`
    : printable;
}
