import { Duration } from 'cdk8s';
import * as k8s from 'cdk8s-plus-27/lib/imports/k8s';
import { Construct } from 'constructs';
import { InvalidInputError } from '../../kubernetes/errors';
import { NetworkPeer } from '../../kubernetes/peers';
import { Resource } from '../../kubernetes/resource';
import { IRouting, longestTimeout, RouteRequest } from './routing';

/** What an EKS cluster with the AWS Load Balancer Controller has. */
export interface AlbIngressProps {
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
   * Address ranges of the load balancer's subnets, from which it connects: the network policy lets them in.
   *
   * @default - none is known, and LeastPrivilegeAccess asks for it
   */
  readonly loadBalancerCidrs?: string[];
}

/**
 * An Application Load Balancer that reaches the pods directly, by an Ingress.
 *
 * @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/
 */
export class AlbIngressRouting implements IRouting {
  /** A target that is being deregistered still gets requests for a moment. */
  readonly deregistration = Duration.seconds(15);

  /** New pods count as ready only when the load balancer's health check has seen them so. */
  readonly namespaceLabels = { 'elbv2.k8s.aws/pod-readiness-gate-inject': 'enabled' };

  constructor(private readonly props: AlbIngressProps) {}

  route(scope: Construct, request: RouteRequest): Resource[] {
    if (request.tlsSecretName) {
      throw new InvalidInputError(scope, {
        property: 'tlsSecretName',
        value: request.tlsSecretName,
        reason: 'cannot be used: an Application Load Balancer takes its certificate from ACM',
        remedy:
          'Leave it out, and have the certificate in ACM or name it: Distribution.eks({ certificateArn: "arn:…" })',
      });
    }
    const { name, labels, hosts, serviceName, servicePort } = request;
    const backend = { service: { name: serviceName, port: { number: servicePort } } };
    return [
      new Resource(
        scope,
        'Ingress',
        k8s.KubeIngress.manifest({
          metadata: { name, labels, annotations: this.annotations(request) },
          spec: {
            ingressClassName: this.props.ingressClassName ?? 'alb',
            rules: hosts.map((host) => ({
              host,
              http: { paths: [{ path: '/', pathType: 'Prefix', backend }] },
            })),
          },
        }),
      ),
    ];
  }

  sources(scope: Construct): NetworkPeer[] {
    const { loadBalancerCidrs } = this.props;
    if (!loadBalancerCidrs?.length) {
      throw new InvalidInputError(scope, {
        property: 'loadBalancerCidrs',
        value: loadBalancerCidrs,
        reason: 'is needed to let the load balancer in',
        remedy: "Give the ranges of its subnets: Distribution.eks({ loadBalancerCidrs: ['10.0.0.0/20'] })",
      });
    }
    return loadBalancerCidrs.map((cidr) => ({ cidr }));
  }

  private annotations(request: RouteRequest): Record<string, string> {
    const { healthPath, timeout } = request;
    const draining = this.deregistration.toSeconds() + timeout.toSeconds();
    const annotations: Record<string, string> = {
      'alb.ingress.kubernetes.io/scheme': 'internet-facing',
      'alb.ingress.kubernetes.io/target-type': 'ip',
      'alb.ingress.kubernetes.io/listen-ports': '[{"HTTP": 80}, {"HTTPS": 443}]',
      'alb.ingress.kubernetes.io/ssl-redirect': '443',
      'alb.ingress.kubernetes.io/healthcheck-path': healthPath,
      'alb.ingress.kubernetes.io/success-codes': '200',
      'alb.ingress.kubernetes.io/load-balancer-attributes': `idle_timeout.timeout_seconds=${longestTimeout(request).toSeconds()}`,
      'alb.ingress.kubernetes.io/target-group-attributes': `deregistration_delay.timeout_seconds=${draining}`,
    };
    const { certificateArn } = this.props;
    if (certificateArn) annotations['alb.ingress.kubernetes.io/certificate-arn'] = certificateArn;
    return annotations;
  }
}
