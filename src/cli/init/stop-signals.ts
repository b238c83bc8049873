/** Programs that end gracefully by another signal than SIGTERM. Chapter 10 of the guide has the table. */
const SIGNALS: [RegExp, string][] = [[/\brun_huey\b|\bhuey_consumer\b/, 'SIGINT']];

/** The signal by which a command is told to stop, where it is not SIGTERM. */
export function stopSignalOf(command: string): string | undefined {
  return SIGNALS.find(([program]) => program.test(command))?.[1];
}
