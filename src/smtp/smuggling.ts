/**
 * Ends of data that not every server sees (SMTP smuggling). Only CRLF.CRLF ends a message (RFC 5321 §4.1.1.4); servers
 * that forgive other line ends also take LF.LF, CR.CR and their mixtures for it, and read what follows as commands.
 *
 * A message is looked through only from the segment on in which the scan has met a bare LF, a bare CR or a NUL: each of
 * these forms has one of them. At every dot the line end in front of it and the one behind it are read; the last bytes of
 * a segment wait until the next shows what follows them. The first few places are kept, with the bytes behind them.
 */

/** A place in a message at which some servers see its end, and others do not. */
export interface Suspect {
  /** The line ends around the dot: `LF.LF`, `CRLF.NUL CRLF`. */
  readonly form: string;
  /** In the client’s stream: the first byte of the form. */
  readonly offset: number;
  /** Bytes of the form. */
  readonly length: number;
  /** In the client’s stream: the first byte of the message. */
  readonly message: number;
  /** What follows the form in the message, as far as kept; dot-stuffing not undone. Owned by the session. */
  readonly behind: Buffer;
}

/** Places kept of one message, and of one session. */
const MOST_OF_MESSAGE = 4;
const MOST_OF_SESSION = 16;
/** Bytes kept behind a place: enough for the envelope of a message that is smuggled there. */
const MAX_BEHIND = 512;
/** Bytes that the longest form has in front of its dot, and behind it. */
const BEFORE = 3;
const AFTER = 3;

/** The bytes before are not known. */
const UNKNOWN = -1;

const NUL = 0;
const LF = 10;
const CR = 13;
const DOT = 46;

interface Found {
  readonly form: string;
  readonly offset: number;
  readonly length: number;
  readonly message: number;
  readonly behind: Buffer;
  kept: number;
}

export class SmugglingScan {
  readonly #found: Found[] = [];
  #message = -1;
  #ofMessage = 0;
  /** Places whose bytes behind are not all kept yet: the last ones found. */
  #open = 0;
  /** The end of the last segment, and how many of its bytes were already looked at as dots. */
  #carry: Buffer = Buffer.alloc(0);
  #looked = 0;

  /** What was found. */
  get suspects(): readonly Suspect[] {
    return this.#found.map(({ kept, behind, ...place }) => ({
      ...place,
      behind: Buffer.from(behind.subarray(0, kept)),
    }));
  }

  /**
   * Reads `bytes[start, end)` of the message that begins at `message` in the client’s stream; `offset` is that of
   * `start`. `tail` is the four bytes before it, -1 behind a hole; it is read the first time that this message is looked at.
   */
  push(message: number, tail: number, bytes: Buffer, start: number, end: number, offset: number): void {
    if (this.#message !== message) this.#begin(message, tail);
    if (this.#ofMessage >= MOST_OF_MESSAGE && this.#open === 0) return;
    this.#keepBehind(bytes, start, end);
    const whole = Buffer.concat([this.#carry, bytes.subarray(start, end)]);
    const from = this.#looked;
    const until = Math.max(from, whole.length - AFTER);
    this.#look(whole, from, until, offset - this.#carry.length);
    const keptFrom = Math.max(0, until - BEFORE);
    this.#carry = Buffer.from(whole.subarray(keptFrom));
    this.#looked = until - keptFrom;
  }

  /** Bytes are missing: nothing is read across them. */
  gap(): void {
    this.#carry = Buffer.alloc(0);
    this.#looked = 0;
    this.#open = 0;
  }

  /** The message ends at `offset`: the dots in its last bytes are looked at too. */
  end(message: number, offset: number): void {
    if (this.#message !== message) return;
    this.#look(this.#carry, this.#looked, this.#carry.length, offset - this.#carry.length);
    this.gap();
    this.#message = -1;
  }

  #begin(message: number, tail: number): void {
    this.#message = message;
    this.#ofMessage = 0;
    this.#open = 0;
    if (tail === UNKNOWN) this.#carry = Buffer.alloc(0);
    else {
      this.#carry = Buffer.allocUnsafe(4);
      this.#carry.writeInt32BE(tail);
    }
    this.#looked = 0;
  }

  /** Looks at the dots in `bytes[from, until)`; `base` is the stream offset of `bytes[0]`. */
  #look(bytes: Buffer, from: number, until: number, base: number): void {
    let dot = bytes.indexOf(DOT, from);
    while (dot >= 0 && dot < until) {
      if (this.#ofMessage >= MOST_OF_MESSAGE || this.#found.length >= MOST_OF_SESSION) return;
      const before = endBefore(bytes, dot);
      const after = before === '' ? '' : endBehind(bytes, dot + 1);
      if (after !== '' && !(after === 'CRLF' && (before === 'CRLF' || before === 'CRCRLF'))) {
        const start = dot - octets(before);
        const stop = dot + 1 + octets(after);
        const place: Found = {
          form: `${before}.${after}`,
          offset: base + start,
          length: stop - start,
          message: this.#message,
          behind: Buffer.allocUnsafe(MAX_BEHIND),
          kept: 0,
        };
        this.#found.push(place);
        this.#ofMessage++;
        this.#open++;
        keep(place, bytes, stop, bytes.length);
      }
      dot = bytes.indexOf(DOT, dot + 1);
    }
  }

  #keepBehind(bytes: Buffer, start: number, end: number): void {
    const { length } = this.#found;
    for (let i = length - this.#open; i < length; i++) {
      const place = this.#found[i] as Found;
      keep(place, bytes, start, end);
    }
    while (this.#open > 0 && (this.#found[length - this.#open] as Found).kept === MAX_BEHIND) this.#open--;
  }
}

function keep(place: Found, bytes: Buffer, start: number, end: number): void {
  place.kept += bytes.copy(place.behind, place.kept, start, Math.min(end, start + MAX_BEHIND - place.kept));
}

/** The line end, or what some take for one, in front of a dot; '' for none. */
function endBefore(bytes: Buffer, dot: number): string {
  switch (bytes[dot - 1]) {
    case LF:
      // Behind a hole it is not known what stood before.
      if (bytes[dot - 2] === undefined) return '';
      if (bytes[dot - 2] !== CR) return 'LF';
      return bytes[dot - 3] === CR ? 'CRCRLF' : 'CRLF';
    case CR:
      return 'CR';
    case NUL:
      return bytes[dot - 2] === LF ? (bytes[dot - 3] === CR ? 'CRLF NUL' : 'LF NUL') : '';
    default:
      return '';
  }
}

/** The same behind it; '' also where the bytes that would tell are not there. */
function endBehind(bytes: Buffer, at: number): string {
  switch (bytes[at]) {
    case LF:
      return 'LF';
    case CR: {
      const next = bytes[at + 1];
      if (next === LF) return 'CRLF';
      if (next === undefined) return '';
      if (next !== CR) return 'CR';
      const last = bytes[at + 2];
      return last === LF ? 'CRCRLF' : last === undefined ? '' : 'CR';
    }
    case NUL:
      if (bytes[at + 1] === LF) return 'NUL LF';
      return bytes[at + 1] === CR && bytes[at + 2] === LF ? 'NUL CRLF' : '';
    default:
      return '';
  }
}

/** Bytes of a name: CR and LF are two letters for one, NUL three. */
function octets(name: string): number {
  return name.replaceAll('NUL', '00').replaceAll(' ', '').length / 2;
}
