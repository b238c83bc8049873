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

/** What a rule does: answers with a text, or keeps visitors to one of several target groups. */
interface ListenerRuleAction {
  readonly type: 'fixed-response' | 'forward';
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
 * The part of ListenerRuleConfiguration that we set. Its schema was not at hand: the fields are the documentation's.
 */
interface ListenerRuleConfigurationSpec {
  readonly actions: ListenerRuleAction[];
}

/**
 * Gateway and HTTPRoutes for an Application Load Balancer, with a LoadBalancerConfiguration for certificate and idle
 * timeout and a TargetGroupConfiguration for health check and draining; during maintenance without `maintenanceUrl`
 * also a ListenerRuleConfiguration, which answers with 503. Listeners have no `tls` and routes no timeouts: the
 * controller takes neither. Internal load balancers and shared Gateways follow the documentation; they were not
 * tried.
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
      missing: props.gateway
        ? {}
        : { [RouteFeature.TLS_SECRET]: noSecret('new EksGatewayRouting({ certificateArn: "arn:…", … })') },
    });
  }

  route(scope: Construct, request: RouteRequest): Resource[] {
    const { gateway } = this.props;
    checkConditions(scope, request);
    return [
      ...backendsOf(request).map((backend) =>
        targetGroupConfiguration(scope, request, backend, this.deregistration),
      ),
      ...listenerRuleConfiguration(scope, request),
      ...(gateway ? this.attached(scope, request, gateway) : this.ownGateway(scope, request)),
    ];
  }

  sources(scope: Construct): NetworkPeer[] {
    return albSources(scope, this.props.loadBalancerCidrs);
  }

  private attached(scope: Construct, request: RouteRequest, gateway: SharedGateway): Resource[] {
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
    return sharedGatewayRoute(scope, request, gateway, routeOptions(request));
  }

  private ownGateway(scope: Construct, request: RouteRequest): Resource[] {
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
      ...routeOptions(request),
    });
    return [configuration, ...routes];
  }
}

/** Routes carry no timeouts; what else the rule does is a filter, or the answer itself. */
function routeOptions(request: RouteRequest): HttpRouteOptions {
  const filter = ruleFilter(request);
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
function ruleOf(request: RouteRequest): { name: string; action: ListenerRuleAction } | undefined {
  const { name, sessionAffinity, canary, maintenance } = request;
  if (isUnavailable(request)) {
    const fixedResponseConfig = {
      statusCode: 503,
      contentType: 'text/plain',
      messageBody: MAINTENANCE_TEXT,
    } as const;
    return { name: `${name}-maintenance`, action: { type: 'fixed-response', fixedResponseConfig } };
  }
  if (maintenance || !canary || !sessionAffinity) return undefined;
  const forwardConfig = { targetGroupStickinessConfig: GROUP_STICKINESS };
  return { name: `${name}-canary`, action: { type: 'forward', forwardConfig } };
}

function ruleFilter(request: RouteRequest): HttpRouteSpecRulesFilters | undefined {
  const rule = ruleOf(request);
  return (
    rule && {
      type: FilterType.EXTENSION_REF,
      extensionRef: { group: 'gateway.k8s.aws', kind: 'ListenerRuleConfiguration', name: rule.name },
    }
  );
}

function listenerRuleConfiguration(scope: Construct, request: RouteRequest): Resource[] {
  const rule = ruleOf(request);
  if (!rule) return [];
  const spec: ListenerRuleConfigurationSpec = { actions: [rule.action] };
  return [
    new Resource(scope, 'ListenerRuleConfiguration', {
      apiVersion: API_VERSION,
      kind: 'ListenerRuleConfiguration',
      metadata: { name: rule.name, labels: request.labels },
      spec,
    }),
  ];
}
