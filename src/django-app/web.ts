import { Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { envVar } from '../kubernetes/environment';
import { selectorLabels } from '../kubernetes/labels';
import { merge } from '../kubernetes/overrides';
import { runtimeCommand } from '../runtime/runtime';
import { AppPods } from './app-pods';
import { isSingleNode } from './media';
import { metricsPorts } from './metrics';
import { signalsRuntime, signalsVariables } from './signals';
import { PodKind } from './pod-kinds';
import { appPodTemplate, rollingUpdate, spreadConstraints } from './pods';
import { containerProbes, startupSeconds } from './probes';
import { rolloutFields } from './rollout';
import { changeCause } from './release-marker';
import { finishesRequests, serverCommand } from './server';
import { SHUTDOWN_ANNOTATION } from './shutdown';
import { withSidecars } from './sidecars';
import { djangoContainer } from './containers';

/** Name of the port that the application serves HTTP on, in its pods and its Service. */
export const HTTP_PORT = 'http';

const METRICS_FOLDER = { name: 'PROMETHEUS_MULTIPROC_DIR', value: '/tmp/cdk8s-django-metrics' };

/** The Deployment of the application's replicas. */
export function deploymentOf(scope: Construct, pods: AppPods, metadata: k8s.ObjectMeta): any {
  return {
    ...k8s.typeOf('Deployment'),
    // `kubectl rollout history` shows it for each revision.
    metadata: { ...metadata, annotations: { 'kubernetes.io/change-cause': changeCause(pods.props) } },
    spec: Lazy.any({ produce: () => deploymentSpec(scope, pods) }),
  };
}

function deploymentSpec(scope: Construct, pods: AppPods): any {
  const { props, surroundings } = pods;
  const { spec } = k8s.manifest('Deployment', {
    spec: {
      replicas: pods.replicas.fixed,
      selector: { matchLabels: selectorLabels(pods.selector) },
      // A rollout adds a replica before it takes one away, unless both could not mount the volume.
      strategy: isSingleNode(props.media) ? { type: 'Recreate' } : rollingUpdate(),
      ...rolloutFields({
        waitsForSchema: pods.migrates,
        migrationDeadline: props.migrationDeadline,
        startupSeconds: startupSeconds(surroundings.probes),
      }),
      template: webPods(scope, pods),
    },
  });
  const template = merge(spec.template, {
    spec: { containers: [{ name: 'web', lifecycle: { preStop: preStop(pods) } }] },
  });
  return { ...spec, template: withSidecars(scope, template, pods.containersOf(PodKind.WEB).sidecars) };
}

/**
 * Waits until the router has noticed, and for requests where the server would not. With the overlay the pod turns
 * unready meanwhile, which routers that check health themselves see. `sleep` is newer than the API types that this is
 * built on, which would drop it.
 */
function preStop({ shutdown, server, surroundings }: AppPods): any {
  const requests = finishesRequests(server) ? 0 : shutdown.gracefulTimeout.toSeconds();
  const seconds = shutdown.preStop.toSeconds() + requests;
  if (!surroundings.healthEndpoints) return { sleep: { seconds } };
  return { exec: { command: runtimeCommand('terminate', '--sleep', String(seconds)) } };
}

/** The Service in front of them: the same port number outside and inside, as the network policies of EKS ask for. */
export function serviceOf({ selector, port }: AppPods, metadata: k8s.ObjectMeta): any {
  const ports = [{ name: HTTP_PORT, port, targetPort: HTTP_PORT }];
  return k8s.manifest('Service', { metadata, spec: { selector: selectorLabels(selector), ports } });
}

/**
 * Where the processes of a server count together what the application itself counts: each has metrics of its own, and
 * a scrape meets one of them. Neither Jobs nor init containers have it.
 */
function folderVariables({ server, surroundings, variableNames }: AppPods): k8s.EnvVar[] {
  const isOne = server.processes === 1 && server.maxRequests === undefined;
  if (!surroundings.hasMetrics || isOne || variableNames.includes(METRICS_FOLDER.name)) return [];
  return [METRICS_FOLDER];
}

function webPods(scope: Construct, pods: AppPods): k8s.PodTemplateSpec {
  const { server, shutdown, containers, selector } = pods;
  const { idleTimeout, probes, healthEndpoints, webProcesses } = pods.surroundings;
  const shared = pods.containersOf(PodKind.WEB);
  const container = djangoContainer(shared, {
    name: 'web',
    env: [...shared.variables.map(envVar), ...folderVariables(pods), ...signalsVariables(pods)],
    command: serverCommand(server, shutdown, idleTimeout),
    ports: [{ name: HTTP_PORT, containerPort: server.port }, ...metricsPorts(pods)],
    ...containerProbes(probes, {
      portName: HTTP_PORT,
      host: pods.probeHost,
      healthEndpoints,
    }),
  });
  return appPodTemplate(scope, pods, {
    kind: PodKind.WEB,
    selector,
    annotations: { 'checksum/config': pods.checksum, [SHUTDOWN_ANNOTATION]: shutdown.sum },
    runtime: [...pods.runtime('server'), ...signalsRuntime(scope, pods)],
    waitsForSchema: pods.migrates,
    keepsStatic: containers.keepsStatic,
    container,
    beside: webProcesses.map((one) => djangoContainer(shared, one.container)),
    placement: pods.placements.replicas,
    spec: {
      terminationGracePeriodSeconds: Math.max(
        shutdown.gracePeriod.toSeconds(),
        ...webProcesses.map(({ gracePeriod }) => gracePeriod),
      ),
      topologySpreadConstraints: spreadConstraints(selector),
    },
  });
}
