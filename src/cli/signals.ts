/** What must not be left behind when a signal ends the program. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Before a signal ends the program, `action` is called. Returns what takes that back. */
export function beforeSignal(action: () => void): () => void {
  const handlers = SIGNALS.map((signal) => {
    const handler = (): void => {
      action();
      process.kill(process.pid, signal);
    };
    process.once(signal, handler);
    return [signal, handler] as const;
  });
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}
