import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { checkImage } from '../kubernetes/images';
import { checkSources } from '../kubernetes/peers';
import { Problems } from '../kubernetes/problems';
import { completeResources, ContainerResources, resourceRequirements } from '../kubernetes/resources';
import { Traffic } from '../kubernetes/traffic';
import { distributionOf } from '../platform/binding';

/** The exporter beside a server in the cluster: a container that shows what the server counts to Prometheus. */
export interface ServerMetrics {
  /**
   * The exporter's official image, by tag or digest. It is pulled with the server's `imagePullSecrets`.
   *
   * @default - `quay.io/prometheuscommunity/postgres-exporter:v0.17.1`,
   * `quay.io/prometheuscommunity/pgbouncer-exporter:v0.10.2` or `docker.io/oliver006/redis_exporter:v1.69.0`
   */
  readonly image?: string;

  /**
   * CPU and memory of the exporter.
   *
   * @default - 10m CPU, 32Mi memory set aside and 64Mi as the limit
   */
  readonly resources?: ContainerResources;
}

/** The port's name is the one of the library's own metrics: pods without a port of this name are not scraped. */
export const EXPORTER_PORT_NAME = 'metrics';

/** Who an exporter logs in as: a login that sees what a server counts, and no data. */
export const METRICS_USER = 'cdk8s_django_metrics';

/**
 * How a server hands its exporter a password that nobody else has: a file in memory, which ends with the pod. No
 * rotation of the server's own passwords changes it.
 */
export const EXPORTER_VOLUME: k8s.Volume = {
  name: 'exporter',
  emptyDir: { medium: 'Memory', sizeLimit: '1Mi' },
};
export const EXPORTER_MOUNT: k8s.VolumeMount = { name: 'exporter', mountPath: '/run/cdk8s-django' };
export const EXPORTER_PASSWORD = `${EXPORTER_MOUNT.mountPath}/exporter`;

/** Lines of the server's script that make the file, of a form with one `%s`. A server that starts anew keeps it. */
export function exporterPassword(form: string): string[] {
  return [
    `if [ ! -s ${EXPORTER_PASSWORD} ]; then (`,
    '  umask 077',
    `  printf '${form}\\n' "$(head -c 32 /dev/urandom | sha256sum | cut -d ' ' -f 1)" >${EXPORTER_PASSWORD}.new`,
    `  mv ${EXPORTER_PASSWORD}.new ${EXPORTER_PASSWORD}`,
    '); fi',
  ];
}

const DEFAULT_RESOURCES = { cpuRequest: '10m', memoryRequest: '32Mi', memoryLimit: '64Mi' };

/** What an exporter is made of, once its options were checked. */
export interface Exporter {
  readonly image: string;
  readonly resources: ContainerResources;
}

/** Checks the options of an exporter; none when there is to be none. */
export function exporterOf(
  scope: Construct,
  metrics: ServerMetrics | undefined,
  defaultImage: string,
): Exporter | undefined {
  if (!metrics) return undefined;
  return {
    image: checkImage(scope, 'metrics.image', metrics.image ?? defaultImage),
    resources: completeResources(scope, metrics.resources, DEFAULT_RESOURCES, 'metrics.resources'),
  };
}

/** Refuses an exporter for a server that the distribution runs. */
export function refuseExporter(scope: Construct, metrics: ServerMetrics): void {
  Problems.report(scope, {
    property: 'metrics',
    value: metrics,
    reason: 'are for a server that the library makes, and the distribution runs this one',
    remedy: 'Leave them out: docs/metrics.md says where such a server shows its metrics',
  });
}

/** Refuses what an exporter is made of, for a server of an operator that shows its metrics by itself. */
export function refuseExporterOptions(scope: Construct, { image, resources }: ServerMetrics): void {
  for (const [property, value] of Object.entries({ image, resources })) {
    if (value === undefined) continue;
    Problems.report(scope, {
      property: `metrics.${property}`,
      value,
      reason: 'is for an exporter, and the server of the operator shows its metrics by itself',
      remedy: 'Give metrics: {}',
    });
  }
}

/**
 * The container of an exporter. Its probes ask for its port alone: a server that is away leaves it running, so that it
 * can say so.
 */
export function exporterContainer(
  { image, resources }: Exporter,
  {
    port,
    args,
    env,
    volumeMounts,
  }: { port: number; args?: string[]; env: k8s.EnvVar[]; volumeMounts?: k8s.VolumeMount[] },
): k8s.Container {
  const asks = { tcpSocket: { port: EXPORTER_PORT_NAME }, timeoutSeconds: 10, failureThreshold: 6 };
  return {
    name: 'exporter',
    image,
    args,
    ports: [{ name: EXPORTER_PORT_NAME, containerPort: port }],
    env,
    volumeMounts,
    resources: resourceRequirements(resources),
    readinessProbe: { ...asks, periodSeconds: 5 },
    livenessProbe: { ...asks, periodSeconds: 10 },
  };
}

/** What scrapes an exporter, as the policy of its server lets it in. */
export function scraperTraffic(scope: Construct, exporter: Exporter | undefined, port: number): Traffic[] {
  if (!exporter) return [];
  const { metricsSources } = distributionOf(scope).network;
  checkSources(scope, 'network.metricsSources', metricsSources);
  return [{ peers: metricsSources, ports: [{ port }] }];
}
