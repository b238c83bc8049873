import { randomBytes } from 'node:crypto';
import { constants } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { CommandProblem, ExitCode } from '../problem';
import { Terminal } from '../terminal';
import { deploymentOf, mainContainer, troubleOf, waitsFor } from './application';
import { isUnreachable, Kubectl, problemOf, Stream } from './kubectl';
import { oneOffJob } from './one-off-job';
import { takingSignals } from './signals';

/** What `run` is given, with its defaults. */
export interface RunOptions {
  /** How long the command may take, in seconds. */
  readonly timeout: number;
  /** How long its pod may take to start, in seconds. */
  readonly startTimeout: number;
  /** Whether to wait for the schema first. */
  readonly wait: boolean;
  /** How long a lost connection is tried again, in seconds. */
  readonly retryFor: number;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const BETWEEN_LOOKS = 700;
const RIGHTS = 'A command needs the rights to create and delete Jobs, to list pods and to get their logs.';

/**
 * Runs a command with the environment of an application: a Job from the pod template of its replicas. It shows the
 * log, removes the Job and returns the exit code of the command.
 */
export async function run(
  application: string,
  command: string[],
  options: RunOptions,
  { kubectl, terminal }: { kubectl: Kubectl; terminal: Terminal },
): Promise<number> {
  const deployment = await deploymentOf(kubectl, application);
  const job = oneOffJob(deployment, {
    command,
    waits: options.wait,
    deadline: options.timeout,
    suffix: suffix(),
  });
  const { name } = job.metadata;
  const container = mainContainer(job.spec.template.spec).name;
  const created = await kubectl.call(['create', '--filename=-', '--output=name'], JSON.stringify(job));
  if (created.code !== 0) throw problemOf(created, RIGHTS);

  const following = new Following({ kubectl, terminal, name, container, options });
  const handlers = Object.fromEntries(SIGNALS.map((signal) => [signal, () => following.interrupt(signal)]));
  return takingSignals(handlers, async () => {
    try {
      return await following.toTheEnd();
    } finally {
      await remove(kubectl, name, terminal);
    }
  });
}

function suffix(): string {
  return randomBytes(5).toString('hex').slice(0, 5);
}

async function remove(kubectl: Kubectl, name: string, terminal: Terminal): Promise<void> {
  const options = ['--ignore-not-found', '--cascade=background', '--wait=false', '--request-timeout=10s'];
  const removed = await kubectl.call(['delete', 'job', name, ...options]);
  if (removed.code === 0) return;
  terminal.writeError(
    `The Job ${name} could not be removed. The cluster removes it ten minutes after its end. ${problemOf(removed).message}`,
  );
}

interface FollowingParts {
  readonly kubectl: Kubectl;
  readonly terminal: Terminal;
  /** Name of the Job. */
  readonly name: string;
  readonly container: string;
  readonly options: RunOptions;
}

/** Watches a Job: until its command runs, while it does, and how it ends. */
class Following {
  private readonly started = Date.now();
  private readonly ending = new AbortController();
  private signal?: NodeJS.Signals;
  private stream?: Stream;
  private lastTold = '';
  private lostSince?: number;
  /** The time of the last line that was shown, in the words of the log. */
  private lastLine = '';
  private hasHadPod = false;

  constructor(private readonly parts: FollowingParts) {}

  /** Ends the watch: the Job is removed then. */
  interrupt(signal: NodeJS.Signals): void {
    this.signal = signal;
    this.ending.abort();
    this.stream?.stop();
  }

  /** @returns the exit code of the command, or 128 and the signal that ended the watch */
  async toTheEnd(): Promise<number> {
    for (;;) {
      if (this.signal) return 128 + constants.signals[this.signal];
      const pod = await this.look();
      const state = pod && this.stateOf(pod);
      if (state?.terminated) {
        await this.showLog(pod, []);
        return this.endOf(state.terminated, pod);
      }
      if (state?.running) await this.showLog(pod, ['--follow']);
      else if (pod?.status.phase === 'Failed') throw new CommandProblem(`The pod ended: ${troubleOf(pod)}`);
      else if (!this.lostSince) this.checkStart(pod);
      await pause(BETWEEN_LOOKS, undefined, { signal: this.ending.signal }).catch(() => undefined);
    }
  }

  private stateOf(pod: any): any {
    return pod.status.containerStatuses?.find(({ name }: any) => name === this.parts.container)?.state;
  }

  /** The pod of the Job, if there is one yet and the cluster answers. */
  private async look(): Promise<any | undefined> {
    const { kubectl, name } = this.parts;
    const selector = `--selector=batch.kubernetes.io/job-name=${name}`;
    const outcome = await kubectl.call(['get', 'pods', selector, '--output=json', '--request-timeout=10s']);
    if (outcome.code === 0) {
      if (this.lostSince) this.tell('The connection is back.');
      this.lostSince = undefined;
      return JSON.parse(outcome.stdout).items[0] ?? this.withoutPod();
    }
    if (!isUnreachable(outcome)) throw problemOf(outcome, RIGHTS);
    this.countLost();
    return undefined;
  }

  /** A pod that was there and is not any more was deleted, by a node or by somebody. */
  private withoutPod(): undefined {
    if (this.hasHadPod)
      throw new CommandProblem('The pod of the command was deleted before the command ended.');
    return undefined;
  }

  private countLost(): void {
    const { name, options } = this.parts;
    this.lostSince ??= Date.now();
    this.tell('The connection to the cluster is lost. Trying again.');
    if (Date.now() - this.lostSince < options.retryFor * 1000) return;
    throw new CommandProblem(
      `The connection to the cluster was lost for ${options.retryFor} seconds. The command may go on in the Job ${name}, ` +
        `for at most ${options.timeout} seconds; see \`kubectl logs job/${name}\`. The cluster removes it after its end.`,
      ExitCode.UNAVAILABLE,
    );
  }

  private checkStart(pod: any | undefined): void {
    const trouble = pod ? troubleOf(pod) : '';
    if (pod) this.hasHadPod = true;
    if (trouble) this.tell(`Waiting for the pod: ${trouble}`);
    const { name, options } = this.parts;
    if (Date.now() - this.started < options.startTimeout * 1000) return;
    const cause =
      trouble ||
      (pod && waitsFor(pod)) ||
      `see \`kubectl get events --field-selector=involvedObject.name=${name}\``;
    throw new CommandProblem(`The command did not start within ${options.startTimeout} seconds: ${cause}`);
  }

  private tell(text: string): void {
    if (text !== this.lastTold) this.parts.terminal.writeError(text);
    this.lastTold = text;
  }

  /** Shows the lines that were not shown yet. A connection that was lost begins again at a whole second. */
  private async showLog(pod: any, options: string[]): Promise<void> {
    this.hasHadPod = true;
    const { kubectl, terminal, container } = this.parts;
    const shown = this.lastLine;
    const since = shown ? [`--since-time=${shown}`] : [];
    const args = [
      'logs',
      pod.metadata.name,
      `--container=${container}`,
      '--timestamps',
      ...since,
      ...options,
    ];
    this.stream = kubectl.stream(args, (line) => {
      const space = line.indexOf(' ');
      const time = line.slice(0, space);
      if (time <= shown) return;
      this.lastLine = time;
      terminal.write(line.slice(space + 1));
    });
    const outcome = await this.stream.ended;
    if (this.signal || outcome.code === 0) return;
    if (isUnreachable(outcome)) this.countLost();
    else if (!/not found|waiting to start|is terminated/i.test(outcome.stderr))
      throw problemOf(outcome, RIGHTS);
  }

  private endOf({ exitCode, reason }: any, pod: any): number {
    if (reason === 'OOMKilled') {
      const { resources } = mainContainer(pod.spec);
      this.tell(
        `The command was killed: it took more memory than its limit of ${resources?.limits?.memory}.`,
      );
    } else if (pod.status.reason) this.tell(troubleOf(pod));
    return exitCode;
  }
}
