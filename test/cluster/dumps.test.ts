import { Chart, Duration, Testing } from 'cdk8s';
import { DatabaseBackup, Distribution, PostgresBackend } from 'cdk8s-django';
import { AnonymizedTable, DumpBackups } from 'cdk8s-django/backup';
import { Authority, servedCertificate } from './support/certificates';
import { eventually } from './support/eventually';
import { apply } from './support/kubectl';
import { duringLoad, figures } from './support/load';
import { POSTGRES_IMAGE, upstream, Variant } from './support/manifests';
import { Namespace } from './support/namespaces';
import { DATABASE_POD, Polls } from './support/polls';
import { print } from './support/print';

/** Each printable character of ASCII. */
const PASSWORD = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => index + 32));
/** That of the role that changes no table. */
const APPLICATION = [...PASSWORD].reverse().join('');

const polls = new Polls(new Namespace('polls-dumps'));
const { namespace } = polls;

/** What an anonymized copy has in the place of personal data. */
const RULES: Record<string, AnonymizedTable> = {
  auth_user: {
    columns: {
      ...{ username: "'user' || id", email: "'user' || id || '@example.com'", password: "'!'" },
      ...{ first_name: "''", last_name: "''" },
    },
  },
  django_session: { withoutRows: true },
};

/** The application with its dumps, which nothing makes by itself while a test counts them, whatever the hour is. */
const VARIANT: Variant = {
  distribution: upstream({
    backup: new DumpBackups({
      drill: { schedule: '0 0 1 1 *' },
      copies: { claimName: 'copies', tables: RULES, schedule: '0 0 1 1 *' },
    }),
  }),
  before: (database) => {
    const props = { database, schedule: '0 0 1 1 *', retention: Duration.days(7) };
    const { resources } = new DatabaseBackup(database, 'Backup', props);
    // They begin at once also where other tests have reserved most of the node.
    const containers = ['dump', 'drill', 'copy'].map((name) => ({
      name,
      resources: { requests: { cpu: '10m' } },
    }));
    for (const cronJob of resources.filter(({ kind }) => kind === 'CronJob')) {
      const own = containers.filter(({ name }) => cronJob.name.endsWith(name));
      cronJob.override({ spec: { jobTemplate: { spec: { template: { spec: { containers: own } } } } } });
    }
    return database;
  },
};
const given = (restoreFrom?: string): Variant => ({
  ...VARIANT,
  postgres: {
    password: { secretName: 'given', key: 'password' },
    applicationRole: { password: { secretName: 'given', key: 'application' } },
    certificateSecretName: 'polls-db-tls',
    // Each request makes a connection of its own.
    connectionMaxAge: Duration.seconds(0),
    restoreFrom,
  },
});

const authority = new Authority();
const certificateOf = (data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'polls-db-tls', namespace: namespace.name },
  type: 'kubernetes.io/tls',
  stringData: data,
});

/** Renews the certificate of the server, and waits until it is shown to new connections. */
async function renew(data: Record<string, string>): Promise<void> {
  await apply([certificateOf(data)]);
  // The kubelet renews the files of a pod that changes at once, and those of others each minute or two.
  const { metadata, status } = await namespace.get('pod', DATABASE_POD);
  const changed = `test.cdk8s-django/renewed=${Number(metadata.annotations?.['test.cdk8s-django/renewed'] ?? 0) + 1}`;
  await namespace.kubectl('annotate', '--overwrite', 'pod', DATABASE_POD, changed);
  await eventually(
    'the server shows its new certificate',
    async () => expect(await servedCertificate(status.podIP)).toBe(data['tls.crt']),
    { namespace: namespace.name, seconds: 240 },
  );
}

/** What the server says to a program of the application's pod that connects by itself. */
async function connecting(options: string): Promise<string> {
  const login =
    "host='polls-db', dbname='django', user='django_application', password=os.environ['DATABASE_PASSWORD']";
  const program = `import os, psycopg
try:
    print(psycopg.connect(${login}, ${options}).execute('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()').fetchone())
except psycopg.OperationalError as error:
    print(error)`;
  return namespace.exec('deployment/polls', 'python', '-c', program);
}

/** Waits for a Job, and returns its log. */
async function end(job: string, how: 'succeeded' | 'failed'): Promise<string> {
  const done = async () => {
    const { status } = await namespace.get('job', job);
    expect(status).toMatchObject({ [how]: 1 });
  };
  await eventually(`Job ${job} has ${how}`, done, { namespace: namespace.name, seconds: 90 });
  return namespace.kubectl('logs', `job/${job}`);
}

/** Runs a CronJob now. */
async function run(cronJob: string, job: string, how: 'succeeded' | 'failed' = 'succeeded'): Promise<string> {
  await namespace.kubectl('create', 'job', `--from=cronjob/${cronJob}`, job);
  return end(job, how);
}

/** Runs a shell script in a pod such as that of a drill, which may write to the volume of dumps too. */
async function runInstead(job: string, script: (drill: string) => string): Promise<string> {
  const { spec } = (await namespace.get('cronjob', 'polls-db-drill')).spec.jobTemplate;
  const [container] = spec.template.spec.containers;
  const command = ['sh', '-c', script(container.command.join(' '))];
  const volumeMounts = container.volumeMounts.map((mount: any) =>
    mount.name === 'dumps' ? { ...mount, readOnly: false } : mount,
  );
  const template = {
    ...spec.template,
    spec: { ...spec.template.spec, containers: [{ ...container, command, volumeMounts }] },
  };
  const metadata = { name: job, namespace: namespace.name };
  await apply([{ apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { ...spec, template } }]);
  return end(job, 'succeeded');
}

/** A sum of all rows of each table, regardless of their order. */
async function rows(): Promise<string> {
  const tables = await polls.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1");
  const sums = tables
    .split('\n')
    .map(
      (table) =>
        `SELECT '${table}', count(*), md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM ${table} t`,
    );
  return polls.sql(sums.join(' UNION ALL '));
}

let dump: string;
let dumped: string;

beforeAll(async () => {
  await namespace.clear();
  await apply([
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace.name } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'given', namespace: namespace.name },
      stringData: { password: PASSWORD, application: APPLICATION },
    },
    certificateOf(authority.issue('polls-db')),
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'copies', namespace: namespace.name },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
  ]);
  await apply(polls.manifests(given()));
  await polls.converged();
  await polls.createSamplePolls();
  await polls.sql(
    'INSERT INTO auth_user (username, email, password, first_name, last_name, is_superuser, is_staff, is_active, ' +
      "date_joined) VALUES ('ann', 'ann@corp.example', 'hash', 'Ann', 'Real', false, false, true, now())",
  );
});
afterAll(() => namespace.remove());

test('a dump is written whole, and the drill proves it by a server of its own', async () => {
  dumped = await rows();
  const log = await run('polls-db-dump', 'dump');
  dump = /dump '(polls-db-\d{8}-\d{6})': written, \d{5,} bytes/.exec(log)![1];

  const drill = await run('polls-db-drill', 'drill');
  expect(drill).toContain(`dump '${dump}': proven`);
  expect(drill).toMatch(/table public\.polls_question: [1-9]\d* rows, [1-9]\d* in the live database/);
});

test('other pods connect by TLS alone', async () => {
  const trusted = "sslrootcert='/etc/cdk8s-django/polls-db/ca.crt'";
  expect(await connecting("sslmode='disable'")).toMatch(/no pg_hba\.conf entry for host .* no encryption/);
  expect(await connecting(`sslmode='verify-full', ${trusted}`)).toContain('(True,)');
  // As an exporter in the pod of the server does.
  const inside = ['env', `PGPASSWORD=${PASSWORD}`, 'PGSSLMODE=disable', 'psql', '--host=127.0.0.1'];
  const psql = [...inside, '--username=django', '--dbname=django', '--tuples-only', '--command=SELECT 1'];
  expect((await namespace.exec(DATABASE_POD, ...psql)).trim()).toBe('1');
});

test('a renewed certificate costs no request and no restart, and a forged one is refused', async () => {
  const instance = async () => {
    const { metadata, status } = await namespace.get('pod', DATABASE_POD);
    return [metadata.uid, status.containerStatuses[0].restartCount];
  };
  const before = await instance();
  await polls.answers();
  const visitor = await polls.visitor();
  const renewed = authority.issue('polls-db');
  const load = await duringLoad(visitor, { rate: 10, requests: 150 }, () => renew(renewed));
  print(figures('renewed certificate of the database', load));
  expect(load.failures).toEqual([]);

  const forged = new Authority().issue('polls-db');
  await renew({ ...forged, 'ca.crt': authority.certificate });
  expect(
    await connecting("sslmode='verify-full', sslrootcert='/etc/cdk8s-django/polls-db/ca.crt'"),
  ).toContain('certificate verify failed');
  expect((await visitor.get('/')).status).toBeGreaterThanOrEqual(500);

  await renew(renewed);
  await eventually('the site answers again', async () => expect((await visitor.get('/')).status).toBe(200));
  expect(await instance()).toEqual(before);
});

test('a copy has what the rules say in the place of what is personal, and all other rows', async () => {
  const log = await run('polls-db-copy', 'copy');
  const copy = /dump '(polls-db-copy-\d{8}-\d{6})': written from '([^']*)' by the rules/.exec(log)!;
  expect(copy[2]).toBe(dump);
  // A server that has the claim of the copies and none of the dumps, as that of a preview.
  const preview = new Chart(Testing.app(), 'preview', { namespace: namespace.name });
  Distribution.bind(preview, upstream({ backup: new DumpBackups({ claimName: 'copies' }) }));
  new PostgresBackend(preview, 'Database', {
    ...{ name: 'preview-db', storage: '1Gi', image: POSTGRES_IMAGE, resources: { cpuRequest: '10m' } },
    ...{ password: { secretName: 'given', key: 'password' }, restoreFrom: 'polls-db-copy-latest' },
  });
  await apply(Testing.synth(preview));
  await namespace.kubectl('rollout', 'status', 'statefulset/preview-db', '--timeout=180s');
  const ask = async (pod: string) => {
    const sql =
      'SELECT (SELECT count(*) FROM auth_user), (SELECT count(*) FROM polls_choice), ' +
      "(SELECT count(*) FROM auth_user WHERE password <> '!' OR email NOT LIKE 'user%@example.com')";
    const psql = ['psql', '--username=django', '--dbname=django', '--no-align', '--tuples-only'];
    return (await namespace.exec(pod, ...psql, `--command=${sql}`)).trim().split('|').map(Number);
  };
  const [users, choices, personal] = await ask('polls-db-0');
  expect(personal).toBe(users);
  expect(users * choices).toBeGreaterThan(0);
  expect(await ask('preview-db-0')).toEqual([users, choices, 0]);
  await namespace.delete('statefulset', 'preview-db');
});

test('a drill fails with its line', async () => {
  await polls.createQuestion(500);
  expect(await run('polls-db-drill', 'differing', 'failed')).toMatch(
    new RegExp(
      `error: dump '${dump}' was restored, and has \\d+ rows of public.polls_choice, where the live database has 5\\d\\d: `,
    ),
  );

  // Nothing comes to rest beside a Job that failed.
  await namespace.delete('job', 'differing');

  const log = await runInstead(
    'broken',
    (drill) => `
      cd /var/lib/cdk8s-django/dumps
      bad=polls-db-29990101-000000.dump
      : >$bad; ${drill} 2>&1 && exit 1
      head -c 3000 ${dump}.dump >$bad; ${drill} 2>&1 && exit 1
      sed 's/15\\.\\([0-9]*\\) (/99.\\1 (/g' ${dump}.dump >$bad; ${drill} 2>&1 && exit 1
      size=$(wc -c <${dump}.dump)
      head -c $((size - 100)) ${dump}.dump >$bad; ${drill} 2>&1 && exit 1
      rm $bad; mkdir hidden; mv ${dump}.dump hidden; ${drill} 2>&1 && exit 1
      cp hidden/${dump}.dump polls-db-20200101-000000.dump; ${drill} 2>&1 && exit 1
      mv hidden/${dump}.dump .; rmdir hidden
      exit 0
    `,
  );
  const bad = 'polls-db-29990101-000000';
  expect(
    log
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('error: ')),
  ).toEqual([
    `error: dump '${bad}' is empty: it has 0 bytes`,
    expect.stringMatching(`^error: dump '${bad}' is damaged: pg_restore: error: `),
    `error: dump '${bad}' is of PostgreSQL 99, newer than this image of 15`,
    expect.stringMatching(`^error: dump '${bad}' (cannot be restored|is damaged): pg_restore: error: `),
    "error: there is no dump of 'polls-db' in the volume",
    expect.stringMatching(
      /^error: dump 'polls-db-20200101-000000' is the latest and \d+ hours old, which is more than the 48 of maxAge$/,
    ),
  ]);
});

test('what is lost with the volume is restored, equal row by row', async () => {
  await namespace.kubectl('scale', 'statefulset/polls-db', '--replicas=0');
  await namespace.kubectl('wait', '--for=delete', 'pod/polls-db-0', '--timeout=60s');
  await namespace.kubectl('delete', 'statefulset/polls-db', 'persistentvolumeclaim/data-polls-db-0');

  await apply(polls.manifests(given('polls-db-20200102-000000')));
  await eventually(
    'the status of the pod says that there is no such dump, and which there are',
    async () => {
      const [{ state, lastState }] = (await namespace.get('pod', 'polls-db-0')).status.initContainerStatuses;
      const { message } = state.terminated ?? lastState.terminated;
      expect(message).toContain("error: there is no dump 'polls-db-20200102-000000' in the volume. It has:");
      expect(message).toContain(`${dump}.dump`);
    },
    { namespace: namespace.name },
  );
  // A StatefulSet does not replace a pod that never became ready.
  await apply(polls.manifests(given(dump)));
  await namespace.kubectl('delete', 'pod', 'polls-db-0');
  await polls.converged();
  expect(await rows()).toBe(dumped);

  // The next start finds data, and leaves it as it is: first with the option, then without.
  await polls.createQuestion(1);
  const changed = await rows();
  await namespace.kubectl('delete', 'pod', 'polls-db-0');
  await polls.converged();
  expect(await namespace.kubectl('logs', 'polls-db-0', '--container=restore')).toContain(
    `the volume has data: dump '${dump}' is not restored`,
  );
  await apply(polls.manifests(given()));
  await polls.converged();
  expect(await rows()).toBe(changed);
});
