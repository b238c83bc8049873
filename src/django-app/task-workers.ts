import { Construct } from 'constructs';
import { disruptionBudget } from '../kubernetes/disruption-budgets';
import { resourceLabels, Selector } from '../kubernetes/labels';
import { checkName } from '../kubernetes/names';
import { IResource } from '../kubernetes/resource';
import { completeResources } from '../kubernetes/resources';
import { distributionOf } from '../platform/binding';
import { AppPods } from './app-pods';
import { concurrencyFor, taskTimes } from './celery';
import { podsDuringRollout } from './connections';
import { DEFAULT_RESOURCES } from './containers';
import { Jobs } from './jobs';
import { workerPlacement } from './placements';
import { rollingUpdate } from './pods';
import { checkReplicas, replicasOf } from './replicas';
import { TaskWorkerProps } from './task-props';
import {
  checkTaskDatabase,
  checkTaskWorker,
  taskPruning,
  taskWorkerCommand,
  taskWorkerTargets,
} from './tasks';
import { Workers } from './workers';

/** The workers of Django's Tasks of one name, as an application made them. */
export interface TaskWorker {
  /** The labels of their pods. */
  readonly selector: Selector;

  /** Their Deployment. */
  readonly deployment: IResource;

  /** The CronJob that deletes old results of their queues. */
  readonly pruning: IResource;

  /**
   * The autoscaler.
   *
   * @default - none, without `scaling`
   */
  readonly autoscaler?: IResource;

  /**
   * The budget that a drain of nodes keeps to.
   *
   * @default - none, when there is never more than one worker
   */
  readonly disruptionBudget?: IResource;

  /** Number of tasks that each runs at once. */
  readonly concurrency: number;
}

/** Makes workers of Django's own Tasks. */
export function addTaskWorker(
  scope: Construct,
  pods: AppPods,
  { workers, jobs }: { workers: Workers; jobs: Jobs },
  props: TaskWorkerProps,
): TaskWorker {
  const { surroundings } = pods;
  const name = checkName(scope, 'name', props.name);
  checkTaskDatabase(scope, pods.props.database);
  workers.checkVolume('addTaskWorker');
  checkTaskWorker(scope, props);
  checkReplicas(scope, props);
  const { fixed, most } = replicasOf(props);
  const resources = completeResources(scope, props.resources ?? pods.resources, DEFAULT_RESOURCES);
  const { concurrency = concurrencyFor(scope, resources) } = props;
  const times = taskTimes(props);
  const placement = props.scheduling
    ? workerPlacement(scope, props.scheduling, pods.props.scheduling, times)
    : pods.placements.workers;
  const selector = workers.addComponent(
    `tasks-${name}`,
    'taskWorker',
    'Give each task worker a name of its own',
  );
  surroundings.hasTaskWorkers = true;
  surroundings.workerPlacements.push(placement);
  const atOnce = podsDuringRollout(most, times.workerGracePeriod);
  surroundings.workerConnections.push({
    // Each process does one task at a time, on one connection; the lock has one of its own.
    description: `${selector.name}: ${atOnce} task workers ${name} at once × ${concurrency + 1}`,
    count: atOnce * (concurrency + 1),
    direct: true,
  });
  const id = `TaskWorker-${name}`;
  const deployment = workers.deployment(id, { replicas: fixed, strategy: rollingUpdate() }, true, {
    selector,
    container: 'worker',
    command: taskWorkerCommand(props, concurrency, times),
    runtime: ['tasks'],
    resources,
    placement,
    times,
  });
  return {
    selector,
    deployment,
    pruning: jobs.scheduledCommand(taskPruning(props)),
    autoscaler: props.scaling && autoscaler(scope, pods, id, deployment, selector, props),
    disruptionBudget:
      most > 1 ? disruptionBudget(scope, `${id}-DisruptionBudget`, deployment.name, selector) : undefined,
    concurrency,
  };
}

function autoscaler(
  scope: Construct,
  { props: { database }, surroundings }: AppPods,
  id: string,
  target: IResource,
  selector: Selector,
  props: TaskWorkerProps,
): IResource {
  const targets = taskWorkerTargets(scope, props, database);
  surroundings.queriesDatabase ||= Boolean(targets.queries);
  const [made] = distributionOf(scope).autoscaling.autoscale(new Construct(scope, `${id}-Scaling`), {
    name: target.name,
    labels: resourceLabels(selector),
    target,
    container: 'worker',
    ...targets,
  });
  return made;
}
