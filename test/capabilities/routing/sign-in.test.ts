import { Chart } from 'cdk8s';
import { IDistribution, LeastPrivilegeAccess, PublicRoute, PublicRouteProps } from 'cdk8s-django';
import {
  EksAutoModeRouting,
  EksGatewayRouting,
  IngressRouting,
  OpenIdConnectSignIn,
} from 'cdk8s-django/routing';
import { Distribution } from 'cdk8s-django';
import { OAUTH_CLIENT, PROVIDER, sample } from '../../support/distributions';
import { configOf, django, errorOf, find, HOST, synth } from '../../support/synth';
import { ROUTINGS, routeError, SIGN_IN_ANNOTATIONS } from './routings';

const ADMIN = 'admin.example.com';

/** A site for everybody, and its admin on a host of its own, where visitors sign in. */
const site = (distribution: IDistribution, changes: Partial<PublicRouteProps> = {}) =>
  synth((chart: Chart) => {
    const app = django(chart, { settingsOverlay: { signInPaths: ['/admin'] } });
    new PublicRoute(chart, 'Route', { app, hosts: [HOST] });
    const hosts = [ADMIN];
    new PublicRoute(chart, 'Admin', { app, hosts, name: 'polls-admin', signIn: true, ...changes });
  }, distribution);

const named = (manifests: any[], kind: string, name: string) =>
  manifests.find((one) => one.kind === kind && one.metadata.name === name);

const OIDC = {
  issuer: 'https://login.example.com',
  authorizationEndpoint: 'https://login.example.com/authorize',
  tokenEndpoint: 'https://login.example.com/token',
  userInfoEndpoint: 'https://login.example.com/userinfo',
};
const ALB = 'alb.ingress.kubernetes.io';

/** The routers that have visitors sign in, as two routes of one application have them. */
const NATIVE = ['GKE Gateway', 'GKE Ingress', 'EKS Ingress', 'EKS Auto Mode', 'EKS Gateway', 'Ingress'];

describe('a sign-in of the platform', () => {
  describe.each(NATIVE)('of %s', (title) => {
    const manifests = site(ROUTINGS[title]());

    it('is asked for at a Service of its own, which has the pods of the application', () => {
      const [own, other] = ['polls', 'polls-admin'].map((name) => named(manifests, 'Service', name));
      expect(other.spec).toEqual(own.spec);
      const { 'app.kubernetes.io/component': component } = other.metadata.labels;
      expect(component).toBe('sign-in');
    });

    it('is told to the application, which keeps paths for it', () => {
      expect(configOf(manifests)).toMatchObject({
        CDK8S_DJANGO_ALLOWED_HOSTS: `${HOST},${ADMIN}`,
        CDK8S_DJANGO_SIGN_IN_HOSTS: ADMIN,
        CDK8S_DJANGO_SIGN_IN_PATHS: '/admin',
      });
    });

    it('says nothing of the route for everybody', () => {
      const words = ['"iap"', 'auth-type', 'authenticate-oidc', 'auth-url'];
      const about = (name: string) =>
        manifests.filter(
          ({ kind, metadata }) => kind !== 'Service' && metadata.name.split('.').pop() === name,
        );
      const said = (name: string) => words.filter((word) => JSON.stringify(about(name)).includes(word));
      expect(said('polls')).toEqual([]);
      const rule = named(manifests, 'ListenerRuleConfiguration', 'polls-admin-sign-in');
      expect([...said('polls-admin'), ...(rule ? ['authenticate-oidc'] : [])]).toHaveLength(1);
    });

    it('is of no use with a network policy that needs another rule', () => {
      const policies = (signIn: boolean) =>
        synth((chart: Chart) => {
          const app = django(chart);
          new PublicRoute(chart, 'Route', { app, hosts: [HOST], signIn });
          new LeastPrivilegeAccess(chart, 'Access', { app, ingress: [] });
        }, withRanges(title)).filter(({ kind }) => kind === 'NetworkPolicy');
      expect(policies(true)).toEqual(policies(false));
    });
  });

  it('is Identity-Aware Proxy on GKE, by a client of your own at a Gateway', () => {
    const manifests = site(sample('gke'));
    const { spec } = named(manifests, 'GCPBackendPolicy', 'polls-admin');
    expect(spec.targetRef).toEqual({ group: '', kind: 'Service', name: 'polls-admin' });
    expect(spec.default.iap).toEqual({
      enabled: true,
      clientID: OAUTH_CLIENT.clientId,
      oauth2ClientSecret: { name: 'oauth-client' },
    });
    expect(named(manifests, 'GCPBackendPolicy', 'polls').spec.default).not.toHaveProperty('iap');
    expect(named(manifests, 'HTTPRoute', 'polls-admin').spec.rules[0].backendRefs[0].name).toBe(
      'polls-admin',
    );
  });

  it("is Identity-Aware Proxy on GKE, by Google's client at an Ingress", () => {
    const manifests = site(ROUTINGS['GKE Ingress']());
    expect(named(manifests, 'BackendConfig', 'polls-admin').spec.iap).toEqual({ enabled: true });
    expect(named(manifests, 'Service', 'polls-admin').metadata.annotations).toMatchObject({
      'cloud.google.com/backend-config': '{"default": "polls-admin"}',
    });
    expect(named(manifests, 'BackendConfig', 'polls').spec).not.toHaveProperty('iap');
  });

  it.each([
    [
      'EKS Ingress',
      { kind: 'ServiceAccount', name: 'aws-load-balancer-controller', namespace: 'kube-system' },
      ['get', 'list', 'watch'],
    ],
    ['EKS Auto Mode', { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'eks:managed' }, ['get']],
  ])('is OpenID Connect of the load balancer: %s', (title, subject, verbs) => {
    const manifests = site(ROUTINGS[title]());
    const { annotations } = named(manifests, 'Ingress', 'polls-admin').metadata;
    expect(annotations).toMatchObject({
      [`${ALB}/auth-type`]: 'oidc',
      [`${ALB}/auth-on-unauthenticated-request`]: 'authenticate',
    });
    expect(JSON.parse(annotations[`${ALB}/auth-idp-oidc`])).toEqual({ ...OIDC, secretName: 'oauth-client' });
    expect(named(manifests, 'Role', 'polls-admin-sign-in').rules).toEqual([
      { apiGroups: [''], resources: ['secrets'], resourceNames: ['oauth-client'], verbs },
    ]);
    expect(named(manifests, 'RoleBinding', 'polls-admin-sign-in').subjects).toEqual([subject]);
  });

  it('is in front of a class that exists, in Auto Mode', () => {
    const routing = new EksAutoModeRouting({ ingressClassName: 'shared', signIn: PROVIDER });
    const manifests = site(Distribution.eks({ routing }));
    expect(named(manifests, 'Ingress', 'polls-admin').metadata.annotations).toHaveProperty([
      `${ALB}/auth-type`,
    ]);
  });

  describe('of a Gateway of EKS', () => {
    const rule = (changes: Partial<PublicRouteProps>) => {
      const manifests = site(ROUTINGS['EKS Gateway'](), changes);
      const [{ filters }] = named(manifests, 'HTTPRoute', 'polls-admin').spec.rules;
      const name = filters[0].extensionRef?.name;
      return { name, spec: named(manifests, 'ListenerRuleConfiguration', name)?.spec };
    };
    const authenticate = {
      type: 'authenticate-oidc',
      authenticateOIDCConfig: {
        ...OIDC,
        secret: { name: 'oauth-client' },
        onUnauthenticatedRequest: 'authenticate',
      },
    };

    it('is an action of the rule', () => {
      expect(rule({})).toEqual({ name: 'polls-admin-sign-in', spec: { actions: [authenticate] } });
    });

    it('gives way to maintenance, which has nothing to hide', () => {
      expect(rule({ maintenance: true }).name).toBe('polls-admin-maintenance');
      expect(rule({ maintenance: true, maintenanceUrl: 'https://status.example.com' }).name).toBeUndefined();
    });

    it('comes before the stickiness of a canary', () => {
      const manifests = synth((chart) => {
        const app = django(chart);
        const next = django(chart, { name: 'next', secretKey: app.secretKey }, 'Next');
        const canary = { app: next, weight: 10 };
        new PublicRoute(chart, 'Route', { app, hosts: [HOST], canary, sessionAffinity: true, signIn: true });
      }, ROUTINGS['EKS Gateway']());
      const { spec } = named(manifests, 'ListenerRuleConfiguration', 'polls-sign-in');
      expect(spec.actions.map(({ type }: any) => type)).toEqual(['authenticate-oidc', 'forward']);
    });
  });

  it('is what the annotations of an Ingress say, on that Ingress alone', () => {
    const manifests = site(ROUTINGS.Ingress());
    expect(named(manifests, 'Ingress', 'polls-admin').metadata.annotations).toMatchObject(
      SIGN_IN_ANNOTATIONS,
    );
    const [name] = Object.keys(SIGN_IN_ANNOTATIONS);
    expect(named(manifests, 'Ingress', 'polls').metadata.annotations).not.toHaveProperty([name]);
  });

  it('needs no Service of its own for a whole application', () => {
    const manifests = synth((chart) => {
      new PublicRoute(chart, 'Route', { app: django(chart), hosts: [HOST], signIn: true });
    }, sample('gke'));
    expect(manifests.filter(({ kind }) => kind === 'Service')).toHaveLength(1);
    expect(find(manifests, 'GCPBackendPolicy', 'polls').spec.default.iap.enabled).toBe(true);
  });
});

/** A routing as a network policy wants it. */
function withRanges(title: string): IDistribution {
  const loadBalancerCidrs = ['10.0.0.0/20'];
  if (title === 'EKS Auto Mode') {
    return Distribution.eks({ autoMode: true, loadBalancerCidrs, signIn: PROVIDER });
  }
  if (title === 'EKS Gateway') {
    const routing = new EksGatewayRouting({ gatewayClassName: 'a', loadBalancerCidrs, signIn: PROVIDER });
    return Distribution.eks({ routing });
  }
  return title === 'Ingress' ? ingressWithRouter() : ROUTINGS[title]();
}

function ingressWithRouter(): IDistribution {
  const routerNamespaceLabels = { 'kubernetes.io/metadata.name': 'ingress' };
  const { routing } = ROUTINGS.Ingress();
  return Distribution.upstream({
    routing: Object.assign(Object.create(routing), {
      sources: () => [{ namespaceLabels: routerNamespaceLabels }],
    }),
  });
}

describe('is refused:', () => {
  it('a provider with a password, which the message does not repeat', () => {
    const signIn = { ...PROVIDER, issuer: 'https://u:hunter2@login.example.com' };
    const message = routeError(Distribution.eks({ signIn }), { signIn: true });
    expect(message).toContain(' is not an https:// URL.');
    expect(message).not.toContain('hunter2');
  });

  it.each([
    [
      'GKE without a client',
      Distribution.gke({ certificateMap: 'polls' }),
      'signIn true needs the OAuth client by which Identity-Aware Proxy has visitors sign in. Name it: ' +
        'Distribution.gke({ signIn: { clientId: "…", clientSecretName: "…" } }), or use GkeIngressRouting.',
    ],
    [
      'EKS without a provider',
      Distribution.eks({}),
      'signIn true needs the OpenID Connect provider at which the load balancer has visitors sign in. Name it: ' +
        'Distribution.eks({ signIn: { issuer: "https://…", … } }).',
    ],
    [
      'a client that is none of Google',
      Distribution.gke({ certificateMap: 'polls', signIn: { ...OAUTH_CLIENT, clientId: 'polls' } }),
      'signIn.clientId "polls" is not the ID of an OAuth client of Google. Give it as Google Cloud shows it: ' +
        '"123-abc.apps.googleusercontent.com".',
    ],
    [
      'the name of no Secret',
      Distribution.gke({ certificateMap: 'polls', signIn: { ...OAUTH_CLIENT, clientSecretName: 'A/b' } }),
      'signIn.clientSecretName "A/b" ',
    ],
  ])('%s', (_, distribution, message) => {
    expect(routeError(distribution, { signIn: true })).toContain(message);
  });

  it.each(['http://login.example.com', 'login.example.com', 'https://a b', ''])(
    'the issuer "%s"',
    (issuer) => {
      const signIn: OpenIdConnectSignIn = { ...PROVIDER, issuer };
      expect(routeError(Distribution.eks({ signIn }), { signIn: true })).toContain(
        `signIn.issuer "${issuer}" is not an https:// URL. Give it as the discovery document of the provider has it: ` +
          '/.well-known/openid-configuration.',
      );
    },
  );

  it.each(['authorizationEndpoint', 'tokenEndpoint', 'userInfoEndpoint'])('the %s without a path', (name) => {
    const signIn: OpenIdConnectSignIn = { ...PROVIDER, [name]: 'https://login.example.com' };
    expect(routeError(Distribution.eks({ signIn }), { signIn: true })).toContain(
      `signIn.${name} "https://login.example.com" is not an https:// URL with a path. Give it as the discovery `,
    );
  });

  it('an Ingress without annotations for it', () => {
    const routing = new IngressRouting({ signInAnnotations: {} });
    expect(routeError(Distribution.upstream({ routing }), { signIn: true })).toContain(
      'signIn true is not in Ingress, and no annotations for it are known. Give those of your controller',
    );
  });

  describe('paths for it at a host', () => {
    /** Open hosts, and hosts with a sign-in, of routes that are made in this order. */
    const routes = (open: string[], signedIn: string[], signInPaths?: string[]) => (chart: Chart) => {
      const app = django(chart, { settingsOverlay: { signInPaths } });
      new PublicRoute(chart, 'Open', { app, hosts: open, paths: ['/open'] });
      new PublicRoute(chart, 'SignIn', { app, hosts: signedIn, paths: ['/in'], name: 'in', signIn: true });
    };
    const [one, all] = ['a.shop.example.com', '*.shop.example.com'];

    const remedy =
      'Give every PublicRoute of that host signIn true, or have visitors sign in at a host that no route without ' +
      'signIn leads to.';

    describe.each([
      [one, one, one, 'a route'],
      [all, all, all, 'a route'],
      [one, all, one, 'a route'],
      ['*.a.shop.example.com', all, '*.a.shop.example.com', 'a route'],
      [all, one, one, `the route of ${all}`],
      [all, '*.a.shop.example.com', '*.a.shop.example.com', `the route of ${all}`],
    ])('that has a route without it: %s beside %s', (open, signedIn, both, beside) => {
      it('with paths', () => {
        const make = routes([HOST, open], [signedIn], ['/admin']);
        expect(errorOf(make, ROUTINGS.Ingress())).toBe(
          'Validation failed with the following errors:\n  [polls/Polls] settingsOverlay.signInPaths ["/admin"] would ' +
            `be open to everybody at ${both}, which has ${beside} without signIn beside one with it. ${remedy}`,
        );
      });

      it('without paths, where headers would be believed that say who signed in', () => {
        expect(errorOf(routes([HOST, open], [signedIn]), ROUTINGS.Ingress())).toBe(
          `Validation failed with the following errors:\n  [polls/Polls] hosts "${both}" has ${beside} without signIn ` +
            `beside one with it: the application would believe headers that say who signed in from everybody. ${remedy}`,
        );
      });
    });

    it.each([
      ['shop.example.com', all],
      ['b.example.com', one],
    ])('but not for %s beside %s', (open, signedIn) => {
      expect(() => synth(routes([open], [signedIn], ['/admin']), ROUTINGS.Ingress())).not.toThrow();
      expect(() => synth(routes([open], [signedIn]), ROUTINGS.Ingress())).not.toThrow();
    });
  });

  it.each([['admin'], ['/admin/../x']])('the path "%s"', (path) => {
    expect(
      errorOf((chart) => {
        const app = django(chart, { settingsOverlay: { signInPaths: [path] } });
        app.addHost(ADMIN, { signIn: true });
      }),
    ).toContain(`settingsOverlay.signInPaths "${path}" `);
  });
});
