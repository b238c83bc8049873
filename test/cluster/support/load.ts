import { setTimeout as pause } from 'node:timers/promises';
import { Browser } from './browser';

/** How many visits there were, and what became of those that failed. */
export interface Load {
  readonly visits: number;
  readonly failures: string[];
}

/** Visits the list of questions ten times a second for as long as the action lasts. */
export async function duringLoad(visitor: Browser, action: () => Promise<void>): Promise<Load> {
  const failures: string[] = [];
  const visits: Promise<void>[] = [];
  let running = true;
  const visit = async () => {
    const at = new Date().toISOString();
    const outcome = await visitor.get('/').then(
      ({ status }) => (status === 200 ? undefined : `status ${status}`),
      (error: Error) => error.message,
    );
    if (outcome) failures.push(`${at} ${outcome}`);
  };
  const load = (async () => {
    while (running) {
      visits.push(visit());
      await pause(100);
    }
  })();
  try {
    await action();
  } finally {
    running = false;
    await load;
    await Promise.all(visits);
  }
  return { visits: visits.length, failures };
}
