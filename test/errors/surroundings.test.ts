import { Chart, Duration } from 'cdk8s';
import {
  Distribution,
  HealthMonitoring,
  HealthMonitoringProps,
  LeastPrivilegeAccess,
  LeastPrivilegeAccessProps,
  PublicRoute,
} from 'cdk8s-django';
import { EgressTarget } from 'cdk8s-django/network';
import { django, HOST } from '../support/synth';
import { atSynth, BadInput, eachGivesItsMessage } from './support';

describe('HealthMonitoring', () => {
  const health = (
    what: string,
    changes: Partial<HealthMonitoringProps>,
    path: string,
    message: string,
  ): BadInput => ({
    what,
    define: (chart) => new HealthMonitoring(chart, 'Health', { app: django(chart), ...changes }),
    message: `${path}: ${message}`,
  });
  const PATH_REMEDY = 'Give a path such as "/health", without host, query or spaces.';
  const AMBIGUOUS =
    'has an empty part, "." or "..", or an escaped "/", which routers refuse or take for another path. Give the path that it ' +
    'means, such as "/health".';

  eachGivesItsMessage([
    health(
      'a probe without a slash',
      { liveness: { path: 'alive' } },
      'polls/Polls',
      `liveness.path "alive" is not the path of a URL. ${PATH_REMEDY}`,
    ),
    health(
      'a probe of another path than it says',
      { readiness: { path: '/health/../admin' } },
      'polls/Polls',
      `readiness.path "/health/../admin" ${AMBIGUOUS}`,
    ),
    health(
      'metrics below nothing',
      { metrics: { path: '/app//metrics' } },
      'polls/Health',
      `metrics.path "/app//metrics" ${AMBIGUOUS}`,
    ),
    health(
      'a threshold of none',
      { startup: { failureThreshold: 0 } },
      'polls/Polls',
      'startup.failureThreshold 0 is not a whole number from 1 to 10000. Give a whole number from 1 to 10000.',
    ),
    health(
      'metrics with a query',
      { metrics: { path: '/metrics?all' } },
      'polls/Health',
      `metrics.path "/metrics?all" is not the path of a URL. ${PATH_REMEDY}`,
    ),
    health(
      'scraping all the time',
      { metrics: { interval: Duration.seconds(0) } },
      'polls/Health',
      'metrics.interval 0 is not a whole number of seconds from 1 on. Give a whole number of seconds from 1 on.',
    ),
  ]);
});

describe('LeastPrivilegeAccess', () => {
  const access = (
    what: string,
    changes: { [prop in keyof LeastPrivilegeAccessProps]?: any },
    message: string,
  ): BadInput => ({
    what,
    define: (chart) => new LeastPrivilegeAccess(chart, 'Access', { app: django(chart), ...changes }),
    message: `polls/Access: ${message}`,
  });
  const routed = (chart: Chart) => {
    const app = django(chart);
    new PublicRoute(chart, 'Route', { app, hosts: [HOST], ...{} });
    new LeastPrivilegeAccess(chart, 'Access', { app });
  };
  const GROUP_REMEDY = "Give the name of a group as the cluster's identity provider reports it.";
  const CIDR_REMEDY = 'Give an address and the length of its prefix, such as "10.20.0.0/16".';

  eachGivesItsMessage([
    access(
      'everybody',
      { operators: ['system:authenticated'] },
      `operators "system:authenticated" means everybody. ${GROUP_REMEDY}`,
    ),
    access(
      'deployers who are everybody',
      { deployers: ['system:authenticated'] },
      `deployers "system:authenticated" means everybody. ${GROUP_REMEDY}`,
    ),
    access(
      'break-glass access of everybody',
      { breakGlass: { groups: ['system:serviceaccounts'] } },
      `breakGlass.groups "system:serviceaccounts" means everybody. ${GROUP_REMEDY}`,
    ),
    access(
      'break-glass access of nobody',
      { breakGlass: { groups: [] } },
      'breakGlass.groups [] is empty. Name who may enter the pods, or leave breakGlass out.',
    ),
    access(
      'break-glass access for a moment',
      { breakGlass: { groups: ['on-call'], duration: Duration.minutes(9) } },
      'breakGlass.duration 540 is not a whole number of seconds from 600 to 43200. Give a whole number of seconds from 600 to 43200.',
    ),
    access(
      'break-glass access for days',
      { breakGlass: { groups: ['on-call'], duration: Duration.days(2) } },
      'breakGlass.duration 172800 is not a whole number of seconds from 600 to 43200. Give a whole number of seconds from 600 to 43200.',
    ),
    access('no group', { viewers: [' '] }, `viewers " " is not the name of a group. ${GROUP_REMEDY}`),
    access(
      'no range',
      { egress: [EgressTarget.addresses(['10.0.0.0'], [{ port: 25 }])] },
      `egress.peers.cidr "10.0.0.0" is not a range of addresses. ${CIDR_REMEDY}`,
    ),
    access(
      'a long prefix',
      { ingress: [{ peers: [{ cidr: '10.0.0.0/33' }] }] },
      `ingress.peers.cidr "10.0.0.0/33" is not a range of addresses. ${CIDR_REMEDY}`,
    ),
    access(
      'a peer that says nothing',
      { ingress: [{ peers: [{}] }] },
      'ingress.peers {} says nothing of the peer. Give podLabels, namespaceLabels or cidr; leave peers out to mean anybody.',
    ),
    access(
      'a range with labels',
      { ingress: [{ peers: [{ cidr: '10.0.0.0/8', podLabels: { a: 'b' } }] }] },
      'ingress.peers {"cidr":"10.0.0.0/8","podLabels":{"a":"b"}} has both labels and an address range. Make it two peers.',
    ),
    access(
      'peers that are none, which Kubernetes takes for everybody',
      { ingress: [{ peers: [] }] },
      'ingress.peers [] is empty. Name them, or leave it out to mean anybody.',
    ),
    access(
      'a port that there is not',
      { egress: [EgressTarget.addresses(['10.0.0.0/8'], [{ port: 0 }])] },
      'egress.ports 0 is not a whole number from 1 to 65535. Give a whole number from 1 to 65535.',
    ),
    {
      ...access(
        'no namespace',
        {},
        'namespace (not given) of the chart is needed, because its Pod Security is set on it. ' +
          'Give the Chart a namespace: new Chart(app, "polls", { namespace: "polls" }).',
      ),
      chart: { namespace: undefined },
    },
    {
      what: 'a load balancer that connects from nobody knows where',
      define: routed,
      distribution: Distribution.eks(),
      message: atSynth(
        '[polls/Access] loadBalancerCidrs (not given) is needed to let the load balancer in. ' +
          "Give the ranges of its subnets: Distribution.eks({ loadBalancerCidrs: ['10.0.0.0/20'] }).",
      ),
    },
    {
      what: 'a Gateway whose proxies are nobody knows where',
      define: routed,
      distribution: Distribution.upstream({ gatewayClassName: 'nginx', clusterIssuer: 'letsencrypt' }),
      message: atSynth(
        '[polls/Access] routerNamespaceLabels (not given) is needed to let the proxies of GatewayClass "nginx" in. ' +
          'Give the labels of their namespace: Distribution.upstream({ routerNamespaceLabels: ' +
          '{ "kubernetes.io/metadata.name": "…" } }).',
      ),
    },
  ]);
});
