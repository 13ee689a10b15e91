/**
 * The process that captures. It opens the device with `cap`, gives root up, copies packets into batches and writes them
 * to a pipe; it knows nothing of what is in them. `cap` ends its whole process, past every `catch`, when
 * the interface goes down: here that costs a process which holds nothing.
 *
 * Written for what `cap` 0.2.1 does: the callback gets every packet of the ring before the event loop runs again, so
 * nothing but copy and stamp happens in it; one `Cap` and one Buffer are made, and kept for ever; nothing is closed; a
 * failed opening is reported and the process ends at once, for the failed object must not be collected.
 *
 * With `wait` it is the keeper instead: it stays root, starts the process above again and again, and does nothing else.
 */
import { spawn } from 'node:child_process';
import { readSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { deviceExists, stateOf } from './devices.ts';
import { become, type Identity } from './identity.ts';
import { Outbox } from './outbox.ts';
import {
  type CapturedWord,
  DATA_FD,
  HEAD_BYTES,
  type KeeperWord,
  type Notice,
  noticeRecord,
  writePacketHead,
} from './wire-format.ts';

export interface CaptureOrder {
  readonly device: string;
  /** For the kernel. */
  readonly filter: string;
  readonly ringBytes: number;
  readonly user: Identity | null;
  readonly wait: boolean;
}

/** `cap` cuts packets here. */
const SNAPLEN = 65_535;
const MIB = 1 << 20;
/** Packets that wait for the reader, beyond those in the kernel's ring. */
const WAITING_BYTES = 128 * MIB;
/** A busy ring keeps the event loop away: then the callback hands on what is so long, or so old. */
const BATCH_BYTES = 64 * 1024;
const BATCH_MS = 10;
/**
 * Where batches follow each other faster than this, the process sleeps a little after each, and packets gather in the
 * ring meanwhile: to wake two processes for every packet costs ten times what the packet costs.
 */
const BUSY_MS = 5;
const NAP_MS = 3;
/** Packets that the ring holds for each MiB, and the share of them that may come in a nap. */
const SLOTS_A_MIB = 16;
const NAP_SHARE = 1 / 8;
/** Until the next try where the reader takes no more. */
const FULL_MS = 2;
/** How long what the kernel still holds is waited for at the end. */
const LAST_PACKETS_MS = 40;
/** Between looks whether the reader still wants packets, where packets keep the event loop away. */
const ASK_MS = 5;
/** Between looks at an interface that has gone. */
const LOOK_MS = 200;
/** Before its next try where the interface is there and yet cannot be opened. */
const RETRY_MS = 1_000;

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Without exit handlers and finalizers: those of `cap` would crash. */
function leave(status: number): never {
  (process as unknown as { reallyExit(status: number): void }).reallyExit(status);
  throw new Error('unreachable: the process has ended');
}

/** What is left to do when nobody reads any more is nothing. */
function orLeave<T>(write: () => T): T {
  try {
    return write();
  } catch {
    leave(0);
  }
}

function say(outbox: Outbox, notice: Notice): void {
  const record = noticeRecord(notice);
  const { bytes, at } = outbox.reserve();
  outbox.commit(record.copy(bytes, at));
  orLeave(() => outbox.flush());
}

function fail(outbox: Outbox, stage: 'load' | 'open' | 'drop', error: unknown): never {
  say(outbox, { event: 'failed', stage, why: (error as Error).message });
  leave(1);
}

async function capture(order: CaptureOrder): Promise<void> {
  // As a socket it does not block.
  kept.push(new Socket({ fd: DATA_FD, readable: false }));
  let captured = 0;
  let askedMs = 0;
  let endMs = Number.POSITIVE_INFINITY;
  const outbox = new Outbox(DATA_FD, WAITING_BYTES, HEAD_BYTES + SNAPLEN + 1, () => {
    if (inputHasEnded()) leave(sayCaptured(captured));
  });
  const end = (): never => {
    sayCaptured(captured);
    orLeave(() => outbox.flush());
    leave(0);
  };
  const { Cap } = await loadCap(outbox);
  const buffer = Buffer.allocUnsafeSlow(SNAPLEN + 1);
  const device = new Cap();
  const mostInNap = (order.ringBytes / MIB) * SLOTS_A_MIB * NAP_SHARE;
  let begun = 0;
  let gathered = 0;
  let isDue = false;
  let emptiedMs = 0;
  let fullUntilMs = 0;
  const handOn = (now: number): void => {
    begun = now;
    if (!orLeave(() => outbox.pump())) fullUntilMs = now + FULL_MS;
  };
  const ringIsEmpty = (): void => {
    const now = performance.now();
    if (now >= fullUntilMs) handOn(now);
    isDue = !outbox.isEmpty;
    if (isDue || (now - emptiedMs < BUSY_MS && gathered < mostInNap)) Atomics.wait(pause, 0, 0, NAP_MS);
    if (isDue) setImmediate(ringIsEmpty);
    emptiedMs = now;
    gathered = 0;
  };
  const clock = new Clock();
  let ethernet = false;
  device.on('packet', (length) => {
    const now = performance.now();
    const onWire = length < SNAPLEN ? length : lengthOnWire(buffer, length, ethernet);
    if (outbox.filled === 0) begun = now;
    const { bytes, at } = outbox.reserve();
    writePacketHead(bytes, at, clock.us(now), length, onWire);
    buffer.copy(bytes, at + HEAD_BYTES, 0, length);
    outbox.commit(HEAD_BYTES + length);
    captured++;
    gathered++;
    if (now - askedMs > ASK_MS) {
      askedMs = now;
      if (inputHasEnded()) endMs = Math.min(endMs, now + LAST_PACKETS_MS);
      if (now > endMs) end();
    }
    if ((outbox.filled >= BATCH_BYTES || now - begun > BATCH_MS) && now >= fullUntilMs) handOn(now);
    if (!isDue) {
      isDue = true;
      setImmediate(ringIsEmpty);
    }
  });
  let linkType: number;
  try {
    linkType = linkTypeNumber(device.open(order.device, order.filter, order.ringBytes, buffer));
    ethernet = linkType === 1;
  } catch (error) {
    fail(outbox, 'open', error);
  }
  if (order.user !== null) {
    try {
      become(order.user);
    } catch (error) {
      fail(outbox, 'drop', error);
    }
  }
  say(outbox, { event: 'opened', linkType });
  // The object and its buffer must outlive everything else.
  kept.push(device, buffer);
  onEndOfInput(() => {
    setTimeout(end, LAST_PACKETS_MS);
  });
}

/** As `onEndOfInput`, where the event loop does not come to tell: packets may keep it away for as long as they come. */
function inputHasEnded(): boolean {
  try {
    return readSync(0, ignored) === 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EAGAIN';
  }
}

const ignored = Buffer.alloc(1);

/** Before what still waits is written: the reader may not have the time for it, and tells how much that was. */
function sayCaptured(packets: number): 0 {
  const word: CapturedWord = { captured: packets };
  orLeave(() => writeSync(1, `${JSON.stringify(word)}\n`));
  return 0;
}

const kept: unknown[] = [];

async function loadCap(outbox: Outbox): Promise<typeof import('cap')['default']> {
  try {
    return (await import('cap')).default;
  } catch (error) {
    fail(outbox, 'load', error);
  }
}

/** `cap` gives no times: those of its callback must do. Microseconds since 1970, also after the clock was set anew. */
class Clock {
  #originUs = performance.timeOrigin * 1000;
  #checkedMs = Number.NEGATIVE_INFINITY;

  us(nowMs: number): number {
    if (nowMs - this.#checkedMs > 1000) {
      this.#checkedMs = nowMs;
      const offByUs = Date.now() * 1000 - (this.#originUs + nowMs * 1000);
      // `Date.now` is whole milliseconds, rounded down.
      if (Math.abs(offByUs + 500) > 5_000) this.#originUs += offByUs;
    }
    return Math.floor(this.#originUs + nowMs * 1000);
  }
}

/** A packet as long as `cap` can deliver was perhaps longer: its IP header tells. */
function lengthOnWire(bytes: Buffer, length: number, ethernet: boolean): number {
  let at = 0;
  if (ethernet) {
    at = 14;
    for (let type = bytes.readUInt16BE(12); type === 0x8100 || type === 0x88a8; at += 4)
      type = bytes.readUInt16BE(at + 2);
  }
  const version = (bytes[at] as number) >> 4;
  const whole = version === 4 ? bytes.readUInt16BE(at + 2) : version === 6 ? bytes.readUInt16BE(at + 4) + 40 : 0;
  return Math.max(length, at + whole);
}

/** LINKTYPE_ values for the words of `cap`; what it calls unknown it gives as a DLT_ number. */
function linkTypeNumber(words: string): number {
  const known: Readonly<Record<string, number>> = {
    NULL: 0,
    ETHERNET: 1,
    IEEE802_11_RADIO: 127,
    LINKTYPE_LINUX_SLL: 113,
    RAW: 101,
  };
  return known[words] ?? Number(/\d+/.exec(words)?.[0] ?? -1);
}

/** The reader holds the other end of our standard input: when it ends, by whatever means, so do we. */
function onEndOfInput(then: () => void): void {
  process.stdin.on('end', then);
  process.stdin.on('error', then);
  process.stdin.resume();
}

/**
 * Stays as it is, and keeps a process that captures, as long as the reader is there. Each time that process has ended
 * it says so on standard output, and waits for a word of the reader, who first reads what the other left in the pipe.
 */
async function keep(order: CaptureOrder): Promise<void> {
  let child: ReturnType<typeof spawn> | null = null;
  let goOn: () => void = () => {};
  process.stdin.on('data', () => goOn());
  onEndOfInput(() => {
    if (child === null) leave(0);
    child.stdin?.end();
    child.once('exit', () => leave(0));
    setTimeout(() => leave(0), 1_000);
  });
  const args = [fileURLToPath(import.meta.url), JSON.stringify({ ...order, wait: false })];
  for (;;) {
    const started = spawn(process.execPath, args, { stdio: ['pipe', 'inherit', 'inherit', DATA_FD] });
    child = started;
    const [status, signal] = await new Promise<[number | null, string | null]>((resolve) => {
      started.once('exit', (code, by) => resolve([code, by]));
      started.once('error', () => resolve([1, null]));
    });
    child = null;
    const word = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const ended: KeeperWord = { status, signal };
    process.stdout.write(`${JSON.stringify(ended)}\n`);
    await word;
    // Where it was there all the time, the reader decides whether another try makes sense.
    await sleep(deviceIsUp(order.device) ? RETRY_MS : LOOK_MS);
    while (!deviceIsUp(order.device)) await sleep(LOOK_MS);
  }
}

function deviceIsUp(name: string): boolean {
  return deviceExists(name) !== false && stateOf(name) !== 'down';
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

// Ctrl-C reaches everything that the terminal started: the reader decides when it ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const order = JSON.parse(process.argv[2] ?? '{}') as CaptureOrder;
if (order.wait) await keep(order);
else {
  try {
    setPriority(-10);
  } catch {
    // Only root may; without it a busy machine loses packets sooner.
  }
  await capture(order);
}
