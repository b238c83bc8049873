import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Browser } from './browser';
import { openBallot } from './polls';

/** What became of votes that were cast while something else happened. */
export interface Votes {
  /** Those that the site has confirmed. */
  readonly acknowledged: number;
  /** Those that it has not: their number is no loss, but what their voters saw is. */
  readonly failures: string[];
  /** From the beginning of the action to the first of the votes that were confirmed ever after. */
  readonly secondsToRecover: number;
}

/** How many votes are cast a second. */
const RATE = 10;

/** Casts votes at a constant rate for as long as the action lasts, and until some have been confirmed after it. */
export async function whileVoting(visitor: Browser, action: () => Promise<void>): Promise<Votes> {
  const { path, token, choices } = await openBallot(visitor);
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const failures: { sent: number; why: string }[] = [];
  const acknowledged: number[] = [];
  const pending: Promise<void>[] = [];
  const cast = async () => {
    const sent = seconds();
    const form = { csrfmiddlewaretoken: token, choice: choices[0] };
    const why = await visitor.post(path, form).then(
      ({ status }) => (status === 302 ? undefined : `status ${status}`),
      (error: Error) => error.message,
    );
    if (why === undefined) acknowledged.push(sent);
    else failures.push({ sent, why });
  };
  let acting = true;
  const votes = (async () => {
    while (acting) {
      if (pending.length < seconds() * RATE) pending.push(cast());
      await pause(20);
    }
  })();
  try {
    await action();
    const recovered = acknowledged.length + 3 * RATE;
    const deadline = seconds() + 60;
    while (acknowledged.length < recovered && seconds() < deadline) await pause(50);
  } finally {
    acting = false;
    await votes;
    await Promise.all(pending);
  }
  const lastFailure = Math.max(0, ...failures.map(({ sent }) => sent));
  const first = Math.min(...acknowledged.filter((sent) => sent >= lastFailure));
  return {
    acknowledged: acknowledged.length,
    failures: failures.map(({ sent, why }) => `after ${sent.toFixed(1)} s: ${why}`),
    secondsToRecover: failures.length ? first : 0,
  };
}
