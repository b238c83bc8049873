import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { Problem } from '../kubernetes/errors';
import { addProblems, Problems } from '../kubernetes/problems';
import { HashedConfigMap } from '../kubernetes/resource';
import { runtimeConfigMaps } from '../workloads/runtime-config-maps';
import { AppPods } from './app-pods';
import { DjangoAppProps } from './django-app-props';
import { PodKind } from './pod-kinds';
import { releaseName } from './release-marker';

/** The port at which replicas, workers and beat show what they count. No Service has it, so that no route reaches it. */
export const METRICS_PORT = 8098;

/** Its name: pods without a port of this name are not scraped. */
export const METRICS_PORT_NAME = 'metrics';

/** Where it shows them. */
export const METRICS_PATH = '/metrics';

/** Has the pods count from now on; the ConfigMaps that replicas mount for it. */
export function beginMetrics(scope: Construct, pods: AppPods): HashedConfigMap[] {
  if (pods.surroundings.countsMetrics) return [];
  checkOverlay(scope, pods.props);
  pods.surroundings.countsMetrics = true;
  addProblems(scope, () => metricsProblems(pods));
  return metricsRuntime(scope, pods);
}

/** The ports at which pods of an application are scraped: its own, that of the library's metrics, or both. */
export function scrapedPorts({ surroundings, port }: AppPods): number[] {
  return [...(surroundings.hasMetrics ? [port] : []), ...(surroundings.countsMetrics ? [METRICS_PORT] : [])];
}

/** Checks that the pods have what counts requests: a middleware of the overlay. */
function checkOverlay(scope: Construct, { settingsOverlay }: DjangoAppProps): void {
  if (settingsOverlay?.enabled !== false) return;
  Problems.report(scope, {
    property: 'settingsOverlay.enabled',
    value: false,
    reason: 'turns off what counts requests, which the metrics of the library are made of',
    remedy: 'Leave it out, or give HealthMonitoring the path of metrics of the application: metrics.path',
  });
}

/** The modules that count, for the pods that do: Jobs and init containers have none of it. */
export function metricsRuntime(scope: Construct, { surroundings }: AppPods): HashedConfigMap[] {
  return surroundings.countsMetrics ? runtimeConfigMaps(scope, ['metrics']) : [];
}

/** By them the processes of a container count. */
export function metricsVariables({ surroundings, props }: AppPods): k8s.EnvVar[] {
  if (!surroundings.countsMetrics) return [];
  return [
    { name: 'CDK8S_DJANGO_METRICS_PORT', value: String(METRICS_PORT) },
    { name: 'CDK8S_DJANGO_RELEASE', value: releaseName(props) },
  ];
}

export function metricsPorts({ surroundings }: AppPods): k8s.ContainerPort[] {
  return surroundings.countsMetrics ? [{ name: METRICS_PORT_NAME, containerPort: METRICS_PORT }] : [];
}

/** What is wrong with the port, once all containers of the pods are known. */
function metricsProblems(pods: AppPods): Problem[] {
  const taken = (property: string) => ({
    property,
    value: METRICS_PORT,
    reason: 'is the port at which pods show their metrics',
    remedy: 'Choose another one, or have HealthMonitoring scrape a path of the application: metrics.path',
  });
  const sidecars = [PodKind.WEB, PodKind.WORKERS].flatMap((kind) => pods.containersOf(kind).sidecars);
  const ports = sidecars.flatMap(({ ports = [] }) => ports);
  return [
    ...(pods.port === METRICS_PORT ? [taken('port')] : []),
    ...(ports.some(({ containerPort }: any) => containerPort === METRICS_PORT) ? [taken('ports')] : []),
  ];
}
