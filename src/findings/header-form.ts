/** What the header section of a message looks like from outside: which fields stand in it, and how often (RFC 5322 §3.6). */
import type { Message } from '../smtp/session.ts';

/** Fields that may stand once. */
const ONCE: readonly string[] = [
  'date',
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'message-id',
  'in-reply-to',
  'references',
  'subject',
];
const NAMES = [...ONCE, 'bcc', 'received'].map((name) => Buffer.from(`${name}:`));
const BCC = ONCE.length;
const RECEIVED = BCC + 1;
/** Indexes into NAMES by first octet, so that a line is compared with two names at most. */
const BY_OCTET: readonly (readonly number[])[] = Array.from({ length: 256 }, (_, octet) =>
  NAMES.flatMap((name, i) => (name[0] === (octet | 32) ? [i] : [])),
);
/** Names are shown as they are usually written. */
const SHOWN: Readonly<Record<string, string>> = { 'message-id': 'Message-ID', cc: 'Cc', bcc: 'Bcc' };

const LF = 10;
const CR = 13;
const SPACE = 32;
const TAB = 9;
const COLON = 58;
const HEAD_BYTES = 16_384;

export interface HeaderForm {
  /** Of Date and From, those that are not there. */
  readonly missing: readonly string[];
  readonly repeated: readonly string[];
  /** Lines without a colon that continue nothing. */
  readonly noColon: number;
  /** A Bcc field with an address in it. */
  readonly bcc: boolean;
}

const counts = new Uint16Array(NAMES.length);

let lastMessage: Message | null = null;
let lastForm: HeaderForm | null = null;

/** Null when there is nothing to say: the form is right, or the section was not kept whole and shows no fault. */
export function headerFaults(message: Message): HeaderForm | null {
  read(message);
  return lastForm;
}

/** How many Received fields stand in the header section, as far as kept. */
export function receivedFields(message: Message): number {
  read(message);
  return counts[RECEIVED] as number;
}

/** Several rules ask: one pass for all of them. */
function read(message: Message): void {
  if (message === lastMessage) return;
  lastMessage = message;
  lastForm = readForm(message);
}

function readForm(message: Message): HeaderForm | null {
  const { head } = message;
  counts.fill(0);
  let bcc = false;
  let noColon = 0;
  let ended = false;
  let at = 0;
  const limit = Math.min(head.length, HEAD_BYTES);
  while (at < limit) {
    const feed = head.indexOf(LF, at);
    const end = feed < 0 ? limit : Math.min(feed, limit);
    const first = head[at] as number;
    if (end === at || (first === CR && end === at + 1)) {
      ended = true;
      break;
    }
    if (first !== SPACE && first !== TAB) {
      const name = nameAt(head, at, end);
      if (name >= 0) {
        counts[name] = (counts[name] as number) + 1;
        if (name === BCC && hasValue(head, at + 4, end)) bcc = true;
      } else if (feed >= 0 && feed < limit && !hasColon(head, at, end)) noColon++;
    }
    at = end + 1;
  }
  // A message that is all there and ends without an empty line is all header.
  const whole = ended || (message.complete && message.missing === 0 && head.length < HEAD_BYTES);
  const missing = whole && message.missing === 0 ? ONCE.slice(0, 2).filter((_, i) => counts[i] === 0) : [];
  let repeated: string[] | null = null;
  for (let i = 0; i < BCC; i++) if ((counts[i] as number) > 1) repeated = [...(repeated ?? []), ONCE[i] as string];
  if (missing.length === 0 && repeated === null && noColon === 0 && !bcc) return null;
  return { missing: missing.map(shown), repeated: (repeated ?? []).map(shown), noColon, bcc };
}

function nameAt(head: Buffer, at: number, end: number): number {
  const candidates = BY_OCTET[head[at] as number] as readonly number[];
  for (let n = 0; n < candidates.length; n++) {
    const index = candidates[n] as number;
    const name = NAMES[index] as Buffer;
    if (at + name.length > end) continue;
    let i = 1;
    while (i < name.length && ((head[at + i] as number) | 32) === ((name[i] as number) | 32)) i++;
    if (i === name.length) return index;
  }
  return -1;
}

function hasColon(head: Buffer, at: number, end: number): boolean {
  for (let i = at; i < end; i++) if (head[i] === COLON) return true;
  return false;
}

function hasValue(head: Buffer, at: number, end: number): boolean {
  for (let i = at; i < end; i++) if ((head[i] as number) > SPACE) return true;
  const next = head[end + 1];
  return next === SPACE || next === TAB;
}

function shown(name: string): string {
  return SHOWN[name] ?? name.replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase());
}
