import { FieldReason } from '../../kubernetes/field-reason';

const INGRESS = 'https://kubernetes.io/docs/concepts/services-networking/ingress/';
const ALB = 'Ingress.metadata.annotations.alb.ingress.kubernetes.io';
const ALB_GUIDE =
  'https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/';
const GKE_INGRESS = 'https://cloud.google.com/kubernetes-engine/docs/how-to/ingress-configuration';
const PROXY = 'HTTPProxy.spec.routes';
const CONTOUR = 'https://projectcontour.io/docs/1.33/config';
const ROUTE =
  'https://docs.redhat.com/en/documentation/openshift_container_platform/4.19/html/ingress_and_load_balancing/routes';
const HAPROXY = 'Route.metadata.annotations.haproxy.router.openshift.io';

/** Reasons for Ingresses, for the HTTPProxies of Contour and for the Routes of OpenShift. */
export const ROUTE_REASONS: FieldReason[] = [
  {
    fields: ['Ingress.spec.ingressClassName'],
    why: 'It is the class of the controller that serves the route. GKE does not read the field, and has an annotation instead.',
    source: INGRESS,
  },
  {
    fields: ['Ingress.spec.rules.{host,http.paths.path}', 'Ingress.spec.tls.hosts'],
    why: 'These are the hosts and the path of your PublicRoute.',
    source: 'docs/guide/5-public-route.md',
  },
  {
    fields: ['Ingress.spec.rules.http.paths.pathType'],
    why: 'A path means all that is below it. It compares whole parts: `/polls` does not mean `/pollsters`.',
    source: `${INGRESS}#path-types`,
    values: ['Prefix'],
  },
  {
    fields: ['Ingress.spec.rules.http.paths.backend.service.{name,port.name,port.number}'],
    why: 'The Service of the application. The port `use-annotation` is that of AWS for an action that an annotation describes.',
    source: ALB_GUIDE,
  },
  {
    fields: ['Ingress.spec.tls.secretName'],
    why: 'The Secret has the certificate of the hosts. You named it, or cert-manager makes it.',
    source: `${INGRESS}#tls`,
  },
  {
    fields: ['Ingress.metadata.annotations.*', 'Service.metadata.annotations.*'],
    why: 'You gave the routing the annotations of your controller for times, sizes, redirects and sticky sessions. Ingress itself has no fields for these.',
    source: 'docs/guide/5-public-route.md',
  },
  {
    fields: [
      'Ingress.metadata.annotations.kubernetes.io/{ingress.class,ingress.global-static-ip-name}',
      'Ingress.metadata.annotations.networking.gke.io/{managed-certificates,v1beta1.FrontendConfig}',
    ],
    why: 'The load balancer of GKE reads class, address, certificate and redirect from annotations.',
    source: GKE_INGRESS,
  },
  {
    fields: [`${ALB}/{certificate-arn,group.name,scheme}`],
    why: 'You gave the certificate of ACM, the group of Ingresses that share a load balancer, or who reaches it.',
    source: ALB_GUIDE,
  },
  {
    fields: [`${ALB}/group.order`],
    why: 'The rules of a group are tried Ingress by Ingress. A path with more parts comes first, so that `/` takes what no other wants.',
    source: `${ALB_GUIDE}#group.order`,
  },
  {
    fields: [`${ALB}/listen-ports`, `${ALB}/ssl-redirect`],
    why: 'The load balancer sends plain HTTP to HTTPS.',
    source: ALB_GUIDE,
  },
  {
    fields: [`${ALB}/load-balancer-attributes`, `${ALB}/target-group-attributes`],
    why: 'A silent connection and draining last as long as the longest request. Sticky sessions are kept by a cookie of the load balancer.',
    source:
      'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html',
  },
  {
    fields: [`${ALB}/target-type`],
    why: 'The load balancer reaches pods directly, without a port of each node and without a second hop.',
    source: ALB_GUIDE,
    values: ['ip'],
  },
  {
    fields: [`${ALB}/actions.{canary,maintenance}`],
    why: 'It describes what the load balancer does instead of asking one Service: two Services by their weights, a text or a redirect.',
    source: ALB_GUIDE,
  },
  {
    fields: ['HTTPProxy.spec.{ingressClassName,virtualhost.fqdn,virtualhost.tls.secretName}'],
    why: 'An HTTPProxy has one host of the route, and the Secret with its certificate. The class is the one that you gave, where there are several Contours.',
    source: `${CONTOUR}/fundamentals/`,
  },
  {
    fields: [`${PROXY}.conditions.{exact,prefix}`],
    why: 'A prefix of Contour compares characters. So a path is written as itself and as what is below it: `/polls` does not mean `/pollsters`.',
    source: `${CONTOUR}/request-routing/`,
  },
  {
    fields: [`${PROXY}.services.{name,port,weight}`],
    why: 'The Service of the application, and that of a canary with its part of the requests.',
    source: `${CONTOUR}/request-routing/`,
  },
  {
    fields: [`${PROXY}.enableWebsockets`],
    why: 'Contour refuses WebSockets otherwise.',
    source: `${CONTOUR}/websockets/`,
    values: [true],
  },
  {
    fields: [`${PROXY}.timeoutPolicy.{response,idle}`],
    why: 'It is the `requestTimeout` of the route, or the longer time of its WebSockets.',
    source: `${CONTOUR}/request-routing/`,
  },
  {
    fields: [`${PROXY}.healthCheckPolicy.{host,path,intervalSeconds,timeoutSeconds}`],
    why: 'Envoy asks what the readiness probe asks, with a host that the application allows. So it notices by itself that a pod terminates.',
    source: `${CONTOUR}/health-checks/`,
  },
  {
    fields: [`${PROXY}.loadBalancerPolicy.strategy`],
    why: 'You asked for sticky sessions, which Contour keeps by a cookie.',
    source: `${CONTOUR}/request-routing/`,
    values: ['Cookie'],
  },
  {
    fields: [
      `${PROXY}.directResponsePolicy.{body,statusCode}`,
      `${PROXY}.requestRedirectPolicy.{scheme,hostname,port,path,statusCode}`,
    ],
    why: 'During maintenance Contour answers with 503, or sends visitors to the address that you gave.',
    source: 'docs/guide/5-public-route.md#status-503',
  },
  {
    fields: ['Certificate.spec.{dnsNames,secretName}', 'Certificate.spec.issuerRef.{group,kind,name}'],
    why: 'cert-manager reads Ingresses and Gateways, and no HTTPProxy. So the certificate is asked for here, from the ClusterIssuer that you gave.',
    source: 'https://cert-manager.io/docs/usage/certificate/',
  },
  {
    fields: ['Route.spec.{host,path}'],
    why: 'A Route has one host and one path of your PublicRoute.',
    source: ROUTE,
  },
  {
    fields: ['Route.spec.{to,alternateBackends}.{kind,name,weight}'],
    why: 'The Service of the application, that of a canary with its part of the requests, or one without pods during maintenance.',
    source: ROUTE,
  },
  {
    fields: ['Route.spec.port.targetPort'],
    why: 'The router finds the port of the Service by its name.',
    source: ROUTE,
    values: ['http'],
  },
  {
    fields: ['Route.spec.tls.{termination,externalCertificate.name}'],
    why: 'The router ends HTTPS with its own certificate, or with that of the Secret that you named.',
    source: ROUTE,
  },
  {
    fields: ['Route.spec.tls.insecureEdgeTerminationPolicy'],
    why: 'The router sends plain HTTP to HTTPS.',
    source: ROUTE,
    values: ['Redirect'],
  },
  {
    fields: ['Route.spec.wildcardPolicy'],
    why: 'It is the default of the API server. It is written out, so that applying again changes nothing.',
    source: ROUTE,
    values: ['None'],
  },
  {
    fields: [`${HAPROXY}/{timeout,timeout-tunnel}`],
    why: 'It is the `requestTimeout` of the route, and how long a WebSocket may last. The router gives a request 30 seconds otherwise.',
    source:
      'https://github.com/openshift/openshift-docs/blob/main/modules/nw-route-specific-annotations.adoc',
  },
  {
    fields: [`${HAPROXY}/{disable_cookies,balance}`],
    why: 'The router sets a cookie for sticky sessions unless it is told not to. The weights of a canary need `roundrobin`.',
    source:
      'https://github.com/openshift/openshift-docs/blob/main/modules/nw-route-specific-annotations.adoc',
  },
];
