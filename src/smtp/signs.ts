/**
 * `Session.signs`: what is unusual about a session, read off the bytes of its turns in one pass that makes no string.
 * Each sign is wider than the rules it triggers: set where one of them might find something, so that the healthy
 * session runs none of them.
 */
import { hostNameEnd } from './host-name.ts';
import { type Session, Sign } from './session.ts';
import type { Turn } from './turn.ts';
import { Verb } from './verbs.ts';

const LINE_OCTETS = 512;
const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const COMMA = 44;
const DOT = 46;
const COLON = 58;
const OPEN = 60;
const EQUALS = 61;
const CLOSE = 62;
const AT = 64;
/** Of a path that is not written as usual: all that a path may show. */
const ODD_FORM = Sign.oddPath | Sign.oversized | Sign.oddAddress;

/** `! " $ % ( ; { |`, in a path. */
const ODD_IN_PATH = new Uint8Array(256);
for (const octet of Buffer.from('!"$%(;{|')) ODD_IN_PATH[octet] = Sign.oddAddress >> 8;

/** Commands behind which a client has to wait, whatever is offered (RFC 2920 §3.1, RFC 4954 §4, RFC 3207 §4). */
const WAITS: ReadonlySet<number> = new Set([
  Verb.EHLO,
  Verb.HELO,
  Verb.LHLO,
  Verb.AUTH,
  Verb.STARTTLS,
  Verb.DATA,
  Verb.VRFY,
  Verb.EXPN,
  Verb.TURN,
  Verb.QUIT,
  Verb.NOOP,
]);

/** What the last accepted EHLO offered, as far as MAIL, RCPT and pipelining need it. */
interface Offer {
  size: boolean;
  /** Octets; 0 for none. */
  sizeLimit: number;
  eightBit: boolean;
  dsn: boolean;
  pipelining: boolean;
  /** A line that is written in no usual way: anything may be on offer, or not. */
  unclear: boolean;
}

const offer: Offer = { size: false, sizeLimit: 0, eightBit: false, dsn: false, pipelining: false, unclear: false };

/** `verbs[i]`: of the turn `i`, -1 where it is no command. The session is read but for its signs. */
export function readSigns(session: Session, verbs: readonly number[]): number {
  const { turns } = session;
  let signs = helloSigns(session) | endSigns(session);
  let opened = false;
  /** The client’s command or AUTH line before, where the next may be on top of it. */
  let before: Turn | null = null;
  let beforeVerb = -1;
  // Where the client stands in the order of commands (RFC 5321 §4.1.4).
  let hello = false;
  let mail = false;
  let accepted = false;
  let recipient = false;
  forget();
  for (let i = 0; i < turns.length; i++) {
    const turn = turns[i] as Turn;
    const { kind } = turn;
    if (turn.from === 'server') {
      if (kind === 'reply') signs |= replySigns(turn);
      else if (kind === 'unparsed') signs |= Sign.unparsed;
      continue;
    }
    const verb = verbs[i] as number;
    if (!opened) {
      opened = true;
      const isHello = verb === Verb.EHLO || verb === Verb.HELO || verb === Verb.LHLO;
      if (!isHello || turn.acked === 0) signs |= Sign.oddOpening;
    }
    if (kind === 'gap' || kind === 'unparsed' || kind === 'tls') before = null;
    else if (kind !== 'message' || beforeVerb !== Verb.BDAT) {
      if (before !== null && isOnTop(turns, before, turn)) {
        if (before.kind === 'auth' || WAITS.has(beforeVerb)) signs |= Sign.impatientSync;
        else if (!offer.pipelining || offer.unclear) signs |= Sign.impatientUnoffered;
      }
      before = kind === 'message' || verb === Verb.PROXY ? null : turn;
    }
    beforeVerb = verb;
    if (kind === 'message') {
      mail = false;
      accepted = false;
      recipient = false;
    }
    if (kind !== 'command') continue;
    if (turn.bytes > LINE_OCTETS) signs |= Sign.longLine;
    const reply = turn.answeredBy < 0 ? null : (turns[turn.answeredBy] as Turn);
    const isTaken = reply !== null && reply.code >= 200 && reply.code < 300;
    switch (verb) {
      case Verb.EHLO:
      case Verb.LHLO:
      case Verb.HELO:
        if (isTaken) {
          forget();
          if (verb !== Verb.HELO) signs |= readOffer(reply as Turn);
        }
        hello = true;
        mail = false;
        accepted = false;
        recipient = false;
        break;
      case Verb.RSET:
        mail = false;
        accepted = false;
        recipient = false;
        break;
      case Verb.MAIL:
        signs |= pathSigns(turn, 10, 102);
        if (!hello || accepted) signs |= Sign.outOfOrder;
        mail = true;
        recipient = accepted && recipient;
        accepted ||= isTaken;
        break;
      case Verb.RCPT:
        signs |= pathSigns(turn, 8, 116);
        if (!mail) signs |= Sign.outOfOrder;
        recipient = true;
        break;
      case Verb.BDAT:
        signs |= Sign.chunked;
        if (mail && !recipient && accepted) signs |= Sign.outOfOrder;
        break;
      case Verb.DATA:
        if (!mail || (!recipient && accepted)) signs |= Sign.outOfOrder;
        break;
      default:
        break;
    }
  }
  return signs;
}

function forget(): void {
  offer.size = false;
  offer.sizeLimit = 0;
  offer.eightBit = false;
  offer.dsn = false;
  offer.pipelining = false;
  offer.unclear = false;
}

/** The packet with `next` does not acknowledge the reply to `before`. */
function isOnTop(turns: readonly Turn[], before: Turn, next: Turn): boolean {
  if (before.answeredBy < 0 || next.acked < 0) return false;
  const reply = turns[before.answeredBy] as Turn;
  return next.acked < reply.offset + reply.bytes;
}

function replySigns({ buffer, start, end, code, bytes }: Turn): number {
  let signs = bytes > LINE_OCTETS ? Sign.longLine : 0;
  const digit = buffer[start + 4];
  if (start + 5 < end && buffer[start + 5] === DOT && (digit === 50 || digit === 52 || digit === 53)) {
    const first = Math.floor(code / 100);
    if (first !== 3 && first !== digit - 48) signs |= Sign.mixedClasses;
  }
  return signs;
}

/** Reads what a reply to EHLO lists into `offer`; its own signs are returned. */
function readOffer({ buffer, start, end }: Turn): number {
  let signs = 0;
  for (let at = start; at < end; at++) {
    if (buffer[at] !== LF || at + 9 >= end) continue;
    const word = at + 5;
    const first = buffer[word] as number;
    const letter = first | 32;
    if (first === SPACE || first === TAB) offer.unclear = true;
    else if (letter === 120) {
      if (((buffer[word + 1] as number) | 32) === 120) signs |= Sign.crossedOut;
    } else if (letter === 115) {
      if (isWord(buffer, word, end, 'size')) readSize(buffer, word + 4, end);
    } else if (letter === 112) offer.pipelining ||= isWord(buffer, word, end, 'pipelining');
    else if (letter === 100) offer.dsn ||= isWord(buffer, word, end, 'dsn');
    else if (first === 56) offer.eightBit ||= isWord(buffer, word, end, '8bitmime');
  }
  return offer.unclear ? signs | Sign.crossedOut : signs;
}

function readSize(buffer: Buffer, after: number, end: number): void {
  if (!offer.size) {
    const digits = skipSpaces(buffer, after, end);
    offer.sizeLimit = readNumber(buffer, digits, end);
  }
  offer.size = true;
}

/** `word` stands at `at`, in letters of either case, and ends there. */
function isWord(buffer: Buffer, at: number, end: number, word: string): boolean {
  const after = at + word.length;
  if (after >= end) return false;
  for (let i = 0; i < word.length; i++) if (((buffer[at + i] as number) | 32) !== word.charCodeAt(i)) return false;
  const next = buffer[after] as number;
  return next === CR || next === LF || next === SPACE || next === TAB;
}

function skipSpaces(buffer: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && (buffer[at] === SPACE || buffer[at] === TAB)) at++;
  return at;
}

/** The digits from `start` on; 0 when there are none. */
function readNumber(buffer: Buffer, start: number, end: number): number {
  let number = 0;
  for (let at = start; at < end; at++) {
    const digit = (buffer[at] as number) - 48;
    if (digit < 0 || digit > 9) break;
    number = number * 10 + digit;
  }
  return number;
}

/**
 * Signs of a MAIL or RCPT whose path should begin at `prefix` behind a keyword of this first letter: its form, and what
 * follows the path. SIZE, BODY and the parameters of DSN (RFC 3461 §4) are usual where they are on offer.
 */
function pathSigns({ buffer, start, end }: Turn, prefix: number, keyword: number): number {
  const path = start + prefix;
  if (buffer[path] !== OPEN || buffer[path - 1] !== COLON || ((buffer[start + 5] as number) | 32) !== keyword) {
    return ODD_FORM;
  }
  let at = path + 1;
  let signs = buffer[at] === AT ? Sign.oddAddress : 0;
  for (; at < end; at++) {
    const byte = buffer[at] as number;
    if (byte === CLOSE) break;
    if (byte === OPEN || byte === SPACE || byte === COMMA || byte < 32) return ODD_FORM;
    signs |= (ODD_IN_PATH[byte] as number) << 8;
  }
  for (at++; at < end && buffer[at] !== CR; ) {
    if (buffer[at] !== SPACE) return signs | Sign.oddPath | Sign.oversized;
    const name = at + 1;
    at = name;
    while (at < end && buffer[at] !== SPACE && buffer[at] !== CR && buffer[at] !== LF) at++;
    const word = wordOf(buffer, name, at);
    if (word === WORDS.SIZE) {
      const isOver = offer.sizeLimit > 0 && readNumber(buffer, name + 5, at) > offer.sizeLimit;
      if (offer.unclear || isOver) signs |= Sign.oversized;
      if (!offer.size) signs |= Sign.oddPath;
    } else if (!(word === WORDS.BODY ? offer.eightBit : word > WORDS.BODY && offer.dsn)) signs |= Sign.oddPath;
  }
  return signs;
}

const WORDS = { OTHER: 0, SIZE: 1, BODY: 2, DSN: 3 } as const;

/** The parameter in `buffer[start, end)`, by the letters in front of its equals sign. */
function wordOf(buffer: Buffer, start: number, end: number): number {
  let length = 0;
  let letters = 0;
  for (let at = start; at < end && buffer[at] !== EQUALS; at++, length++) {
    letters = (letters << 8) | ((buffer[at] as number) | 32);
  }
  if (start + length >= end) return WORDS.OTHER;
  // The last four letters and the length tell them apart; a stranger of the same sort is none that a rule knows.
  if (length === 4 && letters === 0x73697a65) return WORDS.SIZE;
  if (length === 4 && letters === 0x626f6479) return WORDS.BODY;
  if (length === 3 && letters === 0x726574) return WORDS.DSN;
  if (length === 5 && letters === 0x6e766964) return WORDS.DSN;
  if (length === 6 && letters === 0x74696679) return WORDS.DSN;
  return length === 5 && letters === 0x72637074 ? WORDS.DSN : WORDS.OTHER;
}

/** Signs of the greeting, and of the name in EHLO or HELO. */
function helloSigns({ greeting, hello }: Session): number {
  let signs = 0;
  if (greeting !== null) {
    const { buffer, start, end } = greeting;
    if (buffer[start + 3] !== SPACE || hostNameEnd(buffer, start + 4, end) < 0) signs |= Sign.oddGreeting;
  }
  if (hello === null) return signs;
  const { buffer, start, end } = hello.turn;
  const name = start + 5;
  const after = buffer[start + 4] === SPACE ? hostNameEnd(buffer, name, end) : -1;
  if (after < 0 || buffer[after] !== CR || after - name > 63) return signs | Sign.oddHello;
  if (greeting === null || isName(greeting, buffer, name, after)) signs |= Sign.oddHello;
  return signs;
}

/** Whether a greeting begins with this name, or with a space, behind which it might. */
function isName({ buffer, start, end }: Turn, name: Buffer, from: number, to: number): boolean {
  const at = start + 4;
  if (buffer[at] === SPACE || buffer[at] === TAB) return true;
  if (at + to - from > end) return false;
  for (let i = from; i < to; i++) {
    if (((buffer[at + i - from] as number) | 32) !== ((name[i] as number) | 32)) return false;
  }
  return true;
}

/** Whether the last message was begun and not simply sent, answered and left alone. */
function endSigns({ transactions, transport }: Session): number {
  const last = transactions.at(-1);
  if (last === undefined) return 0;
  const { message } = last;
  if (message === null || !message.complete || message.code === null) return Sign.unended;
  const { fin, rst } = transport.client;
  const repliedUs = (message.replies[0] as Turn).timeUs;
  return (fin !== null && fin.us < repliedUs) || (rst !== null && rst.us < repliedUs) ? Sign.unended : 0;
}
