/**
 * Packets of an interface, as they come. The device is opened by another process (child.ts), since `cap` takes its
 * whole process with it when the interface goes down; here its pipe is read, and what became of it is told.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { PacketSink } from '../packet-sink.ts';
import type { CaptureOrder } from './child.ts';
import { deviceExists, isEthernet, stateOf } from './devices.ts';
import { type FailureContext, failureSentence, goneSentence, isVlanFailure, type LiveError } from './failure-words.ts';
import type { Identity } from './identity.ts';
import { kernelFilter } from './kernel-filter.ts';
import { type CapturedWord, DATA_FD, type KeeperWord, type Notice, RecordPipe } from './wire-format.ts';

export { LiveError } from './failure-words.ts';

export interface LiveOptions {
  readonly device: string;
  readonly ports: readonly number[] | 'any';
  /** A pcap-filter expression of the user's; null for none. */
  readonly filter: string | null;
  /** Bytes of packets that the kernel holds until they are fetched. */
  readonly ringBytes: number;
  /** Whom the capturing process becomes once the device is open. */
  readonly user: Identity | null;
  /** When the interface goes away, go on when it is back. */
  readonly wait: boolean;
}

export interface LiveEvents {
  /** The device is open (again). */
  opened(linkType: number): void;
  /** All that has come so far is with the sink. */
  caughtUp(): void;
  /** The interface has gone, and is waited for. */
  waiting(reason: LiveError): void;
}

const STDERR_KEPT = 4_096;
/** A pipe from which nothing came for so long is empty, when nobody writes to it. */
const QUIET_MS = 30;
/** Between two looks at a device that may have gone unnoticed. */
const LOOK_MS = 2_000;
/** Reading goes on for no longer than this at a time. */
const BREATH_MS = 10;

/** Timers hold no more. */
const MOST_TIMER_MS = 2 ** 31 - 1;

/** An abort that is expected leaves no core file. */
const START = 'ulimit -c 0; exec "$@"';

export class LiveSource {
  readonly pipe: RecordPipe;
  linkType = -1;
  /** What the capturing process and its libraries printed; for those who look for a fault. */
  said = '';
  readonly #options: LiveOptions;
  readonly #events: LiveEvents;
  #child: ChildProcess | null = null;
  #vlan: boolean;
  #failure: Extract<Notice, { event: 'failed' }> | null = null;
  #wasOpen = false;
  #stopping = false;
  /** When the event loop's turn at hand must end; 0 before it began to read. */
  #breathMs = 0;
  /** Nothing is read: what was read has no place to go. */
  #isHeld = false;
  #goOn: (() => void) | null = null;
  /** Packets of earlier openings of the device, and those of this one as far as the process has told. */
  #earlier = 0;
  #captured: number | null = null;
  #wasCutOff = false;
  /** Chunks that came out of the pipe. */
  #reads = 0;
  #error: unknown = null;
  readonly #done: Promise<void>;
  #settle: () => void = () => {};

  constructor(options: LiveOptions, sink: PacketSink, events: LiveEvents) {
    this.#options = options;
    this.#events = events;
    this.#vlan = isEthernet(options.device);
    this.pipe = new RecordPipe(sink, (notice) => this.#notice(notice));
    this.#done = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Starts the process. To be called while this one may still do what the other needs. */
  start(): void {
    const { device, ports, filter, ringBytes, user, wait } = this.#options;
    const order: CaptureOrder = {
      device,
      filter: kernelFilter({ ports, also: filter, vlan: this.#vlan }),
      ringBytes,
      user,
      wait,
    };
    const script = fileURLToPath(new URL('./child.js', import.meta.url));
    const child = spawn('/bin/sh', ['-c', START, 'sh', process.execPath, script, JSON.stringify(order)], {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      cwd: '/',
    });
    this.#child = child;
    child.stdin?.on('error', () => {});
    hearLines(child.stdout, (line) => this.#word(child, JSON.parse(line) as KeeperWord | CapturedWord));
    child.stderr?.on('data', (chunk: Buffer) => {
      if (this.said.length < STDERR_KEPT) this.said += chunk.toString('latin1');
    });
    const data = child.stdio[DATA_FD] as Readable;
    data.on('error', () => {});
    data.on('data', (chunk: Buffer) => this.#take(child, data, chunk));
    child.once('error', (error) => {
      this.#error ??= error;
      this.#settle();
    });
    child.once('close', (status, signal) => this.#closed(child, status, signal));
    if (!wait) this.#watchDevice(child);
  }

  /**
   * `cap` does not always notice that its device has gone, and then waits for ever: a device that is seen to be gone
   * twice, while nothing more comes out of the pipe, ends the run.
   */
  #watchDevice(child: ChildProcess): void {
    const { device } = this.#options;
    let reads = -1;
    const timer = setInterval(() => {
      if (child !== this.#child || this.#error !== null || this.#stopping) {
        clearInterval(timer);
        return;
      }
      const isGone = this.#wasOpen && (deviceExists(device) === false || stateOf(device) === 'down');
      if (isGone && reads === this.#reads) this.fail(this.#reason(null, null));
      reads = isGone ? this.#reads : -1;
    }, LOOK_MS);
    timer.unref();
  }

  /**
   * Resolves when it was stopped and all has been read; throws `LiveError` when the device cannot be opened or has
   * gone, and what the sink or a listener threw.
   */
  async finished(): Promise<void> {
    await this.#done;
    if (this.#error !== null) throw this.#error;
  }

  /**
   * No more packets are wanted; those that came are still handed over, for `budgetMs` at most. Called again, the
   * shorter time holds.
   */
  stop(budgetMs: number): void {
    if (!this.#stopping) this.#child?.stdin?.end();
    this.#stopping = true;
    if (budgetMs < MOST_TIMER_MS) setTimeout(() => this.#cutOff(), budgetMs);
  }

  /** Packets that had been captured and were not handed over before `stop`'s time was over; null where nobody knows. */
  get unread(): number | null {
    if (this.#captured === null) return this.#wasCutOff ? null : 0;
    return Math.max(0, this.#earlier + this.#captured - this.pipe.packets);
  }

  /** Whether what comes has no place to go: then nothing is read, and packets wait where they are. */
  set isHeld(value: boolean) {
    this.#isHeld = value;
    if (value || this.#goOn === null) return;
    this.#goOn();
    this.#goOn = null;
  }

  /** Ends the run: `finished` throws this. */
  fail(error: unknown): void {
    this.#error ??= error;
    this.#abandon();
  }

  #cutOff(): void {
    this.#wasCutOff ||= this.#child !== null;
    this.#abandon();
  }

  #abandon(): void {
    this.#release();
    this.#settle();
  }

  /** Lets go of the process whether it answers or not. One that is root ends by itself when its pipes are closed. */
  #release(): void {
    const child = this.#child;
    if (child === null) return;
    this.#child = null;
    for (const stream of child.stdio) stream?.destroy();
    child.kill('SIGKILL');
    child.unref();
  }

  #take(child: ChildProcess, data: Readable, chunk: Buffer): void {
    if (child !== this.#child || this.#error !== null) return;
    this.#reads++;
    this.pipe.take(chunk);
    this.#handOn(child, data);
  }

  /**
   * A full pipe would keep timers and Ctrl-C waiting: every so long they have their turn, before the rest of what was
   * read and all that follows.
   */
  #handOn(child: ChildProcess, data: Readable): void {
    if (child !== this.#child || this.#error !== null) return;
    if (this.#breathMs === 0) {
      this.#breathMs = performance.now() + BREATH_MS;
      setImmediate(() => {
        this.#breathMs = 0;
      });
    }
    try {
      const isDone = !this.#isHeld && this.pipe.handOn(this.#breathMs);
      this.#events.caughtUp();
      if (isDone && !this.#isHeld && performance.now() < this.#breathMs) {
        if (data.isPaused()) data.resume();
        return;
      }
    } catch (error) {
      this.fail(error);
      return;
    }
    data.pause();
    const goOn = (): void => {
      setImmediate(() => this.#handOn(child, data));
    };
    if (this.#isHeld) this.#goOn = goOn;
    else goOn();
  }

  #notice(notice: Notice): void {
    switch (notice.event) {
      case 'opened':
        this.#wasOpen = true;
        this.#earlier = this.pipe.packets;
        this.#captured = null;
        this.#failure = null;
        this.linkType = notice.linkType;
        this.pipe.linkType = notice.linkType;
        this.#events.opened(notice.linkType);
        break;
      case 'failed':
        this.#failure = notice;
        break;
    }
  }

  #word(child: ChildProcess, word: KeeperWord | CapturedWord): void {
    if ('captured' in word) this.#captured = word.captured;
    else this.#keeper(child, word);
  }

  /** The keeper's process has ended: first what it left is read, then what can pass is waited for. */
  #keeper(child: ChildProcess, { status, signal }: KeeperWord): void {
    const reads = this.#reads;
    setTimeout(() => {
      if (child !== this.#child || this.#error !== null || this.#stopping) return;
      if (reads !== this.#reads) {
        this.#keeper(child, { status, signal });
        return;
      }
      this.pipe.reset();
      if (this.#retriesPlain()) return;
      const reason = this.#reason(status, signal);
      if (!reason.passing) {
        this.fail(reason);
        return;
      }
      this.#failure = null;
      this.#events.waiting(reason);
      child.stdin?.write('\n');
    }, QUIET_MS);
  }

  /** Starts again with a filter that knows no VLAN tags, where that is what libpcap did not take. */
  #retriesPlain(): boolean {
    if (!this.#vlan || this.#wasOpen || this.#stopping) return false;
    if (this.#failure === null || !isVlanFailure(this.#failure.why)) return false;
    this.#vlan = false;
    this.#failure = null;
    this.#release();
    this.pipe.reset();
    this.start();
    return true;
  }

  #reason(status: number | null, signal: string | null): LiveError {
    const { device } = this.#options;
    if (this.#failure !== null) return failureSentence(this.#failure, this.#context());
    return goneSentence(device, deviceExists(device), stateOf(device), signal, status);
  }

  #context(): FailureContext {
    return {
      device: this.#options.device,
      also: this.#options.filter,
      isRoot: process.geteuid?.() === 0,
      home: packageFolder(),
      node: process.execPath,
      platform: process.platform,
    };
  }

  #closed(child: ChildProcess, status: number | null, signal: string | null): void {
    if (child !== this.#child || this.#retriesPlain()) return;
    if (!this.#stopping) this.#error ??= this.#reason(status, signal);
    this.#settle();
  }
}

/** Whole lines of what comes. */
function hearLines(stream: Readable | null, hear: (line: string) => void): void {
  let begun = '';
  stream?.on('data', (chunk: Buffer) => {
    const lines = (begun + chunk.toString()).split('\n');
    begun = lines.pop() ?? '';
    for (const line of lines) hear(line);
  });
}

/** Where the package is installed: compiled modules and the program they are joined into lie differently deep in it. */
function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}
