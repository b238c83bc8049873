import { chmodSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { doctor } from '../../src/cli/cluster/doctor';
import { isUnreachable, KubectlProgram, problemOf } from '../../src/cli/cluster/kubectl';
import { logs } from '../../src/cli/cluster/logs';
import { oneOffJob } from '../../src/cli/cluster/one-off-job';
import { run } from '../../src/cli/cluster/run';
import { shell } from '../../src/cli/cluster/shell';
import { status } from '../../src/cli/cluster/status';
import { manifestsIn } from '../../src/cli/manifests';
import { Answers, FakeKubectl, Refusal } from './support/fake-kubectl';
import { folderOf } from './support/project';
import { outcomeOf, RecordingTerminal } from './support/terminal';

const ROOT = join(__dirname, '../..');
const MANIFESTS = manifestsIn(join(ROOT, 'dist/upstream'));
const DEPLOYMENT = MANIFESTS.find(({ kind }) => kind === 'Deployment');
const FORBIDDEN = new Refusal(
  'Error from server (Forbidden): jobs.batch is forbidden: User "x" cannot create resource "jobs"',
);
const LOST = new Refusal(
  'Unable to connect to the server: dial tcp 10.0.0.1:443: connect: connection refused',
);
const OPTIONS = { timeout: 60, wait: true, startTimeout: 1, retryFor: 1 };

const items = (...objects: unknown[]) => ({ items: objects });

function podIn(state: object, more: object = {}): any {
  return {
    metadata: { name: 'polls-run-1', uid: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: DEPLOYMENT.spec.template.spec,
    status: {
      phase: 'Running',
      containerStatuses: [{ name: 'web', restartCount: 0, containerID: 'a', state, ready: false }],
      ...more,
    },
  };
}

const ended = (exitCode: number, reason = 'Completed') => podIn({ terminated: { exitCode, reason } });

async function outcomeOfRun(answers: Answers) {
  const terminal = new RecordingTerminal();
  const kubectl = new FakeKubectl({
    'get deployments': items(DEPLOYMENT),
    create: 'job.batch/polls-run-1',
    logs: '2026-01-01T00:00:00.1Z one\n2026-01-01T00:00:00.2Z two words\n',
    'delete job': '',
    ...answers,
  });
  const ending = run('polls', ['env'], OPTIONS, { kubectl, terminal });
  const code = await ending.catch(({ message, exitCode }) => ({ message, exitCode }));
  return { code, terminal, kubectl };
}

describe('the Job of a command', () => {
  const job = oneOffJob(DEPLOYMENT, { command: ['env'], waits: false, deadline: 60, suffix: 'abc12' });
  const { spec, metadata } = job.spec.template;
  const [container] = spec.containers;

  test('has what the replicas have: image, variables, volumes, identity, limits', () => {
    const [web] = DEPLOYMENT.spec.template.spec.containers;
    expect(container).toMatchObject({ image: web.image, envFrom: web.envFrom, resources: web.resources });
    expect(container.securityContext).toEqual(web.securityContext);
    expect(spec.volumes).toEqual(DEPLOYMENT.spec.template.spec.volumes);
    expect(spec.serviceAccountName).toBe('polls');
    expect(container.env).toEqual(web.env.filter(({ name }: any) => name !== 'PROMETHEUS_MULTIPROC_DIR'));
  });

  test('has nothing of a server, and waits for the schema unless it should not', () => {
    expect(container.command).toEqual(['env']);
    for (const key of ['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle', 'ports']) {
      expect(container).not.toHaveProperty(key);
    }
    expect(spec.initContainers).toEqual([]);
    const waiting = oneOffJob(DEPLOYMENT, { command: ['env'], waits: true, deadline: 60, suffix: 'a' });
    expect(waiting.spec.template.spec.initContainers).toMatchObject([{ name: 'wait-for-schema' }]);
    expect(spec).toMatchObject({ restartPolicy: 'Never' });
    expect(spec).not.toHaveProperty('topologySpreadConstraints');
  });

  test('is selected by no Service, and has the labels of commands, which policies let in', () => {
    const service = MANIFESTS.find(({ kind, metadata: { name } }) => kind === 'Service' && name === 'polls');
    expect(metadata.labels).not.toMatchObject(service.spec.selector);
    expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/component': 'command' });
  });

  test('is removed by the cluster, and not taken for a resource of an engine', () => {
    expect(job.spec).toMatchObject({
      ttlSecondsAfterFinished: 600,
      activeDeadlineSeconds: 60,
      backoffLimit: 0,
    });
    expect(job.metadata.labels).toEqual({ 'app.kubernetes.io/component': 'command' });
  });

  test('goes where the volume of a replica is', () => {
    const template = structuredClone(DEPLOYMENT);
    template.spec.template.spec.volumes.push({
      name: 'media',
      persistentVolumeClaim: { claimName: 'media' },
    });
    const { affinity } = oneOffJob(template, { command: ['env'], deadline: 60, suffix: 'a', waits: true })
      .spec.template.spec;
    const [{ podAffinityTerm }] = affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution;
    expect(podAffinityTerm.labelSelector.matchLabels).toMatchObject({ 'app.kubernetes.io/component': 'web' });
  });
});

describe('run', () => {
  test.each([0, 1, 137])(
    'ends with %d as the command does, with its lines, and removes the Job',
    async (code) => {
      const answered = await outcomeOfRun({ 'get pods': items(ended(code)) });
      expect(answered.code).toBe(code);
      expect(answered.terminal.output).toBe('one\ntwo words\n');
      expect(answered.terminal.errors).toBe('');
      expect(answered.kubectl.calls.at(-1)).toMatch(/^delete job polls-run-\w{5} /);
    },
  );

  test('says that memory did not suffice', async () => {
    const { terminal } = await outcomeOfRun({ 'get pods': items(ended(137, 'OOMKilled')) });
    expect(terminal.errors).toBe('The command was killed: it took more memory than its limit of 512Mi.\n');
  });

  test('tries again when the connection is lost, and shows no line twice', async () => {
    const pods = [items(podIn({ running: {} })), LOST, items(ended(0))];
    const { code, terminal } = await outcomeOfRun({ 'get pods': () => pods.shift() });
    expect(code).toBe(0);
    expect(terminal.output).toBe('one\ntwo words\n');
    expect(terminal.errors).toMatch(/^The connection to the cluster is lost.*\nThe connection is back.\n$/);
  });

  test('ends with 69 when the connection stays lost, and says what goes on', async () => {
    const { code, terminal } = await outcomeOfRun({ 'get pods': LOST, 'delete job': LOST });
    expect(code).toMatchObject({ exitCode: 69, message: expect.stringContaining('for at most 60 seconds') });
    expect(terminal.errors).toContain('could not be removed');
  });

  test('ends with 77 where Jobs may not be made, and names the rights', async () => {
    const { code } = await outcomeOfRun({ create: FORBIDDEN });
    expect(code).toMatchObject({
      exitCode: 77,
      message: expect.stringContaining('needs the rights to create'),
    });
  });

  test('says why a pod does not start, and removes the Job', async () => {
    const waiting = podIn({ waiting: { reason: 'ImagePullBackOff', message: 'no such image' } });
    const { code, kubectl } = await outcomeOfRun({ 'get pods': items(waiting) });
    expect(code).toMatchObject({
      exitCode: 1,
      message: 'The command did not start within 1 seconds: web: ImagePullBackOff: no such image',
    });
    expect(kubectl.calls.at(-1)).toMatch(/^delete job/);
  });

  test('says that the pod was deleted', async () => {
    const pods = [items(podIn({ running: {} })), items()];
    const { code } = await outcomeOfRun({ 'get pods': () => pods.shift() });
    expect(code).toMatchObject({ message: 'The pod of the command was deleted before the command ended.' });
  });

  test('says which applications there are', async () => {
    const others = items({ metadata: { name: 'blog' } }, { metadata: { name: 'shop' } });
    const { code } = await outcomeOfRun({ 'get deployments': others });
    expect(code).toMatchObject({
      message: 'There is no application polls in this namespace. There are: blog, shop.',
    });
  });

  test.each(signalsAndCodes())('removes the Job on %s, and ends with %d', async (signal, expected) => {
    const pods = () => {
      setTimeout(() => process.emit(signal), 50);
      return items(podIn({}));
    };
    const { code, kubectl } = await outcomeOfRun({ 'get pods': pods });
    expect(code).toBe(expected);
    expect(kubectl.calls.at(-1)).toMatch(/^delete job/);
  });
});

function signalsAndCodes(): [NodeJS.Signals, number][] {
  return [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ];
}

describe('shell', () => {
  const ready = podIn({ running: {} });
  const entered = { 'get pods': items(ready), 'auth can-i': 'yes', exec: '' };

  test("enters the first container with Django's shell", async () => {
    const kubectl = new FakeKubectl(entered);
    await shell('polls', [], { process: 'web' }, { kubectl, terminal: new RecordingTerminal() });
    expect(kubectl.calls.at(-1)).toBe(
      'exec polls-run-1 --container=web --quiet --stdin -- python -m django shell',
    );
  });

  test('says how to take the right', async () => {
    const kubectl = new FakeKubectl({ ...entered, 'auth can-i': 'no' });
    const entering = shell(
      'polls',
      ['sh'],
      { process: 'web' },
      { kubectl, terminal: new RecordingTerminal() },
    );
    await expect(entering).rejects.toMatchObject({
      exitCode: 77,
      message: expect.stringContaining('cdk8s-django shell polls --break-glass'),
    });
  });

  test('takes a token for the shortest time', async () => {
    const config = { users: [{ name: 'me', user: { 'client-key-data': 'x' } }], contexts: [] };
    const kubectl = new FakeKubectl({ ...entered, 'create token': 'a-token', 'config view': config });
    await shell(
      'polls',
      ['sh'],
      { process: 'web', breakGlass: true },
      { kubectl, terminal: new RecordingTerminal() },
    );
    expect(kubectl.calls[0]).toBe('create token polls-break-glass --duration=10m');
  });
});

describe('logs', () => {
  test('have the pod and the container in front of each line, in the order of the pods', async () => {
    const older = { ...podIn({ running: {} }) };
    older.metadata = { ...older.metadata, name: 'older', creationTimestamp: '2025-01-01T00:00:00Z' };
    const terminal = new RecordingTerminal();
    const kubectl = new FakeKubectl({ 'get pods': items(podIn({ running: {} }), older), logs: 'a\nb\n' });
    expect(await logs('polls', { tail: 20 }, { kubectl, terminal })).toBe(0);
    expect(terminal.output).toBe('older/web a\nolder/web b\npolls-run-1/web a\npolls-run-1/web b\n');
  });

  test('say that no pod runs a process', async () => {
    const kubectl = new FakeKubectl({ 'get pods': items(), 'get deployments': items(DEPLOYMENT) });
    const showing = logs(
      'polls',
      { tail: 20, process: 'beat' },
      { kubectl, terminal: new RecordingTerminal() },
    );
    await expect(showing).rejects.toThrow('No pod of polls runs the process beat.');
  });
});

describe('status', () => {
  const labels = DEPLOYMENT.metadata.labels;
  const deployment = (state: object) => ({
    ...DEPLOYMENT,
    metadata: { ...DEPLOYMENT.metadata, generation: 2 },
    spec: { ...DEPLOYMENT.spec, replicas: 2 },
    status: { observedGeneration: 2, replicas: 2, readyReplicas: 2, updatedReplicas: 2, ...state },
  });
  const migration = (type: string) => ({
    metadata: {
      name: 'polls-migrate-1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { ...labels, 'app.kubernetes.io/component': 'migration' },
    },
    status: { completionTime: '2026-01-01T00:01:00Z', conditions: [{ type, status: 'True', message: 'no' }] },
  });
  const backup = (state: object) => ({
    metadata: { name: 'polls-db-backup', labels: { 'app.kubernetes.io/component': 'backup' } },
    status: state,
  });

  async function outcome(answers: Answers) {
    const terminal = new RecordingTerminal();
    const kubectl = new FakeKubectl({
      'get deployments': items(deployment({})),
      'get deployments,statefulsets': items(deployment({})),
      'get jobs': items(migration('Complete')),
      'get cronjobs': items(backup({ lastSuccessfulTime: '2026-01-01T02:00:00Z' })),
      'get pods': items(),
      'get events': items(),
      ...answers,
    });
    const code = await status('polls', {}, { kubectl, terminal });
    return { code, output: terminal.output };
  }

  test('is good', async () => {
    expect(await outcome({})).toEqual({
      code: 0,
      output: [
        '  release                 docker.io/example/polls:1.4.2',
        '  migration               polls-migrate-1 complete at 2026-01-01T00:01:00Z',
        '  Deployment polls        2 of 2 ready',
        '  backup polls-db-backup  last one at 2026-01-01T02:00:00Z',
        '',
      ].join('\n'),
    });
  });

  test('has the servers and backups of the application, and not those of others in its namespace', async () => {
    const named = (name: string, component = 'web') => ({
      'app.kubernetes.io/name': name,
      'app.kubernetes.io/instance': name,
      'app.kubernetes.io/component': component,
      'app.kubernetes.io/managed-by': 'cdk8s-django',
    });
    const state = { observedGeneration: 2, replicas: 2, readyReplicas: 2, updatedReplicas: 2 };
    const server = (instance: string) => ({
      kind: 'StatefulSet',
      metadata: {
        name: instance,
        labels: { ...named('postgresql', 'database'), 'app.kubernetes.io/instance': instance },
      },
      spec: { template: {} },
      status: { ...state, readyReplicas: 1 },
    });
    const backupOf = (instance: string) => ({
      metadata: {
        name: `${instance}-backup`,
        labels: { 'app.kubernetes.io/component': 'backup', 'app.kubernetes.io/instance': instance },
      },
      status: {},
    });
    // It names `shop-db` as a host and `polls-db-2`, which is another name than that of the server `polls-db`.
    const env = [
      { value: 'postgres://shop@shop-db:5432/shop' },
      { value: 'shared' },
      { value: 'polls-db-2' },
    ];
    const shop = {
      ...deployment({}),
      metadata: { name: 'shop', labels: named('shop') },
      spec: { template: { spec: { containers: [{ env }] } } },
    };
    const servers = ['polls-db', 'shop-db', 'polls-db-2', 'shared', 'behind-a-pooler'];
    const own = deployment({});
    own.spec = {
      ...own.spec,
      template: { spec: { containers: [{ image: 'i', env: [{ value: 'polls-db' }, { value: 'shared' }] }] } },
    } as any;
    const { output } = await outcome({
      'get deployments,statefulsets': items(own, shop, ...servers.map(server)),
      'get cronjobs': items(...servers.map(backupOf)),
    });
    const listed = output.match(/(StatefulSet|backup) \S+/g);
    expect(listed).toEqual([
      'StatefulSet polls-db',
      'StatefulSet shared',
      'StatefulSet behind-a-pooler',
      'backup polls-db-backup',
      'backup shared-backup',
      'backup behind-a-pooler-backup',
    ]);
  });

  const SERVER = {
    kind: 'StatefulSet',
    metadata: {
      name: 'polls-queue',
      labels: {
        ...labels,
        'app.kubernetes.io/name': 'valkey',
        'app.kubernetes.io/instance': 'polls-queue',
        'app.kubernetes.io/component': 'server',
      },
    },
    spec: { replicas: 1, template: {} },
    status: { updatedReplicas: 1, replicas: 1 },
  };
  const podOfServer = (server: string) => ({
    metadata: { name: `${server}-0`, uid: server, labels: { 'app.kubernetes.io/instance': server } },
    status: {
      phase: 'Pending',
      containerStatuses: [
        { name: 'valkey', state: { waiting: { reason: 'ImagePullBackOff', message: 'no such tag' } } },
      ],
    },
  });
  const event = { involvedObject: { uid: '1' }, reason: 'Unhealthy', message: 'Readiness probe failed: 503' };
  test.each([
    [
      'a failed migration',
      { 'get jobs': items(migration('Failed')) },
      /! migration +polls-migrate-1 failed: no/,
    ],
    [
      'an old release',
      { 'get deployments,statefulsets': items(deployment({ updatedReplicas: 1 })) },
      /1 of the newest/,
    ],
    [
      'a template not seen yet',
      { 'get deployments,statefulsets': items(deployment({ observedGeneration: 1 })) },
      /0 of the newest/,
    ],
    [
      'a failed probe',
      { 'get pods': items(podIn({ running: {} })), 'get events': items(event) },
      /Unhealthy: Readiness probe failed: 503/,
    ],
    [
      'a failed probe after an event of the scheduler, which writes no lastTimestamp',
      {
        'get pods': items(podIn({ running: {} })),
        'get events': items(
          { ...event, lastTimestamp: '2026-01-01T00:02:00Z' },
          { ...event, reason: 'FailedScheduling', lastTimestamp: null, eventTime: '2026-01-01T00:01:00Z' },
        ),
      },
      /Unhealthy: Readiness probe failed: 503/,
    ],
    [
      'a crash',
      {
        'get pods': items(
          podIn(
            {},
            {
              containerStatuses: [
                {
                  name: 'web',
                  restartCount: 3,
                  state: { waiting: { reason: 'CrashLoopBackOff' } },
                  lastState: { terminated: { exitCode: 3, reason: 'Error', message: 'a\nKeyError: b' } },
                },
              ],
            },
          ),
        ),
      },
      /web: CrashLoopBackOff, ended with 3 \(Error\): KeyError: b/,
    ],
    [
      'a server that does not run',
      {
        'get deployments,statefulsets': items(deployment({}), SERVER),
        'get pods --selector=app.kubernetes.io/managed-by=cdk8s-django': items(
          podOfServer('polls-queue'),
          podOfServer('another-queue'),
        ),
      },
      /! StatefulSet polls-queue +0 of 1 ready\n! pod polls-queue-0 +valkey: ImagePullBackOff: no such tag\n(?!.*another)/s,
    ],
    [
      'a failed backup',
      {
        'get cronjobs': items(
          backup({ lastSuccessfulTime: '2026-01-01T02:00:00Z', lastScheduleTime: '2026-01-02T02:00:00Z' }),
        ),
      },
      /the one of 2026-01-02T02:00:00Z failed/,
    ],
  ])('says of %s', async (_, answers, expected) => {
    const { code, output } = await outcome(answers);
    expect(output).toMatch(expected);
    expect(code).toBe(1);
  });
});

describe('doctor', () => {
  const kinds = (apiVersion: string) =>
    [...new Set(MANIFESTS.filter((one) => one.apiVersion === apiVersion).map(({ kind }) => kind))].map(
      (kind) => ({
        kind,
        name: `${kind.toLowerCase()}s`,
        namespaced: !['Namespace', 'PriorityClass'].includes(kind),
      }),
    );
  const answers: Answers = {
    'get --raw=/version': { minor: '34', gitVersion: 'v1.34.4' },
    'get --raw=/api': (args: string[]) => ({ resources: kinds(args[1].replace(/^--raw=\/apis?\//, '')) }),
    'get gatewayclasses': '',
    'get clusterissuers': '',
    'get storageclasses --output=json': items({
      metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    }),
    'get namespaces': items(
      { metadata: { name: 'monitoring' } },
      { metadata: { name: 'router', labels: { 'network.openshift.io/policy-group': 'ingress' } } },
      { metadata: { name: 'kube-system' } },
    ),
    'get secret': '',
    create: (_: string[], input: string) =>
      JSON.parse(input)
        .items.map(() => 'true')
        .join('\n'),
  };

  async function outcome(more: Answers, folder = join(ROOT, 'dist/upstream')) {
    const terminal = new RecordingTerminal();
    const kubectl = new FakeKubectl({ ...answers, ...more });
    const code = await doctor(folder, {}, { kubectl, terminal });
    return { code, output: terminal.output, kubectl };
  }

  test('finds nothing lacking, and changes nothing', async () => {
    const { code, output, kubectl } = await outcome({});
    expect(output).toMatch(/: nothing is lacking.\n$/);
    expect(code).toBe(0);
    expect(kubectl.calls.filter((call) => !call.startsWith('get ') && !call.startsWith('create'))).toEqual(
      [],
    );
    const made = kubectl.inputs.flatMap((input) => JSON.parse(input).items.map(({ kind }: any) => kind));
    expect([...new Set(made)]).toEqual(['SelfSubjectAccessReview']);
  });

  const notFound = new Refusal('Error from server (NotFound): it was not found');
  const refused = new Refusal('Error from server (Forbidden): you cannot');
  test.each([
    [
      'an old version',
      { 'get --raw=/version': { minor: '29+', gitVersion: 'v1.29.1' } },
      '! Kubernetes is v1.29.1.',
    ],
    [
      'a definition',
      { 'get --raw=/apis/gateway.networking.k8s.io/v1': notFound },
      '! The cluster does not know Gateway of gateway.networking.k8s.io/v1. Install the Gateway API',
    ],
    [
      'a class',
      { 'get gatewayclasses': notFound },
      '! There is no GatewayClass contour; Gateway polls names it.',
    ],
    [
      'a default class',
      { 'get storageclasses --output=json': items() },
      '! No StorageClass is the default one',
    ],
    ['the labels of the router', { 'get namespaces': items() }, 'for a router that means 503'],
    [
      'a right',
      {
        create: (_: string[], input: string) =>
          JSON.parse(input)
            .items.map(() => 'false')
            .join('\n'),
      },
      '! You may not create deployments.apps in namespace polls',
    ],
  ])('finds that %s is lacking', async (_, more, expected) => {
    const { code, output } = await outcome(more);
    expect(output).toContain(expected);
    expect(code).toBe(1);
  });

  test('tells what it may not see from what is not there', async () => {
    const { code, output } = await outcome({ 'get gatewayclasses': refused });
    expect(output).toContain('? Whether there is GatewayClass contour');
    expect(code).toBe(0);
  });

  test('finds a Secret that nobody makes', async () => {
    const reading = structuredClone(DEPLOYMENT);
    reading.spec.template.spec.containers[0].envFrom.push({ secretRef: { name: 'mail' } });
    const folder = folderOf({ 'all.yaml': JSON.stringify(reading) });
    const { output } = await outcome({ 'get secret mail': notFound }, folder);
    expect(output).toContain('! There is no Secret polls/mail; pods read it.');
  });
});

describe('kubectl', () => {
  test.each([
    'Unable to connect to the server: dial tcp: lookup x: no such host',
    'The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?',
    'Unable to connect to the server: net/http: TLS handshake timeout',
    'error: unexpected EOF',
  ])('that does not reach the cluster ends with 69: %s', (stderr) => {
    const outcome = { code: 1, stdout: '', stderr };
    expect(isUnreachable(outcome)).toBe(true);
    expect(problemOf(outcome)).toMatchObject({ exitCode: 69 });
  });

  test('that is not installed is named', async () => {
    const calling = new KubectlProgram([], '/nowhere/kubectl').call(['version']);
    await expect(calling).rejects.toThrow('kubectl is not installed.');
  });

  test('gets the options of the user before its own, and its input', async () => {
    const program = join(mkdtempSync(join(tmpdir(), 'kubectl-')), 'kubectl');
    writeFileSync(program, '#!/bin/sh\necho "$@"\ncat\necho no >&2\nexit 3\n');
    chmodSync(program, 0o755);
    const kubectl = new KubectlProgram(['--namespace=polls'], program);
    expect(kubectl.namespace).toBe('polls');
    expect(await kubectl.call(['get'], 'text')).toEqual({
      code: 3,
      stdout: '--namespace=polls get\ntext',
      stderr: 'no\n',
    });
    const lines: string[] = [];
    await kubectl.stream(['logs'], (line) => lines.push(line)).ended;
    expect(lines).toEqual(['--namespace=polls logs']);
  });
});

describe('the command line', () => {
  test.each(['run', 'shell', 'logs', 'status', 'doctor', 'diff'])('%s --help has examples', async (name) => {
    const { code, output } = await outcomeOf([name, '--help']);
    expect(code).toBe(0);
    expect(output).toContain(`Examples:\n  cdk8s-django ${name}`);
  });

  test.each([
    [['run', 'polls'], "missing required argument 'command'"],
    [['run', 'polls', '--timeout', '0', '--', 'env'], 'It is not a number of seconds from 1 on.'],
    [['logs', 'polls', '--tail', 'x'], 'It is not a whole number.'],
    [['logs', 'polls', '--follow', '--previous'], 'cannot be used with'],
  ])('%j is refused with 2', async (args, expected) => {
    const { code, errors } = await outcomeOf(args);
    expect(errors).toContain(expected);
    expect(code).toBe(2);
  });

  test('names a folder without manifests', async () => {
    expect(() => manifestsIn(folderOf({ 'a.txt': '' }))).toThrow('has no manifests');
    expect(() => manifestsIn('/nowhere')).toThrow('/nowhere is not a folder.');
    expect(() => manifestsIn(folderOf({ 'a.yaml': 'a: [' }))).toThrow('is not YAML');
    // A folder that is called so is one.
    const manifest = 'apiVersion: v1\nkind: ConfigMap\n';
    expect(manifestsIn(folderOf({ 'sub.yaml/a.yml': manifest }))).toHaveLength(1);
    const folder = folderOf({ 'a.yaml': manifest });
    symlinkSync('nowhere', join(folder, 'b.yaml'));
    expect(() => manifestsIn(folder)).toThrow(/b\.yaml cannot be read: ENOENT/);
  });
});
