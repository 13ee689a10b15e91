/**
 * The messages that servers accepted, by Message-ID: the same one accepted twice, the same one on several hops.
 *
 * The first sight of a message is one row in a table of numbers: two hashes of its Message-ID, no object and no entry in
 * a map. Only when a Message-ID comes again is anything written down about it.
 */
import { headerField, messageIdOf } from '../../message/header-section.ts';
import type { Message, Recipient, Session, Transaction } from '../../smtp/session.ts';
import type { Turn } from '../../smtp/turn.ts';
import { reachOf } from '../addresses.ts';
import { hashBytes } from '../hash.ts';
import { hashPath } from '../paths.ts';
import { Recent } from '../recent.ts';
import type { SessionKeys } from './collector.ts';
import { inOrder, type Step, type Story } from './story.ts';

/** Messages that a later one can be recognised as: those of half an hour at ten a second; 1.5 MiB. */
const MOST_ROWS = 16_384;
const FIRST_ROWS = 2048;
/** Addresses of clients and servers, twice over at most. */
const ADDRESSES = 4096;
/** Columns of the table. */
const A = 0;
const B = 1;
const ENVELOPE = 2;
const SESSION = 3;
const CAPTURE = 4;
const CLIENT = 5;
const SERVER = 6;
const PORTS = 7;
/** Counted in doubles. */
const TIME = 4;
const STRIDE = 10;
/** Rows that are looked at for one Message-ID; when all are taken the oldest gives way. */
const PROBES = 8;
/** Messages seen twice and more, twice over at most; the oldest are forgotten. */
const REPEATED = 512;
/** Times that one of them is seen; later ones are not looked at. */
const SIGHTS = 16;
/** Of each kind, as the rules tell them; the others are counted. */
const TOLD = 256;
/** A copy that comes later than that was sent again on purpose. */
const DAY_US = 86_400e6;
/** No client takes the same port to the same server again so soon: it rests for twice the life of a segment. */
const PORT_REST_US = 60e6;

/** Octets of the header section that stand for a message without Message-ID, together with its size and its body. */
const CONTENT = 4096;
/** Octets of a Message-ID, without brackets; shorter ones name nothing. */
const SHORTEST_ID = 6;
const LONGEST_ID = 512;

const LF = 10;
const CR = 13;
const SPACE = 32;
const TAB = 9;
const COLON = 58;
const OPEN = 60;
const CLOSE = 62;
const NAME = Buffer.from('message-id');
const OTHER_PRIME = 0x01000197;

/** One acceptance of a message. */
export interface Sight extends Step {
  readonly capture: number;
  readonly clientPort: number;
  readonly serverPort: number;
  /** Hash of the reverse-path and of all accepted forward-paths, in any order. */
  readonly envelope: number;
}

export interface Repeated {
  readonly messageId: string | null;
  readonly from: string;
  readonly to: string;
  /** Recipients beyond `to`. */
  readonly others: number;
  readonly sights: Sight[];
}

/** Finds the Message-ID of a message without making a string of it; one object, used again and again. */
class IdReader {
  /** Two hashes of the last one read. */
  a = 0;
  b = 0;

  read(message: Message): boolean {
    const first = message.turns[0];
    if (first === undefined) return false;
    const { buffer, start, end } = first;
    // A loop over the bytes: a native search a line costs more than the few hundred bytes that it passes over. In the
    // turn itself, since the undoing of dot-stuffing changes no field’s name.
    for (let i = start; i < end; i++) {
      if (i > start && buffer[i - 1] !== LF) continue;
      const letter = buffer[i] as number;
      if (letter === CR || letter === LF) break;
      if ((letter | 32) !== 0x6d) continue;
      const at = valueStart(buffer, i, end);
      if (at > 0) return this.#hash(buffer, at, end);
    }
    return this.#content(message, first);
  }

  #hash(buffer: Buffer, at: number, stop: number): boolean {
    let start = at;
    // The field may be folded behind its name (RFC 5322 §2.2.3).
    while (start < stop && isBlank(buffer[start] as number)) start++;
    if (buffer[start] === OPEN) start++;
    let end = start;
    const limit = Math.min(stop, start + LONGEST_ID);
    while (end < limit && buffer[end] !== CLOSE && !isBlank(buffer[end] as number)) end++;
    if (end - start < SHORTEST_ID) return false;
    this.#set(buffer, start, end);
    return true;
  }

  /** Without a Message-ID the content stands for it, where a Date sets this mail apart from the next of its kind. */
  #content({ head, bytes, lines, bodyPrint }: Message, { buffer, start, end }: Turn): boolean {
    if (end === start || headerField(head, 'date') === null) return false;
    this.#set(buffer, start, Math.min(end, start + CONTENT));
    this.a ^= bytes;
    this.b ^= (bodyPrint ^ (lines ?? 0)) << 1;
    return true;
  }

  #set(buffer: Buffer, start: number, end: number): void {
    this.a = hashBytes(buffer, start, end);
    // Never 0: that is an empty row.
    this.b = hashBytes(buffer, start, end, 0x2b5a, OTHER_PRIME) | 1;
  }
}

export class PassedMessages {
  readonly #id = new IdReader();
  #rows = FIRST_ROWS;
  #used = 0;
  /** STRIDE numbers a row; the last two are one double, the time. */
  #table = new Int32Array(FIRST_ROWS * STRIDE);
  #times = new Float64Array(this.#table.buffer);
  /** Addresses by their hash: each once, not once a message. */
  readonly #addresses = new Recent<number, string>(ADDRESSES);
  readonly #repeated = new Recent<string, Repeated>(REPEATED);
  readonly duplicates = new Set<Repeated>();
  readonly hops = new Set<Repeated>();
  /** Messages seen on several hops, also beyond those in `hops`. */
  hopped = 0;

  see(session: Session, keys: SessionKeys): void {
    const { transactions } = session;
    let isNamed = false;
    for (let i = 0; i < transactions.length; i++) {
      const transaction = transactions[i] as Transaction;
      const { message } = transaction;
      if (message === null || message.code === null || message.code >= 300 || message.missing > 0) continue;
      if (!this.#id.read(message)) continue;
      if (!isNamed) this.#name(session, keys);
      isNamed = true;
      this.#message(session, keys, transaction, message);
    }
  }

  #name({ client, server }: Session, keys: SessionKeys): void {
    const addresses = this.#addresses;
    if (addresses.get(keys.client) === undefined) addresses.set(keys.client, client.address);
    if (addresses.get(keys.server) === undefined) addresses.set(keys.server, server.address);
  }

  #message(session: Session, keys: SessionKeys, transaction: Transaction, message: Message): void {
    const { a, b } = this.#id;
    const table = this.#table;
    const mask = this.#rows - 1;
    let row = a & mask;
    let oldest = row;
    for (let probe = 0; probe < PROBES; probe++, row = (row + 1) & mask) {
      const at = row * STRIDE;
      if (table[at + B] === b && table[at + A] === a) {
        this.#again(at, session, transaction, message);
        return;
      }
      if (table[at + B] === 0) {
        this.#write(at, session, keys, transaction, message);
        if (++this.#used * 2 > this.#rows && this.#rows < MOST_ROWS) this.#grow();
        return;
      }
      if ((this.#times[at / 2 + TIME] as number) < (this.#times[(oldest * STRIDE) / 2 + TIME] as number)) oldest = row;
    }
    this.#write(oldest * STRIDE, session, keys, transaction, message);
  }

  #write(at: number, session: Session, keys: SessionKeys, transaction: Transaction, message: Message): void {
    const table = this.#table;
    const { client, server } = session;
    table[at + A] = this.#id.a;
    table[at + B] = this.#id.b;
    table[at + ENVELOPE] = envelopeOf(transaction);
    table[at + SESSION] = session.id;
    table[at + CAPTURE] = session.capture;
    table[at + CLIENT] = keys.client;
    table[at + SERVER] = keys.server;
    table[at + PORTS] = (client.port << 16) | server.port;
    this.#times[at / 2 + TIME] = timeOf(message);
  }

  #grow(): void {
    const old = this.#table;
    this.#rows *= 2;
    this.#table = new Int32Array(this.#rows * STRIDE);
    this.#times = new Float64Array(this.#table.buffer);
    this.#used = 0;
    const mask = this.#rows - 1;
    for (let from = 0; from < old.length; from += STRIDE) {
      if (old[from + B] === 0) continue;
      let row = (old[from + A] as number) & mask;
      let probe = 0;
      while (probe < PROBES && this.#table[row * STRIDE + B] !== 0) {
        row = (row + 1) & mask;
        probe++;
      }
      if (probe === PROBES) continue;
      this.#used++;
      this.#table.set(old.subarray(from, from + STRIDE), row * STRIDE);
    }
  }

  #again(at: number, session: Session, transaction: Transaction, message: Message): void {
    const key = `${this.#id.a} ${this.#id.b}`;
    let repeated = this.#repeated.get(key);
    if (repeated === undefined) {
      const first = this.#firstSight(at);
      // Its addresses are forgotten.
      if (first === null) return;
      const accepted = transaction.recipients.filter(isAccepted);
      repeated = {
        messageId: messageIdOf(message.head),
        from: transaction.from,
        to: accepted[0]?.to ?? '',
        others: Math.max(0, accepted.length - 1),
        sights: [first],
      };
      this.#repeated.set(key, repeated);
    }
    if (repeated.sights.length >= SIGHTS) return;
    const sight: Sight = {
      session: session.id,
      capture: session.capture,
      timeUs: timeOf(message),
      kind: 'accepted',
      code: message.code ?? 0,
      client: session.client.address,
      clientPort: session.client.port,
      server: session.server.address,
      serverPort: session.server.port,
      envelope: envelopeOf(transaction),
    };
    this.#compare(repeated, sight);
    repeated.sights.push(sight);
  }

  #compare(repeated: Repeated, sight: Sight): void {
    const { sights } = repeated;
    if (sights.some((earlier) => isDuplicate(earlier, sight)) && this.duplicates.size < TOLD)
      this.duplicates.add(repeated);
    if (!sights.some((earlier) => isHop(earlier, sight) || isHop(sight, earlier))) return;
    if (sights.length === 1) this.hopped++;
    if (this.hops.size < TOLD) this.hops.add(repeated);
  }

  #firstSight(at: number): Sight | null {
    const table = this.#table;
    const client = this.#addresses.get(table[at + CLIENT] as number);
    const server = this.#addresses.get(table[at + SERVER] as number);
    if (client === undefined || server === undefined) return null;
    const ports = table[at + PORTS] as number;
    return {
      session: table[at + SESSION] as number,
      capture: table[at + CAPTURE] as number,
      timeUs: this.#times[at / 2 + TIME] as number,
      kind: 'accepted',
      code: 250,
      client,
      clientPort: ports >>> 16,
      server,
      serverPort: ports & 0xffff,
      envelope: table[at + ENVELOPE] as number,
    };
  }
}

/** One client gave one mail to a server twice. A filter that hands mail on to another port is no such client. */
export function isDuplicate(a: Sight, b: Sight): boolean {
  return (
    a.client === b.client &&
    a.serverPort === b.serverPort &&
    a.envelope === b.envelope &&
    Math.abs(a.timeUs - b.timeUs) <= DAY_US &&
    !isSameConnection(a, b)
  );
}

export function passedStory({ messageId, from, to, others, sights }: Repeated): Story {
  return { messageId, from, to, others, steps: inOrder(sights) };
}

/** `b` hands on what `a` delivered, or another capture of the run saw the mail at another place. */
function isHop(a: Sight, b: Sight): boolean {
  if (isSameConnection(a, b)) return false;
  if (b.client === a.server) return b.server !== a.server || b.serverPort !== a.serverPort;
  if (a.capture !== b.capture) return a.client !== b.client;
  return reachOf(b.client) === 'loopback' && reachOf(a.client) !== 'loopback';
}

/** One connection is seen twice: by two captures of the run, or by one that joins two places whose clocks differ. */
function isSameConnection(a: Sight, b: Sight): boolean {
  return (
    (a.capture !== b.capture || Math.abs(a.timeUs - b.timeUs) < PORT_REST_US) &&
    a.clientPort === b.clientPort &&
    a.serverPort === b.serverPort &&
    a.client === b.client &&
    a.server === b.server
  );
}

/** Position behind the colon when the field at `at` is a Message-ID, else 0. */
function valueStart(bytes: Buffer, at: number, end: number): number {
  if (at + NAME.length >= end) return 0;
  for (let i = 0; i < NAME.length; i++) {
    if (((bytes[at + i] as number) | 32) !== ((NAME[i] as number) | 32)) return 0;
  }
  let colon = at + NAME.length;
  while (colon < end && (bytes[colon] === SPACE || bytes[colon] === TAB)) colon++;
  return colon < end && bytes[colon] === COLON ? colon + 1 : 0;
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB || byte === CR || byte === LF;
}

function timeOf(message: Message): number {
  return message.replies.at(-1)?.timeUs ?? Number.NaN;
}

function envelopeOf({ mail, recipients }: Transaction): number {
  let hash = hashPath(mail);
  for (let i = 0; i < recipients.length; i++) {
    const recipient = recipients[i] as Recipient;
    if (isAccepted(recipient)) hash = (hash + Math.imul(hashPath(recipient.command), OTHER_PRIME)) | 0;
  }
  return hash;
}

function isAccepted({ code }: Recipient): boolean {
  return code !== null && code < 300;
}
