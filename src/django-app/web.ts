import { Duration } from 'cdk8s';
import * as k8s from 'cdk8s-plus-27/lib/imports/k8s';
import { Construct } from 'constructs';
import { Selector, selectorLabels } from '../kubernetes/labels';
import { merge } from '../kubernetes/overrides';
import { runtimeCommand } from '../runtime/runtime';
import {
  AppPodOptions,
  appPodTemplate,
  djangoContainer,
  rollingUpdate,
  spreadConstraints,
  withSidecars,
} from './pods';
import { containerProbes, Probes, startupSeconds } from './probes';
import { rolloutFields } from './rollout';
import { finishesRequests, Server, serverCommand } from './server';
import { Shutdown, SHUTDOWN_ANNOTATION } from './shutdown';

/** Name of the port that the application serves HTTP on, in its pods and its Service. */
export const HTTP_PORT = 'http';

/** What the instances of an application are made of. */
export interface WebOptions extends AppPodOptions {
  readonly selector: Selector;
  readonly server: Server;
  readonly shutdown: Shutdown;
  /** How long a router keeps an unused connection. */
  readonly routerIdleTimeout: Duration;
  readonly probes: Probes;
  readonly probeHost: string;
  readonly healthEndpoints: boolean;
  readonly waitsForSchema: boolean;
  /** Number of instances; none when an autoscaler decides it. */
  readonly replicas?: number;
  /** Whether a volume keeps two instances from running at once. */
  readonly singleNode: boolean;
  /** Hash of what the pods read at their start: another one means other pods. */
  readonly checksum: string;
  /** How long the migration that new instances wait for may take, if the program says. */
  readonly migrationDeadline?: Duration;
}

/** The Deployment of the application's instances. */
export function deploymentSpec(scope: Construct, options: WebOptions): any {
  const { spec } = k8s.KubeDeployment.manifest({
    spec: {
      replicas: options.replicas,
      selector: { matchLabels: selectorLabels(options.selector) },
      strategy: strategy(options.singleNode),
      ...rolloutFields({ ...options, startupSeconds: startupSeconds(options.probes) }),
      template: webPods(scope, options),
    },
  });
  const template = merge(spec.template, {
    spec: { containers: [{ name: 'web', lifecycle: { preStop: preStop(options) } }] },
  });
  return { ...spec, template: withSidecars(scope, template, options.containers) };
}

/**
 * Waits until the router has noticed, and for requests where the server would not. With the overlay the pod turns unready
 * meanwhile, which routers that check health themselves see. `sleep` is newer than the API types that this is built on, which would drop it.
 */
function preStop({ shutdown, server, healthEndpoints }: WebOptions): any {
  const requests = finishesRequests(server) ? 0 : shutdown.gracefulTimeout.toSeconds();
  const seconds = shutdown.preStop.toSeconds() + requests;
  if (healthEndpoints) return { exec: { command: runtimeCommand('terminate', '--sleep', String(seconds)) } };
  return { sleep: { seconds } };
}

/** The Service in front of them: the same port number outside and inside, as the network policies of EKS ask for. */
export function serviceSpec(selector: Selector, port: number): k8s.ServiceSpec {
  return {
    selector: selectorLabels(selector),
    ports: [{ name: HTTP_PORT, port, targetPort: k8s.IntOrString.fromString(HTTP_PORT) }],
  };
}

/** A rollout adds an instance before it takes one away, unless both could not mount the volume. */
function strategy(singleNode: boolean): k8s.DeploymentStrategy {
  return singleNode ? { type: 'Recreate' } : rollingUpdate();
}

function webPods(scope: Construct, options: WebOptions): k8s.PodTemplateSpec {
  const { containers, server, shutdown } = options;
  const probes = containerProbes(options.probes, {
    portName: HTTP_PORT,
    host: options.probeHost,
    healthEndpoints: options.healthEndpoints,
  });
  const web = djangoContainer(containers, {
    name: 'web',
    command: serverCommand(server, shutdown, options.routerIdleTimeout),
    ports: [{ name: HTTP_PORT, containerPort: server.port }],
    ...probes,
  });
  return appPodTemplate(scope, options, {
    selector: options.selector,
    annotations: { 'checksum/config': options.checksum, [SHUTDOWN_ANNOTATION]: shutdown.sum },
    waitsForSchema: options.waitsForSchema,
    keepsStatic: containers.keepsStatic,
    container: web,
    spec: {
      terminationGracePeriodSeconds: shutdown.gracePeriod.toSeconds(),
      topologySpreadConstraints: spreadConstraints(options.selector),
    },
  });
}
