/**
 * The bytes of one session as they may be shown. The dialogue says what stands where in each direction; a packet's
 * payload is then replaced byte by byte at its place in the stream, so that a repetition stays one, a hole stays a hole,
 * and what differs the second time differs still.
 */
import type { WantedConnection } from '../capture/write/wanted-frames.ts';
import type { Direction, Session } from '../smtp/session.ts';
import type { TurnKind } from '../smtp/turn.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import type { TextScrubber } from './scrub-text.ts';
import { scrubTls } from './scrub-tls.ts';

/** Bytes of a direction that are looked into; of what lies behind, nothing is kept but kinds of characters. */
const MAX_STREAM_BYTES = 4 * 1024 * 1024;

interface Region {
  readonly from: Direction;
  readonly kind: TurnKind;
  readonly offset: number;
  readonly bytes: number;
  readonly step: string | null;
  readonly code: number;
  /** Of a reply: the verb of the command that it answers. */
  readonly answers: string | null;
}

interface Piece {
  readonly seq: number;
  readonly bytes: Buffer;
}

interface Half {
  base: number | null;
  /** The first segment with payload, where no SYN tells where the stream begins. */
  readonly firstFrame: number;
  pieces: Piece[];
  stream: Buffer;
  shown: Buffer;
  /** 1 where the byte was captured. */
  known: Uint8Array;
}

export class SharedSession implements WantedConnection {
  readonly id: number;
  readonly capture: number;
  readonly client: WantedConnection['client'];
  readonly server: WantedConnection['server'];
  readonly frames: WantedConnection['frames'];
  readonly #regions: readonly Region[];
  readonly #halves: Record<Direction, Half>;

  /** Copies what it needs: the session is lent. */
  constructor(session: Session) {
    const { id, capture, client, server, frames, transport, turns } = session;
    this.id = id;
    this.capture = capture;
    this.client = { ...client };
    this.server = { ...server };
    this.frames = { ...frames };
    this.#regions = turns.map(({ from, kind, offset, bytes, step, code, answers }) => ({
      from,
      kind,
      offset,
      bytes,
      step,
      code,
      answers: turns[answers]?.verb ?? null,
    }));
    this.#halves = {
      client: newHalf(transport.client.firstPayloadFrame),
      server: newHalf(transport.server.firstPayloadFrame),
    };
  }

  /** A segment of it, first reading: where its streams begin, and what is in them. */
  see(from: Direction, frame: number, seq: number, isSyn: boolean, payload: Buffer): void {
    const half = this.#halves[from];
    const first = isSyn ? (seq + 1) | 0 : seq;
    if (isSyn) half.base ??= first;
    else if (half.base === null && frame === half.firstFrame) half.base = first;
    if (payload.length > 0) half.pieces.push({ seq: first, bytes: Buffer.from(payload) });
  }

  /** All was seen: what stands where is replaced. */
  scrub(names: Pseudonyms, text: TextScrubber): void {
    for (const from of ['client', 'server'] as const) {
      const half = this.#halves[from];
      assemble(half);
      half.shown = Buffer.from(half.stream.map((byte, place) => names.textByte(byte, place)));
      this.#scrubHalf(from, half, names, text);
    }
  }

  /** A segment of it, second reading: its payload as it may be shown. */
  shown(from: Direction, seq: number, isSyn: boolean, payload: Buffer, names: Pseudonyms): Buffer {
    const half = this.#halves[from];
    const offset = half.base === null ? -1 : ((isSyn ? seq + 1 : seq) - half.base) | 0;
    return Buffer.from(
      payload.map((byte, index) => {
        const place = offset + index;
        if (half.base === null || place < 0 || half.known[place] !== 1) {
          return this.#isTls(from, place) ? names.opaqueByte(place) : names.textByte(byte, Math.abs(place));
        }
        const shown = half.shown[place] as number;
        return byte === half.stream[place] ? shown : otherByte(shown, byte);
      }),
    );
  }

  /** Whether the place lies behind the first byte of TLS. */
  #isTls(from: Direction, place: number): boolean {
    const first = this.#regions.find((region) => region.from === from && region.kind === 'tls');
    return first !== undefined && place >= first.offset;
  }

  #scrubHalf(from: Direction, half: Half, names: Pseudonyms, text: TextScrubber): void {
    const { stream, shown } = half;
    const own = this.#regions.filter((region) => region.from === from && region.bytes > 0);
    const firstTls = own.find(({ kind }) => kind === 'tls');
    const lastTls = own.findLast(({ kind }) => kind === 'tls');
    for (const { kind, offset, bytes, step, code, answers } of own) {
      const end = Math.min(stream.length, offset + bytes);
      if (kind === 'gap' || kind === 'tls' || offset >= end) continue;
      const original = stream.toString('latin1', offset, end);
      const isChallenge = kind === 'reply' && (code === 334 || code === 235);
      const scrubbed =
        kind === 'message'
          ? this.#message(original, shown.toString('latin1', offset, end), text)
          : linesOf(original)
              .map((line) => {
                if (kind === 'command') return text.command(line);
                if (kind === 'auth') return text.auth(line, step);
                if (kind === 'reply') return text.reply(line, answers === 'EHLO' || answers === 'LHLO', isChallenge);
                return text.other(line);
              })
              .join('');
      // A text of another length would move what follows: then nothing of it is shown but its kinds of characters.
      if (scrubbed.length === end - offset) shown.write(scrubbed, offset, 'latin1');
    }
    if (firstTls !== undefined && lastTls !== undefined) {
      const end = Math.min(stream.length, lastTls.offset + lastTls.bytes);
      const plain = Buffer.from(stream);
      scrubTls(plain, firstTls.offset, end, names, text);
      plain.copy(shown, firstTls.offset, firstTls.offset, end);
    }
  }

  /** The header section by its fields; the body by kinds of characters, but for lines that are commands. */
  #message(original: string, blurred: string, text: TextScrubber): string {
    const end = /\r?\n\r?\n/.exec(original);
    const headerEnd = end === null ? original.length : end.index + end[0].length;
    const isHeader = /^[!-9;-~]+[ \t]*:/.test(original);
    const header = isHeader
      ? linesOf(original.slice(0, headerEnd))
          .map((line) => text.header(line))
          .join('')
      : '';
    let at = header.length;
    const body = linesOf(original.slice(at)).map((line) => {
      const start = at;
      at += line.length;
      return COMMAND_LINE.test(line) ? text.command(line) : blurred.slice(start, at);
    });
    return header + body.join('');
  }
}

/** What a smuggled dialogue consists of. */
const COMMAND_LINE = /^(?:MAIL FROM:|RCPT TO:|(?:EHLO|HELO|AUTH|BDAT) |(?:DATA|RSET|QUIT)\r?\n?$)/i;

function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function newHalf(firstFrame: number): Half {
  const empty = Buffer.alloc(0);
  return { base: null, firstFrame, pieces: [], stream: empty, shown: empty, known: new Uint8Array(0) };
}

/** The first copy of each byte counts, as it does when streams are put together. */
function assemble(half: Half): void {
  const { base, pieces } = half;
  if (base === null || half.stream.length > 0) return;
  const placed = pieces
    .map(({ seq, bytes }) => ({ offset: (seq - base) | 0, bytes }))
    .filter(({ offset, bytes }) => offset + bytes.length > 0 && offset < MAX_STREAM_BYTES);
  const length = Math.min(
    MAX_STREAM_BYTES,
    placed.reduce((most, { offset, bytes }) => Math.max(most, offset + bytes.length), 0),
  );
  half.stream = Buffer.alloc(length);
  half.known = new Uint8Array(length);
  for (const { offset, bytes } of placed) {
    for (let i = Math.max(0, -offset); i < bytes.length && offset + i < length; i++) {
      if (half.known[offset + i] === 1) continue;
      half.known[offset + i] = 1;
      half.stream[offset + i] = bytes[i] as number;
    }
  }
  half.pieces = [];
}

/** Not the one that stands there, and of the same kind as `byte` as far as there are two of a kind. */
function otherByte(shown: number, byte: number): number {
  const isLower = byte >= 97 && byte <= 122;
  const isUpper = byte >= 65 && byte <= 90;
  const isDigit = byte >= 48 && byte <= 57;
  if (isLower || isUpper || isDigit) {
    const first = isLower ? 97 : isUpper ? 65 : 48;
    return shown === first ? first + 1 : first;
  }
  if (byte >= 0x80) return shown === 0xa1 ? 0xa2 : 0xa1;
  return byte === shown ? byte ^ 1 : byte;
}
