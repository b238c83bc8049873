import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chart } from 'cdk8s';
import { DatabaseBackup, Distribution, HealthMonitoring, PostgresBackend, PublicRoute } from 'cdk8s-django';
import { filesOf } from '../support/files';
import { django, find, findAll, HOST, IMAGE, postgres, synth } from '../support/synth';
import { ROOT } from '../support/typescript';

/** The lines of the shell in a document, each with those that it goes on in. */
function linesOf(text: string): string[] {
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, code]) => code);
  return blocks.flatMap((code) =>
    code
      .replace(/(\\|(?<=&&|\|))\n\s*/g, ' ')
      .trim()
      .split('\n'),
  );
}

const chapter = (name: string) => linesOf(readFileSync(join(ROOT, 'docs/guide', name), 'utf8'));

/** The example with all that the commands are about. */
function define(chart: Chart): void {
  const database = postgres(chart, { archive: {}, readReplicas: {} });
  const app = django(chart, {
    database,
    celery: { broker: { url: 'redis://queue:6379/0' } },
    scaling: { minReplicas: 3, maxReplicas: 10 },
    recommendResources: true,
  });
  app.addCeleryWorker({ name: 'default' });
  app.addCeleryBeat();
  app.addSecretKeyRotation();
  app.addCommand({ name: 'seed', command: ['loaddata', 'seed'] });
  new PublicRoute(chart, 'Route', { app, hosts: [HOST] });
  new HealthMonitoring(chart, 'Health', { app });
  new DatabaseBackup(chart, 'Backup', { database });
  new PostgresBackend(chart, 'Next', { name: 'polls-db-17', storage: '20Gi', pythonImage: IMAGE });
}

const manifests = synth(define, Distribution.gke({ certificateMap: 'polls', autopilot: true }));
const names = (kind: string) => findAll(manifests, kind).map(({ metadata }) => metadata.name);
const servers = findAll(manifests, 'StatefulSet');

/** The names that there are, by what commands call their kinds. */
const NAMES: Record<string, string[]> = {
  configmap: names('ConfigMap'),
  cronjob: names('CronJob'),
  deployment: names('Deployment'),
  horizontalpodautoscaler: names('HorizontalPodAutoscaler'),
  statefulset: names('StatefulSet'),
  verticalpodautoscaler: names('VerticalPodAutoscaler'),
  // As a StatefulSet names them.
  pod: servers.map(({ metadata }) => `${metadata.name}-0`),
  persistentvolumeclaim: servers.map(
    ({ metadata, spec }) => `${spec.volumeClaimTemplates[0].metadata.name}-${metadata.name}-0`,
  ),
};

const DOCUMENTS = [
  ...filesOf('docs', '.md'),
  ...['README.md', 'examples/polls/README.md'].map((path) => ({
    path,
    text: readFileSync(join(ROOT, path), 'utf8'),
  })),
];
/** What a command names, as kind and name: `pod/polls-db-0`, `pod polls-db-0`, or a pod to run something in. */
const KIND_AND_NAME = new RegExp(`\\b(${Object.keys(NAMES).join('|')})[/ ]([a-z][a-z0-9-]*)`, 'g');
const named = (command: string) =>
  [...command.replace(/ exec (-i )?(?=[\w-]+ )/, ' exec pod ').matchAll(KIND_AND_NAME)].map(
    ([, kind, name]) => ({ kind, name }),
  );

const COMMANDS = DOCUMENTS.flatMap(({ path, text }) =>
  linesOf(text)
    .flatMap((line) => line.split(/&&|\|/))
    .map((command) => ({ path, command: command.trim() }))
    .filter(({ command }) => command.startsWith('kubectl -n polls ')),
);

describe('a command of the documentation', () => {
  const naming = COMMANDS.filter(({ command }) => named(command).length > 0);
  const selecting = COMMANDS.filter(({ command }) => / -l /.test(command));

  test('names or selects something', () => {
    const others = COMMANDS.filter((one) => !naming.includes(one) && !selecting.includes(one));
    const free = [
      // They wait for what the command before them has made.
      / wait --for=condition=complete .*job\//,
      // The user makes it, or chooses one of those that it lists.
      / create secret generic /,
      / get pods$/,
      / POD\b/,
    ];
    expect(others.filter(({ command }) => !free.some((form) => form.test(command)))).toEqual([]);
    expect(naming.length).toBeGreaterThan(10);
  });

  test.each(naming)('names what there is: $command', ({ command }) => {
    expect(named(command).filter(({ kind, name }) => !NAMES[kind].includes(name))).toEqual([]);
  });

  test.each(selecting)('selects something: $command', ({ command }) => {
    const wanted = / -l (\S+)/.exec(command)![1].split(',');
    const labelled = [...manifests.map(({ metadata }) => metadata.labels ?? {}), snapshotLabels()];
    const has = (labels: any) => wanted.every((pair) => labels[pair.split('=')[0]] === pair.split('=')[1]);
    expect(labelled.some(has)).toBe(true);
  });
});

/** The labels that the run of a backup gives its snapshots. */
function snapshotLabels(): Record<string, string> {
  const { command } = snapshotJob().template.spec.containers[0];
  const labels = command.filter((word: string) => word.startsWith('--label='));
  return Object.fromEntries(labels.map((word: string) => word.split('=').slice(1)));
}

function snapshotJob(): any {
  return find(manifests, 'CronJob', 'polls-db-snapshot').spec.jobTemplate.spec;
}

test('the restore deletes nothing before there is a snapshot of a server that has ended', () => {
  const [stop, rest] = chapter('7-lifecycle.md').slice(
    chapter('7-lifecycle.md').findIndex((line) => line.includes('scale statefulset')),
  );
  expect(stop).toBe('kubectl -n polls scale statefulset/polls-db --replicas=0');
  expect(rest.split(/\s+&&\s+/).map((command) => command.replace('kubectl -n polls ', ''))).toEqual([
    'wait --for=delete pod/polls-db-0 --timeout=5m',
    'create job --from=cronjob/polls-db-snapshot before-restore',
    `wait --for=condition=complete --timeout=${snapshotJob().activeDeadlineSeconds / 60}m job/before-restore`,
    'delete statefulset/polls-db persistentvolumeclaim/data-polls-db-0',
  ]);
});

describe('the rotation of the key', () => {
  const steps = chapter('9-security.md').filter((line) => line.includes('polls-key-'));

  test('waits in each step for the Job and for the restart', () => {
    const forms = steps.map((line) =>
      line
        .replaceAll(/(prepare|rotate)/g, 'STEP')
        .split(/\s+&&\s+/)
        .map((command) => command.replace('kubectl -n polls ', '')),
    );
    const all = 'deployment -l app.kubernetes.io/instance=polls';
    const form = [
      'create job --from=cronjob/polls-key-STEP STEP-1',
      'wait --for=condition=complete --timeout=10m job/STEP-1',
      `rollout restart ${all}`,
      `rollout status ${all} --timeout=20m`,
    ];
    expect(forms).toEqual([form, form]);
    expect(steps[0]).toContain('polls-key-prepare');
    expect(steps[1]).toContain('polls-key-rotate');
  });

  test('restarts all that read the key', () => {
    const readers = findAll(manifests, 'Deployment').filter(({ spec }) =>
      JSON.stringify(spec.template.spec).includes('"key":"secret-key"'),
    );
    expect(readers.map(({ metadata }) => metadata.name).sort()).toEqual([
      'polls',
      'polls-beat',
      'polls-worker-default',
    ]);
    for (const { metadata } of readers) expect(metadata.labels['app.kubernetes.io/instance']).toBe('polls');
  });

  test('gives a restart as long as a rollout may take', () => {
    const { spec } = find(manifests, 'Deployment', 'polls');
    expect(spec.progressDeadlineSeconds).toBeLessThanOrEqual(20 * 60);
  });
});
