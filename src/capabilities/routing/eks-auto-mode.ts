import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import * as k8s from '../../kubernetes/api';
import { NetworkPeer } from '../../kubernetes/peers';
import { Problems } from '../../kubernetes/problems';
import { Resource } from '../../kubernetes/resource';
import { albIngress, albSources, checkedScheme, checkGroupName, LoadBalancerScheme, noSecret } from './alb';
import { DEREGISTRATION } from './draining';
import { checkCertificateArn, checkNames } from './facts';
import { RouteFeature, RouteRequest, RoutingProps } from '../../platform/routing';
import { oneLoadBalancer, Router } from './router';
import {
  AUTO_MODE_CONTROLLER,
  OpenIdConnectSignIn,
  providerAccess,
  providerOf,
  signInAnnotations,
  withoutProvider,
} from './sign-in';

/** What an EKS cluster in Auto Mode has. */
export interface EksAutoModeRoutingProps extends RoutingProps {
  /**
   * An IngressClass that exists already and whose IngressClassParams name scheme and certificate.
   *
   * @default - each PublicRoute makes its own, with IngressClassParams
   */
  readonly ingressClassName?: string;

  /**
   * ARN of the ACM certificate.
   *
   * @default - the load balancer looks for a certificate of the hosts in ACM
   */
  readonly certificateArn?: string;

  /**
   * Who reaches the load balancer: `internet-facing`, everybody, or `internal`, the network of the cluster.
   *
   * @default LoadBalancerScheme.INTERNET_FACING
   */
  readonly scheme?: LoadBalancerScheme;

  /**
   * Name of the group whose Ingresses share one load balancer. They can be in any namespaces. Scheme and the longest of
   * the routes' times are attributes of the load balancer: they must be the same throughout the group. Those who may
   * make Ingresses may join the group, and take hosts of the others.
   *
   * @default - each PublicRoute has a load balancer of its own
   * @see https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-alb.html
   */
  readonly groupName?: string;

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

/** The part of `eks.amazonaws.com/v1` IngressClassParams that we set. Its schema is not public. */
interface IngressClassParamsSpec {
  readonly scheme: string;
  readonly group?: { readonly name: string };
  readonly certificateARNs?: string[];
}

/**
 * An Application Load Balancer of EKS Auto Mode: an Ingress, with an IngressClass and IngressClassParams. Those two
 * belong to the whole cluster and are named after namespace and route. The fields are those of the documentation; they
 * were not tried on a cluster. With `signIn` the load balancer has visitors sign in at the OpenID Connect provider, and
 * there are a Role and a RoleBinding by which AWS reads the Secret of the client. The label of the namespace is known from its users.
 *
 * Throws when:
 * - `tlsSecretName` is given, because the certificate is in ACM;
 * - `certificateArn`, `scheme` or `groupName` is given in addition to a class that exists, whose IngressClassParams
 *   name it.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-alb.html
 *
 * @example
 * Distribution.eks({ autoMode: true, loadBalancerCidrs: ['10.0.0.0/20'] });
 */
export class EksAutoModeRouting extends Router {
  /** A target group has a path to check, and no host. */
  readonly healthCheckNamesHost?: boolean = false;

  /** New pods count as ready only when the load balancer's health check has seen them so. */
  readonly namespaceLabels?: { [label: string]: string } = {
    'eks.amazonaws.com/pod-readiness-gate-inject': 'enabled',
  };

  constructor(private readonly props: EksAutoModeRoutingProps) {
    super(props, {
      sharedAddressRemedy: oneLoadBalancer(props.groupName ?? props.ingressClassName),
      deregistration: DEREGISTRATION.outside,
      missing: {
        [RouteFeature.TLS_SECRET]: noSecret('new EksAutoModeRouting({ certificateArn: "arn:…" })'),
        ...withoutProvider(props.signIn, 'Distribution.eks'),
      },
    });
  }

  route(scope: Construct, request: RouteRequest): Resource[] {
    const { ingressClassName, certificateArn, groupName } = this.props;
    checkNames(scope, { ingressClassName });
    checkCertificateArn(scope, certificateArn);
    checkGroupName(scope, groupName);
    const provider = providerOf(scope, request, this.props.signIn);
    const annotations = signInAnnotations(provider);
    const access = providerAccess(scope, request, provider, AUTO_MODE_CONTROLLER);
    if (!ingressClassName) return [...this.ingressWithClass(scope, request, annotations), ...access];
    this.checkClassAlone(scope, ingressClassName);
    const { deregistration } = this;
    return [albIngress(scope, request, { ingressClassName, deregistration, annotations }), ...access];
  }

  sources(scope: Construct): NetworkPeer[] {
    return albSources(scope, this.props.loadBalancerCidrs);
  }

  /** What a class that exists says already. */
  private checkClassAlone(scope: Construct, ingressClassName: string): void {
    const { certificateArn, scheme, groupName } = this.props;
    for (const [property, value] of Object.entries({ certificateArn, scheme, groupName })) {
      if (value === undefined) continue;
      Problems.report(scope, {
        property,
        value,
        reason: `is of no use with the IngressClass "${ingressClassName}", whose IngressClassParams name it`,
        remedy: 'Leave one of them out',
      });
    }
  }

  private ingressWithClass(
    scope: Construct,
    request: RouteRequest,
    annotations: Record<string, string>,
  ): Resource[] {
    const { labels } = request;
    const { certificateArn, scheme, groupName } = this.props;
    // Classes have no namespace. Neither part of their name has a dot.
    const name = [Chart.of(scope).namespace, request.name].filter(Boolean).join('.');
    const spec: IngressClassParamsSpec = {
      scheme: checkedScheme(scope, scheme),
      ...(groupName && { group: { name: groupName } }),
      ...(certificateArn && { certificateARNs: [certificateArn] }),
    };
    const parameters = new Resource(scope, 'IngressClassParams', {
      apiVersion: 'eks.amazonaws.com/v1',
      kind: 'IngressClassParams',
      metadata: { name, labels },
      spec,
    });
    const ingressClass = new Resource(
      scope,
      'IngressClass',
      k8s.manifest('IngressClass', {
        metadata: { name, labels },
        spec: {
          controller: 'eks.amazonaws.com/alb',
          parameters: { apiGroup: 'eks.amazonaws.com', kind: 'IngressClassParams', name },
        },
      }),
    );
    const ingress = albIngress(scope, request, {
      ingressClassName: name,
      deregistration: this.deregistration,
      annotations,
      grouped: groupName !== undefined,
    });
    return [parameters, ingressClass, ingress];
  }
}
