import { uniqueSorted } from '../../kubernetes/collections';
import { COMPONENT_LABEL, MANAGED_BY } from '../../kubernetes/labels';
import { CommandProblem } from '../problem';
import { Kubectl, list } from './kubectl';

export const NAME_LABEL = 'app.kubernetes.io/name';
const [[MANAGED_BY_LABEL, MANAGER]] = Object.entries(MANAGED_BY);

/** Selects all pods of an application: its replicas, workers and Jobs, and not its servers. */
export function selectorOf(application: string, process?: string): string {
  return `${NAME_LABEL}=${application}${process ? `,${COMPONENT_LABEL}=${process}` : ''}`;
}

/** The Deployment of an application's replicas. It throws when there is none, and says which there are. */
export async function deploymentOf(kubectl: Kubectl, application: string): Promise<any> {
  const web = `${MANAGED_BY_LABEL}=${MANAGER},${COMPONENT_LABEL}=web`;
  const found = await list(kubectl, ['deployments', `--selector=${web}`]);
  const deployment = found.find(({ metadata }) => metadata.name === application);
  if (deployment) return deployment;
  const others = uniqueSorted(found.map(({ metadata }) => metadata.name));
  throw new CommandProblem(
    others.length
      ? `There is no application ${application} in this namespace. There are: ${others.join(', ')}.`
      : `There is no application in this namespace. Give the namespace of ${application} by --namespace.`,
  );
}

/** The containers of a pod that are the application's own process: the first one, as the library makes pods. */
export function mainContainer(spec: any): any {
  return spec.containers[0];
}

/** The pods of an application, or those of one process. */
export function podsOf(kubectl: Kubectl, application: string, process?: string): Promise<any[]> {
  return list(kubectl, ['pods', `--selector=${selectorOf(application, process)}`]);
}

/** All pods of a namespace that the library made, also those of servers. */
export function managedPods(kubectl: Kubectl): Promise<any[]> {
  return list(kubectl, ['pods', `--selector=${MANAGED_BY_LABEL}=${MANAGER}`]);
}

/** A pod of the replicas to enter: a ready one first. */
export async function podToEnter(kubectl: Kubectl, application: string, process = 'web'): Promise<any> {
  const pods = await podsOf(kubectl, application, process);
  const running = pods.filter(
    ({ metadata, status }) => !metadata.deletionTimestamp && status.phase === 'Running',
  );
  const isReady = ({ status }: any) =>
    status.conditions?.some(({ type, status: value }: any) => type === 'Ready' && value === 'True');
  const pod = running.find(isReady) ?? running[0];
  if (pod) return pod;
  throw new CommandProblem(
    `No pod of ${application} is running as ${process}. \`cdk8s-django status ${application}\` says why.`,
  );
}

/** Why a pod does not run, in the words of Kubernetes; empty where it does. */
export function troubleOf(pod: any): string {
  const { conditions = [], containerStatuses = [], initContainerStatuses = [], reason, message } = pod.status;
  if (reason) return message ? `${reason}: ${message}` : reason;
  const unscheduled = conditions.find(
    ({ type, status }: any) => type === 'PodScheduled' && status === 'False',
  );
  if (unscheduled) return `${unscheduled.reason}: ${unscheduled.message}`;
  const isStuck = ({ state }: any) =>
    state?.waiting && !['ContainerCreating', 'PodInitializing'].includes(state.waiting.reason);
  const stuck = [...initContainerStatuses, ...containerStatuses].find(isStuck);
  return stuck ? waitingText(stuck) : '';
}

/** The end before says more than that the container waits to be started again. */
function waitingText({ name, state: { waiting }, lastState }: any): string {
  const last = lastState?.terminated;
  if (!last) return `${name}: ${waiting.reason}${waiting.message ? `: ${waiting.message}` : ''}`;
  const said = last.message ? `: ${lastLine(last.message)}` : '';
  return `${name}: ${waiting.reason}, ended with ${last.exitCode} (${last.reason})${said}`;
}

/** A container that runs before the others, and has not ended. */
export function waitsFor({ metadata, status: state }: any): string {
  const waiting = (state.initContainerStatuses ?? []).find(
    ({ state: one }: any) => one?.running && !one.ready,
  );
  const isSidecar = waiting?.started === true;
  return waiting && !isSidecar
    ? `${waiting.name} is running: \`kubectl logs ${metadata.name} -c ${waiting.name}\` says what it waits for`
    : '';
}

/** The last line that says something. */
export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)!.trim();
}
