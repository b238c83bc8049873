import { Chart, Duration, Size } from 'cdk8s';
import { PublicRoute, PublicRouteProps } from 'cdk8s-django';
import { refused, row as plainRow, rowOnEach as plainRowOnEach, testOptions } from '../support/options';
import { configOf, django, HOST } from '../support/synth';

/*
 * That each option reaches the router's resources on each distribution, or is refused. The whole of what it becomes
 * there, for every routing, is in test/capabilities/routing/options.test.ts.
 */

type Props = PublicRouteProps;
const row: typeof plainRow<Props> = plainRow;
const rowOnEach: typeof plainRowOnEach<Props> = plainRowOnEach;

const URL = 'https://status.example.com/';
const ROUTES = ['HTTPRoute', 'Ingress', 'Route'];
const routes = (manifests: any[]) => manifests.filter(({ kind }) => ROUTES.includes(kind));
const firstName = (manifests: any[]) => routes(manifests)[0].metadata.name;
const outside = ['ConfigMap', 'Deployment', 'Secret'];
/** Whether what the router reads has a text. */
const has = (text: string) => (manifests: any[]) =>
  JSON.stringify(manifests.filter(({ kind }) => !outside.includes(kind))).includes(text);
/** Which of the texts, each that of a distribution, what the router reads has. */
const oneOf = (texts: Record<string, string>) => (manifests: any[]) =>
  Object.keys(texts).filter((name) => has(texts[name])(manifests));

const timeouts = (seconds: number, annotation: string) => ({
  gke: `"timeoutSec":${seconds}`,
  eks: `idle_timeout.timeout_seconds=${seconds}`,
  gateway: `"request":"${seconds}s"`,
  openshift: `"haproxy.router.openshift.io/${annotation}":"${seconds}s"`,
});

/** An application and another release of it, which gets a share of the requests. */
const withCanary = (chart: Chart): Partial<Props> => {
  const app = django(chart);
  const next = django(chart, { name: 'polls-next', secretKey: app.secretKey }, 'Next');
  return { app, canary: { app: next, weight: 20 } };
};
/** The weights of both, in the words of whichever router it is. */
const shares = (manifests: any[]) => {
  const [{ kind, metadata, spec }] = routes(manifests);
  const action = metadata.annotations?.['alb.ingress.kubernetes.io/actions.canary'];
  const services: Record<string, () => any[]> = {
    HTTPRoute: () => spec.rules[0].backendRefs,
    Ingress: () => JSON.parse(action).forwardConfig.targetGroups,
    Route: () => [spec.to, ...spec.alternateBackends],
  };
  return services[kind]().map(({ weight }) => weight);
};

const NO_BODY_LIMIT =
  'polls/Route: maxRequestBodySize "20Mi" is a limit that this router does not take from a route. Leave it out, or use ' +
  'an Ingress controller that has it: new IngressRouting({ requestBodySizeAnnotations: ["…"], … }).';
const NO_SIGN_IN =
  'polls/Route: signIn true is not something that this router does by itself. Leave it out, and have a proxy such as ' +
  'oauth2-proxy in front, or close paths by settingsOverlay.restrictedPaths.';
const notStandard = 'is not in the standard channel of the Gateway API';

testOptions<Props>(
  (chart, { app = django(chart), ...changes }) =>
    new PublicRoute(chart, 'Route', { app, hosts: [HOST], ...changes }),
  {
    app: [row((chart) => ({ app: django(chart, { name: 'shop' }) }), firstName, 'shop')],
    hosts: [
      row(
        { hosts: ['a.example.com'] },
        (manifests) => configOf(manifests).CDK8S_DJANGO_ALLOWED_HOSTS,
        'a.example.com',
      ),
      row({ hosts: ['a.example.com'] }, has('"a.example.com"'), true),
    ],
    timeout: [
      rowOnEach({ timeout: Duration.seconds(77) }, oneOf(timeouts(77, 'timeout')), {
        gke: ['gke'],
        eks: ['eks'],
        aks: ['gateway'],
        openshift: ['openshift'],
        upstream: ['gateway'],
      }),
    ],
    paths: [row({ paths: ['/polls'] }, has('"/polls"'), true)],
    websocketTimeout: [
      rowOnEach({ websocketTimeout: Duration.seconds(555) }, oneOf(timeouts(555, 'timeout-tunnel')), {
        gke: ['gke'],
        eks: ['eks'],
        aks: ['gateway'],
        openshift: ['openshift'],
        upstream: ['gateway'],
      }),
    ],
    tlsSecretName: [
      rowOnEach({ tlsSecretName: 'own-tls' }, has('"own-tls"'), {
        gke: true,
        eks: refused(
          'polls/Route: tlsSecretName "own-tls" cannot be used: an Application Load Balancer takes its certificate ' +
            'from ACM. Leave it out, and have the certificate in ACM or name it: Distribution.eks({ certificateArn: "arn:…" }).',
        ),
        aks: true,
        openshift: true,
        upstream: true,
      }),
    ],
    sessionAffinity: [
      rowOnEach(
        { sessionAffinity: true },
        oneOf({
          gke: 'GENERATED_COOKIE',
          eks: 'stickiness.type=lb_cookie',
          openshift: '"haproxy.router.openshift.io/disable_cookies":"false"',
        }),
        {
          gke: ['gke'],
          eks: ['eks'],
          aks: refused(
            `polls/Route: sessionAffinity true ${notStandard}, which is all that application routing has. Leave it ` +
              'out, or use a routing that has it: Distribution.aks({ routing: new AksApplicationGatewayRouting({ … }) }).',
          ),
          openshift: ['openshift'],
          upstream: refused(
            `polls/Route: sessionAffinity true ${notStandard}. Leave it out, or use a routing that has it: ` +
              'new ContourRouting({}), or new IngressRouting({ … }).',
          ),
        },
      ),
    ],
    maxRequestBodySize: [
      rowOnEach({ maxRequestBodySize: Size.mebibytes(20) }, () => undefined, {
        gke: refused(NO_BODY_LIMIT),
        eks: refused(NO_BODY_LIMIT),
        aks: refused(NO_BODY_LIMIT),
        openshift: refused(NO_BODY_LIMIT),
        upstream: refused(NO_BODY_LIMIT),
      }),
    ],
    signIn: [
      rowOnEach(
        { signIn: true },
        oneOf({
          gke: '"iap":{',
          eks: '"alb.ingress.kubernetes.io/auth-type":"oidc"',
        }),
        {
          gke: ['gke'],
          eks: ['eks'],
          aks: refused(NO_SIGN_IN),
          openshift: refused(NO_SIGN_IN),
          upstream: refused(NO_SIGN_IN),
        },
      ),
    ],
    maintenance: [
      rowOnEach(
        { maintenance: true },
        oneOf({ eks: 'fixed-response', service: '"name":"polls-maintenance"' }),
        {
          gke: refused(
            'polls/Route: maintenance true cannot answer with status 503: GKE documents no status for a Service without ' +
              'pods. Give maintenanceUrl, the page that visitors are sent to meanwhile.',
          ),
          eks: ['eks'],
          aks: ['service'],
          openshift: ['service'],
          upstream: ['service'],
        },
      ),
    ],
    maintenanceUrl: [
      rowOnEach({ maintenance: true, maintenanceUrl: URL }, has('status.example.com'), {
        gke: true,
        eks: true,
        aks: true,
        openshift: refused(
          `polls/Route: maintenanceUrl "${URL}" cannot be redirected to: Routes have no redirects. Leave it out: ` +
            'visitors are then answered with status 503.',
        ),
        upstream: true,
      }),
    ],
    name: [row({ name: 'second' }, firstName, 'second')],
    canary: [
      rowOnEach(withCanary, shares, {
        gke: [80, 20],
        eks: [80, 20],
        aks: [80, 20],
        openshift: [80, 20],
        upstream: [80, 20],
      }),
    ],
  },
);
