/** How far a long run is: one line on standard error that is overwritten, for people at a terminal only. */
import { writeSync } from 'node:fs';
import { printable } from '../output/printable.ts';

/** Nothing is shown of a run that is over sooner. */
const FIRST_MS = 500;
const EVERY_MS = 150;
/** The rate is that of the last few seconds: what was cached, or slow, at the start says nothing of the rest. */
const RATE_OVER_MS = 2_000;
/** Of so little, no time can be told. */
const RATE_AFTER_MS = 2_500;
const BAR = 20;
const CLEAR = '\r\x1b[K';

export interface ProgressFacts {
  /** The capture that is being read. */
  readonly name: string;
  /** Bytes of the whole run, all captures together. */
  readonly read: number;
  /** Null where nobody knows it. */
  readonly total: number | null;
  readonly bytesPerSecond: number;
  readonly elapsedMs: number;
  readonly sessions: number;
}

/** `[#####---------------]  25 %, 250 of 1000 MB, 85 MB/s, 9 s left, 1234 sessions: a.pcap`, in at most `columns`. */
export function progressLine(facts: ProgressFacts, columns: number): string {
  const { name, read, total, bytesPerSecond, elapsedMs, sessions } = facts;
  const parts: string[] = [];
  if (total !== null && total > 0) {
    const share = Math.min(1, read / total);
    const full = Math.floor(share * BAR);
    // A narrow terminal needs its columns for the figures.
    const bar = columns < 70 ? '' : `[${'#'.repeat(full)}${'-'.repeat(BAR - full)}] `;
    parts.push(
      `${bar}${String(Math.floor(share * 100)).padStart(3)} %`,
      `${megabytes(read)} of ${megabytes(total)} MB`,
    );
  } else {
    parts.push(`${megabytes(read)} MB`, `${words(elapsedMs)} gone`);
  }
  parts.push(`${megabytes(bytesPerSecond)} MB/s`);
  if (total !== null && bytesPerSecond > 0 && elapsedMs >= RATE_AFTER_MS) {
    parts.push(`${words((Math.max(0, total - read) / bytesPerSecond) * 1000)} left`);
  }
  parts.push(`${sessions} ${sessions === 1 ? 'session' : 'sessions'}`);
  return `${parts.join(', ')}: ${printable(name)}`.slice(0, columns - 1);
}

function megabytes(bytes: number): string {
  return bytes < 9.95e6 ? (bytes / 1e6).toFixed(1) : (bytes / 1e6).toFixed(0);
}

/** `9 s`, `3 min 20 s`, `2 h 5 min`. */
function words(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

export interface ProgressTerminal {
  readonly columns: number;
  now(): number;
  write(text: string): void;
}

const STANDARD_ERROR: ProgressTerminal = {
  get columns() {
    const { columns } = process.stderr;
    return columns > 0 ? columns : 80; // A terminal may not know its width, and say 0.
  },
  now: () => performance.now(),
  write(text) {
    try {
      writeSync(2, text);
    } catch {
      // Progress that cannot be shown is not missed.
    }
  },
};

export class Progress {
  readonly #isOn: boolean;
  readonly #total: number | null;
  readonly #terminal: ProgressTerminal;
  readonly #begun: number;
  #next: number;
  #shown = false;
  /** Of the captures before this one. */
  #before = 0;
  #name = '';
  #readOfThis = 0;
  #sampledMs: number;
  #sampledBytes = 0;
  #bytesPerSecond = 0;

  /** `total`: bytes of all captures; null where nobody knows it. */
  constructor(isOn: boolean, total: number | null, terminal: ProgressTerminal = STANDARD_ERROR) {
    this.#isOn = isOn;
    this.#total = total;
    this.#terminal = terminal;
    this.#begun = terminal.now();
    this.#sampledMs = this.#begun;
    this.#next = this.#begun + FIRST_MS;
  }

  /** `read`: of the capture `name`, so far. */
  update(name: string, read: number, sessions: number): void {
    if (!this.#isOn) return;
    if (name !== this.#name || read < this.#readOfThis) {
      this.#before += this.#readOfThis;
      this.#name = name;
    }
    this.#readOfThis = read;
    const now = this.#terminal.now();
    if (now < this.#next) return;
    this.#next = now + EVERY_MS;
    const all = this.#before + read;
    this.#sample(now, all);
    const { columns } = this.#terminal;
    const facts = { name, read: all, total: this.#total, bytesPerSecond: this.#bytesPerSecond, sessions };
    this.#terminal.write(CLEAR + progressLine({ ...facts, elapsedMs: now - this.#begun }, columns));
    this.#shown = true;
  }

  /** Makes room for other lines. */
  clear(): void {
    if (this.#shown) this.#terminal.write(CLEAR);
    this.#shown = false;
  }

  #sample(now: number, read: number): void {
    const elapsed = Math.max(1, now - this.#sampledMs);
    const rate = ((read - this.#sampledBytes) / elapsed) * 1000;
    const weight = this.#sampledMs === this.#begun ? 1 : 1 - Math.exp(-elapsed / RATE_OVER_MS);
    this.#bytesPerSecond += weight * (rate - this.#bytesPerSecond);
    this.#sampledMs = now;
    this.#sampledBytes = read;
  }
}
