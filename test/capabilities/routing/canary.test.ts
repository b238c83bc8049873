import * as fc from 'fast-check';
import { Chart, Duration } from 'cdk8s';
import { PublicRoute, PublicRouteProps } from 'cdk8s-django';
import { django, errorOf, find, HOST, synth } from '../../support/synth';
import { routed } from '../../support/routes';
import { ROUTINGS } from './routings';

const PREFIX = 'alb.ingress.kubernetes.io';

/** An application with a route, and a release of it on another port that gets 20 percent of the requests. */
function define(changes: Partial<PublicRouteProps> = {}, weight = 20): (chart: Chart) => void {
  return (chart) => {
    const app = django(chart);
    const next = django(chart, { name: 'polls-next', port: 9000, secretKey: app.secretKey }, 'Next');
    const timeout = Duration.seconds(60);
    new PublicRoute(chart, 'Route', {
      app,
      hosts: [HOST],
      timeout,
      canary: { app: next, weight },
      ...changes,
    });
  };
}

const withCanary = (routing: string, changes: Partial<PublicRouteProps> = {}, weight = 20): any[] =>
  synth(define(changes, weight), ROUTINGS[routing]());
const errorWith = (routing: string, changes: Partial<PublicRouteProps> = {}): string =>
  errorOf(define(changes), ROUTINGS[routing]());

const named = (manifests: any[], kind: string, name = 'polls') => find(manifests, kind, name);
const forward = (manifests: any[]) => {
  const { metadata, spec } = named(manifests, 'Ingress');
  expect(spec.rules[0].http.paths[0].backend).toEqual({
    service: { name: 'canary', port: { name: 'use-annotation' } },
  });
  return JSON.parse(metadata.annotations[`${PREFIX}/actions.canary`]);
};

/** The weights of the Services, in the words of the platform; other routings refuse. */
const WEIGHTS: Record<string, (manifests: any[]) => [string, number, number][]> = {};
const ofRoute = (manifests: any[]) =>
  named(manifests, 'HTTPRoute').spec.rules[0].backendRefs.map(({ name, port, weight }: any) => [
    name,
    port,
    weight,
  ]);
for (const name of Object.keys(ROUTINGS).filter((it) => /Gateway|application routing/.test(it))) {
  WEIGHTS[name] = ofRoute;
}
const ofAction = (manifests: any[]) => {
  const { type, forwardConfig } = forward(manifests);
  expect(type).toBe('forward');
  return forwardConfig.targetGroups.map((group: any) => [group.serviceName, group.servicePort, group.weight]);
};
WEIGHTS['EKS Ingress'] = ofAction;
WEIGHTS['EKS Auto Mode'] = ofAction;
WEIGHTS.Contour = (manifests) =>
  named(manifests, 'HTTPProxy').spec.routes[0].services.map(({ name, port, weight }: any) => [
    name,
    port,
    weight,
  ]);
WEIGHTS['OpenShift Route'] = (manifests) => {
  const { to, alternateBackends, port } = named(manifests, 'Route').spec;
  expect(port).toEqual({ targetPort: 'http' });
  const services = [to, ...alternateBackends];
  expect(services.map(({ kind }: any) => kind)).toEqual(['Service', 'Service']);
  // By the name of the port, which each Service has with a number of its own.
  return services.map(({ name, weight }: any) => [
    name,
    named(manifests, 'Service', name).spec.ports[0].port,
    weight,
  ]);
};

const ONE_SERVICE = (routing: string, remedy: string) =>
  `polls/Route: canary.app "polls-next" cannot get a share of the requests: ${routing} makes an Ingress, which has ` +
  `one Service for a path. ${remedy}.`;
const REFUSED: Record<string, string> = {
  'GKE Ingress': ONE_SERVICE(
    'GkeIngressRouting',
    'Use the Gateway: Distribution.gke({ certificateMap: "polls" })',
  ),
  Ingress: ONE_SERVICE(
    'IngressRouting',
    'Use a routing that has weights: Distribution.upstream({ … }) by itself, or new ContourRouting({})',
  ),
};

describe('a canary', () => {
  it('is known of every routing', () => {
    expect([...Object.keys(WEIGHTS), ...Object.keys(REFUSED)].sort()).toEqual(Object.keys(ROUTINGS).sort());
  });

  it.each(Object.keys(WEIGHTS))('gets its share on %s, and the application the others', (name) => {
    expect(WEIGHTS[name](withCanary(name))).toEqual([
      ['polls', 8000, 80],
      ['polls-next', 9000, 20],
    ]);
  });

  it.each(Object.keys(WEIGHTS))('gets what is asked for on %s: shares that make up 100', (name) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), (weight) => {
        const shares = WEIGHTS[name](withCanary(name, {}, weight)).map(([, , share]) => share);
        expect(shares).toEqual([100 - weight, weight]);
      }),
      { numRuns: 5, examples: [[0], [100]] },
    );
  });

  it.each(Object.keys(REFUSED))('is refused on %s', (name) => {
    expect(errorWith(name)).toBe(REFUSED[name]);
  });

  it.each(Object.keys(ROUTINGS))('leaves nothing of itself on %s once it is gone', (name) => {
    const text = JSON.stringify(routed(ROUTINGS[name]()));
    for (const word of ['polls-canary', 'actions.canary', 'alternateBackends', 'roundrobin']) {
      expect(text).not.toContain(word);
    }
  });
});

describe('what a platform keeps of a Service is there for that of a canary too', () => {
  const target = (name: string) => ({ group: '', kind: 'Service', name });

  it.each([
    ['GKE Gateway', ['HealthCheckPolicy', 'GCPBackendPolicy'], 'targetRef'],
    ['AKS Application Gateway', ['HealthCheckPolicy'], 'targetRef'],
    ['EKS Gateway', ['TargetGroupConfiguration'], 'targetReference'],
  ])('on %s: %p', (name, kinds, reference) => {
    const manifests = withCanary(name);
    for (const kind of kinds) {
      const [own, canary] = [named(manifests, kind), named(manifests, kind, 'polls-canary')];
      expect(own.spec[reference]).toEqual(target('polls'));
      expect(canary.spec[reference]).toEqual(target('polls-next'));
      const rest = ({ spec }: any) => JSON.stringify({ ...spec, [reference]: undefined });
      expect(rest(canary)).toBe(rest(own).replaceAll('8000', '9000'));
    }
  });

  it('on AKS Application Gateway with the canary’s own port', () => {
    const policy = named(withCanary('AKS Application Gateway'), 'HealthCheckPolicy', 'polls-canary');
    expect(policy.spec.default.port).toBe(9000);
  });

  it('and refuses another route to that Service', () => {
    const twice = (chart: Chart) => {
      define()(chart);
      const next = chart.node.findChild('Next') as PublicRouteProps['app'];
      new PublicRoute(chart, 'Preview', { app: next, hosts: ['next.example.com'] });
    };
    expect(errorOf(twice, ROUTINGS['GKE Gateway']())).toBe(
      'polls/Preview: app "polls-next" has a route already, and its Service can have one HealthCheckPolicy: that at ' +
        'polls/Route/CanaryHealthCheckPolicy. Give that route all the hosts.',
    );
  });
});

describe('a canary on an OpenShift Route', () => {
  it('has the router balance by weights', () => {
    const { annotations } = named(withCanary('OpenShift Route'), 'Route').metadata;
    expect(annotations['haproxy.router.openshift.io/balance']).toBe('roundrobin');
  });
});

describe('a canary with sessionAffinity', () => {
  const stickiness = { enabled: true, durationSeconds: 86400 };
  const sticky = (name: string) => withCanary(name, { sessionAffinity: true });
  const refusal = (reason: string) =>
    `polls/Route: sessionAffinity true does not go with canary: ${reason}. Leave it out while there is a canary.`;

  it.each(['EKS Ingress', 'EKS Auto Mode'])('keeps visitors to a release on %s', (name) => {
    expect(forward(sticky(name)).forwardConfig.targetGroupStickinessConfig).toEqual(stickiness);
    expect(forward(withCanary(name)).forwardConfig).not.toHaveProperty('targetGroupStickinessConfig');
  });

  it('keeps visitors to a release on EKS Gateway', () => {
    const manifests = sticky('EKS Gateway');
    const extensionRef = {
      group: 'gateway.k8s.aws',
      kind: 'ListenerRuleConfiguration',
      name: 'polls-canary',
    };
    expect(named(manifests, 'HTTPRoute').spec.rules[0].filters).toEqual([
      { type: 'ExtensionRef', extensionRef },
    ]);
    expect(named(manifests, 'ListenerRuleConfiguration', 'polls-canary').spec).toEqual({
      actions: [{ type: 'forward', forwardConfig: { targetGroupStickinessConfig: stickiness } }],
    });
    const without = withCanary('EKS Gateway');
    expect(without.map(({ kind }) => kind)).not.toContain('ListenerRuleConfiguration');
    expect(named(without, 'HTTPRoute').spec.rules[0]).not.toHaveProperty('filters');
  });

  it('keeps visitors to a replica on OpenShift Route', () => {
    const { annotations } = named(sticky('OpenShift Route'), 'Route').metadata;
    expect(annotations['haproxy.router.openshift.io/disable_cookies']).toBe('false');
  });

  it.each([
    ['GKE Gateway', 'the weights of Google’s load balancers take precedence'],
    ['Contour', 'Envoy keeps a visitor to a replica of one Service, not to one Service'],
    [
      'AKS Application Gateway',
      'Application Gateway for Containers documents its cookie for the replicas of one Service',
    ],
  ])('is refused on %s', (name, reason) => {
    expect(errorWith(name, { sessionAffinity: true })).toBe(refusal(reason));
  });
});

describe('maintenance', () => {
  const url = 'https://status.example.com/';
  /** A routing that refuses to answer with 503 redirects. */
  const MAINTENANCE: Record<string, Partial<PublicRouteProps>> = {
    'GKE Gateway': { maintenance: true, maintenanceUrl: url },
    'AKS Application Gateway': { maintenance: true, maintenanceUrl: url },
  };
  /** The part of a manifest that says who answers. */
  const answers = (manifests: any[]) =>
    manifests
      .filter(({ kind }) => ['HTTPRoute', 'Ingress', 'Route', 'HTTPProxy'].includes(kind))
      .map(({ spec }) => JSON.stringify(spec.rules ?? spec.routes ?? [spec.to, spec.alternateBackends]));

  it.each(Object.keys(WEIGHTS).filter((name) => name !== 'EKS Gateway'))(
    'wins over a canary on %s',
    (name) => {
      const changes = MAINTENANCE[name] ?? { maintenance: true };
      const [both, alone] = [withCanary(name, changes), routed(ROUTINGS[name](), changes)].map(answers);
      expect(alone.length).toBeGreaterThan(0);
      expect(both).toEqual(alone);
    },
  );

  it('wins over a canary on EKS Gateway, by the action of the rule', () => {
    const manifests = withCanary('EKS Gateway', { maintenance: true, sessionAffinity: true });
    const rules = manifests.filter(({ kind }) => kind === 'ListenerRuleConfiguration');
    expect(rules.map(({ metadata }) => metadata.name)).toEqual(['polls-maintenance']);
    expect(named(manifests, 'HTTPRoute').spec.rules[0].filters).toHaveLength(1);
  });
});

describe('a canary that shares a broker', () => {
  /** Both releases, of which the first has tasks of two hours. */
  const shares = (changes: object, hasWorker: boolean) => (chart: Chart) => {
    const celery = { broker: { url: 'redis://queue.example.com/0' }, ...changes };
    const app = django(chart, { celery });
    const next = django(chart, { name: 'polls-next', secretKey: app.secretKey, celery }, 'Next');
    app.addCeleryWorker({ name: 'reports', taskTimeLimit: Duration.hours(2) });
    if (hasWorker) next.addCeleryWorker({ name: 'default' });
    new PublicRoute(chart, 'Route', { app, hosts: [HOST], canary: { app: next, weight: 20 } });
  };

  it('may have no workers, whatever tasks the other has', () => {
    expect(() => synth(shares({}, false))).not.toThrow();
  });

  it('may have workers that bring tasks back as late', () => {
    expect(errorOf(shares({}, true))).toContain('celery.visibilityTimeout Duration.seconds(7220)');
    expect(() => synth(shares({ visibilityTimeout: Duration.seconds(7220) }, true))).not.toThrow();
  });
});
