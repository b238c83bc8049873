import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { openBallot, Polls } from './polls';

/** What became of votes that were cast while something else happened. */
export interface Votes {
  /** Those that the site has confirmed: the choice of each. */
  readonly acknowledged: string[];
  /** Those that it has not: stored or not, what their voters saw is no confirmation. */
  readonly failures: Failure[];
  /** From the beginning of the action to the first of the votes that were confirmed ever after. */
  readonly secondsToRecover: number;
}

/** A vote that was not confirmed. */
export interface Failure {
  readonly choice: string;
  readonly why: string;
}

/** How many votes are cast a second. */
const RATE = 10;

/** More than votes are cast in the time that an action has. */
const CHOICES = 2500;

/**
 * Casts votes at a constant rate for as long as the action lasts, and until some have been confirmed after it. Each is
 * for a choice of its own, by which it is found again: a number of votes would not tell whether one that was stored
 * without a confirmation takes the place of a confirmed one that was lost.
 */
export async function whileVoting(polls: Polls, action: () => Promise<void>): Promise<Votes> {
  await polls.createQuestion(CHOICES);
  const visitor = await polls.visitor();
  const { path, token, choices } = await openBallot(visitor);
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const failures: (Failure & { sent: number })[] = [];
  const acknowledged: { choice: string; sent: number }[] = [];
  const pending: Promise<void>[] = [];
  const cast = async (choice: string) => {
    const sent = seconds();
    const why = await visitor.post(path, { csrfmiddlewaretoken: token, choice }).then(
      ({ status }) => (status === 302 ? undefined : `status ${status}`),
      (error: Error) => error.message,
    );
    if (why === undefined) acknowledged.push({ choice, sent });
    else failures.push({ choice, sent, why });
  };
  let acting = true;
  const votes = (async () => {
    while (acting) {
      if (pending.length < seconds() * RATE) pending.push(cast(choices[pending.length]));
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
  const first = Math.min(...acknowledged.map(({ sent }) => sent).filter((sent) => sent >= lastFailure));
  return {
    acknowledged: acknowledged.map(({ choice }) => choice),
    failures: failures.map(({ choice, sent, why }) => ({
      choice,
      why: `after ${sent.toFixed(1)} s: ${why}`,
    })),
    secondsToRecover: failures.length ? first : 0,
  };
}
