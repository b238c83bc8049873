import { createHash } from 'node:crypto';
import { Chart, Size, Yaml } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { CollectedApp, configuration } from './configuration';

const NAME = 'otel-collector';
const NAMESPACE = 'observability';
const LABELS = { 'app.kubernetes.io/name': NAME };

/** What a collector collects, and where it hands that on to. */
export interface CollectorChartProps {
  /** One application of each namespace: all lines of a namespace are its. */
  readonly apps: CollectedApp[];

  /** Takes OTLP over HTTP: a vendor, or another collector. */
  readonly endpoint: string;

  /** @default - the one that OpenTelemetry publishes */
  readonly image?: string;

  /** @default observability */
  readonly namespace?: string;
}

/**
 * OpenTelemetry's collector, on each node. It reads the lines of the node's pods and scrapes their metrics, so that no
 * line and no number is collected twice, and takes traces from anywhere.
 */
export class CollectorChart extends Chart {
  static readonly PORT = 4318;

  /** Its pods, for network policies. */
  static pods(namespace = NAMESPACE) {
    return { podLabels: LABELS, namespaceLabels: { 'kubernetes.io/metadata.name': namespace } };
  }

  /** Where applications send traces to. */
  static endpoint(namespace = NAMESPACE): string {
    return `http://${NAME}.${namespace}:${CollectorChart.PORT}`;
  }

  constructor(scope: Construct, id: string, props: CollectorChartProps) {
    const { namespace = NAMESPACE } = props;
    super(scope, id, { namespace, labels: LABELS });
    // Files of the node are what Pod Security keeps from all others.
    new kplus.Namespace(this, 'Namespace', {
      metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
    });
    const text = Yaml.stringify(configuration(props.apps, CollectorChart.PORT, props.endpoint));
    const config = new kplus.ConfigMap(this, 'Configuration', {
      metadata: { name: NAME },
      data: { 'config.yaml': text },
    });
    const serviceAccount = new kplus.ServiceAccount(this, 'ServiceAccount', {
      metadata: { name: NAME },
      automountToken: true,
    });
    this.mayFindPods(serviceAccount, props.apps);
    const collector = this.daemonSet(serviceAccount, config, props.image);
    // Another configuration starts other pods.
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
    collector.podMetadata.addAnnotation('checksum/config', hash);
    new kplus.Service(this, 'Service', {
      metadata: { name: NAME },
      selector: collector,
      ports: [{ name: 'otlp', port: CollectorChart.PORT }],
    });
  }

  private mayFindPods(serviceAccount: kplus.ServiceAccount, apps: CollectedApp[]): void {
    for (const namespace of new Set(apps.map((app) => app.namespace))) {
      const role = new kplus.Role(this, `Role-${namespace}`, { metadata: { name: NAME, namespace } });
      role.allow(['get', 'list', 'watch'], kplus.ApiResource.PODS);
      const metadata = { name: NAME, namespace };
      new kplus.RoleBinding(this, `RoleBinding-${namespace}`, { metadata, role }).addSubjects(serviceAccount);
    }
  }

  private daemonSet(serviceAccount: kplus.ServiceAccount, config: kplus.ConfigMap, image?: string) {
    const collector = new kplus.DaemonSet(this, 'Collector', {
      metadata: { name: NAME },
      podMetadata: { labels: LABELS },
      serviceAccount,
      automountServiceAccountToken: true,
      // The files of the log are root's.
      securityContext: { user: 0, group: 0, ensureNonRoot: false },
    });
    const container = collector.addContainer({
      name: 'collector',
      image: image ?? 'docker.io/otel/opentelemetry-collector-contrib:0.165.0',
      imagePullPolicy: kplus.ImagePullPolicy.IF_NOT_PRESENT,
      args: ['--config=file:/etc/otelcol/config.yaml'],
      ports: [{ name: 'otlp', number: CollectorChart.PORT }],
      envVariables: { NODE_NAME: kplus.EnvValue.fromFieldRef(kplus.EnvFieldPaths.NODE_NAME) },
      readiness: kplus.Probe.fromTcpSocket({ port: CollectorChart.PORT }),
      securityContext: { user: 0, group: 0, ensureNonRoot: false, readOnlyRootFilesystem: true },
      resources: {
        cpu: { request: kplus.Cpu.millis(50) },
        memory: { request: Size.mebibytes(128), limit: Size.mebibytes(512) },
      },
    });
    container.mount('/etc/otelcol', kplus.Volume.fromConfigMap(this, 'ConfigurationVolume', config), {
      readOnly: true,
    });
    const logs = kplus.Volume.fromHostPath(this, 'Logs', 'logs', { path: '/var/log/pods' });
    container.mount('/var/log/pods', logs, { readOnly: true });
    const positions = kplus.Volume.fromHostPath(this, 'Positions', 'positions', {
      path: '/var/lib/otelcol',
      type: kplus.HostPathVolumeType.DIRECTORY_OR_CREATE,
    });
    container.mount('/var/lib/otelcol', positions);
    return collector;
  }
}
