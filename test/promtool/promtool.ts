import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chart, Duration } from 'cdk8s';
import { PgBouncer } from 'cdk8s-django/postgres';
import {
  DatabaseBackup,
  DjangoApp,
  HealthMonitoring,
  IDistribution,
  synthesize,
  ValkeyBackend,
} from 'cdk8s-django';
import { DumpBackups } from 'cdk8s-django/backup';
import { parseAllDocuments } from 'yaml';
import { sample } from '../support/distributions';
import { django, postgres } from '../support/synth';

export type Distribution = 'gke' | 'eks' | 'aks' | 'openshift' | 'upstream';

/** A rule as Prometheus has it. */
export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
}

export interface Group {
  readonly name: string;
  readonly interval: string;
  readonly rules: Rule[];
}

/** An application with everything that an alert looks at. */
function program(chart: Chart, distribution: string): void {
  const valkey = new ValkeyBackend(chart, 'Valkey', {
    name: 'polls-valkey',
    storage: '1Gi',
    metrics: {},
  });
  const database = postgres(chart, { metrics: {} });
  const image = 'registry.example.com/pgbouncer:1.24.1';
  const pooler = new PgBouncer(chart, 'Pooler', { name: 'polls-pooler', database, image, metrics: {} });
  const app: DjangoApp = django(chart, { database: pooler, celery: { broker: valkey.database(1) } });
  app.addCeleryWorker({ name: 'mail' });
  app.addCeleryBeat();
  app.addScheduledCommand({ name: 'digest', command: ['digest'], schedule: '0 3 * * *' });
  new DatabaseBackup(chart, 'Backup', { database });
  app.addHost('polls.example.com');
  const health = new HealthMonitoring(chart, 'Health', {
    app,
    metrics: {},
    syntheticCheck: ['gke', 'aks'].includes(distribution)
      ? undefined
      : { prober: 'blackbox-exporter.monitoring:9115' },
    slo: { availability: 0.999, latency: { threshold: Duration.millis(300), ratio: 0.99 } },
  });
  health.addRecordingRule('job:shop_orders:increase1h', {
    expression: 'sum by (job) (increase(shop_orders_total[1h]))',
  });
  health.addAlert('ShopOrdersStopped', {
    expression: 'job:shop_orders:increase1h == 0',
    pending: Duration.seconds(45),
    summary: 'Nobody has ordered for an hour',
  });
}

/** The groups that a distribution's manifests have, in Prometheus' own form. */
export function groupsOf(name: Distribution): Group[] {
  return groupsIn(name, { backup: new DumpBackups({ drill: {} }) }, (chart) => program(chart, name));
}

/** Those of a program, on a distribution with other capabilities. */
export function groupsIn(
  name: Distribution,
  changes: Partial<IDistribution>,
  make: (chart: Chart) => void,
): Group[] {
  const folder = mkdtempSync(join(tmpdir(), 'rules-'));
  process.env.CDK8S_OUTDIR = folder;
  try {
    synthesize([{ ...sample(name), ...changes }], (app) =>
      make(new Chart(app, 'polls', { namespace: 'polls' })),
    );
    return name === 'aks' ? azureGroups(join(folder, name)) : clusterGroups(join(folder, name));
  } finally {
    delete process.env.CDK8S_OUTDIR;
    rmSync(folder, { recursive: true });
  }
}

function clusterGroups(folder: string): Group[] {
  const documents = parseAllDocuments(readFileSync(join(folder, 'polls.k8s.yaml'), 'utf8'));
  const manifests = documents.map((document) => document.toJS());
  return manifests.find(({ kind }) => ['PrometheusRule', 'Rules'].includes(kind)).spec.groups;
}

function azureGroups(folder: string): Group[] {
  const { resources } = JSON.parse(readFileSync(join(folder, 'azure-rules.txt'), 'utf8'));
  return resources.map(({ name, properties }: any) => ({
    name: /'-(.*)'\)\]$/.exec(name)![1],
    interval: promDuration(properties.interval),
    rules: properties.rules.map(({ expression: expr, for: pending, ...rule }: any) => ({
      ...(rule.record
        ? { record: rule.record }
        : { alert: rule.alert, for: pending && promDuration(pending) }),
      expr,
      labels: rule.labels,
      annotations: rule.annotations,
    })),
  }));
}

const promDuration = (iso: string) => iso.replace('PT', '').toLowerCase();

const PROGRAMS = (process.env.PROMTOOL ?? '').split(' ').filter(Boolean);

/** Every program of the run, by its version. */
export const PROMTOOLS: [string, string][] = PROGRAMS.map((path) => {
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  return [/version ([\d.]+)/.exec(stdout)![1], path];
});

/** Runs it on files. What it says comes back if it was not content. */
export function promtool(path: string, command: string[], files: Record<string, unknown>): string {
  const folder = mkdtempSync(join(tmpdir(), 'promtool-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(folder, name), JSON.stringify(content));
    }
    const { status, stdout, stderr } = spawnSync(path, command, { cwd: folder, encoding: 'utf8' });
    return status === 0 ? '' : stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
