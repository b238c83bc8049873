import { Duration } from 'cdk8s';
import { PublicRouteProps } from 'cdk8s-django';
import { routed } from '../../support/routes';
import { find } from '../../support/synth';
import { routeError, ROUTINGS } from './routings';

/** What manifests say of an option, for each routing, or the error: every routing is listed for every option. */
type Expected = Record<string, ((manifests: any[]) => void) | string>;

const one = (manifests: any[], kind: string, name = 'polls') => find(manifests, kind, name);
const ALB = 'alb.ingress.kubernetes.io';
const TEXT = 'This site is being maintained. Please come back later.';

const rule = (manifests: any[]) => one(manifests, 'HTTPRoute').spec.rules[0];
const requestTimeout = (value: string) => (manifests: any[]) =>
  expect(rule(manifests).timeouts).toEqual({ request: value });
const annotation = (kind: string, name: string, value: string) => (manifests: any[]) =>
  expect(one(manifests, kind).metadata.annotations[name]).toBe(value);

/** An error names the construct’s path, the value and the remedy. */
function check(changes: Partial<PublicRouteProps>, expected: Expected): void {
  it('is known of every routing', () => expect(Object.keys(expected)).toEqual(Object.keys(ROUTINGS)));

  it.each(Object.entries(expected))('on %s', (name, expectation) => {
    if (typeof expectation === 'string') {
      expect(routeError(ROUTINGS[name](), changes)).toBe(`polls/Route: ${expectation}`);
    } else {
      expectation(routed(ROUTINGS[name](), changes));
    }
  });
}

describe('sessionAffinity', () => {
  const stickiness =
    'deregistration_delay.timeout_seconds=75,stickiness.enabled=true,stickiness.type=lb_cookie,' +
    'stickiness.lb_cookie.duration_seconds=86400';
  const notStandard = 'sessionAffinity true is not in the standard channel of the Gateway API';
  check(
    { sessionAffinity: true },
    {
      'GKE Gateway': (manifests) =>
        expect(one(manifests, 'GCPBackendPolicy').spec.default.sessionAffinity).toEqual({
          type: 'GENERATED_COOKIE',
          cookieTtlSec: 86400,
        }),
      'GKE Ingress': (manifests) =>
        expect(one(manifests, 'BackendConfig').spec.sessionAffinity).toEqual({
          affinityType: 'GENERATED_COOKIE',
          affinityCookieTtlSec: 86400,
        }),
      'EKS Ingress': annotation('Ingress', `${ALB}/target-group-attributes`, stickiness),
      'EKS Auto Mode': annotation('Ingress', `${ALB}/target-group-attributes`, stickiness),
      'EKS Gateway': (manifests) =>
        expect(
          one(manifests, 'TargetGroupConfiguration').spec.defaultConfiguration.targetGroupAttributes,
        ).toEqual([
          { key: 'deregistration_delay.timeout_seconds', value: '75' },
          { key: 'stickiness.enabled', value: 'true' },
          { key: 'stickiness.type', value: 'lb_cookie' },
          { key: 'stickiness.lb_cookie.duration_seconds', value: '86400' },
        ]),
      'AKS application routing':
        `${notStandard}, which is all that application routing has. Leave it out, or use a routing that has it: ` +
        'Distribution.aks({ routing: new AksApplicationGatewayRouting({ … }) }).',
      'AKS Application Gateway': (manifests) =>
        expect(one(manifests, 'RoutePolicy').spec.default.sessionAffinity).toEqual({
          affinityType: 'managed-cookie',
        }),
      'OpenShift Route': annotation('Route', 'haproxy.router.openshift.io/disable_cookies', 'false'),
      'OpenShift Gateway': `${notStandard}. Leave it out, or use a routing that has it: Distribution.openshift(), whose Routes do.`,
      'upstream Gateway':
        `${notStandard}. Leave it out, or use a routing that has it: new ContourRouting({}), or ` +
        'new IngressRouting({ … }).',
      Contour: (manifests) =>
        expect(one(manifests, 'HTTPProxy').spec.routes[0].loadBalancerPolicy).toEqual({ strategy: 'Cookie' }),
      Ingress: annotation('Ingress', 'nginx.ingress.kubernetes.io/affinity', 'cookie'),
    },
  );
});

describe('no sessionAffinity', () => {
  it.each(Object.keys(ROUTINGS))('says nothing of sessions on %s', (name) => {
    // ConfigMaps have the Python of the library, whose readers of replicas are sticky too.
    const made = routed(ROUTINGS[name]()).filter(({ kind }) => kind !== 'ConfigMap');
    const text = JSON.stringify(made).toLowerCase();
    for (const word of ['stickiness', 'affinity":', 'disable_cookies', '"strategy":"cookie"']) {
      expect(text).not.toContain(word);
    }
  });

  it('turns the cookie of OpenShift’s router off when it is false', () => {
    const manifests = routed(ROUTINGS['OpenShift Route'](), { sessionAffinity: false });
    annotation('Route', 'haproxy.router.openshift.io/disable_cookies', 'true')(manifests);
  });
});

describe('paths', () => {
  const ingressPaths = (manifests: any[]) =>
    expect(
      one(manifests, 'Ingress').spec.rules[0].http.paths.map(({ path, pathType }: any) => [path, pathType]),
    ).toEqual([
      ['/polls', 'Prefix'],
      ['/admin', 'Prefix'],
    ]);
  const matches = [
    { path: { type: 'PathPrefix', value: '/polls' } },
    { path: { type: 'PathPrefix', value: '/admin' } },
  ];
  const routePaths = (manifests: any[]) => {
    expect(rule(manifests).matches).toEqual(matches);
    expect(one(manifests, 'HTTPRoute', 'polls-redirect').spec.rules[0].matches).toEqual(matches);
  };
  check(
    { paths: ['/polls', '/admin'] },
    {
      'GKE Gateway': routePaths,
      'GKE Ingress': ingressPaths,
      'EKS Ingress': ingressPaths,
      'EKS Auto Mode': ingressPaths,
      'EKS Gateway': routePaths,
      'AKS application routing': routePaths,
      'AKS Application Gateway': routePaths,
      'OpenShift Route': (manifests) => {
        expect(one(manifests, 'Route').spec.path).toBe('/polls');
        expect(one(manifests, 'Route', 'polls-y3j0j').spec.path).toBe('/admin');
      },
      'OpenShift Gateway': routePaths,
      'upstream Gateway': routePaths,
      // A prefix alone would stand for /pollsters too.
      Contour: (manifests) =>
        expect(one(manifests, 'HTTPProxy').spec.routes.flatMap(({ conditions }: any) => conditions)).toEqual([
          { exact: '/polls' },
          { prefix: '/polls/' },
          { exact: '/admin' },
          { prefix: '/admin/' },
        ]),
      Ingress: ingressPaths,
    },
  );
});

const USE_GATEWAY = 'Use the Gateway, with a maintenanceUrl: Distribution.gke({ certificateMap: "polls" }).';

describe('maintenance', () => {
  const empty = (manifests: any[]) => {
    const { metadata, spec } = one(manifests, 'Service', 'polls-maintenance');
    expect(metadata.labels['app.kubernetes.io/component']).toBe('maintenance');
    expect(spec).toEqual({
      selector: {
        'app.kubernetes.io/name': 'polls',
        'app.kubernetes.io/instance': 'polls',
        'app.kubernetes.io/component': 'maintenance',
      },
      ports: [{ name: 'http', port: 8000, targetPort: 'http' }],
    });
  };
  const emptyBackend = (manifests: any[]) => {
    empty(manifests);
    expect(rule(manifests).filters).toBeUndefined();
    expect(rule(manifests).backendRefs).toEqual([
      { group: '', kind: 'Service', name: 'polls-maintenance', port: 8000, weight: 1 },
    ]);
  };
  const fixedResponse = (manifests: any[]) => {
    const { metadata, spec } = one(manifests, 'Ingress');
    expect(JSON.parse(metadata.annotations[`${ALB}/actions.maintenance`])).toEqual({
      type: 'fixed-response',
      fixedResponseConfig: { contentType: 'text/plain', statusCode: '503', messageBody: TEXT },
    });
    expect(spec.rules[0].http.paths[0].backend).toEqual({
      service: { name: 'maintenance', port: { name: 'use-annotation' } },
    });
  };
  const refusal = (reason: string) =>
    `maintenance true cannot answer with status 503: ${reason}. Give maintenanceUrl, the page that visitors are ` +
    'sent to meanwhile.';
  check(
    { maintenance: true },
    {
      'GKE Gateway': refusal('GKE documents no status for a Service without pods'),
      'GKE Ingress': `maintenance true is not supported: the Ingress of GKE cannot answer by itself. ${USE_GATEWAY}`,
      'EKS Ingress': fixedResponse,
      'EKS Auto Mode': fixedResponse,
      'EKS Gateway': (manifests) => {
        const extensionRef = {
          group: 'gateway.k8s.aws',
          kind: 'ListenerRuleConfiguration',
          name: 'polls-maintenance',
        };
        expect(rule(manifests).filters).toEqual([{ type: 'ExtensionRef', extensionRef }]);
        expect(one(manifests, 'ListenerRuleConfiguration', 'polls-maintenance').spec).toEqual({
          actions: [
            {
              type: 'fixed-response',
              fixedResponseConfig: { statusCode: 503, contentType: 'text/plain', messageBody: TEXT },
            },
          ],
        });
      },
      'AKS application routing': emptyBackend,
      'AKS Application Gateway': refusal(
        'Application Gateway for Containers documents no status for a Service without pods',
      ),
      'OpenShift Route': (manifests) => {
        empty(manifests);
        expect(one(manifests, 'Route').spec.to).toEqual({
          kind: 'Service',
          name: 'polls-maintenance',
          weight: 100,
        });
      },
      'OpenShift Gateway': emptyBackend,
      'upstream Gateway': emptyBackend,
      Contour: (manifests) =>
        expect(one(manifests, 'HTTPProxy').spec.routes).toEqual([
          { conditions: [{ prefix: '/' }], directResponsePolicy: { statusCode: 503, body: TEXT } },
        ]),
      Ingress: (manifests) => {
        empty(manifests);
        expect(one(manifests, 'Ingress').spec.rules[0].http.paths[0].backend).toEqual({
          service: { name: 'polls-maintenance', port: { number: 8000 } },
        });
      },
    },
  );

  it.each(Object.keys(ROUTINGS))('changes nothing on %s while it is off', (name) => {
    const off = { maintenance: false, maintenanceUrl: 'https://status.example.com' };
    expect(routed(ROUTINGS[name](), off)).toEqual(routed(ROUTINGS[name]()));
  });
});

describe('maintenance with maintenanceUrl', () => {
  const redirect = (manifests: any[]) =>
    expect(rule(manifests)).toEqual({
      matches: [{ path: { type: 'PathPrefix', value: '/' } }],
      filters: [
        {
          type: 'RequestRedirect',
          requestRedirect: {
            scheme: 'https',
            hostname: 'status.example.com',
            port: 8443,
            path: { type: 'ReplaceFullPath', replaceFullPath: '/polls' },
            statusCode: 302,
          },
        },
      ],
    });
  const action = (manifests: any[]) =>
    expect(JSON.parse(one(manifests, 'Ingress').metadata.annotations[`${ALB}/actions.maintenance`])).toEqual({
      type: 'redirect',
      redirectConfig: {
        protocol: 'HTTPS',
        host: 'status.example.com',
        port: '8443',
        path: '/polls',
        statusCode: 'HTTP_302',
      },
    });
  const url = 'https://status.example.com:8443/polls';
  const refusal = (reason: string) =>
    `maintenanceUrl "${url}" cannot be redirected to: ${reason}. Leave it out: visitors are then answered with ` +
    'status 503.';
  check(
    { maintenance: true, maintenanceUrl: url },
    {
      'GKE Gateway': redirect,
      'GKE Ingress':
        'maintenanceUrl "https://status.example.com:8443/polls" cannot be redirected to: ' +
        `the Ingress of GKE redirects to HTTPS alone. ${USE_GATEWAY}`,
      'EKS Ingress': action,
      'EKS Auto Mode': action,
      'EKS Gateway': redirect,
      'AKS application routing': redirect,
      'AKS Application Gateway': redirect,
      'OpenShift Route': refusal('Routes have no redirects'),
      'OpenShift Gateway': redirect,
      'upstream Gateway': redirect,
      Contour: (manifests) =>
        expect(one(manifests, 'HTTPProxy').spec.routes).toEqual([
          {
            conditions: [{ prefix: '/' }],
            requestRedirectPolicy: {
              scheme: 'https',
              hostname: 'status.example.com',
              port: 8443,
              path: '/polls',
              statusCode: 302,
            },
          },
        ]),
      Ingress: refusal('Ingress has no redirects'),
    },
  );
});

describe('websocketTimeout', () => {
  const idle = 'idle_timeout.timeout_seconds=600';
  check(
    { websocketTimeout: Duration.minutes(10) },
    {
      'GKE Gateway': (manifests) =>
        expect(one(manifests, 'GCPBackendPolicy').spec.default).toEqual({
          timeoutSec: 600,
          connectionDraining: { drainingTimeoutSec: 75 },
        }),
      'GKE Ingress': (manifests) =>
        expect(one(manifests, 'BackendConfig').spec).toMatchObject({
          timeoutSec: 600,
          connectionDraining: { drainingTimeoutSec: 75 },
        }),
      'EKS Ingress': annotation('Ingress', `${ALB}/load-balancer-attributes`, idle),
      'EKS Auto Mode': annotation('Ingress', `${ALB}/load-balancer-attributes`, idle),
      'EKS Gateway': (manifests) =>
        expect(one(manifests, 'LoadBalancerConfiguration').spec.loadBalancerAttributes).toEqual([
          { key: 'idle_timeout.timeout_seconds', value: '600' },
        ]),
      'AKS application routing': requestTimeout('600s'),
      'AKS Application Gateway': (manifests) =>
        expect(one(manifests, 'RoutePolicy').spec.default.timeouts).toEqual({ routeTimeout: '600s' }),
      'OpenShift Route': annotation('Route', 'haproxy.router.openshift.io/timeout-tunnel', '600s'),
      'OpenShift Gateway': requestTimeout('600s'),
      'upstream Gateway': requestTimeout('600s'),
      Contour: (manifests) =>
        expect(one(manifests, 'HTTPProxy').spec.routes[0]).toMatchObject({
          enableWebsockets: true,
          timeoutPolicy: { response: '600s', idle: '600s' },
        }),
      Ingress: annotation('Ingress', 'nginx.ingress.kubernetes.io/proxy-read-timeout', '600'),
    },
  );
});

describe('a timeout of an hour', () => {
  const draining = 'deregistration_delay.timeout_seconds=3600';
  const ofRoute = requestTimeout('3600s');
  check(
    { timeout: Duration.hours(1) },
    {
      'GKE Gateway': (manifests) =>
        expect(one(manifests, 'GCPBackendPolicy').spec.default).toEqual({
          timeoutSec: 3600,
          connectionDraining: { drainingTimeoutSec: 3600 },
        }),
      'GKE Ingress': (manifests) =>
        expect(one(manifests, 'BackendConfig').spec).toMatchObject({
          timeoutSec: 3600,
          connectionDraining: { drainingTimeoutSec: 3600 },
        }),
      'EKS Ingress': annotation('Ingress', `${ALB}/target-group-attributes`, draining),
      'EKS Auto Mode': annotation('Ingress', `${ALB}/target-group-attributes`, draining),
      'EKS Gateway': (manifests) =>
        expect(
          one(manifests, 'TargetGroupConfiguration').spec.defaultConfiguration.targetGroupAttributes,
        ).toEqual([{ key: 'deregistration_delay.timeout_seconds', value: '3600' }]),
      'AKS application routing': ofRoute,
      'AKS Application Gateway': (manifests) =>
        expect(one(manifests, 'RoutePolicy').spec.default.timeouts).toEqual({ routeTimeout: '3600s' }),
      'OpenShift Route': annotation('Route', 'haproxy.router.openshift.io/timeout', '3600s'),
      'OpenShift Gateway': ofRoute,
      'upstream Gateway': ofRoute,
      Contour: (manifests) =>
        expect(one(manifests, 'HTTPProxy').spec.routes[0].timeoutPolicy).toEqual({
          response: '3600s',
          idle: '3600s',
        }),
      Ingress: annotation('Ingress', 'nginx.ingress.kubernetes.io/proxy-read-timeout', '3600'),
    },
  );
});

describe('several hosts', () => {
  const hosts = ['a.example.com', 'b.example.com'];
  const ofListeners = (manifests: any[]) => {
    const gateway = manifests.find(({ kind }) => kind === 'Gateway');
    expect(gateway.spec.listeners.map(({ hostname }: any) => hostname)).toEqual([...hosts, ...hosts]);
    expect(one(manifests, 'HTTPRoute').spec.hostnames).toEqual(hosts);
  };
  const ofRules = (manifests: any[]) =>
    expect(one(manifests, 'Ingress').spec.rules.map(({ host }: any) => host)).toEqual(hosts);
  check(
    { hosts },
    {
      'GKE Gateway': ofListeners,
      'GKE Ingress': (manifests) => {
        ofRules(manifests);
        expect(one(manifests, 'ManagedCertificate').spec).toEqual({ domains: hosts });
      },
      'EKS Ingress': ofRules,
      'EKS Auto Mode': ofRules,
      'EKS Gateway': ofListeners,
      'AKS application routing': ofListeners,
      'AKS Application Gateway': ofListeners,
      'OpenShift Route': (manifests) =>
        expect(
          [one(manifests, 'Route'), one(manifests, 'Route', 'polls-iqlud')].map(({ spec }) => spec.host),
        ).toEqual(hosts),
      'OpenShift Gateway': ofListeners,
      'upstream Gateway': ofListeners,
      Contour: (manifests) => {
        const proxies = [one(manifests, 'HTTPProxy'), one(manifests, 'HTTPProxy', 'polls-3azeu')];
        expect(proxies.map(({ spec }) => spec.virtualhost.fqdn)).toEqual(hosts);
        expect(one(manifests, 'Certificate').spec.dnsNames).toEqual(hosts);
      },
      Ingress: (manifests) => {
        ofRules(manifests);
        expect(one(manifests, 'Ingress').spec.tls).toEqual([{ hosts }]);
      },
    },
  );
});
