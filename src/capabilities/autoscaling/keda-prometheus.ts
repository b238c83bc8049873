import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import {
  ScaledObjectSpecTriggers as Trigger,
  ScaledObjectSpecTriggersAuthenticationRefKind as AuthenticationKind,
} from '../../../imports/keda.sh';
import { InvalidInputError } from '../../kubernetes/errors';
import { checkResourceName } from '../../kubernetes/names';
import { Problems } from '../../kubernetes/problems';
import { AutoscaleRequest } from '../../platform/autoscaling';

/** The kinds of authentication of KEDA. */
export enum TriggerAuthenticationKind {
  /** One in the namespace of the application. */
  TRIGGER_AUTHENTICATION = 'TriggerAuthentication',

  /** One for all namespaces. */
  CLUSTER_TRIGGER_AUTHENTICATION = 'ClusterTriggerAuthentication',
}

/** How KEDA identifies itself to Prometheus. */
export enum PrometheusAuthMode {
  /** With a token. */
  BEARER = 'bearer',

  /** With a user and a password. */
  BASIC = 'basic',

  /** With a certificate. */
  TLS = 'tls',

  /** With a header of your own. */
  CUSTOM = 'custom',
}

/**
 * A Prometheus server, or what answers as one: Azure Monitor's workspace, OpenShift's Thanos.
 *
 * @see https://keda.sh/docs/2.21/scalers/prometheus/
 * @see https://learn.microsoft.com/azure/azure-monitor/containers/integrate-keda
 */
export interface KedaPrometheus {
  /** Its URL. */
  readonly serverAddress: string;

  /**
   * The counter of requests.
   *
   * @default - that of the library's metrics, else that of django-prometheus
   */
  readonly requestsMetric?: string;

  /**
   * Whether the server is asked for one namespace each time, as OpenShift's is.
   *
   * @default false
   */
  readonly namespaced?: boolean;

  /**
   * How KEDA identifies itself to the server.
   *
   * @default - as the authentication says, or not at all
   */
  readonly authModes?: PrometheusAuthMode[];

  /**
   * Name of the TriggerAuthentication or ClusterTriggerAuthentication that has what KEDA needs to identify itself,
   * which the operators of the cluster have made.
   *
   * @default - it does not identify itself
   */
  readonly triggerAuthentication?: string;

  /**
   * Its kind: `ClusterTriggerAuthentication`, or `TriggerAuthentication` for one in the namespace of the application.
   *
   * @default TriggerAuthenticationKind.TRIGGER_AUTHENTICATION
   */
  readonly triggerAuthenticationKind?: TriggerAuthenticationKind;
}

/** The counters of requests, by the library and by django-prometheus. */
const REQUESTS_METRICS = ['django_http_responses_total', 'django_http_requests_before_middlewares_total'];

/** A path too: the API of Azure Monitor or of VictoriaMetrics may be below one. */
const SERVER_ADDRESS = /^https?:\/\/[a-z0-9][-a-z0-9.]*(:\d{1,5})?(\/[-\w./~:]*)?$/i;
/** https://prometheus.io/docs/concepts/data_model/ */
const METRIC = /^[a-zA-Z_:][\w:]*$/;
const KINDS = Object.values(AuthenticationKind);
const AUTH_MODES = Object.values(PrometheusAuthMode);

/** The trigger by which KEDA scales by requests, if it is to. */
export function requestsTrigger(
  scope: Construct,
  { name, targetRequestsPerSecond }: AutoscaleRequest,
  prometheus?: KedaPrometheus,
): Trigger[] {
  if (targetRequestsPerSecond === undefined) return [];
  const property = 'scaling.targetRequestsPerSecond';
  if (!prometheus) {
    throw new InvalidInputError(scope, {
      property,
      value: targetRequestsPerSecond,
      reason: 'needs a Prometheus server, and none is given to KEDA',
      remedy: 'Give the distribution autoscaling: new KedaAutoscaling({ prometheus: { serverAddress: … } })',
    });
  }
  const { namespace } = Chart.of(scope);
  if (!namespace) {
    Problems.report(scope, {
      property,
      value: targetRequestsPerSecond,
      reason: 'needs a namespace, by which the metrics of the application are told from others',
      remedy: 'Give the chart a namespace',
    });
  }
  checkPrometheus(scope, prometheus);
  const { serverAddress, authModes, requestsMetric } = prometheus;
  // The job is the name of the Service, or of the PodMonitoring: both are that of the application.
  const rate = (metric: string) => `sum(rate(${metric}{namespace="${namespace}",job="${name}"}[2m]))`;
  const metrics = requestsMetric ? [requestsMetric] : REQUESTS_METRICS;
  return [
    {
      type: 'prometheus',
      metadata: {
        serverAddress,
        query: metrics.map(rate).join(' or '),
        threshold: `${targetRequestsPerSecond}`,
        ...(prometheus.namespaced && { namespace }),
        ...(authModes && { authModes: authModes.join(',') }),
      },
      authenticationRef: authenticationOf(scope, prometheus),
    },
  ];
}

function checkPrometheus(
  scope: Construct,
  { serverAddress, requestsMetric, authModes }: KedaPrometheus,
): void {
  if (!SERVER_ADDRESS.test(serverAddress)) {
    Problems.report(scope, {
      property: 'autoscaling.prometheus.serverAddress',
      value: serverAddress,
      reason: 'is not the URL of a server',
      remedy: 'Give scheme, host and port, such as "http://prometheus.monitoring.svc:9090"',
    });
  }
  if (requestsMetric !== undefined && !METRIC.test(requestsMetric)) {
    Problems.report(scope, {
      property: 'autoscaling.prometheus.requestsMetric',
      value: requestsMetric,
      reason: 'is not a name that Prometheus gives a metric',
      remedy: 'Use letters, digits, "_" and ":", and no digit first',
    });
  }
  const unknown = authModes?.find((mode) => !AUTH_MODES.includes(mode));
  if (unknown !== undefined || authModes?.length === 0) {
    Problems.report(scope, {
      property: 'autoscaling.prometheus.authModes',
      value: unknown ?? authModes,
      reason: 'is not a way in which KEDA identifies itself to Prometheus',
      remedy: `Use ${AUTH_MODES.join(', ')}, or leave it out`,
    });
  }
}

function authenticationOf(
  scope: Construct,
  { triggerAuthentication: name, triggerAuthenticationKind: given }: KedaPrometheus,
): Trigger['authenticationRef'] {
  if (name === undefined) {
    if (given === undefined) return undefined;
    throw wrongKind(
      scope,
      given,
      'has no meaning without triggerAuthentication',
      'Give that, or leave it out',
    );
  }
  checkResourceName(scope, 'autoscaling.prometheus.triggerAuthentication', name);
  const kind = KINDS.find((one) => one === (given ?? AuthenticationKind.TRIGGER_AUTHENTICATION));
  if (kind) return { kind, name };
  throw wrongKind(scope, given, 'is not a kind of authentication', `Use "${KINDS.join('" or "')}"`);
}

function wrongKind(
  scope: Construct,
  value: string | undefined,
  reason: string,
  remedy: string,
): InvalidInputError {
  const property = 'autoscaling.prometheus.triggerAuthenticationKind';
  return new InvalidInputError(scope, { property, value, reason, remedy });
}
