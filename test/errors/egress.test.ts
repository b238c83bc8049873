import { App, Chart } from 'cdk8s';
import { Distribution, DjangoApp, IDistribution, LeastPrivilegeAccess } from 'cdk8s-django';
import { AksEgressNames, CiliumEgressNames, EgressTarget } from 'cdk8s-django/network';
import { django, IMAGE } from '../support/synth';
import { BadInput, eachGivesItsMessage } from './support';

const HTTPS = [{ port: 443 }];
const names = (...all: string[]) => EgressTarget.names(all, HTTPS);

/** What an application cannot be let connect to; the message without its path. */
function allowed(what: string, target: EgressTarget, message: string): BadInput {
  return {
    what,
    define: (chart) => django(chart).allowEgressTo(target),
    message: `polls/Polls: ${message}`,
  };
}

describe('what pods may connect to', () => {
  const NOT_DNS =
    'is not a DNS name. Use lower-case letters, digits, "-", "_" and dots, such as "api.example.com".';
  const OF_CLUSTER =
    'is a name of the cluster, and policies of names do not see its pods. ' +
    'Use EgressTarget.application or EgressTarget.pods.';
  eachGivesItsMessage([
    allowed(
      'no target',
      { peers: [] } as any,
      'target {"peers":[]} is not an EgressTarget. Make one by EgressTarget.application, pods, addresses or names.',
    ),
    allowed(
      'no addresses, which would mean anybody',
      EgressTarget.addresses([], HTTPS),
      'target.addresses [] is empty. Name at least one.',
    ),
    allowed(
      'no port of addresses, which would mean all',
      EgressTarget.addresses(['10.0.0.0/8'], []),
      'target.ports [] is empty. Name at least one.',
    ),
    allowed(
      'an address without the length of a prefix',
      EgressTarget.addresses(['10.0.0.1'], HTTPS),
      'target.peers.cidr "10.0.0.1" is not a range of addresses. ' +
        'Give an address and the length of its prefix, such as "10.20.0.0/16".',
    ),
    allowed(
      'pods that nothing is said of',
      EgressTarget.pods({}, HTTPS),
      'target.pods {} says nothing of the pods. Give podLabels or namespaceLabels.',
    ),
    allowed('no names', EgressTarget.names([], HTTPS), 'target.names [] is empty. Name at least one.'),
    allowed(
      'no port of names',
      EgressTarget.names(['api.example.com'], []),
      'target.ports [] is empty. Name at least one.',
    ),
    allowed('a URL', names('https://api.example.com'), `target.names "https://api.example.com" ${NOT_DNS}`),
    allowed(
      'a name with a port',
      names('api.example.com:443'),
      `target.names "api.example.com:443" ${NOT_DNS}`,
    ),
    allowed('capitals', names('API.example.com'), `target.names "API.example.com" ${NOT_DNS}`),
    allowed('one label', names('localhost'), `target.names "localhost" ${NOT_DNS}`),
    allowed('all names', names('*'), `target.names "*" ${NOT_DNS}`),
    allowed(
      'an address as a name',
      names('203.0.113.25'),
      'target.names "203.0.113.25" is an address. Use EgressTarget.addresses.',
    ),
    allowed('a Service', names('redis.shop.svc'), `target.names "redis.shop.svc" ${OF_CLUSTER}`),
    allowed(
      'a Service by its whole name',
      names('redis.shop.svc.cluster.local'),
      `target.names "redis.shop.svc.cluster.local" ${OF_CLUSTER}`,
    ),
    {
      what: 'an application of a chart without a namespace',
      define: (chart) => {
        const other = new Chart(chart.node.root as App, 'other');
        const search = new DjangoApp(other, 'Search', {
          name: 'search',
          image: IMAGE,
          settingsModule: 'search.settings',
        });
        django(chart).allowEgressTo(EgressTarget.application(search));
      },
      message:
        'polls/Polls: target "other/Search" is in another chart, and one of the two has no namespace. ' +
        'Give both charts a namespace.',
    },
  ]);
});

describe('a name of a restricted network', () => {
  const lookups = ['api.example.com', '*.corp.example.com'];
  const named = (what: string, distribution: IDistribution, name: string, message: string): BadInput => ({
    what,
    distribution,
    define: (chart) => {
      const app = django(chart);
      new LeastPrivilegeAccess(chart, 'Access', { app });
      app.allowEgressTo(names(name));
    },
    message: `polls/Polls: target.names ${message}`,
  });
  const cilium = (props?: { lookups: string[] }) =>
    Distribution.upstream({ egressNames: new CiliumEgressNames(props) });
  const none = (distribution: string) =>
    `["api.example.com"] cannot be allowed on ${distribution}: its network policies have addresses and no names. ` +
    'Use EgressTarget.addresses, or give the distribution egressNames.';
  const kind = (name: string) => `Write names as a ${name} takes them, such as "api.example.com".`;
  const EVERYBODY = 'would mean the hosts of everybody.';
  eachGivesItsMessage([
    ...[Distribution.eks(), Distribution.aks(), Distribution.openshift(), Distribution.upstream()].map(
      (one) => named(`on ${one.name}, which has no policy for it`, one, 'api.example.com', none(one.name)),
    ),
    named(
      'for everybody on GKE',
      Distribution.gke(),
      '*.com',
      `"*.com" ${EVERYBODY} ${kind('FQDNNetworkPolicy')}`,
    ),
    named(
      'of several labels on GKE',
      Distribution.gke(),
      '**.example.com',
      `"**.example.com" has "**", which GKE does not know. ${kind('FQDNNetworkPolicy')}`,
    ),
    named(
      'with a part of a label on EKS',
      Distribution.eks({ autoMode: true }),
      'api-*.example.com',
      `"api-*.example.com" has "*" elsewhere than as the whole first label. ${kind('ApplicationNetworkPolicy')}`,
    ),
    named(
      'for everybody on EKS',
      Distribution.eks({ autoMode: true }),
      '*.com',
      `"*.com" ${EVERYBODY} ${kind('ApplicationNetworkPolicy')}`,
    ),
    named(
      'with several labels in the middle with Cilium',
      cilium(),
      'a.**.example.com',
      `"a.**.example.com" has "**" elsewhere than as the whole first label. ${kind('CiliumNetworkPolicy')}`,
    ),
    named(
      'that pods could not look up',
      cilium({ lookups }),
      'api.example.org',
      `"api.example.org" is not among the lookups ["api.example.com","*.corp.example.com"], so pods would not find it. ` +
        kind('CiliumNetworkPolicy'),
    ),
    named(
      'beside all lookups on AKS',
      Distribution.aks({ egressNames: new AksEgressNames({ lookups: ['*'] }) }),
      'api.example.com',
      `"api.example.com" cannot be allowed beside the lookup "*", which AKS does not take. ${kind('CiliumNetworkPolicy')}`,
    ),
  ]);

  it.each<[string, IDistribution]>([
    ['api-*.example.com', Distribution.gke()],
    ['*.example.com', Distribution.eks({ autoMode: true })],
    ['**.example.com', cilium()],
    ['a.corp.example.com', cilium({ lookups })],
    ['*.corp.example.com', cilium({ lookups })],
  ])('may be %s', (name, distribution) => {
    const app = new App();
    Distribution.bind(app, distribution);
    const chart = new Chart(app, 'polls', { namespace: 'polls' });
    const polls = django(chart);
    polls.allowEgressTo(names(name));
    expect(() => new LeastPrivilegeAccess(chart, 'Access', { app: polls })).not.toThrow();
  });
});
