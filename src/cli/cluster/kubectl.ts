import { ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { CommandProblem, ExitCode } from '../problem';
import { takingSignals } from './signals';

/*
 * The cluster is asked through kubectl. It has the user's contexts, credentials and proxies, and those who apply
 * manifests have it.
 */

/** How a run of kubectl ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run of kubectl that goes on. */
export interface Stream {
  readonly ended: Promise<Outcome>;
  stop(): void;
}

/** What asks the cluster. */
export interface Kubectl {
  /** The namespace that the user names, if any. */
  readonly namespace?: string;
  /** Runs it to its end. */
  call(args: string[], input?: string): Promise<Outcome>;
  /** Runs it, and gives each line that it prints. */
  stream(args: string[], onLine: (line: string) => void): Stream;
  /** Runs it at the user's terminal, and returns its exit code. */
  interactive(args: string[]): Promise<number>;
  /** The same program with other options for all calls. */
  withFlags(flags: string[]): Kubectl;
}

/** The program `kubectl` of this machine. */
export class KubectlProgram implements Kubectl {
  constructor(
    private readonly flags: string[] = [],
    private readonly program = 'kubectl',
  ) {}

  get namespace(): string | undefined {
    const [, name] = this.flags.map((flag) => /^--namespace=(.*)/.exec(flag)).find(Boolean) ?? [];
    return name;
  }

  call(args: string[], input?: string): Promise<Outcome> {
    // A group of its own: Ctrl-C should not end what cleans up.
    const child = spawn(this.program, [...this.flags, ...args], { detached: true });
    child.stdin.on('error', () => undefined).end(input);
    return outcomeOf(child);
  }

  stream(args: string[], onLine: (line: string) => void): Stream {
    const child = spawn(this.program, [...this.flags, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const lines = createInterface({ input: child.stdout }).on('line', onLine);
    const read = new Promise<void>((resolve) => lines.once('close', resolve));
    const ended = outcomeOf(child).then(async (outcome) => {
      await read;
      return outcome;
    });
    return { ended, stop: () => void child.kill() };
  }

  interactive(args: string[]): Promise<number> {
    const child = spawn(this.program, [...this.flags, ...args], { stdio: 'inherit' });
    // The terminal gives Ctrl-C to the program in the pod. What ends this program ends kubectl first, so that the caller
    // removes what it has made for it.
    const handlers = {
      SIGINT: () => undefined,
      SIGTERM: () => child.kill('SIGTERM'),
      SIGHUP: () => child.kill('SIGHUP'),
    };
    return takingSignals(handlers, () => outcomeOf(child).then(({ code }) => code));
  }

  withFlags(flags: string[]): Kubectl {
    return new KubectlProgram(flags, this.program);
  }
}

function outcomeOf(child: ChildProcess): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.on('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'ENOENT'
          ? new CommandProblem('kubectl is not installed. https://kubernetes.io/docs/tasks/tools/ says how.')
          : error,
      ),
    );
    child.on('close', (code, signal) =>
      resolve({ code: code ?? 128 + constants.signals[signal!], stdout, stderr }),
    );
  });
}

const UNREACHABLE =
  /unable to connect|couldn't get current server|connection (refused|reset|lost)|was refused|no such host|i\/o timeout|tls handshake|unexpected eof|: eof|etimedout|context deadline exceeded|server is currently unable|leader changed|http2: client connection/i;

/** Whether kubectl says that the cluster does not answer. */
export function isUnreachable({ code, stderr }: Outcome): boolean {
  return code !== 0 && UNREACHABLE.test(stderr);
}

/** What kubectl says, as a problem whose exit code tells its kind. */
export function problemOf({ stderr }: Outcome, hint = ''): CommandProblem {
  const said = stderr.trim().split('\n').at(-1) || 'kubectl failed without a word.';
  const text = `${said.replace(/^(error: |Error from server( \(\w+\))?: )/i, '')}${hint && ` ${hint}`}`;
  if (isUnreachable({ code: 1, stdout: '', stderr })) return new CommandProblem(text, ExitCode.UNAVAILABLE);
  if (/forbidden|must be logged in|unauthorized/i.test(stderr)) {
    return new CommandProblem(text, ExitCode.NO_PERMISSION);
  }
  return new CommandProblem(text);
}

/** What kubectl prints. It throws when kubectl fails. */
export async function printed(kubectl: Kubectl, args: string[], hint?: string): Promise<string> {
  const outcome = await kubectl.call(args);
  if (outcome.code !== 0) throw problemOf(outcome, hint);
  return outcome.stdout;
}

/** The object that kubectl gets. It throws when kubectl fails. */
export async function object(kubectl: Kubectl, args: string[], hint?: string): Promise<any> {
  return JSON.parse(await printed(kubectl, ['get', ...args, '--output=json'], hint));
}

/** The objects that kubectl gets. It throws when kubectl fails. */
export async function list(kubectl: Kubectl, args: string[], hint?: string): Promise<any[]> {
  return (await object(kubectl, args, hint)).items;
}
