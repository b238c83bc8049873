/** What to do on signals, in the place of ending. */
export type SignalHandlers = { [signal in NodeJS.Signals]?: () => void };

/** Acts, and takes signals meanwhile. */
export async function takingSignals<T>(handlers: SignalHandlers, action: () => Promise<T>): Promise<T> {
  const all = Object.entries(handlers);
  all.forEach(([signal, handler]) => process.on(signal, handler));
  try {
    return await action();
  } finally {
    all.forEach(([signal, handler]) => process.off(signal, handler));
  }
}
