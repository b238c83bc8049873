import { Distribution, IDistribution } from 'cdk8s-django';
import { IngressRouting } from 'cdk8s-django/routing';

/** The cluster of a laptop: an Ingress, with the certificate that its controller signs itself. */
export function local(
  ingressClassName: string,
  routerNamespaceLabels: Record<string, string>,
): IDistribution {
  return Distribution.upstream({
    name: 'local',
    routing: new IngressRouting({ ingressClassName, routerNamespaceLabels }),
  });
}
