/**
 * A capture on standard input comes from another program, and Ctrl-C reaches both: that one hands on what it still has
 * and ends, so here it ends the reading, not the run.
 */
import { PassThrough } from 'node:stream';
import { takeInterrupt } from './signals.ts';

/** How long the other program may take for its last packets. */
const LAST_BYTES_MS = 700;

/**
 * Standard input, to be read once. After Ctrl-C it ends when the other program ends, or soon; `left` is called where
 * that was before its end. A second Ctrl-C ends this program.
 */
export function standardInput(left: () => void): NodeJS.ReadableStream {
  const { stdin } = process;
  const input = new PassThrough();
  let timer: NodeJS.Timeout | null = null;
  const forget = takeInterrupt(() => {
    timer = setTimeout(() => {
      if (input.writableEnded) return;
      left();
      stdin.unpipe(input);
      input.end();
    }, LAST_BYTES_MS);
  });
  stdin.once('error', (error) => input.destroy(error));
  input.once('close', () => {
    if (timer !== null) clearTimeout(timer);
    forget();
    stdin.destroy();
  });
  return stdin.pipe(input);
}
