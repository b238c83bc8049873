import { Duration, Lazy } from 'cdk8s';
import { IDistribution, NetworkPeer, Resource } from 'cdk8s-django';
import { HorizontalPodAutoscalers } from 'cdk8s-django/autoscaling';
import { ClusterNetwork } from 'cdk8s-django/network';
import { IMonitoring, IRouting, RouteRequest, RulesRequest, ScrapeRequest } from 'cdk8s-django/platform';
import { RestrictedSecurity } from 'cdk8s-django/security';
import { StorageClasses } from 'cdk8s-django/storage';
import { Construct } from 'constructs';

/** An IngressRoute of Traefik: a routing that the library does not have. */
export class TraefikRouting implements IRouting {
  readonly deregistration = Duration.seconds(7);
  readonly idleTimeout = Duration.seconds(90);
  readonly namespaceLabels = { edge: 'traefik' };

  route(scope: Construct, { name, labels, hosts, serviceName, servicePort }: RouteRequest): Resource[] {
    return [
      new Resource(scope, 'IngressRoute', {
        apiVersion: 'traefik.io/v1alpha1',
        kind: 'IngressRoute',
        metadata: { name, labels },
        spec: {
          routes: hosts.map((host) => ({
            match: `Host(\`${host}\`)`,
            services: [{ name: serviceName, port: servicePort }],
          })),
        },
      }),
    ];
  }

  sources(): NetworkPeer[] {
    return [{ namespaceLabels: { edge: 'traefik' }, podLabels: { app: 'traefik' } }];
  }
}

/** Annotations that a Prometheus without an operator looks for. */
export class AnnotatedMonitoring implements IMonitoring {
  scrape(scope: Construct, { name, labels, path, interval }: ScrapeRequest): Resource {
    return new Resource(scope, 'Scrape', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `${name}-scrape`, labels },
      data: { path, interval: interval.toIsoString() },
    } as any);
  }

  rules(scope: Construct, { name, labels, source }: RulesRequest): Resource {
    return new Resource(scope, 'Rules', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `${name}-rules`, labels },
      data: Lazy.any({ produce: () => ({ 'groups.json': JSON.stringify(source.ruleGroups()) }) }),
    } as any);
  }
}

/** A distribution as a user’s own package would have it: nothing of it is inside the library. */
export class K3s implements IDistribution {
  readonly name = 'k3s';
  readonly kubernetesVersion = '1.33';
  readonly routing = new TraefikRouting();
  readonly security = new RestrictedSecurity();
  readonly network = new ClusterNetwork({ monitoringNamespaceLabels: { team: 'sre' } });
  readonly storage = new StorageClasses({ storageClassName: 'local-path' });
  readonly monitoring = new AnnotatedMonitoring();
  readonly autoscaling = new HorizontalPodAutoscalers();
  readonly logging = { variables: { CDK8S_DJANGO_LOG_FORMAT: 'keep' } };
}
