/**
 * One pass over the bytes of a message on the wire (RFC 5321 §4.5.2): where it ends, how many dots were undone, and
 * what is odd in it. A gigabyte of mail is a gigabyte of this loop, so it is a WebAssembly kernel that takes sixteen
 * bytes at a time (message-scan.wat); what it means is `scanInScript`, which also serves where there is no WebAssembly.
 *
 * The kernel sees its own memory alone. A source that reads its chunks into `scannableBuffer` spares the copy.
 */
import { MESSAGE_SCAN_CODE } from './message-scan-code.ts';

/** What was met in a message: bits of `MessageScan.marks`. */
export const MARK = { bareLf: 1, bareCr: 2, nul: 4, eightBit: 8 } as const;

/** Where a message stands, carried from one segment to the next. */
export class MessageScan {
  /** 0 inside a line, 1 behind CR, 2 at the start of a line, 3 behind a dot there, 4 behind dot and CR. */
  state = 2;
  /** Dots at line starts that were not the end of data. */
  stuffed = 0;
  /** LFs, that of the end of data included. */
  feeds = 0;
  marks = 0;
  /** Octets of the longest line that has ended, its line end included. */
  longest = 0;
  /** Octets of the line that has not ended yet. */
  open = 0;
  /** The end of data was seen. */
  done = false;

  /** A message begins. */
  begin(): void {
    this.state = 2;
    this.stuffed = 0;
    this.feeds = 0;
    this.marks = 0;
    this.longest = 0;
    this.open = 0;
    this.done = false;
  }
}

/** Page 0 holds results, page 1 what is copied in, from page 2 on the one chunk that is lent. */
const COPY_AT = 65_536;
const COPY_BYTES = 65_536;
const LENT_AT = 131_072;
export const LENT_BYTES = 524_288;

/** What is used of it: its types stand in the library for browsers alone. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

interface Kernel {
  readonly memory: Buffer;
  readonly results: Int32Array;
  readonly scan: (at: number, end: number, state: number, length: number) => number;
  readonly print: (at: number, end: number) => number;
  readonly sums: (at: number, end: number) => number;
}

const kernel: Kernel | null = assemble();
let isLent = false;

function assemble(): Kernel | null {
  try {
    const module = new WebAssembly.Module(Buffer.from(MESSAGE_SCAN_CODE, 'base64'));
    const { memory, scan, print, sums } = new WebAssembly.Instance(module).exports as {
      memory: { readonly buffer: ArrayBuffer };
      scan: Kernel['scan'];
      print: Kernel['print'];
      sums: Kernel['sums'];
    };
    return { memory: Buffer.from(memory.buffer), results: new Int32Array(memory.buffer, 0, 8), scan, print, sums };
  } catch {
    // No WebAssembly, or none with vectors.
    return null;
  }
}

/**
 * `LENT_BYTES` that can be scanned where they are; an ordinary buffer while another reader has them. To be given back
 * with `releaseScannable`.
 */
export function scannableBuffer(): Buffer {
  if (kernel === null || isLent) return Buffer.allocUnsafeSlow(LENT_BYTES);
  isLent = true;
  return kernel.memory.subarray(LENT_AT, LENT_AT + LENT_BYTES);
}

export function releaseScannable(buffer: Buffer): void {
  if (kernel !== null && buffer.buffer === kernel.memory.buffer) isLent = false;
}

/** The buffer that was looked at last, and where it begins in the kernel's memory; -1 where it is elsewhere. */
let seen: Buffer | null = null;
let seenAt = -1;

/** Packets of one chunk come in one buffer, and to ask it for its memory costs as much as to scan a short segment. */
function placeOf(bytes: Buffer, memory: Buffer): number {
  if (bytes !== seen) {
    seen = bytes;
    seenAt = bytes.buffer === memory.buffer ? bytes.byteOffset : -1;
  }
  return seenAt;
}

/** Reads `bytes[start, end)`; returns where it stopped: behind the end of data, or `end`. */
export function scanMessage(scan: MessageScan, bytes: Buffer, start: number, end: number): number {
  return kernel === null ? scanInScript(scan, bytes, start, end) : scanInKernel(kernel, scan, bytes, start, end);
}

function scanInKernel(by: Kernel, scan: MessageScan, bytes: Buffer, start: number, end: number): number {
  const { results } = by;
  const base = placeOf(bytes, by.memory);
  if (base >= 0) {
    if (start >= end) return start;
    const at = by.scan(base + start, base + end, scan.state, scan.open) - base;
    take(scan, results);
    return at;
  }
  let from = start;
  scan.done = false;
  while (from < end && !scan.done) {
    const until = Math.min(end, from + COPY_BYTES);
    bytes.copy(by.memory, COPY_AT, from, until);
    from += by.scan(COPY_AT, COPY_AT + until - from, scan.state, scan.open) - COPY_AT;
    take(scan, results);
  }
  return from;
}

function take(scan: MessageScan, results: Int32Array): void {
  scan.state = results[0] as number;
  scan.stuffed += results[1] as number;
  scan.feeds += results[2] as number;
  scan.marks |= results[3] as number;
  const longest = results[4] as number;
  if (longest > scan.longest) scan.longest = longest;
  scan.open = results[5] as number;
  scan.done = results[6] === 1;
}

/** What the kernel does, byte by byte. */
export function scanInScript(scan: MessageScan, bytes: Buffer, start: number, end: number): number {
  let { state, stuffed, feeds, marks, longest } = scan;
  let line = start - scan.open;
  let at = start;
  let done = false;
  while (at < end) {
    const byte = bytes[at++] as number;
    if (byte === 0) marks |= MARK.nul;
    else if (byte > 127) marks |= MARK.eightBit;
    if (byte === 10) {
      feeds++;
      if (at - line > longest) longest = at - line;
      line = at;
      if (state === 1) {
        state = 2;
        continue;
      }
      done = state === 4;
      if (!done) marks |= MARK.bareLf;
      if (state === 3) stuffed++;
      state = 0;
      if (done) break;
      continue;
    }
    if (state === 1 || state === 4) marks |= MARK.bareCr;
    if (state === 4) stuffed++;
    if (state === 3) {
      if (byte !== 13) stuffed++;
      state = byte === 13 ? 4 : 0;
    } else if (byte === 13) state = 1;
    else state = state === 2 && byte === 46 ? 3 : 0;
  }
  scan.state = state;
  scan.stuffed = stuffed;
  scan.feeds = feeds;
  scan.marks = marks;
  scan.longest = longest;
  scan.open = at - line;
  scan.done = done;
  return at;
}

/** A fingerprint of `bytes[start, end)`: equal bytes have equal ones, and others hardly ever. */
export function fingerprint(bytes: Buffer, start: number, end: number): number {
  if (kernel === null || end - start > COPY_BYTES) return fingerprintInScript(bytes, start, end);
  const base = placeOf(bytes, kernel.memory);
  if (base >= 0) return kernel.print(base + start, base + end);
  bytes.copy(kernel.memory, COPY_AT, start, end);
  return kernel.print(COPY_AT, COPY_AT + end - start);
}

const LANES = [31, 33, 37, 41] as const;
const BLOCKS = [1, 43, 1847, 79507] as const;
const WORDS = [47, 2209, 103823, 4879681] as const;

/** What the kernel does, word by word. */
export function fingerprintInScript(bytes: Buffer, start: number, end: number): number {
  const sums = new Int32Array(16);
  let at = start;
  for (; at + 64 <= end; at += 64) {
    for (let i = 0; i < 16; i++) {
      sums[i] = Math.imul(sums[i] as number, LANES[i & 3] as number) + bytes.readInt32LE(at + i * 4);
    }
  }
  let print = 0;
  for (; at < end; at++) print = (Math.imul(print, 31) + (bytes[at] as number)) | 0;
  for (let i = 0; i < 16; i++) {
    print += Math.imul(Math.imul(sums[i] as number, BLOCKS[i >> 2] as number), WORDS[i & 3] as number);
  }
  return print | 0;
}

/** Octets that are summed up: adding up all of a gigabyte of mail would cost a fifteenth of reading it. */
const SUMMED = 4096;

/**
 * A fingerprint of bytes that come in pieces, the same however they were cut: of the first `SUMMED` and of how many there
 * are. Others of the same length have another one, hardly ever not.
 */
export class RunningPrint {
  #bytes = 0;
  #sum = 0;
  /** Each byte as often as bytes stand from it to the end. */
  #byPlace = 0;

  begin(): void {
    this.#bytes = 0;
    this.#sum = 0;
    this.#byPlace = 0;
  }

  /** `bytes[start, end)` follow. */
  push(bytes: Buffer, start: number, end: number, by: Kernel | null = kernel): void {
    const until = Math.min(end, start + SUMMED - this.#bytes);
    this.#bytes += end - start;
    if (until <= start) return;
    if (by === null) {
      this.#pushInScript(bytes, start, until);
      return;
    }
    const base = placeOf(bytes, by.memory);
    let at = base + start;
    if (base < 0) {
      at = COPY_AT;
      bytes.copy(by.memory, COPY_AT, start, until);
    }
    const sum = by.sums(at, at + until - start);
    this.#byPlace = (this.#byPlace + Math.imul(this.#sum, until - start) + (by.results[7] as number)) | 0;
    this.#sum = (this.#sum + sum) | 0;
  }

  /** What the kernel does, byte by byte. */
  #pushInScript(bytes: Buffer, start: number, end: number): void {
    for (let i = start; i < end; i++) {
      this.#sum = (this.#sum + (bytes[i] as number)) | 0;
      this.#byPlace = (this.#byPlace + this.#sum) | 0;
    }
  }

  get value(): number {
    return (Math.imul(this.#byPlace, 0x9e3779b1) ^ Math.imul(this.#sum, 0x85ebca6b) ^ this.#bytes) >>> 0;
  }
}
