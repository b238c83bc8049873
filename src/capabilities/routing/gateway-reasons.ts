import { FieldReason } from '../../kubernetes/field-reason';

const LISTENER = 'Gateway.spec.listeners';
const ROUTE = 'HTTPRoute.spec';
const SPEC = 'https://gateway-api.sigs.k8s.io/reference/spec/';
const AKS_TLS = 'https://learn.microsoft.com/azure/aks/app-routing-gateway-api-tls';
const AGC = 'https://learn.microsoft.com/azure/application-gateway/for-containers/';

/** Reasons for the resources of the Gateway API. */
export const GATEWAY_REASONS: FieldReason[] = [
  {
    fields: ['Gateway.spec.gatewayClassName'],
    why: 'It is the class of the platform’s own controller, or the one that you gave the distribution.',
    source: 'docs/distributions.md',
  },
  {
    fields: ['Gateway.spec.addresses.{type,value}'],
    why: 'You named an address or a frontend that exists, so that the hosts keep their address when the Gateway is made again.',
    source: `${SPEC}#gatewayaddress`,
  },
  {
    fields: ['Gateway.spec.infrastructure.parametersRef.{group,kind,name}'],
    why: 'The controller reads certificate, scheme and times of the load balancer from this object.',
    source:
      'https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/gateway/loadbalancerconfig/',
  },
  {
    fields: [`${LISTENER}.{name,hostname}`],
    why: 'Each host has a listener of its own, for HTTP too, so that another host’s coming or going does not change it. Its name is made of the host.',
    source: 'https://github.com/projectcontour/contour/blob/v1.33.8/internal/dag/gatewayapi_processor.go',
  },
  {
    fields: [`${LISTENER}.port`],
    why: 'Browsers connect to these ports. What comes by plain HTTP is sent to HTTPS.',
    source: 'https://gateway-api.sigs.k8s.io/guides/http-redirect-rewrite/',
    values: [80, 443],
  },
  {
    fields: [`${LISTENER}.protocol`],
    why: 'The Gateway ends HTTPS, so that it can choose by host and path.',
    source: `${SPEC}#listener`,
    values: ['HTTP', 'HTTPS'],
  },
  {
    fields: [`${LISTENER}.allowedRoutes.namespaces.{from,selector.matchLabels.*}`],
    why: 'Routes of the application’s namespace alone may use the listener. `Same` is the default, and is written out so that applying again changes nothing.',
    source: `${SPEC}#routenamespaces`,
  },
  {
    fields: [`${LISTENER}.tls.mode`],
    why: 'It is the default of the API server. It is written out, so that applying again changes nothing.',
    source: 'docs/architecture.md#resources',
    values: ['Terminate'],
  },
  {
    fields: [`${LISTENER}.tls.certificateRefs.{group,kind,name,namespace}`],
    why: 'The Secret has the certificate of the host. You named it, or cert-manager or the platform makes it.',
    source: 'docs/guide/5-public-route.md',
  },
  {
    fields: [`${LISTENER}.tls.options.*`],
    why: 'Application routing of AKS fetches the certificate from Key Vault, as the identity of this ServiceAccount.',
    source: AKS_TLS,
  },
  {
    fields: ['{Gateway,Ingress}.metadata.annotations.cert-manager.io/cluster-issuer'],
    why: 'cert-manager makes the certificate of each host that the object names, by the ClusterIssuer that you gave.',
    source: 'https://cert-manager.io/docs/usage/gateway/',
  },
  {
    fields: ['Gateway.metadata.annotations.networking.gke.io/certmap'],
    why: 'The load balancer has its certificates from this map of Certificate Manager. GKE refuses a Gateway that also names Secrets.',
    source: 'https://cloud.google.com/kubernetes-engine/docs/how-to/secure-gateway',
  },
  {
    fields: ['Gateway.metadata.annotations.alb.networking.azure.io/{alb-id,alb-name,alb-namespace}'],
    why: 'Application Gateway for Containers serves this Gateway. You named the one that exists.',
    source: AGC,
  },
  {
    fields: [`${ROUTE}.hostnames`, `${ROUTE}.rules.matches.path.value`],
    why: 'These are the hosts and the path of your PublicRoute.',
    source: 'docs/guide/5-public-route.md',
  },
  {
    fields: [`${ROUTE}.parentRefs.{group,kind,name,namespace,sectionName}`],
    why: 'The route is attached to the listeners of its hosts alone: one route for HTTPS, and one for HTTP that only redirects.',
    source: `${SPEC}#parentreference`,
  },
  {
    fields: [`${ROUTE}.rules.matches.path.type`],
    why: 'A path means all that is below it. It compares whole parts: `/polls` does not mean `/pollsters`.',
    source: `${SPEC}#httppathmatch`,
    values: ['PathPrefix'],
  },
  {
    fields: [`${ROUTE}.rules.backendRefs.{group,kind,name,port}`],
    why: 'The Service of the application, of its canary, or one without pods during maintenance. Defaults are written out, so that applying again changes nothing.',
    source: `${SPEC}#httpbackendref`,
  },
  {
    fields: [`${ROUTE}.rules.backendRefs.weight`],
    why: 'It is the part of the requests that goes there: 1 for the only Service, and percentages where there is a canary.',
    source: `${SPEC}#httpbackendref`,
  },
  {
    fields: [`${ROUTE}.rules.timeouts.request`],
    why: 'It is the `requestTimeout` of the route, or the longer time of its WebSockets. It is missing where the controller reads it from an object of its own.',
    source: `${SPEC}#httproutetimeouts`,
  },
  {
    fields: [`${ROUTE}.rules.filters.type`],
    why: 'The rule answers with a redirect, or by what the controller of AWS alone can do.',
    source: `${SPEC}#httproutefilter`,
    values: ['RequestRedirect', 'ExtensionRef'],
  },
  {
    fields: [
      `${ROUTE}.rules.filters.requestRedirect.{scheme,hostname,port,statusCode,path.type,path.replaceFullPath}`,
    ],
    why: 'Plain HTTP is sent to HTTPS with 301, which browsers remember. During maintenance visitors are sent to the address that you gave with 302, which they do not remember.',
    source: 'https://gateway-api.sigs.k8s.io/guides/http-redirect-rewrite/',
  },
  {
    fields: [`${ROUTE}.rules.filters.extensionRef.{group,kind,name}`],
    why: 'The object says what the load balancer of AWS does in addition: sticky sessions among Services, or an answer during maintenance.',
    source:
      'https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/gateway/listenerruleconfig/',
  },
  {
    fields: ['ReferenceGrant.spec.{from.group,from.kind,from.namespace,to.group,to.kind,to.name}'],
    why: 'The Gateway is in another namespace, and may read this Secret of the application and no other.',
    source: 'https://gateway-api.sigs.k8s.io/api-types/referencegrant/',
  },
];
