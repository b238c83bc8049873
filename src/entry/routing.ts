export {
  AksApplicationGatewayRouting,
  type AksApplicationGatewayRoutingProps,
  type ApplicationGatewayFrontend,
  type ApplicationLoadBalancerReference,
} from '../capabilities/routing/aks-application-gateway';
export { AksGatewayRouting, type AksGatewayRoutingProps } from '../capabilities/routing/aks-gateway';
export { LoadBalancerScheme } from '../capabilities/routing/alb';
export { AlbIngressRouting, type AlbIngressRoutingProps } from '../capabilities/routing/alb-ingress';
export { ContourRouting, type ContourRoutingProps } from '../capabilities/routing/contour';
export { EksAutoModeRouting, type EksAutoModeRoutingProps } from '../capabilities/routing/eks-auto-mode';
export { EksGatewayRouting, type EksGatewayRoutingProps } from '../capabilities/routing/eks-gateway';
export {
  GkeGatewayRouting,
  type GkeGatewayRoutingProps,
  type IdentityAwareProxyClient,
} from '../capabilities/routing/gke-gateway';
export { GkeIngressRouting, type GkeIngressRoutingProps } from '../capabilities/routing/gke-ingress';
export { IngressRouting, type IngressRoutingProps } from '../capabilities/routing/ingress';
export {
  OpenShiftGatewayRouting,
  type OpenShiftGatewayRoutingProps,
} from '../capabilities/routing/openshift-gateway';
export { OpenShiftRouteRouting } from '../capabilities/routing/openshift-route';
export { type OpenIdConnectSignIn } from '../capabilities/routing/sign-in';
export { type SharedGateway } from '../capabilities/routing/shared-gateway';
export {
  UpstreamGatewayRouting,
  type UpstreamGatewayRoutingProps,
} from '../capabilities/routing/upstream-gateway';
export { type RoutingProps } from '../platform/routing';
export { type HostOptions } from '../django-app/application';
