import { Chart, Duration } from 'cdk8s';
import { Distribution, IDistribution, Resource } from 'cdk8s-django';
import { HorizontalPodAutoscalers } from 'cdk8s-django/autoscaling';
import { DistributionProps } from 'cdk8s-django/distributions';
import { JsonLogging } from 'cdk8s-django/logging';
import { PrometheusOperator } from 'cdk8s-django/monitoring';
import { ClusterNetwork } from 'cdk8s-django/network';
import { RouteRequest } from 'cdk8s-django/platform';
import { IngressRouting } from 'cdk8s-django/routing';
import { RestrictedSecurity } from 'cdk8s-django/security';
import { StorageClasses } from 'cdk8s-django/storage';
import { Construct } from 'constructs';

const KUBE_SYSTEM = { 'kubernetes.io/metadata.name': 'kube-system' };

/**
 * The Traefik of k3s: an Ingress, and a Middleware that sends plain HTTP to HTTPS.
 *
 * @see https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/ingress/
 */
class TraefikRouting extends IngressRouting {
  constructor(clusterIssuer?: string) {
    super({
      ingressClassName: 'traefik',
      clusterIssuer,
      routerNamespaceLabels: KUBE_SYSTEM,
      idleTimeout: Duration.seconds(90), // Traefik's own
      sessionAffinityServiceAnnotations: { 'traefik.ingress.kubernetes.io/service.sticky.cookie': 'true' },
    });
  }

  override route(scope: Construct, request: RouteRequest): Resource[] {
    const [ingress, ...others] = super.route(scope, request);
    const { name, labels } = request;
    const redirect = new Resource(scope, 'Redirect', {
      apiVersion: 'traefik.io/v1alpha1',
      kind: 'Middleware',
      metadata: { name: `${name}-https`, labels },
      spec: { redirectScheme: { scheme: 'https', permanent: true } },
    } as any);
    const namespace = Chart.of(scope).namespace ?? 'default';
    ingress.metadata.addAnnotation(
      'traefik.ingress.kubernetes.io/router.middlewares',
      `${namespace}-${redirect.name}@kubernetescrd`,
    );
    return [ingress, redirect, ...others];
  }
}

/** The facts of a k3s cluster. */
export interface K3sProps extends DistributionProps {
  /** The ClusterIssuer of cert-manager that makes certificates. */
  readonly clusterIssuer?: string;
}

/** k3s: Traefik, volumes on the node's own disk, the Prometheus operator where it is installed. */
export function k3s(props: K3sProps = {}): IDistribution {
  return Distribution.custom(
    {
      name: 'k3s',
      kubernetesVersion: '1.34',
      routing: new TraefikRouting(props.clusterIssuer),
      security: new RestrictedSecurity(),
      network: new ClusterNetwork({
        monitoringNamespaceLabels: { 'kubernetes.io/metadata.name': 'monitoring' },
      }),
      storage: new StorageClasses({ storageClassName: 'local-path' }),
      monitoring: new PrometheusOperator(),
      logging: new JsonLogging(),
      autoscaling: new HorizontalPodAutoscalers(),
    },
    props,
  );
}
