import { CloudNativePostgres, ReadReplicas } from 'cdk8s-django/postgres';
import { setTimeout as pause } from 'node:timers/promises';
import { merge } from '../../src/kubernetes/overrides';
import { eventually } from '../cluster/support/eventually';
import { duringLoad, figures } from '../cluster/support/load';
import { apply, tryApply } from '../cluster/support/kubectl';
import { upstream, Variant } from '../cluster/support/manifests';
import { Namespace } from '../cluster/support/namespaces';
import { Polls } from '../cluster/support/polls';
import { print } from '../cluster/support/print';
import { Recovery, recoveryFrom } from '../cluster/support/recovery';
import { needsOperator, page } from './operator';

/** PostgreSQL of the tests, with the user that the operator expects: ./up builds it. */
const IMAGE = 'docker.io/example/cloudnative-pg-server:15';
const CLUSTER = 'polls-db';
const INSTANCES = 3;
/** A replica takes over within this time: the operator looks for it, and then connections are made anew. */
const LONGEST = 120;

class OperatedPolls extends Polls {
  async primary(): Promise<string> {
    const { status } = await this.namespace.get('cluster.postgresql.cnpg.io', CLUSTER);
    return status.currentPrimary;
  }

  /** Until all servers are ready, and nothing is on its way. */
  override async converged(seconds = 240): Promise<void> {
    await eventually(
      `the Cluster in ${this.namespace.name} is healthy`,
      async () => {
        const { status = {} } = await this.namespace.get('cluster.postgresql.cnpg.io', CLUSTER);
        const { phase, readyInstances, currentPrimary, targetPrimary } = status;
        expect({ phase, readyInstances }).toEqual({
          phase: 'Cluster in healthy state',
          readyInstances: INSTANCES,
        });
        expect(currentPrimary).toBe(targetPrimary);
      },
      { namespace: this.namespace.name, seconds },
    );
    await super.converged(seconds);
  }

  /** As the superuser, in the pod of the primary, whichever that is just now. */
  override async sql(query: string): Promise<string> {
    const psql = ['psql', '--username=postgres', '--dbname=django', '--no-align', '--tuples-only'];
    return eventually('the primary answers', async () => {
      const command = [...psql, `--command=${query}`];
      return (await this.namespace.exec(await this.primary(), ...command)).trim();
    });
  }
}

const polls = new OperatedPolls(new Namespace('polls-cloudnative-pg'));
const variant = (extensions?: string[], readReplicas?: ReadReplicas): Variant => ({
  distribution: upstream({ postgres: new CloudNativePostgres({ image: IMAGE }) }),
  postgres: {
    extensions,
    readReplicas,
    metrics: {},
    resources: { cpuRequest: '100m', memoryRequest: '256Mi' },
  },
  metrics: {},
  slo: {},
  replicas: 2,
});
const clusterOf = (manifests: any[]) => manifests.find(({ kind }) => kind === 'Cluster');

beforeAll(async () => {
  await needsOperator('CloudNativePG', 'cnpg-system', 'cnpg-controller-manager');
  await polls.namespace.clear();
  await apply(polls.manifests(variant()));
  await polls.converged(420);
  await polls.answers();
}, 600_000);
afterAll(() => polls.namespace.remove());

describe('a Cluster of three servers', () => {
  test('is connected to by TLS, and each of its replicas receives what is written', async () => {
    expect(
      await polls.sql(
        "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'django'",
      ),
    ).toBe('t');
    expect(await polls.sql("SELECT count(*), bool_and(sync_state = 'quorum') FROM pg_stat_replication")).toBe(
      '2|t',
    );
  });

  test('shows the metrics that the alerts ask for', async () => {
    const rules = await polls.namespace.list('prometheusrules.monitoring.coreos.com');
    const asked = [...new Set(JSON.stringify(rules).match(/\bcnpg_\w+/g))];
    expect(asked.length).toBeGreaterThan(5);
    const { status } = await polls.namespace.get('pod', await polls.primary());
    const shown = await page(`http://${status.podIP}:9187/metrics`);
    expect(asked.filter((name) => !new RegExp(`^${name}[{ ]`, 'm').test(shown))).toEqual([]);
  });

  test('gets extensions in a database that is there', async () => {
    await apply(polls.manifests(variant(['citext'])));
    await eventually(
      'the extension is made',
      async () =>
        expect(await polls.sql("SELECT count(*) FROM pg_extension WHERE extname = 'citext'")).toBe('1'),
      { namespace: polls.namespace.name, seconds: 120 },
    );
  });
});

/** What synth refuses too: test/capabilities/postgres/cloud-native-postgres.test.ts has these by the same rules. */
describe('the webhooks refuse', () => {
  const parameters = (given: Record<string, string>) => ({ postgresql: { parameters: given } });
  test.each<[string, any, RegExp]>([
    [
      'more synchronous replicas than there are',
      { postgresql: { synchronous: { number: 3 } } },
      /must be less than/,
    ],
    ['an image by its digest alone', { imageName: `example.com/pg@sha256:${'a'.repeat(64)}` }, /image sha/],
    ['an image whose tag has no version', { imageName: 'example.com/pg:stable' }, /invalid version tag/],
    ['PostgreSQL 12', { imageName: 'example.com/pg:12.22' }, /Versions 13 or newer/],
    [
      'an image and a catalog',
      { imageCatalogRef: { apiGroup: 'postgresql.cnpg.io', kind: 'ImageCatalog', name: 'a', major: 17 } },
      /mutually exclusive/,
    ],
    ...[
      'archive_command',
      'ssl',
      'hot_standby',
      'logging_collector',
      'synchronous_standby_names',
      'restore_command',
    ].map((name): [string, any, RegExp] => [
      `the parameter ${name}`,
      parameters({ [name]: 'x' }),
      /fixed configuration/,
    ]),
    ['wal_level minimal', parameters({ wal_level: 'minimal' }), /wal_level/],
    ['wal_log_hints off', parameters({ wal_log_hints: 'OFF' }), /wal_log_hints/],
    ['a boolean that is none', parameters({ hot_standby_feedback: 'maybe' }), /postgres boolean/],
    ['shared_buffers that are no size', parameters({ shared_buffers: '0.5GB' }), /shared_buffers/],
    [
      'shared_buffers above the memory request',
      parameters({ shared_buffers: '1024' }),
      /lower than PostgreSQL/,
    ],
    ['min_wal_size that is no size', parameters({ min_wal_size: 'lots' }), /min_wal_size/],
    ['min_wal_size above max_wal_size', parameters({ min_wal_size: '1GB' }), /should be smaller/],
    ...['2026-02-30T10:00:00Z', '2026-11-20T25:00:00Z', 'now'].map((targetTime): [string, any, RegExp] => [
      `a recovery to ${targetTime}`,
      { bootstrap: { initdb: null, recovery: { source: 'a', recoveryTarget: { targetTime } } } },
      /TargetTime/,
    ]),
  ])('%s', async (_what, spec, message) => {
    const manifest = merge(clusterOf(polls.manifests(variant())), { metadata: { name: 'refused' }, spec });
    const { code, stderr } = await tryApply([manifest], '--dry-run=server');
    expect(stderr).toMatch(message);
    expect(code).not.toBe(0);
  });

  test('nothing that synth makes', async () => {
    const all = polls.manifests(variant(['citext', 'pg_stat_statements']));
    await apply(
      all.filter(({ apiVersion }) => apiVersion.startsWith('postgresql.cnpg.io')),
      '--dry-run=server',
    );
  });
});

const ROUNDS = 12;
const recoveries: Recovery[] = [];
let failovers = 0;

const FAILURES: Record<string, (primary: string) => Promise<void>> = {
  'pod of the primary deleted at once': async (primary) => {
    await polls.namespace.delete('pod', primary, '--grace-period=0', '--force');
  },
  'server of the primary killed by SIGKILL, its pod deleted at once': async (primary) => {
    await polls.namespace.exec(primary, 'sh', '-c', 'kill -KILL "$(head -n 1 "$PGDATA/postmaster.pid")"');
    await polls.namespace.delete('pod', primary, '--grace-period=0', '--force');
  },
  switchover: async (primary) => {
    const pods = await polls.namespace.list('pods', 'cnpg.io/instanceRole=replica');
    const status = { targetPrimary: pods[0].metadata.name, phase: 'Switchover in progress' };
    expect(status.targetPrimary).not.toBe(primary);
    const patch = ['--subresource=status', '--type=merge', `--patch=${JSON.stringify({ status })}`];
    await polls.namespace.kubectl('patch', 'cluster.postgresql.cnpg.io', CLUSTER, ...patch);
  },
};

describe('no confirmed vote is lost', () => {
  afterAll(() => {
    const sum = (key: 'confirmed' | 'failed') => recoveries.reduce((total, one) => total + one[key], 0);
    const longest = Math.max(0, ...recoveries.map(({ seconds }) => seconds));
    print(
      `${recoveries.length} rounds, ${failovers} other primaries: ${sum('confirmed')} votes confirmed and stored, ` +
        `${sum('failed')} failed, served again after at most ${longest.toFixed(1)} s`,
    );
  });

  test.each(
    Array.from({ length: ROUNDS }, (_, round) => [round + 1, Object.keys(FAILURES)[round % 3]] as const),
  )('round %d: %s', async (round, failure) => {
    const before = await polls.primary();
    const recovery = await recoveryFrom(
      polls,
      `round ${round}, ${failure}`,
      async () => {
        await FAILURES[failure](before);
        await eventually(
          'another server is the primary',
          async () => expect(await polls.primary()).not.toBe(before),
          { namespace: polls.namespace.name, seconds: 120 },
        );
        failovers++;
      },
      LONGEST,
    );
    recoveries.push(recovery);
  });
});

describe('with read replicas', () => {
  const replicas = async () => {
    const pods = await polls.namespace.list('pods', 'cnpg.io/instanceRole=replica');
    return pods.map(({ metadata }) => metadata.name as string);
  };
  /** How many queries of applications each server has answered. */
  const connectionsOf = async (pod: string) => {
    const query = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'django'";
    const psql = ['psql', '--username=postgres', '--no-align', '--tuples-only', `--command=${query}`];
    return Number(await polls.namespace.exec(pod, ...psql));
  };

  beforeAll(async () => {
    await apply(polls.manifests(variant(['citext'], {})));
    await polls.converged(300);
    await polls.answers();
  }, 400_000);

  test('pages are read from them', async () => {
    const visitor = await polls.visitor();
    await eventually('a replica has connections of the application', async () => {
      expect((await visitor.get('/')).status).toBe(200);
      const all = await Promise.all((await replicas()).map(connectionsOf));
      expect(all.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(0);
    });
  });

  test.each(['one of them', 'both of them'])(
    'pages are served while %s is deleted at once',
    async (which) => {
      const visitor = await polls.visitor();
      const load = await duringLoad(visitor, { rate: 20 }, async () => {
        await pause(2000);
        const pods = (await replicas()).slice(0, which === 'one of them' ? 1 : 2);
        await polls.namespace.kubectl('delete', 'pod', ...pods, '--grace-period=0', '--force');
        await polls.converged(300);
      });
      print(figures(`${which} deleted at once`, load));
      expect(load.failures.length).toBeLessThanOrEqual(4);
    },
  );
});
