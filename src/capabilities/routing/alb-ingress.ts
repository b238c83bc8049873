import { Construct } from 'constructs';
import { NetworkPeer } from '../../kubernetes/peers';
import { Resource } from '../../kubernetes/resource';
import { albIngress, albSources, checkedScheme, checkGroupName, LoadBalancerScheme, noSecret } from './alb';
import { DEREGISTRATION } from './draining';
import { checkCertificateArn, checkNames } from './facts';
import { RouteFeature, RouteRequest, RoutingProps } from '../../platform/routing';
import { oneLoadBalancer, Router } from './router';
import {
  LOAD_BALANCER_CONTROLLER,
  OpenIdConnectSignIn,
  providerAccess,
  providerOf,
  signInAnnotations,
  withoutProvider,
} from './sign-in';

/** What an EKS cluster with the AWS Load Balancer Controller has. */
export interface AlbIngressRoutingProps extends RoutingProps {
  /**
   * The IngressClass.
   *
   * @default alb
   */
  readonly ingressClassName?: string;

  /**
   * ARN of the ACM certificate.
   *
   * @default - the controller looks for a certificate of the hosts in ACM
   * @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/cert_discovery/
   */
  readonly certificateArn?: string;

  /**
   * Who reaches the load balancer: `internet-facing`, everybody, or `internal`, the network of the cluster.
   *
   * @default LoadBalancerScheme.INTERNET_FACING
   */
  readonly scheme?: LoadBalancerScheme;

  /**
   * Name of the group whose Ingresses share one load balancer, in any namespaces. Scheme and the longest of the
   * routes' times are attributes of the load balancer: they must be the same throughout the group. Who may make
   * Ingresses may join it, and take hosts of the others.
   *
   * @default - each PublicRoute has a load balancer of its own
   * @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#ingressgroup
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

/**
 * An Application Load Balancer that reaches the pods directly, by an Ingress of the AWS Load Balancer Controller. The
 * Ingress holds everything, also what answers during maintenance. Groups and internal load balancers follow the
 * documentation; they were not tried. With `signIn` the load balancer has visitors sign in at the OpenID Connect
 * provider, and there are a Role and a RoleBinding by which the controller reads the Secret of the client. That was
 * not tried either. A controller whose ServiceAccount is not `aws-load-balancer-controller` in `kube-system` needs a
 * RoleBinding of its own.
 *
 * Throws when:
 *
 * - `tlsSecretName` is given, because the certificate is in ACM;
 * - a host or path cannot be a condition of a load balancer.
 *
 * @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/
 *
 * @example
 * Distribution.eks({
 *   certificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/00000000-0000-0000-0000-000000000000',
 *   loadBalancerCidrs: ['10.0.0.0/20', '10.0.16.0/20'],
 * });
 */
export class AlbIngressRouting extends Router {
  /** A target group has a path to check, and no host. */
  readonly healthCheckNamesHost?: boolean = false;

  /** New pods count as ready only when the load balancer's health check has seen them so. */
  readonly namespaceLabels?: { [label: string]: string } = {
    'elbv2.k8s.aws/pod-readiness-gate-inject': 'enabled',
  };

  constructor(private readonly props: AlbIngressRoutingProps) {
    super(props, {
      sharedAddressRemedy: oneLoadBalancer(props.groupName),
      deregistration: DEREGISTRATION.outside,
      missing: {
        [RouteFeature.TLS_SECRET]: noSecret('Distribution.eks({ certificateArn: "arn:…" })'),
        ...withoutProvider(props.signIn, 'Distribution.eks'),
      },
    });
  }

  route(scope: Construct, request: RouteRequest): Resource[] {
    const { ingressClassName, certificateArn, scheme, groupName } = this.props;
    checkNames(scope, { ingressClassName });
    checkCertificateArn(scope, certificateArn);
    checkGroupName(scope, groupName);
    const provider = providerOf(scope, request, this.props.signIn);
    const annotations = {
      'alb.ingress.kubernetes.io/scheme': checkedScheme(scope, scheme),
      ...(groupName && { 'alb.ingress.kubernetes.io/group.name': groupName }),
      ...(certificateArn && { 'alb.ingress.kubernetes.io/certificate-arn': certificateArn }),
      ...signInAnnotations(provider),
    };
    const { deregistration } = this;
    return [
      albIngress(scope, request, {
        ingressClassName: ingressClassName ?? 'alb',
        deregistration,
        annotations,
        grouped: groupName !== undefined,
      }),
      ...providerAccess(scope, request, provider, LOAD_BALANCER_CONTROLLER),
    ];
  }

  sources(scope: Construct): NetworkPeer[] {
    return albSources(scope, this.props.loadBalancerCidrs);
  }
}
