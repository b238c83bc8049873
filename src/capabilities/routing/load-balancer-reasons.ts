import { FieldReason } from '../../kubernetes/field-reason';

const GKE = 'https://cloud.google.com/kubernetes-engine/docs/how-to/configure-gateway-resources';
const GKE_INGRESS = 'https://cloud.google.com/kubernetes-engine/docs/how-to/ingress-configuration';
const AWS = 'https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide';
const AGC = 'https://learn.microsoft.com/azure/application-gateway/for-containers/';
const AUTO_MODE = 'https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-alb.html';
const POLICIES = '{GCPBackendPolicy,HealthCheckPolicy,RoutePolicy}';

/** Reasons for what the load balancers of GKE, EKS and AKS read from objects of their own. */
export const LOAD_BALANCER_REASONS: FieldReason[] = [
  {
    fields: [
      `${POLICIES}.spec.targetRef.{group,kind,name}`,
      'TargetGroupConfiguration.spec.targetReference.{group,kind,name}',
    ],
    why: 'It is the Service or the route that the object is about. A canary has an object of its own.',
    source: 'https://gateway-api.sigs.k8s.io/geps/gep-713/',
  },
  {
    fields: ['GCPBackendPolicy.spec.default.timeoutSec', 'BackendConfig.spec.timeoutSec'],
    why: 'It is the longest request or WebSocket. The load balancer ends WebSockets after this time too, also those in use.',
    source: GKE,
  },
  {
    fields: [
      'GCPBackendPolicy.spec.default.connectionDraining.drainingTimeoutSec',
      'BackendConfig.spec.connectionDraining.drainingTimeoutSec',
    ],
    why: 'A pod that terminates keeps its connections for as long as its last request may take.',
    source: GKE,
  },
  {
    fields: [
      'GCPBackendPolicy.spec.default.sessionAffinity.{type,cookieTtlSec}',
      'BackendConfig.spec.sessionAffinity.{affinityType,affinityCookieTtlSec}',
      'RoutePolicy.spec.default.sessionAffinity.affinityType',
    ],
    why: 'You asked for sticky sessions. The load balancer keeps them by a cookie of its own.',
    source: 'docs/guide/5-public-route.md',
  },
  {
    fields: [
      'GCPBackendPolicy.spec.default.iap.{enabled,clientID}',
      'GCPBackendPolicy.spec.default.iap.oauth2ClientSecret.name',
      'BackendConfig.spec.iap.enabled',
    ],
    why: 'You asked for a sign-in. Identity-Aware Proxy lets in who has a role of Google Cloud for it. A GCPBackendPolicy needs an OAuth client of your own, a BackendConfig takes that of Google.',
    source: `${GKE}#configure_iap`,
  },
  {
    fields: [
      'Ingress.metadata.annotations.alb.ingress.kubernetes.io/{auth-type,auth-idp-oidc,auth-on-unauthenticated-request}',
      'ListenerRuleConfiguration.spec.actions.authenticateOIDCConfig.{issuer,authorizationEndpoint,tokenEndpoint,userInfoEndpoint,onUnauthenticatedRequest}',
      'ListenerRuleConfiguration.spec.actions.authenticateOIDCConfig.secret.name',
    ],
    why: 'You asked for a sign-in. The load balancer sends who has none to your OpenID Connect provider, and nothing of the application answers before.',
    source:
      'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html',
  },
  {
    fields: [
      'HealthCheckPolicy.spec.default.config.httpHealthCheck.{host,requestPath}',
      'HealthCheckPolicy.spec.default.http.{host,path}',
      'BackendConfig.spec.healthCheck.requestPath',
      'Ingress.metadata.annotations.alb.ingress.kubernetes.io/healthcheck-path',
      'TargetGroupConfiguration.spec.defaultConfiguration.healthCheckConfig.healthCheckPath',
    ],
    why: 'The load balancer asks what the readiness probe asks. Where it can name a host, it names one that the application allows: Django would refuse the address of the pod.',
    source: 'docs/guide/8-health.md',
  },
  {
    fields: [
      'HealthCheckPolicy.spec.default.{checkIntervalSec,timeoutSec}',
      'BackendConfig.spec.healthCheck.{checkIntervalSec,timeoutSec}',
    ],
    why: 'It is as often as the readiness probe asks by default, so the load balancer notices a pod that fails as soon as Kubernetes does.',
    source: GKE,
    values: [5],
  },
  {
    fields: ['HealthCheckPolicy.spec.default.{interval,timeout}'],
    why: 'It is as often as the readiness probe asks by default, so the load balancer notices a pod that fails as soon as Kubernetes does.',
    source: AGC,
    values: ['5s'],
  },
  {
    fields: ['HealthCheckPolicy.spec.default.{healthyThreshold,unhealthyThreshold}'],
    why: 'A pod is in use after one good answer, and out of use after as many failures as the readiness probe takes by default.',
    source: AGC,
  },
  {
    fields: ['HealthCheckPolicy.spec.default.config.type', 'BackendConfig.spec.healthCheck.type'],
    why: 'The check is a request of plain HTTP, as pods serve it.',
    source: GKE,
    values: ['HTTP'],
  },
  {
    fields: [
      'HealthCheckPolicy.spec.default.config.httpHealthCheck.portSpecification',
      'HealthCheckPolicy.spec.default.port',
    ],
    why: 'The pods answer checks on the port on which they serve requests.',
    source: GKE,
  },
  {
    fields: [
      'HealthCheckPolicy.spec.default.http.match.statusCodes.{start,end}',
      'TargetGroupConfiguration.spec.defaultConfiguration.healthCheckConfig.matcher.httpCode',
      'Ingress.metadata.annotations.alb.ingress.kubernetes.io/success-codes',
    ],
    why: 'Only 200 is a healthy answer. A redirect or an error page of the application is not.',
    source: 'docs/guide/8-health.md',
  },
  {
    fields: ['RoutePolicy.spec.default.timeouts.routeTimeout'],
    why: 'It is the `requestTimeout` of the route, or the longer time of its WebSockets.',
    source: AGC,
  },
  {
    fields: ['TargetGroupConfiguration.spec.defaultConfiguration.targetType'],
    why: 'The load balancer reaches pods directly, without a port of each node and without a second hop.',
    source: `${AWS}/gateway/targetgroupconfig/`,
    values: ['ip'],
  },
  {
    fields: ['TargetGroupConfiguration.spec.defaultConfiguration.targetGroupAttributes.{key,value}'],
    why: 'Draining lasts longer than the longest request. Sticky sessions are kept by a cookie of the load balancer.',
    source:
      'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html',
  },
  {
    fields: ['LoadBalancerConfiguration.spec.loadBalancerAttributes.{key,value}'],
    why: 'The load balancer keeps a connection that is silent for as long as the longest request or WebSocket.',
    source: `${AWS}/gateway/loadbalancerconfig/`,
  },
  {
    fields: ['LoadBalancerConfiguration.spec.listenerConfigurations.{defaultCertificate,protocolPort}'],
    why: 'The certificate is in ACM, and not in a Secret: the controller does not read one for a listener of HTTPS.',
    source: `${AWS}/gateway/loadbalancerconfig/`,
  },
  {
    fields: ['LoadBalancerConfiguration.spec.listenerConfigurations.alpnPolicy'],
    why: 'It is the default of the API server. It is written out, so that applying again changes nothing.',
    source: `${AWS}/gateway/loadbalancerconfig/`,
    values: ['None'],
  },
  {
    fields: ['{LoadBalancerConfiguration,IngressClassParams}.spec.scheme'],
    why: 'Everybody reaches the load balancer, unless you gave `internal`.',
    source: AUTO_MODE,
  },
  {
    fields: [
      'ListenerRuleConfiguration.spec.actions.type',
      'ListenerRuleConfiguration.spec.actions.fixedResponseConfig.{contentType,messageBody,statusCode}',
      'ListenerRuleConfiguration.spec.actions.forwardConfig.targetGroupStickinessConfig.{durationSeconds,enabled}',
    ],
    why: 'The load balancer answers with 503 during maintenance, or keeps visitors at the release that they saw first.',
    source: `${AWS}/gateway/listenerruleconfig/`,
  },
  {
    fields: ['IngressClassParams.spec.{certificateARNs,group.name}'],
    why: 'You gave the certificate of ACM, or the group of Ingresses that share a load balancer.',
    source: AUTO_MODE,
  },
  {
    fields: ['IngressClass.spec.{controller,parameters.apiGroup,parameters.kind,parameters.name}'],
    why: 'EKS Auto Mode has no IngressClass of its own. This one belongs to the route, and names its IngressClassParams.',
    source: AUTO_MODE,
  },
  {
    fields: ['Namespace.metadata.labels.{eks.amazonaws.com,elbv2.k8s.aws}/pod-readiness-gate-inject'],
    why: 'A new pod counts as ready only once the load balancer has seen it so. Otherwise a rollout could end old pods before.',
    source: `${AWS.replace('/guide', '')}/deploy/pod_readiness_gate/`,
  },
  {
    fields: ['FrontendConfig.spec.redirectToHttps.{enabled,responseCodeName}'],
    why: 'The load balancer sends plain HTTP to HTTPS with 301.',
    source: GKE_INGRESS,
  },
  {
    fields: ['ManagedCertificate.spec.domains'],
    why: 'Google makes the certificate of these hosts, which are those of the route.',
    source: 'https://cloud.google.com/kubernetes-engine/docs/how-to/managed-certs',
  },
  {
    fields: ['Service.metadata.annotations.cloud.google.com/{backend-config,neg}'],
    why: 'They name the BackendConfig, and have the load balancer reach pods directly.',
    source: GKE_INGRESS,
  },
];
