import { Construct } from 'constructs';
import { InvalidInputError } from '../../kubernetes/errors';
import { namespaceLabels } from '../../kubernetes/labels';
import { checkResourceName } from '../../kubernetes/names';
import { giveNotice } from '../../kubernetes/notices';
import { checkNamespaceLabels, checkRange, NetworkPeer } from '../../kubernetes/peers';
import { Problems } from '../../kubernetes/problems';

/*
 * The facts of a cluster that routings are given, checked where a route or a policy uses them: a distribution is made
 * without a construct that an error could name.
 */

/** Facts by the names of their properties. One that was not given is not looked at. */
interface Facts {
  readonly [property: string]: string | undefined;
}

/** Checks names of resources that exist. */
export function checkNames(scope: Construct, facts: Facts): void {
  for (const [property, value] of Object.entries(facts)) {
    if (value !== undefined) checkResourceName(scope, property, value);
  }
}

const ARN = /^arn:aws[-a-z]*:(acm|iam):[-a-z0-9]*:\d{12}:[-a-z]+\/[-\w./+=@]+$/;

/** Checks the certificate of a load balancer of AWS. */
export function checkCertificateArn(scope: Construct, certificateArn: string | undefined): void {
  if (certificateArn === undefined || ARN.test(certificateArn)) return;
  Problems.report(scope, {
    property: 'certificateArn',
    value: certificateArn,
    reason: 'is not the ARN of a certificate',
    remedy: 'Give it as ACM shows it: "arn:aws:acm:eu-west-1:111122223333:certificate/…"',
  });
}

/** Addresses that a router connects from, as peers of a policy. */
export function rangePeers(scope: Construct, property: string, ranges: string[]): NetworkPeer[] {
  return ranges.map((range) => ({ cidr: checkRange(scope, property, range) }));
}

/** The namespace that a router runs in, as the peer of a policy. */
export function routerPeers(scope: Construct, labels: { [label: string]: string }): NetworkPeer[] {
  checkNamespaceLabels(scope, 'routerNamespaceLabels', labels);
  return [{ namespaceLabels: labels }];
}

/** Notes that the router was assumed to be where Contour's own manifests put it. */
export function assumeContour(scope: Construct, remedy: string): NetworkPeer[] {
  giveNotice(scope, {
    property: 'routerNamespaceLabels',
    value: undefined,
    reason:
      'means a router in the namespace "projectcontour": the network policy refuses one that runs elsewhere, ' +
      'and every visitor gets status 503',
    remedy,
  });
  return [{ namespaceLabels: namespaceLabels('projectcontour') }];
}

/** What a name of a namespace or a Service may have. */
const LONGEST_NAME = 63;

/**
 * Checks the Service that Istio makes for a Gateway, whose name it makes of that and the class: one that is too long
 * leaves the Gateway without proxies.
 *
 * @see https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#automated-deployment
 */
export function checkGatewayService(
  scope: Construct,
  { name, gateway, gatewayClassName }: { name: string; gateway: string; gatewayClassName: string },
  remedy: string,
): void {
  const service = `${gateway}-${gatewayClassName}`;
  if (service.length <= LONGEST_NAME) return;
  Problems.report(scope, {
    property: 'name',
    value: name,
    reason: `has a Gateway whose Service "${service}" would have ${service.length} characters, and may have ${LONGEST_NAME}`,
    remedy,
  });
}

/** The namespace that the Gateways of a namespace are in. */
export function gatewayNamespaceOf(scope: Construct, namespace: string): string {
  const name = `${namespace}-gateway`;
  if (name.length <= LONGEST_NAME) return name;
  throw new InvalidInputError(scope, {
    property: 'namespace',
    value: namespace,
    reason: `has its Gateways in "${name}", which would have ${name.length} characters and may have ${LONGEST_NAME}`,
    remedy: 'Use a shorter one, or a Gateway that exists: Distribution.aks({ gateway: { … } })',
  });
}
