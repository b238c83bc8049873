import { Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import { resourceLabels } from '../kubernetes/labels';
import { Resource } from '../kubernetes/resource';
import { IEgressNames, NamedTraffic } from '../platform/egress-names';
import { dnsTraffic, podSelector, PolicyPods } from './network-policies';

/**
 * Makes a policy that lets pods connect to names, in addition to what network policies allow.
 *
 * @param platform - the kind of the policy
 * @param traffic - what is allowed: asked at synth
 */
export function egressNamesPolicy(
  scope: Construct,
  id: string,
  platform: IEgressNames,
  { traffic, ...pods }: PolicyPods & { readonly traffic: () => NamedTraffic[] },
): Resource {
  const { apiVersion, kind } = platform;
  const request = () => ({ podSelector: podSelector(pods), traffic: traffic(), dns: dnsTraffic(scope) });
  return new Resource(scope, id, {
    apiVersion,
    kind,
    metadata: { name: pods.name, labels: resourceLabels(pods.selector) },
    spec: Lazy.any({ produce: () => platform.spec(request()) }),
  } as any);
}
