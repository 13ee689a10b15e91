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

interface Held {
  readonly side: Side;
  readonly bytes: Buffer;
  readonly offset: number;
  readonly segment: SegmentInfo;
}

export class Recogniser implements StreamListener {
  #held: Held[] = [];
  #heldBytes = 0;
  #reader: StreamListener | null = null;
  #givenUp = false;
  readonly #recognised: () => StreamListener;
  readonly #refused: () => void;

  /** @param recognised gives the listener that reads on; @param refused hears that it is not SMTP */
  constructor(recognised: () => StreamListener, refused: () => void) {
    this.#recognised = recognised;
    this.#refused = refused;
  }

  data(side: Side, bytes: Buffer, start: number, end: number, offset: number, segment: SegmentInfo): void {
    if (this.#reader !== null) {
      this.#reader.data(side, bytes, start, end, offset, segment);
      return;
    }
    if (this.#givenUp) return;
    this.#held.push({ side, bytes: Buffer.from(bytes.subarray(start, end)), offset, segment: { ...segment } });
    this.#heldBytes += end - start;
    const verdict = this.#judge(side);
    if (verdict === 'smtp') {
      const reader = this.#recognised();
      this.#reader = reader;
      for (const held of this.#held)
        reader.data(held.side, held.bytes, 0, held.bytes.length, held.offset, held.segment);
      this.#held = [];
    } else if (verdict === 'other' || this.#heldBytes > MAX_HELD) {
      this.#givenUp = true;
      this.#held = [];
      this.#refused();
    }
  }

  gap(side: Side, length: number, offset: number, segment: SegmentInfo): void {
    if (this.#reader !== null) this.#reader.gap(side, length, offset, segment);
    // What comes behind the hole may tell as well as what came before it.
    else this.#held = [];
  }

  differs(side: Side, bytes: Buffer, start: number, end: number, offset: number): boolean {
    return this.#reader?.differs(side, bytes, start, end, offset) ?? false;
  }

  #judge(side: Side): 'smtp' | 'other' | 'unknown' {
    const parts = this.#held.filter((held) => held.side === side).map((held) => held.bytes);
    const bytes = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    if (looksLikeTls(bytes, 0, bytes.length) === 'yes') return 'other';
    const feed = bytes.indexOf(10);
    if (feed < 0) return bytes.length > 1024 ? 'other' : 'unknown';
    if (side === SERVER) {
      if (foreignServer(bytes, 0, feed + 1) !== null || replyCode(bytes, 0, feed + 1) === 0) return 'other';
      return /\b(?:E?SMTP|LMTP)\b/i.test(bytes.toString('latin1', 0, feed)) ? 'smtp' : 'unknown';
    }
    const verb = readVerb(bytes, 0, feed + 1);
    if (verb === Verb.EHLO || verb === Verb.HELO || verb === Verb.LHLO) return 'smtp';
    if ((verb === Verb.MAIL || verb === Verb.RCPT) && isPlainlyCommand(bytes, 0, feed + 1)) return 'smtp';
    // QUIT, NOOP, HELP, AUTH are words of other protocols too.
    return verb === Verb.OTHER ? 'other' : 'unknown';
  }
}
