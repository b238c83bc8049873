import { Polls } from './polls';
import { print } from './print';
import { whileVoting } from './votes';

/** What a failure has cost. */
export interface Recovery {
  /** Votes that the site has confirmed. */
  readonly confirmed: number;
  /** Votes that it has not. */
  readonly failed: number;
  /** From the failure to the first of the votes that were confirmed ever after. */
  readonly seconds: number;
}

/** Does something bad while votes are cast, and says what it cost: every confirmed vote is stored, once. */
export async function recoveryFrom(
  polls: Polls,
  title: string,
  failure: () => Promise<void>,
  withinSeconds = 30,
): Promise<Recovery> {
  const before = await polls.ballots();
  const { acknowledged, failures, secondsToRecover } = await whileVoting(polls, async () => {
    await failure();
    await polls.converged();
  });
  const stored = await polls.ballots();
  const unconfirmed = failures.map(({ choice }) => choice).filter((choice) => stored.has(choice));
  print(
    `${title}: ${acknowledged.length} votes confirmed, ${failures.length} failed, ` +
      `${unconfirmed.length} of these stored, served again after ${secondsToRecover.toFixed(1)} s`,
  );
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(acknowledged.filter((choice) => !stored.has(choice))).toEqual([]);
  // Nothing else is stored, and nothing twice.
  const once = [...acknowledged, ...unconfirmed].map((choice): [string, number] => [choice, 1]);
  expect(stored).toEqual(new Map([...before, ...once]));
  // What the site shows is the sum of them.
  expect(await polls.storedVotes()).toBe(stored.size);
  expect(secondsToRecover).toBeLessThan(withinSeconds);
  return { confirmed: acknowledged.length, failed: failures.length, seconds: secondsToRecover };
}
