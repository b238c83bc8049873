import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { ApiObject, Chart, Duration } from 'cdk8s';
import { CeleryWorkerProps, DjangoApp, VolumeSource } from 'cdk8s-django';
import { send } from '../cluster/support/browser';
import { eventually } from '../cluster/support/eventually';
import { Polls } from '../cluster/support/polls';
import { print } from '../cluster/support/print';

/** How many requests a second each send a task. */
export const RATE = 20;
/** What a killed broker had handed out is done again after that. */
export const VISIBILITY = Duration.seconds(65);

/** Settings by which one page of the application sends a task of the key that it was asked with. */
const SENDING = `
from mysite.settings import *
MIDDLEWARE = [*MIDDLEWARE, "mysite.sending.send"]

def send(get_response):
    def answer(request):
        if request.path != "/send":
            return get_response(request)
        from django.http import HttpResponse
        from polls.tasks import count_vote
        count_vote.delay(1, request.GET["key"])
        return HttpResponse("sent")

    return answer
`;
export const SENDING_SETTINGS = 'mysite.sending';
const WORKER: CeleryWorkerProps = {
  name: 'default',
  replicas: 1,
  concurrency: 2,
  taskTimeLimit: Duration.seconds(45),
  resources: { cpuRequest: '50m', memoryRequest: '96Mi', memoryLimit: '400Mi' },
};

/** Gives an application that page, and a worker for its tasks. */
export function sendsTasks(app: DjangoApp): void {
  const sending = new ApiObject(Chart.of(app), 'Sending', {
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'sending' } },
    data: { '__init__.py': SENDING },
  });
  const source = VolumeSource.fromConfigMap(sending);
  app.addVolume({ name: 'sending', source, mountPath: '/app/mysite/sending' });
  app.addCeleryWorker(WORKER);
}

/** Once it runs: the choice that the tasks count votes of. */
export async function prepare(polls: Polls): Promise<void> {
  await polls.createSamplePolls();
  await polls.sql(`INSERT INTO polls_choice (id, question_id, text, votes)
    SELECT 1, min(id), 'of tasks', 0 FROM polls_question ON CONFLICT DO NOTHING`);
  await polls.answers();
}

interface Cost {
  readonly confirmed: string[];
  readonly failures: string[];
  /** The longest answer. */
  readonly seconds: number;
}

/** Sends a task by each request, at a constant rate, while something is done and for some seconds more. */
async function whileSending(polls: Polls, action: () => Promise<unknown>): Promise<Cost> {
  const { address, host } = await polls.visitor();
  const confirmed: string[] = [];
  const failures: string[] = [];
  let longest = 0;
  const request = async () => {
    const key = randomUUID();
    const began = Date.now();
    try {
      const { status } = await send({ address, host, path: `/send?key=${key}` });
      if (status === 200) confirmed.push(key);
      else failures.push(`status ${status} after ${Date.now() - began} ms`);
    } catch (error) {
      failures.push(`${(error as Error).message} after ${Date.now() - began} ms`);
    }
    longest = Math.max(longest, Date.now() - began);
  };
  let acting = true;
  const pending: Promise<void>[] = [];
  const start = Date.now();
  const load = (async () => {
    while (acting) {
      while (pending.length < ((Date.now() - start) / 1000) * RATE) pending.push(request());
      await pause(5);
    }
  })();
  try {
    await eventually('tasks run', async () => expect(await counted(polls, confirmed)).toBeGreaterThan(RATE));
    await action();
    const soFar = confirmed.length;
    await eventually('tasks are sent again', async () =>
      expect(confirmed.length).toBeGreaterThan(soFar + 2 * RATE),
    );
  } finally {
    acting = false;
    await load;
    await Promise.all(pending);
  }
  return { confirmed, failures, seconds: longest / 1000 };
}

async function counted(polls: Polls, keys: string[]): Promise<number> {
  if (!keys.length) return 0;
  const list = keys.map((key) => `'${key}'`).join(', ');
  return Number(await polls.sql(`SELECT count(DISTINCT key) FROM polls_ballot WHERE key IN (${list})`));
}

/** How many of the tasks are never done. */
export async function lost(polls: Polls, keys: string[]): Promise<number> {
  await eventually('every task is done', async () => expect(await counted(polls, keys)).toBe(keys.length), {
    seconds: VISIBILITY.toSeconds() + 60,
  }).catch(() => undefined);
  return keys.length - (await counted(polls, keys));
}

/** The longest time in which none of the tasks was begun. */
async function longestGap(polls: Polls, keys: string[]): Promise<number> {
  const list = keys.map((key) => `'${key}'`).join(', ');
  return Number(
    await polls.sql(`SELECT max(gap) FROM (SELECT extract(epoch FROM cast_at - lag(cast_at) OVER (ORDER BY cast_at))
      AS gap FROM polls_ballot WHERE key IN (${list})) AS gaps`),
  );
}

/** What something cost that was done while tasks were sent. */
export interface Sums {
  sent: number;
  failed: number;
  lost: number;
  /** Seconds without a task. */
  longest: number;
}

/** Sends tasks while something is done, says what it cost, and adds that up. */
export async function cost(
  polls: Polls,
  title: string,
  sums: Sums,
  action: () => Promise<unknown>,
): Promise<[failed: number, lost: number]> {
  const { confirmed, failures, seconds } = await whileSending(polls, action);
  const [missing, gap] = [await lost(polls, confirmed), await longestGap(polls, confirmed)];
  print(
    `${title}: ${confirmed.length} tasks sent, ${failures.length} requests failed, ${missing} tasks lost, ` +
      `tasks ran again after ${gap.toFixed(1)} s, slowest request ${seconds.toFixed(1)} s`,
  );
  if (failures.length) print(`  ${[...new Set(failures.slice(0, 5))].join('; ')}`);
  sums.sent += confirmed.length;
  sums.failed += failures.length;
  sums.lost += missing;
  sums.longest = Math.max(sums.longest, gap);
  return [failures.length, missing];
}

/** The sums, in a line. */
export function total({ sent, failed, lost: missing, longest }: Sums): string {
  return (
    `${sent} tasks sent, ${failed} requests failed, ${missing} tasks lost, ` +
    `at most ${longest.toFixed(1)} s without a task`
  );
}
