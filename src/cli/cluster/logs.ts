import { setTimeout as pause } from 'node:timers/promises';
import { sortedBy } from '../../kubernetes/collections';
import { CommandProblem } from '../problem';
import { Terminal } from '../terminal';
import { deploymentOf, podsOf } from './application';
import { isUnreachable, Kubectl, problemOf, Stream } from './kubectl';

/** What `logs` is given, with its defaults. */
export interface LogsOptions {
  readonly process?: string;
  readonly follow?: boolean;
  /** Lines of each container that came before. */
  readonly tail: number;
  readonly since?: string;
  readonly previous?: boolean;
}

const BETWEEN_LOOKS = 2000;

/** A container of a pod, each run of it. */
interface Source {
  readonly pod: string;
  readonly container: string;
  readonly id: string;
}

/** Shows the logs of all processes of an application, each line with its pod. */
export async function logs(
  application: string,
  options: LogsOptions,
  parts: { kubectl: Kubectl; terminal: Terminal },
): Promise<number> {
  if (options.follow) return follow(application, options, parts);
  const { kubectl } = parts;
  const sources = sourcesOf(await podsOf(kubectl, application, options.process), options);
  if (!sources.length) await tellOfNone(kubectl, application, options.process);
  for (const source of sources) {
    const outcome = await show(source, [`--tail=${options.tail}`], options, parts).ended;
    if (outcome.code !== 0 && !/waiting to start|previous terminated|not found/i.test(outcome.stderr)) {
      throw problemOf(outcome);
    }
  }
  return 0;
}

/** New pods and new runs of containers are found while it goes on. It ends by a signal alone, or a problem. */
async function follow(
  application: string,
  options: LogsOptions,
  parts: { kubectl: Kubectl; terminal: Terminal },
): Promise<number> {
  const streams = new Map<string, Stream>();
  let tail = options.tail;
  let failure: CommandProblem | undefined;
  try {
    for (let looks = 0; !failure; looks++) {
      const pods = await podsOf(parts.kubectl, application, options.process);
      if (!looks && !pods.length) await tellOfNone(parts.kubectl, application, options.process);
      for (const source of sourcesOf(pods, options).filter(({ id }) => !streams.has(id))) {
        const stream = show(source, ['--follow', `--tail=${tail}`], options, parts);
        streams.set(source.id, stream);
        void stream.ended.then((outcome) => {
          if (outcome.code !== 0 && isUnreachable(outcome)) failure = problemOf(outcome);
        });
      }
      // What starts later is shown from its beginning.
      tail = -1;
      await pause(BETWEEN_LOOKS);
    }
    throw failure;
  } finally {
    streams.forEach((stream) => stream.stop());
  }
}

function show(
  { pod, container }: Source,
  range: string[],
  { since, previous }: LogsOptions,
  { kubectl, terminal }: { kubectl: Kubectl; terminal: Terminal },
): Stream {
  const prefix = terminal.bold(`${pod}/${container}`);
  const more = [...(since ? [`--since=${since}`] : []), ...(previous ? ['--previous'] : [])];
  const args = ['logs', pod, `--container=${container}`, ...range, ...more];
  return kubectl.stream(args, (line) => terminal.write(`${prefix} ${line}`));
}

/** The containers that have run, in the order in which pods were made. */
function sourcesOf(pods: any[], { previous }: LogsOptions): Source[] {
  const ordered = sortedBy(pods, ({ metadata }) => metadata.creationTimestamp);
  return ordered.flatMap(({ metadata, status }) =>
    [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
      .filter(({ containerID, restartCount }) => (previous ? restartCount > 0 : Boolean(containerID)))
      .map(({ name, containerID }) => ({ pod: metadata.name, container: name, id: `${containerID}` })),
  );
}

async function tellOfNone(kubectl: Kubectl, application: string, process?: string): Promise<void> {
  await deploymentOf(kubectl, application);
  throw new CommandProblem(
    process
      ? `No pod of ${application} runs the process ${process}.`
      : `${application} has no pod that has begun to run. \`cdk8s-django status ${application}\` says why.`,
  );
}
