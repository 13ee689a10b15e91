/**
 * SMTP on a port that nobody named: the first lines of both sides are held until they tell. What is SMTP is then read
 * by the decoder as if nothing had happened; the rest is let go.
 */
import type { SegmentInfo, Side, StreamListener } from '../reassembly/stream-listener.ts';
import { SERVER } from '../reassembly/stream-listener.ts';
import { looksLikeTls } from '../tls/records.ts';
import { replyCode } from './dialogue.ts';
import { foreignServer } from './foreign.ts';
import { isPlainlyCommand, readVerb, Verb } from './verbs.ts';

/** Bytes that are held of a connection before it is given up: several long greetings. */
const MAX_HELD = 8_192;

/** What has no end by then is judged by its beginning: SMTP's lines have 512 bytes (RFC 5321 §4.5.3.1.4). */
const LONG_LINE = 1_024;
/** What is held of a hole, so that a stream of nothing but holes is given up too. */
const HOLE_COST = 64;
const NO_BYTES = Buffer.alloc(0);

/** Bytes, or a hole. */
interface Held {
  readonly side: Side;
  readonly bytes: Buffer;
  /** Bytes that were not captured; 0 for what is none. */
  readonly missing: number;
  readonly offset: number;
  readonly segment: SegmentInfo;
}

export class Recogniser implements StreamListener {
  #held: Held[] = [];
  #heldBytes = 0;
  /** Who reads on, once it is known to be SMTP. */
  reader: StreamListener | null = null;
  #givenUp = false;
  readonly #recognised: () => StreamListener;
  readonly #refused: () => void;

  /** @param recognised gives the listener that reads on; @param refused hears that it is not SMTP */
  constructor(recognised: () => StreamListener, refused: () => void) {
    this.#recognised = recognised;
    this.#refused = refused;
  }

  data(side: Side, bytes: Buffer, start: number, end: number, offset: number, segment: SegmentInfo): void {
    if (this.reader !== null) {
      this.reader.data(side, bytes, start, end, offset, segment);
      return;
    }
    if (this.#givenUp) return;
    const piece = Buffer.from(bytes.subarray(start, end));
    this.#hold({ side, bytes: piece, missing: 0, offset, segment: { ...segment } }, end - start);
  }

  gap(side: Side, length: number, offset: number, segment: SegmentInfo): void {
    if (this.reader !== null) this.reader.gap(side, length, offset, segment);
    // What comes behind the hole may tell as well as what came before it.
    else if (!this.#givenUp) {
      this.#hold({ side, bytes: NO_BYTES, missing: length, offset, segment: { ...segment } }, HOLE_COST);
    }
  }

  #hold(piece: Held, cost: number): void {
    const verdict = piece.missing > 0 ? this.#judge(piece.side, true) : 'unknown';
    this.#held.push(piece);
    this.#heldBytes += cost;
    this.#decide(verdict === 'unknown' && piece.missing === 0 ? this.#judge(piece.side, false) : verdict);
  }

  #decide(verdict: 'smtp' | 'other' | 'unknown'): void {
    if (verdict === 'smtp') {
      const reader = this.#recognised();
      this.reader = reader;
      for (const { side, bytes, missing, offset, segment } of this.#held) {
        if (missing > 0) reader.gap(side, missing, offset, segment);
        else reader.data(side, bytes, 0, bytes.length, offset, segment);
      }
      this.#held = [];
    } else if (verdict === 'other' || this.#heldBytes > MAX_HELD) {
      this.#givenUp = true;
      this.#held = [];
      this.#refused();
    }
  }

  differs(side: Side, bytes: Buffer, start: number, end: number, offset: number): boolean {
    return this.reader?.differs(side, bytes, start, end, offset) ?? false;
  }

  /** By the first line behind the last hole of that side. `isCut`: the line ends here, for the rest of it is missing. */
  #judge(side: Side, isCut: boolean): 'smtp' | 'other' | 'unknown' {
    const all = this.#held.filter((held) => held.side === side);
    const parts = all.slice(all.findLastIndex(({ missing }) => missing > 0) + 1).map((held) => held.bytes);
    const bytes = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    if (looksLikeTls(bytes, 0, bytes.length) === 'yes') return 'other';
    const end = bytes.indexOf(10);
    if (end < 0 && isCut) return this.#judgeLine(side, bytes, bytes.length) === 'smtp' ? 'smtp' : 'unknown';
    if (end < 0) return bytes.length > LONG_LINE ? this.#judgeLine(side, bytes, bytes.length) : 'unknown';
    return this.#judgeLine(side, bytes, end);
  }

  #judgeLine(side: Side, bytes: Buffer, feed: number): 'smtp' | 'other' | 'unknown' {
    const end = Math.min(feed + 1, bytes.length);
    if (side === SERVER) {
      if (foreignServer(bytes, 0, end) !== null || replyCode(bytes, 0, end) === 0) return 'other';
      return /\b(?:E?SMTP|LMTP)\b/i.test(bytes.toString('latin1', 0, end)) ? 'smtp' : 'unknown';
    }
    const verb = readVerb(bytes, 0, end);
    if (verb === Verb.EHLO || verb === Verb.HELO || verb === Verb.LHLO) return 'smtp';
    if ((verb === Verb.MAIL || verb === Verb.RCPT) && isPlainlyCommand(bytes, 0, end)) return 'smtp';
    // QUIT, NOOP, HELP, AUTH are words of other protocols too.
    return verb === Verb.OTHER ? 'other' : 'unknown';
  }
}
