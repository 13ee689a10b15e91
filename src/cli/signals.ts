/** What must not be left behind when a signal ends the program, and a Ctrl-C that ends no more than the reading. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Of two signals closer than this the second is the same key, passed on by a parent. */
const SAME_KEY_MS = 100;

/** Whether the next SIGINT is for who called `takeInterrupt`. */
let isTaken = false;

/** Before a signal ends the program, `action` is called. Returns what takes that back. */
export function beforeSignal(action: () => void): () => void {
  const handlers = SIGNALS.map((signal) => {
    const handler = (): void => {
      if (isTaken && signal === 'SIGINT') return;
      forget();
      action();
      process.kill(process.pid, signal);
    };
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  const forget = (): void => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
  return forget;
}

/** The next SIGINT is told to `take` and ends nothing; one after it ends the program. Returns what takes that back. */
export function takeInterrupt(take: () => void): () => void {
  let timer: NodeJS.Timeout | null = null;
  const handler = (): void => {
    if (!isTaken) {
      process.off('SIGINT', handler);
      process.kill(process.pid, 'SIGINT');
    } else if (timer === null) {
      timer = setTimeout(() => {
        isTaken = false;
      }, SAME_KEY_MS);
      take();
    }
  };
  isTaken = true;
  process.on('SIGINT', handler);
  return () => {
    process.off('SIGINT', handler);
    if (timer !== null) clearTimeout(timer);
    isTaken = false;
  };
}
