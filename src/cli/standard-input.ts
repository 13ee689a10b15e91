/**
 * A capture on standard input comes from another program, and Ctrl-C reaches both: that one hands on what it still has
 * and ends, so here it ends the reading, not the run.
 */
import { takeInterrupt } from './signals.ts';

/** How long the other program may take for its last packets. */
const LAST_BYTES_MS = 700;

/**
 * Standard input, to be read once. After Ctrl-C it ends when the other program ends, or is destroyed soon. A second
 * Ctrl-C ends this program.
 */
export class StandardInput {
  readonly stream: NodeJS.ReadStream;
  /** It was destroyed before its end. */
  isLeft = false;
  readonly #forgetInterrupt: () => void;
  #timer: NodeJS.Timeout | null = null;

  constructor() {
    this.stream = process.stdin;
    this.#forgetInterrupt = takeInterrupt(() => {
      this.#timer = setTimeout(() => this.#leave(), LAST_BYTES_MS);
    });
  }

  /** It is read no longer, and Ctrl-C ends the program. */
  release(): void {
    this.#forgetInterrupt();
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #leave(): void {
    if (this.stream.readableEnded) return;
    this.isLeft = true;
    this.stream.destroy();
  }
}
