import { ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { IFleetDelivery } from 'cdk8s-django/fleet';
import { eventually } from '../cluster/support/eventually';
import { apply, kubectl } from '../cluster/support/kubectl';
import { PROGRAMS } from './programs';

/** How far an engine has come: `Running`, `Succeeded` or `Failed`, and what it says. */
export interface State {
  readonly state: string;
  readonly message: string;
}

const definition = (file: string) => `${PROGRAMS}/src/${file}`;

/** An engine whose programs run beside the cluster. */
export abstract class Engine {
  abstract readonly title: string;
  /** The namespace of its resources. */
  abstract readonly namespace: string;
  protected abstract readonly definitions: string[];
  protected folder = '';
  private readonly running: ChildProcess[] = [];

  abstract delivery(url: string): IFleetDelivery;

  /** The file with the resources that it is told by. */
  abstract readonly file: string;

  /** The program whose log says why something does not come up. */
  abstract readonly logOf: string;

  /** How far it has come with what was released last. */
  abstract state(namespace: string, commit: string): Promise<State>;

  /** Changes how it does its work, as somebody may who runs it. */
  async prepared(): Promise<void> {}

  /** Has it look at the repository now. */
  abstract released(): Promise<void>;

  /** Has a namespace leave what it delivers. */
  abstract removed(namespace: string): Promise<void>;

  protected abstract run(): Promise<void>;

  async start(): Promise<void> {
    this.folder = mkdtempSync(join(tmpdir(), 'engine-'));
    for (const file of this.definitions) {
      await kubectl('apply', '--server-side', '--force-conflicts', '-f', definition(file));
    }
    for (const file of this.definitions) {
      // kubectl fails on a definition that has no status yet.
      await eventually(`${file} is established`, () =>
        kubectl('wait', '--for=condition=established', '--timeout=60s', '-f', definition(file)),
      );
    }
    await apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: this.namespace } }]);
    await this.run();
  }

  /** Ends its programs and removes all that is its own. */
  async stop(): Promise<void> {
    await this.stopped();
    for (const program of this.running) program.kill();
    for (const file of this.definitions) {
      await kubectl('delete', '--ignore-not-found', '--timeout=60s', '-f', definition(file));
    }
    await kubectl('delete', 'namespace', this.namespace, '--ignore-not-found', '--timeout=60s');
    rmSync(this.folder, { recursive: true });
  }

  /** What a program wrote. */
  log(program: string): string {
    return readFileSync(join(this.folder, `${program}.log`), 'utf8');
  }

  /** What is to be done before its programs end. */
  protected abstract stopped(): Promise<void>;

  protected program(program: string, args: string[], environment: Record<string, string> = {}): void {
    const log = openSync(join(this.folder, `${basename(program)}.log`), 'a');
    const path = resolve(PROGRAMS, program);
    const env = { ...process.env, ...environment };
    this.running.push(spawn('nice', ['-n', '5', path, ...args], { env, stdio: ['ignore', log, log] }));
  }

  /** A free port of this machine. */
  protected free(): Promise<number> {
    return new Promise((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const { port } = server.address() as { port: number };
        server.close(() => resolve(port));
      });
    });
  }
}
