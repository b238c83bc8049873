import { Duration, SizeRoundingBehavior } from 'cdk8s';
import { Construct } from 'constructs';
import * as k8s from '../../kubernetes/api';
import { InvalidInputError } from '../../kubernetes/errors';
import { checkAnnotationKeys } from '../../kubernetes/names';
import { NetworkPeer } from '../../kubernetes/peers';
import { Problems } from '../../kubernetes/problems';
import { Resource } from '../../kubernetes/resource';
import { DEREGISTRATION } from './draining';
import { checkNames, routerPeers } from './facts';
import { ingressRules, serviceBackend } from './ingress-rules';
import { emptyService, isUnavailable, noRedirect } from './maintenance';
import { longestTimeout, RouteFeature, RouteRequest, RoutingProps } from '../../platform/routing';
import { Router } from './router';

/** What a cluster with an Ingress controller has. What Ingress itself has no field for, its annotations say. */
export interface IngressRoutingProps extends RoutingProps {
  /**
   * The IngressClass: `traefik` on k3s, `nginx` on minikube.
   *
   * @default - the cluster's default class
   */
  readonly ingressClassName?: string;

  /**
   * Annotations of every Ingress, such as the one that has the controller send plain HTTP to HTTPS.
   *
   * @default - none
   */
  readonly annotations?: { [name: string]: string };

  /**
   * Names of the annotations that take how long a request or a WebSocket may last, as a number of seconds:
   * `nginx.ingress.kubernetes.io/proxy-read-timeout`.
   *
   * @default - none: the controller's own limit holds, regardless of `timeout`
   */
  readonly timeoutAnnotations?: string[];

  /**
   * Names of the annotations that take the largest body of a request, in kibibytes as nginx writes them (`20480k`):
   * `nginx.ingress.kubernetes.io/proxy-body-size`.
   *
   * @default - none: `maxRequestBodySize` is an error
   */
  readonly requestBodySizeAnnotations?: string[];

  /**
   * Annotations of the Ingress that make sessions sticky, added for `sessionAffinity`:
   * `{ 'nginx.ingress.kubernetes.io/affinity': 'cookie' }`.
   *
   * @default - none: `sessionAffinity` is an error without `sessionAffinityServiceAnnotations`
   */
  readonly sessionAffinityAnnotations?: { [name: string]: string };

  /**
   * The same of the Service, where a controller reads them: `{ 'traefik.ingress.kubernetes.io/service.sticky.cookie':
   * 'true' }`.
   *
   * @default - none: `sessionAffinity` is an error without `sessionAffinityAnnotations`
   */
  readonly sessionAffinityServiceAnnotations?: { [name: string]: string };

  /**
   * Annotations of the Ingress that have visitors sign in, added for `signIn`, such as those that name an oauth2-proxy:
   * `{ 'nginx.ingress.kubernetes.io/auth-url': 'https://login.example.com/oauth2/auth' }`.
   *
   * @default - none: `signIn` is an error
   */
  readonly signInAnnotations?: { [name: string]: string };

  /**
   * The cert-manager ClusterIssuer that makes the certificates.
   *
   * @default - none: each PublicRoute names its Secret, or the controller uses its own certificate
   * @see https://cert-manager.io/docs/usage/ingress/
   */
  readonly clusterIssuer?: string;

  /**
   * How long the controller keeps an unused connection to a pod, in whole seconds: the server keeps it longer. What
   * is built on Envoy, such as Contour, keeps it for an hour.
   *
   * @default Duration.seconds(90), as Traefik; ingress-nginx has 60
   * @see https://doc.traefik.io/traefik/reference/install-configuration/configuration-options/
   * @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#upstream-keepalive-timeout
   */
  readonly idleTimeout?: Duration;

  /**
   * Labels of the namespace that the controller's proxies run in: the network policy lets them in.
   *
   * @default - none is known, and LeastPrivilegeAccess asks for it
   */
  readonly routerNamespaceLabels?: { [label: string]: string };
}

const ANNOTATIONS = [
  'annotations',
  'sessionAffinityAnnotations',
  'sessionAffinityServiceAnnotations',
  'signInAnnotations',
] as const;

/**
 * An Ingress of any controller, as on k3s (Traefik) and minikube (nginx). TLS is by the route's Secret, by
 * cert-manager, or by the controller's own certificate. Whether plain HTTP is sent to HTTPS is the controller's matter:
 * nginx does it, Traefik wants an annotation.
 *
 * During maintenance there is a Service without pods. nginx and HAProxy answer for it with 503. Traefik does so with
 * its option `allowEmptyServices`, which is on in its Helm chart from version 31. Otherwise Traefik answers with 404.
 *
 * Throws when:
 * - there is `sessionAffinity` or `signIn` without annotations for it;
 * - there is `maintenance` with `maintenanceUrl`;
 * - there is a `canary`.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/ingress/
 *
 * @example
 * Distribution.upstream({
 *   routing: new IngressRouting({
 *     ingressClassName: 'nginx',
 *     clusterIssuer: 'letsencrypt',
 *     timeoutAnnotations: [
 *       'nginx.ingress.kubernetes.io/proxy-read-timeout',
 *       'nginx.ingress.kubernetes.io/proxy-send-timeout',
 *     ],
 *     sessionAffinityAnnotations: { 'nginx.ingress.kubernetes.io/affinity': 'cookie' },
 *     idleTimeout: Duration.minutes(1),
 *     routerNamespaceLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' },
 *   }),
 * });
 */
export class IngressRouting extends Router {
  constructor(private readonly props: IngressRoutingProps) {
    const sticky =
      hasAny(props.sessionAffinityAnnotations) || hasAny(props.sessionAffinityServiceAnnotations);
    super(props, {
      deregistration: DEREGISTRATION.inside,
      idleTimeout: props.idleTimeout ?? Duration.seconds(90),
      missing: {
        [RouteFeature.MAINTENANCE_REDIRECT]: noRedirect('Ingress has no redirects'),
        [RouteFeature.CANARY]: {
          reason:
            'cannot get a share of the requests: IngressRouting makes an Ingress, which has one Service for a path',
          remedy:
            'Use a routing that has weights: Distribution.upstream({ … }) by itself, or new ContourRouting({})',
        },
        ...(props.requestBodySizeAnnotations?.length && { [RouteFeature.REQUEST_BODY_LIMIT]: undefined }),
        [RouteFeature.SIGN_IN]: hasAny(props.signInAnnotations)
          ? undefined
          : {
              reason: 'is not in Ingress, and no annotations for it are known',
              remedy:
                'Give those of your controller, such as the address of an oauth2-proxy: new IngressRouting({ signInAnnotations: { "…": "…" } })',
            },
        ...(!sticky && {
          [RouteFeature.SESSION_AFFINITY]: {
            reason: 'is not in Ingress, and no annotations for it are known',
            remedy:
              'Leave it out, or give those of your controller: new IngressRouting({ sessionAffinityAnnotations: { "…": "…" } })',
          },
        }),
      },
    });
  }

  route(scope: Construct, request: RouteRequest): Resource[] {
    this.checkFacts(scope);
    checkBodySize(scope, request);
    const { name, labels, hosts, service, serviceName } = request;
    const sticky = (request.sessionAffinity && this.props.sessionAffinityServiceAnnotations) || {};
    Object.entries(sticky).forEach(([key, value]) => service.metadata.addAnnotation(key, value));
    const empty = isUnavailable(request) ? [emptyService(scope, request)] : [];
    const ingress = new Resource(
      scope,
      'Ingress',
      k8s.manifest('Ingress', {
        metadata: { name, labels, annotations: this.annotations(request) },
        spec: {
          ingressClassName: this.props.ingressClassName,
          tls: [{ hosts, secretName: this.secretName(request) }],
          rules: ingressRules(request, serviceBackend(empty.length ? empty[0].name : serviceName, request)),
        },
      }),
    );
    return [ingress, ...empty];
  }

  sources(scope: Construct): NetworkPeer[] {
    const { routerNamespaceLabels } = this.props;
    if (routerNamespaceLabels) return routerPeers(scope, routerNamespaceLabels);
    throw new InvalidInputError(scope, {
      property: 'routerNamespaceLabels',
      value: routerNamespaceLabels,
      reason: "is needed to let the controller's proxies in",
      remedy:
        'Give the labels of their namespace: new IngressRouting({ routerNamespaceLabels: ' +
        '{ "kubernetes.io/metadata.name": "…" } })',
    });
  }

  private checkFacts(scope: Construct): void {
    const { ingressClassName, clusterIssuer, timeoutAnnotations, requestBodySizeAnnotations } = this.props;
    checkNames(scope, { ingressClassName, clusterIssuer });
    checkAnnotationKeys(scope, 'timeoutAnnotations', timeoutAnnotations ?? []);
    checkAnnotationKeys(scope, 'requestBodySizeAnnotations', requestBodySizeAnnotations ?? []);
    for (const property of ANNOTATIONS) {
      checkAnnotationKeys(scope, property, Object.keys(this.props[property] ?? {}));
    }
  }

  private secretName({ name, tlsSecretName }: RouteRequest): string | undefined {
    return tlsSecretName ?? (this.props.clusterIssuer ? `${name}-tls` : undefined);
  }

  private annotations(request: RouteRequest): Record<string, string> | undefined {
    const { annotations, sessionAffinityAnnotations, signInAnnotations, clusterIssuer } = this.props;
    const { timeoutAnnotations = [], requestBodySizeAnnotations = [] } = this.props;
    const seconds = `${longestTimeout(request).toSeconds()}`;
    const all: Record<string, string> = {
      ...Object.fromEntries(timeoutAnnotations.map((name) => [name, seconds])),
      ...bodySizeAnnotations(request, requestBodySizeAnnotations),
      ...(request.sessionAffinity && sessionAffinityAnnotations),
      ...(clusterIssuer && !request.tlsSecretName && { 'cert-manager.io/cluster-issuer': clusterIssuer }),
      ...annotations,
      ...(request.signIn && signInAnnotations),
    };
    return Object.keys(all).length ? all : undefined;
  }
}

/** Whether annotations are given at all: none say nothing to a controller. */
function hasAny(annotations: { [name: string]: string } | undefined): boolean {
  return Object.keys(annotations ?? {}).length > 0;
}

/** nginx takes 0 for no limit at all. */
function checkBodySize(scope: Construct, { maxRequestBodySize: size }: RouteRequest): void {
  if (!size || size.toKibibytes({ rounding: SizeRoundingBehavior.FLOOR }) >= 1) return;
  Problems.report(scope, {
    property: 'maxRequestBodySize',
    value: size.asString(),
    reason: 'lets no request through',
    remedy: 'Give at least Size.kibibytes(1)',
  });
}

function bodySizeAnnotations(
  { maxRequestBodySize: size }: RouteRequest,
  names: string[],
): Record<string, string> {
  return size ? Object.fromEntries(names.map((name) => [name, `${size.toKibibytes()}k`])) : {};
}
