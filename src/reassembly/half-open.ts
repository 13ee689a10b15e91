/**
 * Attempts of which only SYNs were seen, in a table of fixed size: numbers in typed arrays, no object for any of them,
 * so that a million SYNs of a flood cost nothing but the table. What is answered, or is more than a SYN repeated, is
 * taken out and becomes a `Connection`.
 *
 * Entries stand in a ring, in the order of their first packets: what falls out is the oldest. An attempt that was
 * repeated, which a flood's never are, is passed over once.
 */
import type { FrameView } from '../wire/frame-view.ts';

/** 32-bit words of an entry. */
const WORDS = 27;
const USED = 0;
const CLIENT = 1;
const SERVER = 5;
const CLIENT_PORT = 9;
const SERVER_PORT = 10;
const VERSION = 11;
const HASH = 12;
const ISN = 13;
const FIRST_FRAME = 14;
const LAST_FRAME = 15;
const SYNS = 16;
const TTL = 17;
const ID = 18;
const SERIAL = 19;
const CAPTURE = 20;
const FIRST_NANOS = 21;
const LAST_NANOS = 22;
const DIGITS = 23;
const SPARED = 24;
/** Window scale, SACK permitted, maximum segment size. */
const OPTIONS = 25;
const SACK_PERMITTED = 1 << 18;
const COPIES = 26;

const FIRST_SIZE = 64;

function indexLength(size: number): number {
  let length = 16;
  while (length < size * 2) length *= 2;
  return length;
}

/** What an entry says. One object, filled again and again. */
export class HalfOpenAttempt {
  version = 4;
  client0 = 0;
  client1 = 0;
  client2 = 0;
  client3 = 0;
  server0 = 0;
  server1 = 0;
  server2 = 0;
  server3 = 0;
  clientPort = 0;
  serverPort = 0;
  hash = 0;
  isn = 0;
  synCount = 0;
  /** SYNs that were captured twice. */
  copies = 0;
  firstFrame = 0;
  lastFrame = 0;
  firstUs = 0;
  firstNanos = 0;
  lastUs = 0;
  lastNanos = 0;
  timeDigits: 6 | 9 = 6;
  ttl = -1;
  id = 0;
  serial = 0;
  capture = 0;
  /** -1 where the option was not there. */
  windowScale = -1;
  mss = -1;
  sackPermitted = false;
}

/** No system sends its SYN again so soon: a second is the rule (RFC 6298 §2.1), and Windows can be told 300 ms. */
const SYN_COPY_US = 250_000;

/** Whether a SYN, or SYN/ACK, that came at `timeUs` was captured twice, not sent twice; the first came at `firstUs`. */
export function isCopyOfSyn(timeUs: number, firstUs: number): boolean {
  return Math.abs(timeUs - firstUs) < SYN_COPY_US;
}

export class HalfOpenTable {
  readonly #limit: number;
  /** Entries there is room for: it grows to `limit` as they come. */
  #size: number;
  #words: Int32Array;
  /** Time of the first and of the last SYN, in µs. */
  #times: Float64Array;
  /** Open addressing: entry + 1, 0 for none. */
  #index: Int32Array;
  #mask: number;
  /** Where the next entry goes. */
  #next = 0;
  count = 0;

  constructor(limit: number) {
    this.#limit = limit;
    this.#size = Math.min(limit, FIRST_SIZE);
    this.#words = new Int32Array(this.#size * WORDS);
    this.#times = new Float64Array(this.#size * 2);
    this.#index = new Int32Array(indexLength(this.#size));
    this.#mask = this.#index.length - 1;
  }

  /** The entry of the packet in `view`, from either side; -1 for none. */
  find(view: FrameView, hash: number): number {
    if (this.count === 0) return -1;
    const words = this.#words;
    for (let at = hash & this.#mask; ; at = (at + 1) & this.#mask) {
      const entry = (this.#index[at] as number) - 1;
      if (entry < 0) return -1;
      if (words[entry * WORDS + HASH] === hash && this.#isOf(entry, view)) return entry;
    }
  }

  /** Whether the entry's client sent the packet in `view`. */
  isFromClient(entry: number, view: FrameView): boolean {
    return this.#matches(entry, view, CLIENT, SERVER, view.sourcePort, view.destinationPort);
  }

  isn(entry: number): number {
    return this.#words[entry * WORDS + ISN] as number;
  }

  serial(entry: number): number {
    return this.#words[entry * WORDS + SERIAL] as number;
  }

  /** The SYN once more: sent again, or captured twice. */
  repeat(entry: number, frame: number, timeUs: number, timeNanos: number): void {
    const at = entry * WORDS;
    const words = this.#words;
    words[at + LAST_FRAME] = frame;
    if (isCopyOfSyn(timeUs, this.#times[entry * 2 + 1] as number)) {
      words[at + COPIES] = (words[at + COPIES] as number) + 1;
      return;
    }
    words[at + SYNS] = (words[at + SYNS] as number) + 1;
    words[at + LAST_NANOS] = timeNanos;
    this.#times[entry * 2 + 1] = timeUs;
  }

  /**
   * The entry that must make room for the next one, -1 when there is room. It stays until `remove`; to be asked, and
   * obeyed, before each `add`.
   */
  oldest(): number {
    if (this.#words[this.#next * WORDS + USED] === 0) return -1;
    if (this.#size < this.#limit) {
      this.#grow();
      return -1;
    }
    const words = this.#words;
    let at = this.#next * WORDS;
    if ((words[at + SYNS] as number) > 1 && words[at + SPARED] === 0) {
      words[at + SPARED] = 1;
      this.#next = this.#after(this.#next);
      at = this.#next * WORDS;
      if (words[at + USED] === 0) return -1;
    }
    return this.#next;
  }

  /** Puts `attempt` where there is room. */
  add(attempt: HalfOpenAttempt): void {
    const entry = this.#next;
    this.#next = this.#after(entry);
    const words = this.#words;
    const at = entry * WORDS;
    words[at + USED] = 1;
    words[at + CLIENT] = attempt.client0;
    words[at + CLIENT + 1] = attempt.client1;
    words[at + CLIENT + 2] = attempt.client2;
    words[at + CLIENT + 3] = attempt.client3;
    words[at + SERVER] = attempt.server0;
    words[at + SERVER + 1] = attempt.server1;
    words[at + SERVER + 2] = attempt.server2;
    words[at + SERVER + 3] = attempt.server3;
    words[at + CLIENT_PORT] = attempt.clientPort;
    words[at + SERVER_PORT] = attempt.serverPort;
    words[at + VERSION] = attempt.version;
    words[at + HASH] = attempt.hash;
    words[at + ISN] = attempt.isn;
    words[at + FIRST_FRAME] = attempt.firstFrame;
    words[at + LAST_FRAME] = attempt.lastFrame;
    words[at + SYNS] = attempt.synCount;
    words[at + TTL] = attempt.ttl;
    words[at + ID] = attempt.id;
    words[at + SERIAL] = attempt.serial;
    words[at + CAPTURE] = attempt.capture;
    words[at + FIRST_NANOS] = attempt.firstNanos;
    words[at + LAST_NANOS] = attempt.lastNanos;
    words[at + DIGITS] = attempt.timeDigits;
    words[at + SPARED] = 0;
    words[at + COPIES] = 0;
    words[at + OPTIONS] =
      ((attempt.windowScale + 1) << 20) | (attempt.sackPermitted ? SACK_PERMITTED : 0) | (attempt.mss + 1);
    this.#times[entry * 2] = attempt.firstUs;
    this.#times[entry * 2 + 1] = attempt.lastUs;
    this.#list(entry);
    this.count++;
  }

  /** Fills `out` with what the entry says. */
  read(entry: number, out: HalfOpenAttempt): HalfOpenAttempt {
    const words = this.#words;
    const at = entry * WORDS;
    out.client0 = words[at + CLIENT] as number;
    out.client1 = words[at + CLIENT + 1] as number;
    out.client2 = words[at + CLIENT + 2] as number;
    out.client3 = words[at + CLIENT + 3] as number;
    out.server0 = words[at + SERVER] as number;
    out.server1 = words[at + SERVER + 1] as number;
    out.server2 = words[at + SERVER + 2] as number;
    out.server3 = words[at + SERVER + 3] as number;
    out.clientPort = words[at + CLIENT_PORT] as number;
    out.serverPort = words[at + SERVER_PORT] as number;
    out.version = words[at + VERSION] as number;
    out.hash = words[at + HASH] as number;
    out.isn = words[at + ISN] as number;
    out.firstFrame = words[at + FIRST_FRAME] as number;
    out.lastFrame = words[at + LAST_FRAME] as number;
    out.synCount = words[at + SYNS] as number;
    out.copies = words[at + COPIES] as number;
    out.ttl = words[at + TTL] as number;
    out.id = words[at + ID] as number;
    out.serial = words[at + SERIAL] as number;
    out.capture = words[at + CAPTURE] as number;
    out.firstNanos = words[at + FIRST_NANOS] as number;
    out.lastNanos = words[at + LAST_NANOS] as number;
    out.timeDigits = words[at + DIGITS] as 6 | 9;
    const options = words[at + OPTIONS] as number;
    out.windowScale = (options >> 20) - 1;
    out.mss = (options & 0x3ffff) - 1;
    out.sackPermitted = (options & SACK_PERMITTED) !== 0;
    out.firstUs = this.#times[entry * 2] as number;
    out.lastUs = this.#times[entry * 2 + 1] as number;
    return out;
  }

  remove(entry: number): void {
    const words = this.#words;
    const mask = this.#mask;
    const index = this.#index;
    let hole = (words[entry * WORDS + HASH] as number) & mask;
    while (index[hole] !== entry + 1) hole = (hole + 1) & mask;
    // Those behind the hole that probed past it move up, so that no tombstone is needed.
    for (let at = (hole + 1) & mask; index[at] !== 0; at = (at + 1) & mask) {
      const home = (words[((index[at] as number) - 1) * WORDS + HASH] as number) & mask;
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        index[hole] = index[at] as number;
        hole = at;
      }
    }
    index[hole] = 0;
    words[entry * WORDS + USED] = 0;
    this.count--;
  }

  /** Entries whose last SYN came more than `quietUs` before or after `timeUs`, in the order of their first packets. */
  quiet(timeUs: number, quietUs: number): number[] {
    const found: number[] = [];
    if (this.count === 0) return found;
    for (let entry = 0; entry < this.#size; entry++) {
      if (this.#words[entry * WORDS + USED] === 0) continue;
      if (Math.abs(timeUs - (this.#times[entry * 2 + 1] as number)) > quietUs) found.push(entry);
    }
    return found.sort((a, b) => this.serial(a) - this.serial(b));
  }

  /** All entries, in the order of their first packets. */
  all(): number[] {
    const found: number[] = [];
    for (let entry = 0; entry < this.#size; entry++) if (this.#words[entry * WORDS + USED] !== 0) found.push(entry);
    return found.sort((a, b) => this.serial(a) - this.serial(b));
  }

  /** Twice the room; the oldest entry comes first again. */
  #grow(): void {
    const size = Math.min(this.#limit, this.#size * 2);
    const words = new Int32Array(size * WORDS);
    const times = new Float64Array(size * 2);
    const cut = this.#next;
    words.set(this.#words.subarray(cut * WORDS));
    words.set(this.#words.subarray(0, cut * WORDS), (this.#size - cut) * WORDS);
    times.set(this.#times.subarray(cut * 2));
    times.set(this.#times.subarray(0, cut * 2), (this.#size - cut) * 2);
    this.#next = this.#size;
    this.#size = size;
    this.#words = words;
    this.#times = times;
    this.#index = new Int32Array(indexLength(size));
    this.#mask = this.#index.length - 1;
    for (let entry = 0; entry < size; entry++) if (words[entry * WORDS + USED] !== 0) this.#list(entry);
  }

  #list(entry: number): void {
    let slot = (this.#words[entry * WORDS + HASH] as number) & this.#mask;
    while (this.#index[slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#index[slot] = entry + 1;
  }

  #after(entry: number): number {
    return entry + 1 === this.#size ? 0 : entry + 1;
  }

  #isOf(entry: number, view: FrameView): boolean {
    return (
      this.#matches(entry, view, CLIENT, SERVER, view.sourcePort, view.destinationPort) ||
      this.#matches(entry, view, SERVER, CLIENT, view.destinationPort, view.sourcePort)
    );
  }

  /** `source` and `target`: where the addresses of this side stand; the ports are those of client and server. */
  #matches(entry: number, view: FrameView, source: number, target: number, client: number, server: number): boolean {
    const words = this.#words;
    const at = entry * WORDS;
    return (
      words[at + CLIENT_PORT] === client &&
      words[at + SERVER_PORT] === server &&
      words[at + source + 3] === view.source3 &&
      words[at + target + 3] === view.destination3 &&
      words[at + VERSION] === view.ipVersion &&
      words[at + source] === view.source0 &&
      words[at + source + 1] === view.source1 &&
      words[at + source + 2] === view.source2 &&
      words[at + target] === view.destination0 &&
      words[at + target + 1] === view.destination1 &&
      words[at + target + 2] === view.destination2
    );
  }
}
