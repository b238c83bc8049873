import { Construct } from 'constructs';
import { disruptionBudget } from '../kubernetes/disruption-budgets';
import { resourceLabels, Selector } from '../kubernetes/labels';
import { checkName } from '../kubernetes/names';
import { Problems } from '../kubernetes/problems';
import { IResource } from '../kubernetes/resource';
import { completeResources, ContainerResources, resourceRequirements } from '../kubernetes/resources';
import { distributionOf } from '../platform/binding';
import { AppPods } from './app-pods';
import {
  checkProcess,
  processFields,
  processTargets,
  processTimes,
  startupSecondsOf,
} from './background-process';
import { podsDuringRollout } from './connections';
import { DEFAULT_RESOURCES } from './containers';
import { workerPlacement } from './placements';
import { rollingUpdate } from './pods';
import { ProcessPlacement, ProcessProps } from './process-props';
import { checkReplicas, replicasOf } from './replicas';
import { Workers } from './workers';

/** A process of an application, as it was made. */
export interface BackgroundProcess {
  /** The labels of the pods that it runs in. */
  readonly selector: Selector;

  /**
   * Its Deployment.
   *
   * @default - none, in the pods of replicas
   */
  readonly deployment?: IResource;

  /**
   * The autoscaler.
   *
   * @default - none, without `scaling`
   */
  readonly autoscaler?: IResource;

  /**
   * The budget that a drain of nodes keeps to.
   *
   * @default - none, when it never has more than one pod of its own
   */
  readonly disruptionBudget?: IResource;
}

/** Makes a process of an application: in pods of its own, or in those of the replicas. */
export function addProcess(
  scope: Construct,
  pods: AppPods,
  workers: Workers,
  props: ProcessProps,
): BackgroundProcess {
  checkName(scope, 'name', props.name);
  checkProcess(scope, props);
  const resources = completeResources(scope, props.resources ?? pods.resources, DEFAULT_RESOURCES);
  return props.placement === ProcessPlacement.WEB_PODS
    ? besideReplicas(scope, pods, props, resources)
    : inOwnPods(scope, pods, workers, props, resources);
}

/** The connections of one process to the database. */
function connectionsOf({ props: { database } }: AppPods, { databaseConnections }: ProcessProps): number {
  return databaseConnections ?? (database ? 1 : 0);
}

function besideReplicas(
  scope: Construct,
  pods: AppPods,
  props: ProcessProps,
  resources: ContainerResources,
): BackgroundProcess {
  const { webProcesses } = pods.surroundings;
  const { name, command } = props;
  if (webProcesses.some((other) => other.name === name)) {
    const value = `${pods.selector.name}-process-${name}`;
    const remedy = 'Give each process a name of its own';
    Problems.report(scope, { property: 'process', value, reason: 'is there already', remedy });
  }
  const times = processTimes(props);
  webProcesses.push({
    name,
    gracePeriod: times.workerGracePeriod,
    connections: connectionsOf(pods, props),
    container: {
      name: `process-${name}`,
      command,
      resources: resourceRequirements(resources),
      ...processFields(props, times),
    },
  });
  return { selector: pods.selector };
}

function inOwnPods(
  scope: Construct,
  pods: AppPods,
  workers: Workers,
  props: ProcessProps,
  resources: ContainerResources,
): BackgroundProcess {
  const { surroundings, placements } = pods;
  const { name, command, scaling } = props;
  workers.checkVolume('addProcess');
  checkReplicas(scope, props);
  const { fixed, most } = replicasOf(props);
  const times = processTimes(props);
  const placement = props.scheduling
    ? workerPlacement(scope, props.scheduling, pods.props.scheduling, times)
    : placements.workers;
  const selector = workers.addComponent(`process-${name}`, 'process', 'Give each process a name of its own');
  surroundings.workerPlacements.push(placement);
  const atOnce = podsDuringRollout(most, times.workerGracePeriod);
  const connections = connectionsOf(pods, props);
  surroundings.workerConnections.push({
    description: `${selector.name}: ${atOnce} pods of process ${name} at once × ${connections}`,
    count: atOnce * connections,
  });
  const id = `Process-${name}`;
  const deployment = workers.deployment(id, { replicas: fixed, strategy: rollingUpdate() }, true, {
    selector,
    container: 'process',
    command,
    // It may be a server too.
    runtime: ['server'],
    resources,
    placement,
    times,
    own: processFields(props, times),
    startupSeconds: startupSecondsOf(props),
  });
  const labels = resourceLabels(selector);
  const { autoscaling } = distributionOf(scope);
  const [autoscaler] = scaling
    ? autoscaling.autoscale(new Construct(scope, `${id}-Scaling`), {
        name: deployment.name,
        labels,
        target: deployment,
        container: 'process',
        ...processTargets(scope, scaling),
      })
    : [];
  return {
    selector,
    deployment,
    autoscaler,
    disruptionBudget:
      most > 1 ? disruptionBudget(scope, `${id}-DisruptionBudget`, deployment.name, selector) : undefined,
  };
}
