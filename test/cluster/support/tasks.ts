import { eventually } from './eventually';
import { Polls } from './polls';

/** The pod of the broker. */
export const BROKER_POD = 'polls-queue-0';

/** A task that a process has begun: begun anew, its vote has the same key and another time. */
export interface Attempt {
  readonly key: string;
  readonly castAt: string;
}

/** Sends votes, about twenty in a second, each until the broker has acknowledged it. It prints how many it refused. */
const sender = (from: number, to: number) => `
import time, uuid
import django
django.setup()
from polls.models import Choice
from polls.tasks import count_vote
choice = Choice.objects.first().pk
refused = 0
for number in range(${from}, ${to}):
    key = str(uuid.uuid5(uuid.NAMESPACE_URL, str(number)))
    while True:
        try:
            count_vote.apply_async((choice, key), retry=False)
            break
        except Exception:
            refused += 1
            time.sleep(0.5)
    time.sleep(0.04)
print(refused)
`;

/** The tasks of the example, each of which counts a vote that has a key of its own. */
export class Tasks {
  private number = 0;
  private readonly senders: Promise<string>[] = [];

  constructor(private readonly polls: Polls) {}

  /** Begins to send so many more. */
  send(count: number): void {
    const program = sender(this.number, this.number + count);
    this.number += count;
    this.senders.push(this.polls.namespace.exec('deployment/polls', 'python', '-c', program));
  }

  /** Waits until the broker has acknowledged all of them. Returns how often it refused one. */
  async sent(): Promise<number> {
    const refused = await Promise.all(this.senders);
    return refused.reduce((sum, count) => sum + Number(count), 0);
  }

  /** How many are done. */
  async done(): Promise<number> {
    return Number(await this.polls.sql('SELECT count(*) FROM polls_ballot WHERE key IS NOT NULL'));
  }

  /** How many wait in the queue. */
  async queued(): Promise<number> {
    const length = ['sh', '-c', 'redis-cli LLEN celery || valkey-cli LLEN celery'];
    return Number(await this.polls.namespace.exec(BROKER_POD, ...length));
  }

  /**
   * Does something while so many processes, which are all that there are, are each in the midst of a task, which waits
   * for a lock, and more tasks wait in the queue. Returns what was begun when the lock was given back.
   *
   * Who is killed in the milliseconds in which kombu takes a task off the queue and has not noted yet that it did loses
   * it, whatever Celery and the library do: https://github.com/celery/kombu/issues/305. So nothing is killed then.
   */
  async inTheMidst(processes: number, action: () => Promise<unknown>): Promise<Attempt[]> {
    const { polls } = this;
    const holder = 'LOCK TABLE polls_ballot IN EXCLUSIVE MODE; SELECT pg_sleep(240)';
    const lock = polls.sql(`BEGIN; ${holder}`).catch(() => 'ended');
    try {
      await eventually(
        'tasks wait in all processes and in the queue',
        async () => {
          expect(await this.attempts()).toHaveLength(processes);
          expect(await this.queued()).toBeGreaterThan(10);
        },
        { namespace: polls.namespace.name, seconds: 120 },
      );
      await action();
      return await this.attempts();
    } finally {
      await polls.sql(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'BEGIN; ${holder}'`,
      );
      await lock;
    }
  }

  /** Until those that were begun are done, by who began them: what is begun anew has another time. */
  async finished(attempts: Attempt[]): Promise<void> {
    const rows = attempts.map(({ castAt, key }) => `('${castAt}'::timestamptz, '${key}'::uuid)`);
    const count = `SELECT count(*) FROM polls_ballot WHERE (cast_at, key) IN (${rows.join(', ')})`;
    await eventually('the tasks that were begun are done', async () =>
      expect(await this.polls.sql(count)).toBe(`${attempts.length}`),
    );
  }

  /** The tasks that wait for the lock. */
  private async attempts(): Promise<Attempt[]> {
    const insert = `wait_event_type = 'Lock' AND query LIKE 'INSERT INTO "polls_ballot"%'`;
    const queries = await this.polls.sql(`SELECT query FROM pg_stat_activity WHERE ${insert}`);
    return [...queries.matchAll(/'([^']+)'::timestamptz, '([^']+)'::uuid/g)].map(([, castAt, key]) => ({
      castAt,
      key,
    }));
  }
}
