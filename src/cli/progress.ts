/** How far a long run is: one line on standard error that is overwritten, for people at a terminal only. */
import { writeSync } from 'node:fs';

/** Nothing is shown of a run that is over sooner. */
const FIRST_MS = 500;
const EVERY_MS = 150;
const CLEAR = '\r\x1b[K';

export class Progress {
  readonly #isOn: boolean;
  readonly #begun = performance.now();
  #next = this.#begun + FIRST_MS;
  #shown = false;

  constructor(isOn: boolean) {
    this.#isOn = isOn;
  }

  /** `total` is null where nobody knows it. */
  update(name: string, read: number, total: number | null, sessions: number): void {
    if (!this.#isOn) return;
    const now = performance.now();
    if (now < this.#next) return;
    this.#next = now + EVERY_MS;
    const megabytes = (read / 1e6).toFixed(0);
    const share = total === null || total === 0 ? '' : `${Math.floor((read / total) * 100)} %, `;
    const rate = (read / 1e3 / Math.max(1, now - this.#begun)).toFixed(0);
    this.#show(`${name}: ${share}${megabytes} MB, ${rate} MB/s, ${sessions} sessions`);
  }

  /** Makes room for other lines. */
  clear(): void {
    if (this.#shown) this.#write(CLEAR);
    this.#shown = false;
  }

  #show(line: string): void {
    const columns = process.stderr.columns ?? 80;
    this.#write(CLEAR + line.slice(0, columns - 1));
    this.#shown = true;
  }

  #write(text: string): void {
    try {
      writeSync(2, text);
    } catch {
      // Progress that cannot be shown is not missed.
    }
  }
}
