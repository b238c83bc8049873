import { Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { InvalidInputError } from '../kubernetes/errors';
import { disruptionBudget } from '../kubernetes/disruption-budgets';
import { resourceLabels, Selector, selectorLabels } from '../kubernetes/labels';
import { checkName } from '../kubernetes/names';
import { Problems } from '../kubernetes/problems';
import { IResource, Resource } from '../kubernetes/resource';
import { completeResources, ContainerResources, resourceRequirements } from '../kubernetes/resources';
import { AppPods } from './app-pods';
import {
  checkBrokerAuthority,
  checkWorker,
  concurrencyFor,
  queuesOf,
  taskTimes,
  unacknowledgedOf,
  workerOptions,
  workerVariables,
} from './celery';
import { EnvironmentVariable } from '../kubernetes/environment';
import { podsDuringRollout } from './connections';
import { heartbeatProbes, HEARTBEAT_STARTUP_SECONDS } from './heartbeat';
import { isSingleNode } from './media';
import { signalsFields, signalsRuntime } from './signals';
import { workerPlacement } from './placements';
import { RuntimePart } from '../runtime/runtime';
import { BEAT, PodKind } from './pod-kinds';
import { appPodTemplate, rollingUpdate, spreadConstraints } from './pods';
import { checkReplicas, replicasOf } from './replicas';
import { rolloutFields } from './rollout';
import { workerTargets } from './scaling';
import { SHUTDOWN_ANNOTATION } from './shutdown';
import { withSidecars } from './sidecars';
import { CeleryBeatProps, CeleryOptions, CeleryWorkerProps } from './celery-props';
import { DEFAULT_RESOURCES, djangoContainer } from './containers';
import { distributionOf } from '../platform/binding';

const BEAT_RESOURCES = { cpuRequest: '100m', memoryRequest: '128Mi', memoryLimit: '256Mi' };

const WORKER_CONTAINER = 'worker';

/** The workers of one name, as an application made them. */
export interface CeleryWorker {
  /** The labels of their pods. */
  readonly selector: Selector;

  /** Their Deployment. */
  readonly deployment: IResource;

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

/** What varies from one Deployment of workers to another. */
export interface WorkerPods {
  readonly selector: Selector;
  readonly container: string;
  readonly command: string[];
  /** The parts of the runtime that they run. */
  readonly runtime: RuntimePart[];
  readonly resources: ContainerResources;
  readonly variables?: EnvironmentVariable[];
  readonly placement: any;
  /** How long its pods have to end; by default what Kubernetes gives any pod. */
  readonly times?: { readonly workerGracePeriod: number; readonly sum: string };
  /** What its container has in addition: its probes, by default those of a worker that gives signs of life. */
  readonly own?: Partial<k8s.Container>;
  /** How long its container may take to start. */
  readonly startupSeconds?: number;
}

/** The workers and the beat of an application: they run its image, with all that its replicas have. */
export class Workers {
  constructor(
    private readonly scope: Construct,
    private readonly pods: AppPods,
  ) {}

  worker(props: CeleryWorkerProps): CeleryWorker {
    const celery = this.celery('addCeleryWorker');
    const { scope, pods } = this;
    const component = `worker-${checkName(scope, 'name', props.name)}`;
    checkWorker(scope, props, celery);
    checkReplicas(scope, props);
    const { fixed, most } = replicasOf(props);
    const resources = completeResources(scope, props.resources ?? pods.resources, DEFAULT_RESOURCES);
    const { concurrency = concurrencyFor(scope, resources, props.pool) } = props;
    const times = taskTimes(props);
    const placement = props.scheduling
      ? workerPlacement(scope, props.scheduling, pods.props.scheduling, times)
      : pods.placements.workers;
    const selector = this.addComponent(component, 'worker', 'Give each worker a name of its own');
    pods.surroundings.allowWorkerGracePeriod(times.workerGracePeriod);
    pods.surroundings.workerPlacements.push(placement);
    const workers = podsDuringRollout(most, times.workerGracePeriod);
    pods.surroundings.workerConnections.push({
      // A process does one task at a time, on one connection.
      description: `${selector.name}: ${workers} workers ${props.name} at once × ${concurrency} processes`,
      count: workers * concurrency,
    });
    const id = `Worker-${props.name}`;
    const deployment = this.deployment(id, { replicas: fixed, strategy: rollingUpdate() }, true, {
      selector,
      container: WORKER_CONTAINER,
      command: [...celeryCommand('worker'), ...workerOptions(props, concurrency)],
      runtime: ['celery'],
      variables: workerVariables(props),
      resources,
      placement,
      times,
    });
    return {
      selector,
      deployment,
      autoscaler: props.scaling && this.autoscaler(id, deployment, selector, props),
      disruptionBudget:
        most > 1 ? disruptionBudget(scope, `${id}-DisruptionBudget`, deployment.name, selector) : undefined,
      concurrency,
    };
  }

  /** At most one: the one before is gone before the next starts. */
  beat({ resources }: CeleryBeatProps): Resource {
    this.celery('addCeleryBeat');
    const selector = this.addComponent(BEAT, 'beat', 'Call addCeleryBeat once');
    // Where it keeps its schedule in the database.
    this.pods.surroundings.workerConnections.push({ description: `${selector.name}: beat`, count: 1 });
    return this.deployment('Beat', { replicas: 1, strategy: { type: 'Recreate' } }, false, {
      selector,
      container: BEAT,
      // An empty name: no file that a beat that was killed would leave behind.
      command: [...celeryCommand('beat'), '--schedule', '/tmp/celerybeat-schedule', '--pidfile='],
      runtime: ['celery'],
      resources: completeResources(this.scope, resources, BEAT_RESOURCES),
      placement: this.pods.placements.workers,
    });
  }

  private celery(method: string): CeleryOptions {
    const { celery } = this.pods.props;
    if (!celery) {
      throw new InvalidInputError(this.scope, {
        property: 'celery',
        value: celery,
        reason: `is needed for ${method}`,
        remedy: 'Give the application a broker, such as celery: { broker: valkey.database(1) }',
      });
    }
    this.checkVolume(method);
    return celery;
  }

  /** Checks that other pods than replicas can mount the volume of media files. */
  checkVolume(method: string): void {
    const { media } = this.pods.props;
    if (!isSingleNode(media)) return;
    Problems.report(this.scope, {
      property: 'media.accessMode',
      value: media!.accessMode,
      reason: `lets one node alone mount the volume, and ${method} makes pods that may run on another`,
      remedy: 'Use ReadWriteMany, or mediaBucket',
    });
  }

  /** The labels of pods of their own. */
  addComponent(component: string, property: string, remedy: string): Selector {
    const { surroundings, selector } = this.pods;
    if (surroundings.workerComponents.includes(component)) {
      const value = `${selector.name}-${component}`;
      Problems.report(this.scope, { property, value, reason: 'is there already', remedy });
    }
    surroundings.workerComponents.push(component);
    return { ...selector, component };
  }

  /** A Deployment of pods that run the image, with all that the replicas have. */
  deployment(
    id: string,
    own: { replicas?: number; strategy: k8s.DeploymentStrategy },
    spreads: boolean,
    worker: WorkerPods,
  ): Resource {
    const { selector, container, command, resources, variables = [], placement, times } = worker;
    const { scope, pods } = this;
    const runtime = pods.runtime(...worker.runtime);
    // Other processes than the library's workers have neither its signs of life nor its metrics and traces.
    const signs = worker.own === undefined;
    const produce = () => {
      const containers = pods.containersOf(PodKind.WORKERS);
      const template = appPodTemplate(scope, pods, {
        kind: PodKind.WORKERS,
        selector,
        annotations: {
          'checksum/config': pods.checksum,
          ...(times && { [SHUTDOWN_ANNOTATION]: times.sum }),
        },
        runtime: [...runtime, ...(signs ? signalsRuntime(scope, pods) : [])],
        waitsForSchema: pods.migrates,
        container: {
          ...djangoContainer(
            { ...containers, variables: [...containers.variables, ...variables] },
            { name: container, command },
          ),
          ...(signs && signalsFields(pods, [...containers.variables, ...variables])),
          resources: resourceRequirements(resources),
          ...(worker.own ?? heartbeatProbes()),
        },
        placement,
        spec: {
          terminationGracePeriodSeconds: times?.workerGracePeriod,
          topologySpreadConstraints: spreads ? spreadConstraints(selector) : undefined,
        },
      });
      const matchLabels = selectorLabels(selector);
      const { spec } = k8s.manifest('Deployment', {
        spec: {
          ...own,
          ...rolloutFields({
            waitsForSchema: pods.migrates,
            migrationDeadline: pods.props.migrationDeadline,
            startupSeconds: worker.startupSeconds ?? HEARTBEAT_STARTUP_SECONDS,
          }),
          selector: { matchLabels },
          template,
        },
      });
      return { ...spec, template: withSidecars(scope, spec.template, containers.sidecars) };
    };
    return new Resource(scope, id, {
      ...k8s.typeOf('Deployment'),
      metadata: { name: `${selector.name}-${selector.component}`, labels: resourceLabels(selector) },
      spec: Lazy.any({ produce }),
    });
  }

  private autoscaler(
    id: string,
    deployment: Resource,
    selector: Selector,
    props: CeleryWorkerProps,
  ): Resource {
    const celery = this.pods.props.celery!;
    const targets = workerTargets(
      this.scope,
      props.scaling!,
      queuesOf(props, celery),
      unacknowledgedOf(celery),
    );
    // A scope of its own: what is made there has the same ids for each worker.
    const scope = new Construct(this.scope, `${id}-Scaling`);
    const [autoscaler] = distributionOf(scope).autoscaling.autoscale(scope, {
      name: deployment.name,
      labels: resourceLabels(selector),
      target: deployment,
      container: WORKER_CONTAINER,
      ...targets,
    });
    // An autoscaling that does not know queues has said so already.
    checkBrokerAuthority(this.scope, props, celery);
    return autoscaler;
  }
}

function celeryCommand(program: string): string[] {
  return ['python', '-m', 'celery', '--app', 'cdk8s_django.celery_app', program, '--loglevel', 'INFO'];
}
