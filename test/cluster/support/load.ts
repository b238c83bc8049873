import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Browser, send } from './browser';

/** What became of the requests of a load. */
export interface Load {
  readonly requests: number;
  /** Each with the time at which it was sent, and what was wrong with its answer. */
  readonly failures: string[];
  /** How many were sent a second. */
  readonly rate: number;
  /** Milliseconds that half of the answers took at most. */
  readonly median: number;
  /** Milliseconds that 99 of 100 answers took at most. */
  readonly slowest: number;
}

/** A load to put on a site. */
export interface LoadOptions {
  /** How many requests are sent a second, whether or not those before were answered. */
  readonly rate: number;

  /**
   * How many are sent at least, should the action take less long.
   *
   * @default - as many as the action lasts
   */
  readonly requests?: number;

  /** @default / */
  readonly path?: string;
}

/**
 * Sends requests at a constant rate for as long as the action lasts, and longer if they are too few. Each has a
 * connection of its own: over one that is used again a router may close just as a request is sent, for which browsers
 * try again, and a failure would say nothing of the application.
 */
export async function duringLoad(
  { address, host }: Browser,
  { rate, requests: fewest = 0, path = '/' }: LoadOptions,
  action: () => Promise<void>,
): Promise<Load> {
  const failures: string[] = [];
  const durations: number[] = [];
  const pending: Promise<void>[] = [];
  let acting = true;
  const request = async () => {
    const at = new Date().toISOString();
    const sent = performance.now();
    const outcome = await send({ address, host, path }).then(
      ({ status, headers }) => (status === 200 ? undefined : `status ${status} ${headers.server ?? ''}`),
      (error: Error) => error.message,
    );
    durations.push(performance.now() - sent);
    if (outcome) failures.push(`${at} ${outcome}`);
  };
  const start = performance.now();
  const load = (async () => {
    while (acting || pending.length < fewest) {
      const due = ((performance.now() - start) / 1000) * rate;
      while (pending.length < due) pending.push(request());
      await pause(5);
    }
    return (performance.now() - start) / 1000;
  })();
  try {
    await action();
  } finally {
    acting = false;
    await load;
    await Promise.all(pending);
  }
  durations.sort((one, other) => one - other);
  const share = (part: number) => Math.round(durations[Math.floor((durations.length - 1) * part)]);
  return {
    requests: pending.length,
    failures,
    rate: pending.length / (await load),
    median: share(0.5),
    slowest: share(0.99),
  };
}

/** The figures of a load, in a line. */
export function figures(title: string, { requests, failures, rate, median, slowest }: Load): string {
  return (
    `${title}: ${requests} requests at ${rate.toFixed(0)}/s, ${failures.length} failed, ` +
    `median ${median} ms, 99 % within ${slowest} ms`
  );
}
