import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import {
  HttpRouteSpecRulesFilters,
  HttpRouteSpecRulesFiltersType as FilterType,
} from '../../../imports/gateway.networking.k8s.io';
import { InvalidInputError } from '../../kubernetes/errors';
import { NetworkPeer } from '../../kubernetes/peers';
import { Problems } from '../../kubernetes/problems';
import { Resource } from '../../kubernetes/resource';
import {
  AlbAttribute,
  albSources,
  checkedScheme,
  GROUP_STICKINESS,
  loadBalancerAttributes,
  LoadBalancerScheme,
  noSecret,
  targetGroupAttributes,
} from './alb';
import { checkConditions } from './alb-conditions';
import { Backend, backendsOf } from './canary';
import { DEREGISTRATION } from './draining';
import { checkCertificateArn, checkNames } from './facts';
import { gatewayRoute, HttpRouteOptions, sharedGatewayRoute } from './gateway';
import { isUnavailable, MAINTENANCE_TEXT } from './maintenance';
import { RouteFeature, RouteRequest, RoutingProps } from '../../platform/routing';
import { oneGateway, Router } from './router';
import { ServicePolicy } from './service-policy';
import {
  LOAD_BALANCER_CONTROLLER,
  OpenIdConnectSignIn,
  providerAccess,
  providerOf,
  withoutProvider,
} from './sign-in';
import { checkSharedGateway, SharedGateway } from './shared-gateway';

/** What an EKS cluster with the Gateway API of the AWS Load Balancer Controller (3.0 and newer) has. */
export interface EksGatewayRoutingProps extends RoutingProps {
  /**
   * A GatewayClass of the controller `gateway.k8s.aws/alb`, which the controller does not make itself.
   *
   * @default - none: `gateway` is given
   */
  readonly gatewayClassName?: string;

  /**
   * A Gateway that exists already, to attach the routes to. Its LoadBalancerConfiguration says for how long the load
   * balancer keeps a silent connection: as long as the longest request or WebSocket.
   *
   * @default - each PublicRoute makes its own
   */
  readonly gateway?: SharedGateway;

  /**
   * ARN of the ACM certificate.
   *
   * @default - the controller looks for a certificate of the hosts in ACM
   */
  readonly certificateArn?: string;

  /**
   * Who reaches the load balancer: `internet-facing`, everybody, or `internal`, the network of the cluster.
   *
   * @default LoadBalancerScheme.INTERNET_FACING
   */
  readonly scheme?: LoadBalancerScheme;

  /**
   * Address ranges of the load balancer's subnets, from which it connects: the network policy lets them in.
   *
   * @default - none is known, and LeastPrivilegeAccess asks for it
   */
  readonly loadBalancerCidrs?: string[];

  /**
   * The OpenID Connect provider at which visitors of routes with `signIn` sign in.
   *
   * @default - none: `signIn` of a PublicRoute is an error
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
   */
  readonly signIn?: OpenIdConnectSignIn;
}

/** Every version of the controller serves it; `v1`, with the same fields, is there from 3.5 on. */
const API_VERSION = 'gateway.k8s.aws/v1beta1';

/** The part of LoadBalancerConfiguration that we set. */
interface LoadBalancerConfigurationSpec {
  readonly scheme: string;
  readonly listenerConfigurations?: {
    readonly protocolPort: 'HTTPS:443';
    readonly defaultCertificate: string;
    /** The API server's default. */
    readonly alpnPolicy: 'None';
  }[];
  readonly loadBalancerAttributes: AlbAttribute[];
}

/** The part of TargetGroupConfiguration that we set. */
interface TargetGroupConfigurationSpec {
  readonly targetReference: { readonly group: ''; readonly kind: 'Service'; readonly name: string };
  readonly defaultConfiguration: {
    readonly targetType: 'ip';
    readonly healthCheckConfig: {
      readonly healthCheckPath: string;
      readonly matcher: { readonly httpCode: string };
    };
    readonly targetGroupAttributes: AlbAttribute[];
  };
}

/** What a rule does: has visitors sign in, answers with a text, or keeps them to one of several target groups. */
interface ListenerRuleAction {
  readonly type: 'authenticate-oidc' | 'fixed-response' | 'forward';
  readonly authenticateOIDCConfig?: {
    readonly issuer: string;
    readonly authorizationEndpoint: string;
    readonly tokenEndpoint: string;
    readonly userInfoEndpoint: string;
    readonly secret: { readonly name: string };
    readonly onUnauthenticatedRequest: 'authenticate';
  };
  readonly fixedResponseConfig?: {
    readonly statusCode: number;
    readonly contentType: 'text/plain';
    readonly messageBody: string;
  };
  readonly forwardConfig?: {
    readonly targetGroupStickinessConfig: { readonly enabled: boolean; readonly durationSeconds: number };
  };
}

/**
 * The part of ListenerRuleConfiguration that we set. The fields are compared by hand with the definition that the
 * controller's repository publishes.
 *
 * @see https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/config/crd/gateway/gateway.k8s.aws_listenerruleconfigurations.yaml
 */
interface ListenerRuleConfigurationSpec {
  readonly actions: ListenerRuleAction[];
}

/**
 * Gateway and HTTPRoutes for an Application Load Balancer, with a LoadBalancerConfiguration for certificate and idle
 * timeout and a TargetGroupConfiguration for health check and draining; during maintenance without `maintenanceUrl`
 * also a ListenerRuleConfiguration, which answers with 503. With `signIn` that kind has visitors sign in at the OpenID
 * Connect provider, and there are a Role and a RoleBinding by which the controller reads the Secret of the client. A
 * controller whose ServiceAccount is not `aws-load-balancer-controller` in `kube-system` needs one of its own.
 *
 * Listeners have no `tls` and routes no timeouts: the controller takes neither. Internal load balancers, shared Gateways
 * and sign-ins follow the documentation; they were not tried.
 *
 * Throws when:
 *
 * - `tlsSecretName` is given, because the certificate is in ACM;
 * - a host or path cannot be a condition of a load balancer;
 * - a `certificateArn` or `scheme` is given in addition to those of a shared `gateway`;
 * - there is neither a shared `gateway` nor a class;
 * - an application has two routes, whose TargetGroupConfigurations would contradict one another.
 *
 * @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/gateway/l7gateway/
 * @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/gateway/listenerruleconfig/
 *
 * @example
 * Distribution.eks({
 *   routing: new EksGatewayRouting({ gatewayClassName: 'aws-alb', loadBalancerCidrs: ['10.0.0.0/20'] }),
 * });
 */
export class EksGatewayRouting extends Router {
  /** A target group has a path to check, and no host. */
  readonly healthCheckNamesHost?: boolean = false;

  /** New pods count as ready only when the load balancer's health check has seen them so. */
  readonly namespaceLabels?: { [label: string]: string } = {
    'elbv2.k8s.aws/pod-readiness-gate-inject': 'enabled',
  };

  constructor(private readonly props: EksGatewayRoutingProps) {
    super(props, {
      sharedAddressRemedy: oneGateway(props.gateway, 'new EksGatewayRouting'),
      deregistration: DEREGISTRATION.outside,
      // The certificate of a Gateway that exists is checked with the Gateway.
      missing: {
        ...(!props.gateway && {
          [RouteFeature.TLS_SECRET]: noSecret('new EksGatewayRouting({ certificateArn: "arn:…", … })'),
        }),
        ...withoutProvider(props.signIn, 'new EksGatewayRouting'),
      },
    });
  }

  route(scope: Construct, request: RouteRequest): Resource[] {
    const { gateway } = this.props;
    checkConditions(scope, request);
    const provider = providerOf(scope, request, this.props.signIn);
    const options = routeOptions(request, provider);
    return [
      ...backendsOf(request).map((backend) =>
        targetGroupConfiguration(scope, request, backend, this.deregistration),
      ),
      ...listenerRuleConfiguration(scope, request, provider),
      ...providerAccess(scope, request, provider, LOAD_BALANCER_CONTROLLER),
      ...(gateway
        ? this.attached(scope, request, gateway, options)
        : this.ownGateway(scope, request, options)),
    ];
  }

  sources(scope: Construct): NetworkPeer[] {
    return albSources(scope, this.props.loadBalancerCidrs);
  }

  private attached(
    scope: Construct,
    request: RouteRequest,
    gateway: SharedGateway,
    options: HttpRouteOptions,
  ): Resource[] {
    const { certificateArn, scheme } = this.props;
    checkSharedGateway(scope, gateway, { tlsSecretName: request.tlsSecretName, certificateArn });
    if (scheme !== undefined) {
      Problems.report(scope, {
        property: 'scheme',
        value: scheme,
        reason: `is of no use with the Gateway "${gateway.name}", whose load balancer has one`,
        remedy: 'Leave it out',
      });
    }
    return sharedGatewayRoute(scope, request, gateway, options);
  }

  private ownGateway(scope: Construct, request: RouteRequest, options: HttpRouteOptions): Resource[] {
    const { gatewayClassName, certificateArn, scheme } = this.props;
    if (!gatewayClassName) {
      throw new InvalidInputError(scope, {
        property: 'gatewayClassName',
        value: gatewayClassName,
        reason: 'is needed where no Gateway is given',
        remedy: 'Give it: new EksGatewayRouting({ gatewayClassName: "…" })',
      });
    }
    checkNames(scope, { gatewayClassName });
    checkCertificateArn(scope, certificateArn);
    const configuration = loadBalancerConfiguration(scope, request, {
      scheme: checkedScheme(scope, scheme),
      certificateArn,
    });
    const { kind, name } = configuration;
    const routes = gatewayRoute(scope, request, {
      gatewayClassName,
      parametersRef: { group: 'gateway.k8s.aws', kind, name },
      ...options,
    });
    return [configuration, ...routes];
  }
}

/** Routes carry no timeouts; what else the rule does is a filter, or the answer itself. */
function routeOptions(request: RouteRequest, provider?: OpenIdConnectSignIn): HttpRouteOptions {
  const filter = ruleFilter(request, provider);
  return { routeTimeouts: false, unavailable: filter, filters: filter && [filter] };
}

function loadBalancerConfiguration(
  scope: Construct,
  request: RouteRequest,
  { scheme, certificateArn }: { scheme: string; certificateArn?: string },
): Resource {
  const { name, labels } = request;
  const spec: LoadBalancerConfigurationSpec = {
    scheme,
    ...(certificateArn && {
      listenerConfigurations: [
        { protocolPort: 'HTTPS:443', defaultCertificate: certificateArn, alpnPolicy: 'None' },
      ],
    }),
    loadBalancerAttributes: loadBalancerAttributes(request),
  };
  const metadata = { name, labels };
  return new Resource(scope, 'LoadBalancerConfiguration', {
    apiVersion: API_VERSION,
    kind: 'LoadBalancerConfiguration',
    metadata,
    spec,
  });
}

function targetGroupConfiguration(
  scope: Construct,
  request: RouteRequest,
  backend: Backend,
  deregistration: Duration,
): Resource {
  const { labels, healthPath } = request;
  const { id, name, serviceName } = backend;
  const spec: TargetGroupConfigurationSpec = {
    targetReference: { group: '', kind: 'Service', name: serviceName },
    defaultConfiguration: {
      targetType: 'ip',
      healthCheckConfig: { healthCheckPath: healthPath, matcher: { httpCode: '200' } },
      targetGroupAttributes: targetGroupAttributes(request, deregistration),
    },
  };
  return new ServicePolicy(scope, `${id}TargetGroupConfiguration`, serviceName, {
    apiVersion: API_VERSION,
    kind: 'TargetGroupConfiguration',
    metadata: { name, labels },
    spec,
  });
}

/** What else the rule of the HTTPRoute does, if anything: its name says which. */
function ruleOf(
  request: RouteRequest,
  provider?: OpenIdConnectSignIn,
): { name: string; actions: ListenerRuleAction[] } | undefined {
  const { name, sessionAffinity, canary, maintenance } = request;
  if (isUnavailable(request)) {
    const fixedResponseConfig = {
      statusCode: 503,
      contentType: 'text/plain',
      messageBody: MAINTENANCE_TEXT,
    } as const;
    return { name: `${name}-maintenance`, actions: [{ type: 'fixed-response', fixedResponseConfig }] };
  }
  const forwardConfig = { targetGroupStickinessConfig: GROUP_STICKINESS };
  const forward: ListenerRuleAction[] =
    !maintenance && canary && sessionAffinity ? [{ type: 'forward', forwardConfig }] : [];
  if (provider && !maintenance) return { name: `${name}-sign-in`, actions: [signIn(provider), ...forward] };
  return forward.length ? { name: `${name}-canary`, actions: forward } : undefined;
}

function signIn({ clientSecretName, ...provider }: OpenIdConnectSignIn): ListenerRuleAction {
  const { issuer, authorizationEndpoint, tokenEndpoint, userInfoEndpoint } = provider;
  return {
    type: 'authenticate-oidc',
    authenticateOIDCConfig: {
      issuer,
      authorizationEndpoint,
      tokenEndpoint,
      userInfoEndpoint,
      secret: { name: clientSecretName },
      onUnauthenticatedRequest: 'authenticate',
    },
  };
}

function ruleFilter(
  request: RouteRequest,
  provider?: OpenIdConnectSignIn,
): HttpRouteSpecRulesFilters | undefined {
  const rule = ruleOf(request, provider);
  return (
    rule && {
      type: FilterType.EXTENSION_REF,
      extensionRef: { group: 'gateway.k8s.aws', kind: 'ListenerRuleConfiguration', name: rule.name },
    }
  );
}

function listenerRuleConfiguration(
  scope: Construct,
  request: RouteRequest,
  provider?: OpenIdConnectSignIn,
): Resource[] {
  const rule = ruleOf(request, provider);
  if (!rule) return [];
  const { name, actions } = rule;
  const spec: ListenerRuleConfigurationSpec = { actions };
  return [
    new Resource(scope, 'ListenerRuleConfiguration', {
      apiVersion: API_VERSION,
      kind: 'ListenerRuleConfiguration',
      metadata: { name, labels: request.labels },
      spec,
    }),
  ];
}
