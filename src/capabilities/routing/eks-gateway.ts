import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import {
  HttpRouteSpecRulesFilters,
  HttpRouteSpecRulesFiltersType as FilterType,
} from '../../../imports/gateway.networking.k8s.io';
import { NetworkPeer } from '../../kubernetes/peers';
import { Resource } from '../../kubernetes/resource';
import {
  AlbAttribute,
  albSources,
  GROUP_STICKINESS,
  loadBalancerAttributes,
  refuseSecret,
  targetGroupAttributes,
} from './alb';
import { Backend, backendsOf } from './canary';
import { DEREGISTRATION } from './draining';
import { checkCertificateArn, checkNames } from './facts';
import { gatewayRoute } from './gateway';
import { isUnavailable, MAINTENANCE_TEXT } from './maintenance';
import { IRouting, RouteRequest, RoutingProps } from './routing';
import { ServicePolicy } from './service-policy';

/** What an EKS cluster with the Gateway API of the AWS Load Balancer Controller (3.0 and newer) has. */
export interface EksGatewayProps extends RoutingProps {
  /** A GatewayClass of the controller `gateway.k8s.aws/alb`, which the controller does not make itself. */
  readonly gatewayClassName: string;

  /**
   * ARN of the ACM certificate.
   *
   * @default - the controller looks for a certificate of the hosts in ACM
   */
  readonly certificateArn?: string;

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
  readonly scheme: 'internet-facing';
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

/** The part of ListenerRuleConfiguration that we set. Its schema was not at hand: the fields are the documentation's. */
interface ListenerRuleConfigurationSpec {
  readonly actions: ListenerRuleAction[];
}

/**
 * Gateway and HTTPRoutes for an Application Load Balancer, with a LoadBalancerConfiguration for certificate and idle
 * timeout and a TargetGroupConfiguration for health check and draining; during maintenance without `maintenanceUrl`
 * also a ListenerRuleConfiguration, which answers with 503. Listeners have no `tls` and routes no timeouts: the
 * controller takes neither.
 *
 * Throws for `tlsSecretName`, because the certificate is in ACM, and when an application has two routes, whose
 * TargetGroupConfigurations would contradict one another.
 *
 * @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/gateway/l7gateway/
 * @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/gateway/listenerruleconfig/
 *
 * @example
 * Distribution.eks({
 *   routing: new EksGatewayRouting({ gatewayClassName: 'aws-alb', loadBalancerCidrs: ['10.0.0.0/20'] }),
 * });
 */
export class EksGatewayRouting implements IRouting {
  readonly deregistration: Duration;

  /** A target group has a path to check, and no host. */
  readonly healthCheckNamesHost = false;

  /** New pods count as ready only when the load balancer's health check has seen them so. */
  readonly namespaceLabels = { 'elbv2.k8s.aws/pod-readiness-gate-inject': 'enabled' };

  constructor(private readonly props: EksGatewayProps) {
    this.deregistration = props.deregistration ?? DEREGISTRATION.outside;
  }

  route(scope: Construct, request: RouteRequest): Resource[] {
    refuseSecret(scope, request, 'new EksGatewayRouting({ certificateArn: "arn:…", … })');
    const { gatewayClassName, certificateArn } = this.props;
    checkNames(scope, { gatewayClassName });
    checkCertificateArn(scope, certificateArn);
    const configurations = [
      loadBalancerConfiguration(scope, request, certificateArn),
      ...backendsOf(request).map((backend) =>
        targetGroupConfiguration(scope, request, backend, this.deregistration),
      ),
      ...listenerRuleConfiguration(scope, request),
    ];
    const filter = ruleFilter(request);
    const routes = gatewayRoute(scope, request, {
      gatewayClassName,
      parametersRef: { group: 'gateway.k8s.aws', kind: 'LoadBalancerConfiguration', name: request.name },
      routeTimeouts: false,
      unavailable: filter,
      filters: filter && [filter],
    });
    return [...configurations, ...routes];
  }

  sources(scope: Construct): NetworkPeer[] {
    return albSources(scope, this.props.loadBalancerCidrs);
  }
}

function loadBalancerConfiguration(
  scope: Construct,
  request: RouteRequest,
  certificateArn: string | undefined,
): Resource {
  const { name, labels } = request;
  const spec: LoadBalancerConfigurationSpec = {
    scheme: 'internet-facing',
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

/** What the rule of the HTTPRoute does besides, if anything: its name says which. */
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
