import { Construct } from 'constructs';
import * as k8s from '../../kubernetes/api';
import { InvalidInputError } from '../../kubernetes/errors';
import { Problems } from '../../kubernetes/problems';
import { Resource } from '../../kubernetes/resource';
import { AutoscaleRequest, IAutoscaling, RecommendationRequest } from '../../platform/autoscaling';
import { scalingBehavior } from './behavior';
import { checkMeasuredContainers } from './measured-containers';
import { noVerticalPodAutoscaler, verticalPodAutoscaler } from './vertical-pod-autoscaler';

/** What is known of a cluster's metrics. */
export interface HorizontalPodAutoscalersProps {
  /**
   * Name under which the custom metrics API has the requests a second of a pod. It is the adapter that names it:
   *
   * - the Custom Metrics Stackdriver Adapter on GKE: `prometheus.googleapis.com|<counter>|counter`,
   * - prometheus-adapter with its default rules: the counter without `_total`.
   *
   * The counter of the library's metrics is `django_http_responses_total`, that of django-prometheus
   * `django_http_requests_before_middlewares_total`.
   *
   * @default - the cluster has no such adapter: `targetRequestsPerSecond` throws
   */
  readonly requestsMetric?: string;

  /**
   * Whether the cluster has the VerticalPodAutoscaler.
   *
   * @default false
   */
  readonly verticalPodAutoscaler?: boolean;
}

/** A part of a path, https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#path-segment-names */
const METRIC = /^(?!\.\.?$)[^\s/%]+$/;

/**
 * Kubernetes' own autoscaler: a HorizontalPodAutoscaler by CPU, memory and, where the cluster has an adapter for
 * custom metrics, requests. It knows neither queues nor schedules and throws for them.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/
 * @see https://cloud.google.com/stackdriver/docs/managed-prometheus/hpa
 * @see https://github.com/kubernetes-sigs/prometheus-adapter/blob/master/docs/config-walkthrough.md
 * @example
 * Distribution.eks({
 *   autoscaling: new HorizontalPodAutoscalers({ requestsMetric: 'django_http_requests_before_middlewares' }),
 * });
 */
export class HorizontalPodAutoscalers implements IAutoscaling {
  constructor(private readonly props: HorizontalPodAutoscalersProps = {}) {}

  autoscale(scope: Construct, request: AutoscaleRequest): Resource[] {
    if (request.schedules?.length) throw needsKeda(scope, 'scaling.schedules', request.schedules);
    const [queue] = request.queues ?? [];
    if (queue) throw needsKeda(scope, 'scaling.targetQueueLength', queue.targetLength);
    const [query] = request.queries ?? [];
    if (query) throw needsKeda(scope, 'scaling.targetQueueLength', query.targetValue);
    const { name, labels, target, minReplicas, maxReplicas } = request;
    const metrics = this.metrics(scope, request);
    checkMeasuredContainers(scope, request);
    return [
      new Resource(
        scope,
        'Autoscaler',
        k8s.manifest('HorizontalPodAutoscaler', {
          metadata: { name, labels },
          spec: {
            scaleTargetRef: { apiVersion: target.apiVersion, kind: target.kind, name: target.name },
            minReplicas,
            maxReplicas,
            metrics,
            behavior: scalingBehavior(request),
          },
        }),
      ),
    ];
  }

  recommendResources(scope: Construct, request: RecommendationRequest): Resource {
    if (!this.props.verticalPodAutoscaler) throw noVerticalPodAutoscaler(scope, 'HorizontalPodAutoscalers');
    return verticalPodAutoscaler(scope, request);
  }

  private metrics(scope: Construct, request: AutoscaleRequest): k8s.MetricSpec[] {
    const { container, targetCpuUtilization, targetMemoryUtilization, targetRequestsPerSecond } = request;
    return [
      ...(targetCpuUtilization === undefined ? [] : [utilization(container, 'cpu', targetCpuUtilization)]),
      ...(targetMemoryUtilization === undefined
        ? []
        : [utilization(container, 'memory', targetMemoryUtilization)]),
      ...(targetRequestsPerSecond === undefined ? [] : [this.requests(scope, targetRequestsPerSecond)]),
    ];
  }

  private requests(scope: Construct, targetRequestsPerSecond: number): k8s.MetricSpec {
    const { requestsMetric } = this.props;
    if (requestsMetric === undefined) {
      throw new InvalidInputError(scope, {
        property: 'scaling.targetRequestsPerSecond',
        value: targetRequestsPerSecond,
        reason: 'needs a metric of requests, which the cluster is not known to have',
        remedy:
          'Give the distribution autoscaling: new HorizontalPodAutoscalers({ requestsMetric: … }) where it has an ' +
          'adapter for custom metrics, or new KedaAutoscaling({ prometheus: … }) where it has KEDA',
      });
    }
    if (!METRIC.test(requestsMetric)) {
      Problems.report(scope, {
        property: 'autoscaling.requestsMetric',
        value: requestsMetric,
        reason: 'is not a name that a metric can have',
        remedy: 'Give the name under which the custom metrics API has it, without blanks, "/" and "%"',
      });
    }
    return {
      type: 'Pods',
      pods: {
        metric: { name: requestsMetric },
        target: { type: 'AverageValue', averageValue: `${targetRequestsPerSecond}` },
      },
    };
  }
}

/**
 * It measures the container alone. `Resource` would be the average of the pod, in which an idle sidecar hides a busy
 * application. Stable since Kubernetes 1.30.
 *
 * @see https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#container-resource-metrics
 */
function utilization(container: string, name: string, averageUtilization: number): k8s.MetricSpec {
  const target = { type: 'Utilization', averageUtilization };
  return { type: 'ContainerResource', containerResource: { name, container, target } };
}

function needsKeda(scope: Construct, property: string, value: unknown): InvalidInputError {
  return new InvalidInputError(scope, {
    property,
    value,
    reason: 'is not supported by HorizontalPodAutoscaler',
    remedy:
      'Give the distribution autoscaling: new KedaAutoscaling() where the cluster has KEDA, or leave it out',
  });
}
