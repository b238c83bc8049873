import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import {
  ScaledObjectSpecTriggers as Trigger,
  ScaledObjectSpecTriggersAuthenticationRefKind as AuthenticationKind,
} from '../../../imports/keda.sh';
import { InvalidInputError } from '../../kubernetes/errors';
import { checkResourceName } from '../../kubernetes/names';
import { AutoscaleRequest } from './autoscaling';

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
   * @default django_http_requests_before_middlewares_total
   */
  readonly requestsMetric?: string;

  /**
   * Whether the server is asked for one namespace each time, as OpenShift's is.
   *
   * @default false
   */
  readonly namespaced?: boolean;

  /**
   * How KEDA identifies itself to the server: `bearer`, `basic` or `tls`.
   *
   * @default - as the authentication says, or not at all
   */
  readonly authModes?: string;

  /**
   * Name of the TriggerAuthentication or ClusterTriggerAuthentication that has what KEDA needs to identify itself,
   * which the operators of the cluster have made.
   *
   * @default - it does not identify itself
   */
  readonly triggerAuthentication?: string;

  /**
   * Whether that is a ClusterTriggerAuthentication, or one in the namespace of the application.
   *
   * @default false
   */
  readonly clusterTriggerAuthentication?: boolean;
}

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
      reason: 'needs a Prometheus server, and KEDA is told of none',
      remedy: 'Give the distribution autoscaling: new KedaAutoscaling({ prometheus: { serverAddress: … } })',
    });
  }
  const { namespace } = Chart.of(scope);
  if (!namespace) {
    throw new InvalidInputError(scope, {
      property,
      value: targetRequestsPerSecond,
      reason: 'needs a namespace, by which the metrics of the application are told from others',
      remedy: 'Give the chart a namespace',
    });
  }
  const {
    serverAddress,
    authModes,
    requestsMetric = 'django_http_requests_before_middlewares_total',
  } = prometheus;
  return [
    {
      type: 'prometheus',
      metadata: {
        serverAddress,
        // The job is the name of the Service, or of the PodMonitoring: both are that of the application.
        query: `sum(rate(${requestsMetric}{namespace="${namespace}",job="${name}"}[2m]))`,
        threshold: `${targetRequestsPerSecond}`,
        ...(prometheus.namespaced && { namespace }),
        ...(authModes && { authModes }),
      },
      authenticationRef: authenticationOf(scope, prometheus),
    },
  ];
}

function authenticationOf(scope: Construct, prometheus: KedaPrometheus): Trigger['authenticationRef'] {
  const { triggerAuthentication: name, clusterTriggerAuthentication } = prometheus;
  if (name === undefined) return undefined;
  checkResourceName(scope, 'autoscaling.prometheus.triggerAuthentication', name);
  const kind = clusterTriggerAuthentication
    ? AuthenticationKind.CLUSTER_TRIGGER_AUTHENTICATION
    : AuthenticationKind.TRIGGER_AUTHENTICATION;
  return { kind, name };
}
