import { Duration } from 'cdk8s';
import { DatabaseBackup } from 'cdk8s-django';
import { DumpBackups } from 'cdk8s-django/backup';
import { eventually } from '../cluster/support/eventually';
import { apply } from '../cluster/support/kubectl';
import { upstream, Variant } from '../cluster/support/manifests';
import { Namespace } from '../cluster/support/namespaces';
import { DATABASE_POD, Polls } from '../cluster/support/polls';
import { print } from '../cluster/support/print';

/*
 * The memory of a dump, of a base backup and of the restore of a drill, with 100 MB of rows and with ten times as many.
 * Half of each row is random bytes, and half is text that can be compressed. What is read is RssAnon of all processes
 * of the container, twenty times a second: memory that the kernel cannot give back, without pages of files and without
 * the shared buffers of a server.
 */

const polls = new Polls(new Namespace('polls-memory'));
const { namespace } = polls;
const ROWS = 90_000;
/** Of those with ten times as many rows to those with one time. */
const MOST = 1.2;

const YEARLY = '0 0 1 1 *';
const VARIANT: Variant = {
  distribution: upstream({ backup: new DumpBackups({ drill: { schedule: YEARLY } }) }),
  postgres: { archive: { schedule: YEARLY } },
  before: (database) => {
    new DatabaseBackup(database, 'Backup', { database, schedule: YEARLY, retention: Duration.days(7) });
    return database;
  },
};

/** A line that puts the KiB of all processes into a variable. */
const NOW = "now=$(awk '/^RssAnon/ { sum += $2 } END { print sum }' /proc/[0-9]*/status 2>/dev/null)";
const WATCH = (ended: string) => `peak=0
until [ -e ${ended} ]; do
  ${NOW}
  [ "\${now:-0}" -le "$peak" ] || peak=$now
  sleep 0.05
done
echo "peak: $peak KiB"`;
const peakIn = (log: string) => Number(/^peak: (\d+) KiB$/m.exec(log)![1]);

/** Runs the Job of a CronJob beside a loop that watches its memory, and one that watches that of the server. */
async function peaksOf(cronJob: string, job: string): Promise<{ job: number; server: number }> {
  const { spec } = (await namespace.get('cronjob', cronJob)).spec.jobTemplate;
  const [container] = spec.template.spec.containers;
  const script = `( "$0" "$@"; echo $? >/tmp/ended.new; mv /tmp/ended.new /tmp/ended ) &
${WATCH('/tmp/ended')}
exit "$(cat /tmp/ended)"`;
  const containers = [{ ...container, command: ['sh', '-c', script, ...container.command] }];
  const template = { ...spec.template, spec: { ...spec.template.spec, containers } };
  const metadata = { name: job, namespace: namespace.name };
  const server = namespace.exec(DATABASE_POD, 'sh', '-c', `rm -f /tmp/ended; ${WATCH('/tmp/ended')}`);
  await apply([{ apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { ...spec, template } }]);
  try {
    await eventually(
      `Job ${job} has ended`,
      async () => expect((await namespace.get('job', job)).status).toMatchObject({ succeeded: 1 }),
      { namespace: namespace.name, seconds: 600 },
    );
  } finally {
    await namespace.exec(DATABASE_POD, 'touch', '/tmp/ended');
  }
  return { job: peakIn(await namespace.kubectl('logs', `job/${job}`)), server: peakIn(await server) };
}

/** Adds rows of about a kilobyte, in ten transactions. */
async function fill(rows: number): Promise<string> {
  const random =
    "(SELECT string_agg(sha256((random() + n + part)::text::bytea), '') FROM generate_series(1, 16) AS part)";
  for (let part = 0; part < 10; part++) {
    await polls.sql(
      `INSERT INTO rows (random, words) SELECT ${random}, repeat('The quick brown fox ' || n, 22)` +
        ` FROM generate_series(1, ${rows / 10}) AS n`,
    );
  }
  // Or the server would do both by itself, beside a backup.
  await polls.ask(DATABASE_POD, 'VACUUM ANALYZE rows');
  await polls.ask(DATABASE_POD, 'CHECKPOINT');
  return polls.sql("SELECT pg_total_relation_size('rows') / 1000000");
}

beforeAll(async () => {
  await polls.deploy(VARIANT);
  await polls.sql('CREATE TABLE rows (id bigserial PRIMARY KEY, random bytea, words text)');
});
afterAll(() => namespace.remove());

test('the memory of backups does not grow with the rows', async () => {
  const cronJobs = ['polls-db-dump', 'polls-db-base-backup', 'polls-db-drill'];
  const peaks: Record<string, { job: number; server: number }[]> = {};
  for (const [index, rows] of [ROWS, 9 * ROWS].entries()) {
    print(`${await fill(rows)} MB of rows`);
    for (const cronJob of cronJobs) {
      const peak = await peaksOf(cronJob, `${cronJob}-${index}`);
      (peaks[cronJob] ??= []).push(peak);
      print(`${cronJob}: at most ${peak.job} KiB in the Job, ${peak.server} KiB in the server`);
    }
  }
  const ratios = Object.entries(peaks).map(([cronJob, [few, many]]) => {
    const ratio = { job: many.job / few.job, server: many.server / few.server };
    print(`${cronJob}: ${ratio.job.toFixed(2)} in the Job, ${ratio.server.toFixed(2)} in the server`);
    return [cronJob, ratio] as const;
  });
  // A restore makes indexes anew, which takes up to maintenance_work_mem.
  for (const [cronJob, { job, server }] of ratios.slice(0, 2)) {
    expect([cronJob, job <= MOST, server <= MOST]).toEqual([cronJob, true, true]);
  }
}, 1_800_000);
