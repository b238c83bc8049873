import { Distribution, IDistribution, PublicRoute, PublicRouteProps } from 'cdk8s-django';
import {
  AksApplicationGatewayRouting,
  ContourRouting,
  EksAutoModeRouting,
  EksGatewayRouting,
  GkeIngressRouting,
  IngressRouting,
  OpenShiftGatewayRouting,
} from 'cdk8s-django/routing';
import { CERTIFICATE_ARN, PROVIDER, sample } from '../../support/distributions';
import { django, errorOf, HOST } from '../../support/synth';

export const LOAD_BALANCER = { name: 'alb', namespace: 'infra' };

export const SIGN_IN_ANNOTATIONS = {
  'nginx.ingress.kubernetes.io/auth-url': 'https://login.example.com/oauth2/auth',
};

/** Every routing of the library, each with a certificate, so that a route needs none. */
export const ROUTINGS: Record<string, () => IDistribution> = {
  'GKE Gateway': () => sample('gke'),
  'GKE Ingress': () => Distribution.gke({ routing: new GkeIngressRouting({}) }),
  'EKS Ingress': () => sample('eks'),
  'EKS Auto Mode': () =>
    Distribution.eks({
      routing: new EksAutoModeRouting({ certificateArn: CERTIFICATE_ARN, signIn: PROVIDER }),
    }),
  'EKS Gateway': () =>
    Distribution.eks({ routing: new EksGatewayRouting({ gatewayClassName: 'aws-alb', signIn: PROVIDER }) }),
  'AKS application routing': () => sample('aks'),
  'AKS Application Gateway': () =>
    Distribution.aks({
      routing: new AksApplicationGatewayRouting({
        loadBalancer: LOAD_BALANCER,
        clusterIssuer: 'letsencrypt',
      }),
    }),
  'OpenShift Route': () => sample('openshift'),
  'OpenShift Gateway': () =>
    Distribution.openshift({
      routing: new OpenShiftGatewayRouting({ certificateSecretName: 'wildcard-tls' }),
    }),
  'upstream Gateway': () => sample('upstream'),
  Contour: () => Distribution.upstream({ routing: new ContourRouting({ clusterIssuer: 'letsencrypt' }) }),
  Ingress: () =>
    Distribution.upstream({
      routing: new IngressRouting({
        timeoutAnnotations: ['nginx.ingress.kubernetes.io/proxy-read-timeout'],
        requestBodySizeAnnotations: ['nginx.ingress.kubernetes.io/proxy-body-size'],
        signInAnnotations: SIGN_IN_ANNOTATIONS,
        sessionAffinityAnnotations: { 'nginx.ingress.kubernetes.io/affinity': 'cookie' },
      }),
    }),
};

/** The message of the error that a route ends in. */
export function routeError(distribution: IDistribution, changes: Partial<PublicRouteProps>): string {
  return errorOf((chart) => {
    new PublicRoute(chart, 'Route', { app: django(chart), hosts: [HOST], ...changes });
  }, distribution);
}
