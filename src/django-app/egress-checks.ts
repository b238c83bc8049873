import { isIP } from 'node:net';
import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { Problem } from '../kubernetes/errors';
import { Problems } from '../kubernetes/problems';
import { checkPorts, checkTraffic, Traffic } from '../kubernetes/traffic';
import { distributionOf } from '../platform/binding';
import { NamedTraffic } from '../platform/egress-names';
import { IApplicationPods } from './application-pods';
import { EgressTarget } from './egress-target';

const LABEL = '[a-z0-9*]([-a-z0-9_*]*[a-z0-9*])?';
const DNS_NAME = new RegExp(`^(?=.{1,253}$)${LABEL}([.]${LABEL})+$`);
/** Names of Services, whose addresses a platform translates before its policies see them. */
const CLUSTER_NAME = /[.](svc|cluster[.]local)$/;
const NAME_IT = 'Name at least one';

/**
 * Checks what pods are to connect to.
 *
 * @param property - how the construct calls it
 */
export function checkEgressTarget(scope: Construct, property: string, target: EgressTarget): void {
  if (!(target instanceof EgressTarget)) {
    Problems.report(scope, {
      property,
      value: target,
      reason: 'is not an EgressTarget',
      remedy: 'Make one by EgressTarget.application, pods, addresses or names',
    });
    return;
  }
  const { app, traffic, named } = target;
  if (app) checkNamespaces(scope, property, app);
  if (traffic) checkAddressed(scope, property, traffic);
  if (named) {
    if (named.names.length === 0) reportEmpty(scope, `${property}.names`);
    for (const name of named.names) checkName(scope, `${property}.names`, name);
    checkPorts(scope, `${property}.ports`, named.ports, NAME_IT);
  }
}

/** Pods or addresses: what would mean anybody to Kubernetes was not meant. */
function checkAddressed(scope: Construct, property: string, { peers = [], ports = [] }: Traffic): void {
  if (!peers.length) reportEmpty(scope, `${property}.addresses`);
  if (!ports.length) return reportEmpty(scope, `${property}.ports`);
  const vague = peers.find(({ cidr, podLabels, namespaceLabels }) => !cidr && !podLabels && !namespaceLabels);
  if (!vague) return checkTraffic(scope, property, [{ peers: peers.length ? peers : undefined, ports }]);
  Problems.report(scope, {
    property: `${property}.pods`,
    value: vague,
    reason: 'says nothing of the pods',
    remedy: 'Give podLabels or namespaceLabels',
  });
}

function reportEmpty(scope: Construct, property: string): void {
  Problems.report(scope, { property, value: [], reason: 'is empty', remedy: NAME_IT });
}

/** Whether it is a name of a Service. */
export function isNameOfCluster(name: string): boolean {
  return CLUSTER_NAME.test(name);
}

function checkName(scope: Construct, property: string, name: string): void {
  const problem = problemOf(name);
  if (problem) Problems.report(scope, { property, value: name, ...problem });
}

function problemOf(name: string): Pick<Problem, 'reason' | 'remedy'> | undefined {
  if (typeof name === 'string' && isIP(name)) {
    return { reason: 'is an address', remedy: 'Use EgressTarget.addresses' };
  }
  if (!DNS_NAME.test(name)) {
    return {
      reason: 'is not a DNS name',
      remedy: 'Use lower-case letters, digits, "-", "_" and dots, such as "api.example.com"',
    };
  }
  if (isNameOfCluster(name)) {
    return {
      reason: 'is a name of the cluster, and policies of names do not see its pods',
      remedy: 'Use EgressTarget.application or EgressTarget.pods',
    };
  }
  return undefined;
}

/** Two namespaces can only be told apart by names that the program knows. */
function checkNamespaces(scope: Construct, property: string, app: IApplicationPods): void {
  const { namespace } = Chart.of(scope);
  const { namespace: other } = Chart.of(app);
  if (namespace === other || (namespace && other)) return;
  Problems.report(scope, {
    property,
    value: app.node.path,
    reason: 'is in another chart, and one of the two has no namespace',
    remedy: 'Give both charts a namespace',
  });
}

/** Checks names that a policy of the platform is to have. */
export function checkNamesOfPlatform(scope: Construct, { names }: NamedTraffic): void {
  const { name: distribution, network } = distributionOf(scope);
  const { egressNames } = network;
  if (!egressNames) {
    Problems.report(scope, {
      property: 'target.names',
      value: names,
      reason: `cannot be allowed on ${distribution}: its network policies have addresses and no names`,
      remedy: 'Use EgressTarget.addresses, or give the distribution egressNames',
    });
    return;
  }
  for (const name of names) {
    const reason = egressNames.refusal(name);
    if (reason === undefined) continue;
    const remedy = `Write names as a ${egressNames.kind} takes them, such as "api.example.com"`;
    Problems.report(scope, { property: 'target.names', value: name, reason, remedy });
  }
}
