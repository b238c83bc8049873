import { ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { AddressInfo, connect, createServer, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { output } from './support/command';
import { eventually } from './support/eventually';
import { NEXT_IMAGE } from './support/image';
import { kubectl } from './support/kubectl';
import { OPERATORS, VIEWERS } from './support/manifests';
import { Namespace } from './support/namespaces';
import { Polls } from './support/polls';
import { limitNamespace } from './support/quota';
import { memberOf } from './support/rights';

/*
 * The program `cdk8s-django` against a cluster, as a process of its own, with the rights that LeastPrivilegeAccess makes.
 */

const ROOT = resolve(__dirname, '../..');
const DEPLOYERS = 'polls-pipeline';
const ON_CALL = 'polls-on-call';
const polls = new Polls(new Namespace('polls-cli'));
const variant = {
  people: { deployers: [DEPLOYERS], breakGlass: { groups: [ON_CALL] } },
  extend: limitNamespace,
};
const deployer = [...memberOf(DEPLOYERS), `--as-group=${VIEWERS}`];
const folder = mkdtempSync(join(tmpdir(), 'cli-'));

const OF_CLUSTER = [
  'clusterrole/polls-cli-polls-deployer',
  'clusterrolebinding/polls-cli-polls-deployer',
  'validatingadmissionpolicy/polls-cli-polls-break-glass',
  'validatingadmissionpolicybinding/polls-cli-polls-break-glass',
];

beforeAll(async () => {
  await Promise.all([output('npm', ['--prefix', ROOT, 'run', '--silent', 'build']), polls.deploy(variant)]);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await kubectl('delete', ...OF_CLUSTER, '--ignore-not-found', '--wait=false');
  await polls.namespace.remove();
});

/** The program, while it runs. */
class Running {
  stdout = '';
  stderr = '';
  readonly code: Promise<number | null>;
  readonly process: ChildProcess;

  constructor(args: string[]) {
    this.process = spawn(process.execPath, [join(ROOT, 'lib/cli/main.js'), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process.stdout!.setEncoding('utf8').on('data', (text) => (this.stdout += text));
    this.process.stderr!.setEncoding('utf8').on('data', (text) => (this.stderr += text));
    this.code = new Promise((done) => this.process.on('close', done));
  }

  async said(text: string): Promise<void> {
    await eventually(`it says ${text}`, async () => expect(this.stdout + this.stderr).toContain(text));
  }
}

function start(command: string, options: string[], ...rest: string[]): Running {
  return new Running([command, 'polls', '--namespace', polls.namespace.name, ...options, ...rest]);
}

async function outcome(...args: Parameters<typeof start>) {
  const running = start(...args);
  const code = await running.code;
  return { code, stdout: running.stdout, stderr: running.stderr };
}

/** The Jobs that `run` has left. */
async function oneOffJobs(): Promise<string[]> {
  const jobs = await polls.namespace.list(
    'jobs',
    'app.kubernetes.io/component=command,!app.kubernetes.io/name',
  );
  return jobs.filter(({ metadata }) => !metadata.deletionTimestamp).map(({ metadata }) => metadata.name);
}

const COUNT = 'import time\nfor number in range(1, 31): print("line", number, flush=True); time.sleep(0.3)';
const counted = Array.from({ length: 30 }, (_, index) => `line ${index + 1}\n`).join('');

describe('run', () => {
  test('has the environment and the database of the application, and ends with 0', async () => {
    const code = 'from django.db import connection as c; c.ensure_connection(); print(c.vendor)';
    const ended = await outcome('run', deployer, '--', 'python', 'manage.py', 'shell', '-c', code);
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('postgresql\n') });
    expect(await oneOffJobs()).toEqual([]);
  });

  test('ends with 1 as the command does, and shows what it said', async () => {
    const ended = await outcome('run', deployer, '--', 'python', '-c', 'raise SystemExit("it is so")');
    expect(ended).toEqual({ code: 1, stdout: 'it is so\n', stderr: '' });
    expect(await oneOffJobs()).toEqual([]);
  });

  test('ends with 137 where the memory does not suffice, and says so', async () => {
    const ended = await outcome('run', deployer, '--', 'python', '-c', 'print(len(b"x" * 2**30))');
    expect(ended).toMatchObject({ code: 137, stderr: expect.stringContaining('its limit of 512Mi') });
    expect(await oneOffJobs()).toEqual([]);
  });

  test('removes the Job and ends with 130 on Ctrl-C', async () => {
    const running = start('run', deployer, '--', 'python', '-c', COUNT);
    await running.said('line 2');
    running.process.kill('SIGINT');
    expect(await running.code).toBe(130);
    expect(await oneOffJobs()).toEqual([]);
  });

  test('is refused to operators, who may not run what they like', async () => {
    const ended = await outcome('run', memberOf(OPERATORS), '--', 'env');
    expect(ended).toMatchObject({
      code: 77,
      stdout: '',
      stderr: expect.stringContaining('cannot create resource "jobs"'),
    });
  });
});

describe('a lost connection', () => {
  let gate: Gate;
  beforeAll(async () => {
    gate = await Gate.toCluster();
  });
  afterAll(() => gate.close());

  test('that comes back loses no line and shows none twice', async () => {
    const running = start('run', gate.options, '--', 'python', '-c', COUNT);
    await running.said('line 5');
    gate.close();
    await running.said('connection to the cluster is lost');
    await gate.open();
    expect(await running.code).toBe(0);
    expect(running.stdout).toBe(counted);
    expect(await oneOffJobs()).toEqual([]);
  });

  test('that does not come back ends with 69, names the Job, and the cluster removes it', async () => {
    const running = start('run', [...gate.options, '--retry-for', '3'], '--', 'python', '-c', COUNT);
    await running.said('line 2');
    gate.close();
    expect(await running.code).toBe(69);
    const [job] = await oneOffJobs();
    expect(running.stderr).toContain(`The command may go on in the Job ${job}`);
    const { spec } = await polls.namespace.get('job', job);
    expect(spec).toMatchObject({ ttlSecondsAfterFinished: 600, activeDeadlineSeconds: 3600 });
    await polls.namespace.delete('job', job, '--wait=false');
  });
});

describe('shell', () => {
  const code = 'import os; print(os.environ["DJANGO_SETTINGS_MODULE"]); raise SystemExit(3)';

  test('is refused to operators', async () => {
    const ended = await outcome('shell', memberOf(OPERATORS), '--', 'python', '-c', code);
    expect(ended).toMatchObject({ code: 77, stdout: '', stderr: expect.stringContaining('--break-glass') });
  });

  test('is open to those who break the glass, and ends as the command does', async () => {
    const ended = await outcome('shell', memberOf(ON_CALL), '--break-glass', '--', 'python', '-c', code);
    expect(ended).toMatchObject({ code: 3, stdout: 'cdk8s_django.settings\n' });
  });
});

describe('viewers', () => {
  test('see the logs of all processes, each line with its pod', async () => {
    const { code, stdout } = await outcome('logs', memberOf(VIEWERS), '--tail', '-1');
    expect(code).toBe(0);
    const [pod] = await polls.webPods();
    expect(stdout).toContain(`${pod.metadata.name}/web `);
    expect(stdout).toMatch(/^polls-migrate-\w+-\w+\/migrate /m);
  });

  test('follow the logs', async () => {
    const running = start('logs', memberOf(VIEWERS), '--follow', '--process', 'web');
    await running.said('/web ');
    running.process.kill('SIGINT');
    await running.code;
  });

  test('see the status, which is good', async () => {
    const { code, stdout } = await outcome('status', memberOf(VIEWERS));
    expect(stdout).toMatch(/release +docker.io\/example\/polls:1.4.2 \(revision 1\)\n/);
    expect(stdout).toMatch(/migration +polls-migrate-\w+ complete at /);
    expect(stdout).toMatch(/StatefulSet polls-db +1 of 1 ready\n/);
    expect(code).toBe(0);
  });

  test('see why a pod is not ready', async () => {
    await polls.namespace.kubectl('set', 'image', 'deployment/polls', 'web=docker.io/example/nowhere:1');
    await eventually('the status says why', async () => {
      const { code, stdout } = await outcome('status', memberOf(VIEWERS));
      expect(stdout).toMatch(/^! Deployment polls +\d of \d ready, 1 more during the rollout/m);
      expect(stdout).toMatch(/^! pod polls-\S+ +web: (ErrImagePull|ImagePullBackOff)/m);
      expect(code).toBe(1);
    });
    await polls.namespace.kubectl('rollout', 'undo', 'deployment/polls');
  });
});

describe('diff', () => {
  const write = (name: string, manifests: any[]) => {
    const place = join(folder, name);
    mkdirSync(place);
    writeFileSync(join(place, 'all.yaml'), manifests.map((one) => stringify(one)).join('---\n'));
    return place;
  };

  test('finds no difference in what was applied', async () => {
    const running = new Running(['diff', write('same', polls.manifests(variant)), ...deployer]);
    expect(await running.code).toBe(0);
    expect(running.stdout).toBe('No difference.\n');
  });

  test('finds what a release restarts and migrates', async () => {
    const release = polls.manifests({ ...variant, image: NEXT_IMAGE });
    const running = new Running(['diff', write('next', release), ...deployer]);
    expect(await running.code).toBe(0);
    expect(running.stdout).toMatch(/^Restarts\n {2}Deployment polls-cli\/polls: .*containers\[web\].image/);
    expect(running.stdout).toMatch(/\nMigrates\n {2}Job polls-cli\/polls-migrate, as polls-migrate-/);
    // The Job of the present release is found under its other name, so that nobody gains what both have.
    expect(running.stdout).toMatch(/\n {2}~ Job polls-cli\/polls-migrate: metadata.name, /);
    expect(running.stdout).not.toMatch(/Gains access|Loses access/);
  });
});

describe('doctor', () => {
  const missing = { apiVersion: 'nowhere.example.com/v1', kind: 'Nothing', metadata: { name: 'nothing' } };

  test('finds what the cluster lacks and what deployers may not', async () => {
    const manifests = [...polls.manifests(variant), missing];
    const place = join(folder, 'doctor');
    mkdirSync(place);
    writeFileSync(join(place, 'all.yaml'), manifests.map((one) => stringify(one)).join('---\n'));
    const running = new Running(['doctor', place, ...deployer]);
    expect(await running.code).toBe(1);
    expect(running.stdout).toContain('! The cluster does not know Nothing of nowhere.example.com/v1.');
    expect(running.stdout).not.toContain('You may not');
    const viewer = new Running(['doctor', place, ...memberOf(VIEWERS)]);
    expect(await viewer.code).toBe(1);
    expect(viewer.stdout).toContain('! You may not create deployments.apps in namespace polls-cli');
  });
});

/** The way to the API server, which can be closed. */
class Gate {
  private readonly sockets = new Set<Socket>();
  private server?: Server;
  private port = 0;

  static async toCluster(): Promise<Gate> {
    const config = JSON.parse(
      await kubectl('config', 'view', '--minify', '--flatten', '--raw', '--output=json'),
    );
    const { cluster } = config.clusters[0];
    const url = new URL(cluster.server);
    const gate = new Gate(url.hostname, Number(url.port || 443));
    await gate.open();
    cluster['tls-server-name'] ??= url.hostname;
    cluster.server = `https://127.0.0.1:${gate.port}`;
    writeFileSync(gate.file, JSON.stringify(config), { mode: 0o600 });
    return gate;
  }

  private readonly file = join(folder, 'gate.json');
  readonly options = [...deployer, `--kubeconfig=${this.file}`];

  private constructor(
    private readonly host: string,
    private readonly hostPort: number,
  ) {}

  async open(): Promise<void> {
    this.server = createServer((from) => {
      const to = connect(this.hostPort, this.host);
      for (const socket of [from, to]) {
        this.sockets.add(socket);
        socket.on('error', () => undefined).on('close', () => [from, to].forEach((one) => one.destroy()));
      }
      from.pipe(to).pipe(from);
    });
    await new Promise<void>((done) => this.server!.listen(this.port, '127.0.0.1', done));
    this.port = (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server?.close();
    this.sockets.forEach((socket) => socket.destroy());
    this.sockets.clear();
  }
}
