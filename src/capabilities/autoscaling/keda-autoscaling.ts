import { Construct } from 'constructs';
import {
  ScaledObject,
  ScaledObjectSpecTriggers as Trigger,
  ScaledObjectSpecTriggersAuthenticationRefKind as AuthenticationKind,
  TriggerAuthentication,
  TriggerAuthenticationSpecPodIdentityProvider as IdentityProvider,
} from '../../../imports/keda.sh';
import { namespaceLabels } from '../../kubernetes/labels';
import { checkNamespace, checkResourceName } from '../../kubernetes/names';
import { NetworkPeer } from '../../kubernetes/peers';
import { Problems } from '../../kubernetes/problems';
import { Resource } from '../../kubernetes/resource';
import {
  AutoscaleRequest,
  IAutoscaling,
  RecommendationRequest,
  ScalingSchedule,
} from '../../platform/autoscaling';
import { scalingBehavior } from './behavior';
import { queryTriggers } from './keda-query';
import { QueueTrigger, queueTriggerOf } from './keda-queue';
import { KedaPrometheus, requestsTrigger } from './keda-prometheus';
import { checkMeasuredContainers } from './measured-containers';
import { noVerticalPodAutoscaler, verticalPodAutoscaler } from './vertical-pod-autoscaler';

/** What is known of a cluster's KEDA. */
export interface KedaAutoscalingProps {
  /**
   * The namespace that KEDA runs in: `kube-system` for the add-on of AKS, `openshift-keda` for OpenShift's operator.
   *
   * @default keda
   */
  readonly namespace?: string;

  /**
   * The Prometheus server that has the requests of applications.
   *
   * @default - none: `targetRequestsPerSecond` throws
   */
  readonly prometheus?: KedaPrometheus;

  /**
   * Whether containers that are scaled by CPU or memory need limits of them, as with OpenShift's Custom Metrics
   * Autoscaler: without them it throws at synth.
   *
   * @default false
   */
  readonly limitsRequired?: boolean;

  /**
   * Whether the cluster has the VerticalPodAutoscaler.
   *
   * @default false
   */
  readonly verticalPodAutoscaler?: boolean;
}

const LONGEST_LABEL_VALUE = 63;

/**
 * KEDA: a ScaledObject that scales by CPU, memory, requests, queues and schedules, and a TriggerAuthentication for a
 * queue with a password or an authority of its own. KEDA makes a HorizontalPodAutoscaler of the ScaledObject. The
 * manifests never have a HorizontalPodAutoscaler beside it, and KEDA takes over the one that was applied before it.
 * Only KEDA takes the last replica away. That replica, too, goes after `scaleDownStabilization`.
 *
 * It is the autoscaling of AKS Automatic, which has KEDA. On OpenShift it is the Custom Metrics Autoscaler. Red Hat
 * supports its triggers for CPU, memory, Prometheus and cron, and not its trigger for queues in Redis. Queues,
 * schedules and the takeover ran with KEDA 2.21 in `test/operators`, on neither of these platforms.
 *
 * Throws when:
 * - a container lacks the request or limit that a percentage refers to;
 * - requests are to be counted without `prometheus`;
 * - the chart has no namespace: KEDA needs it to find a Service from its own namespace;
 * - a name is not valid;
 * - the names of an application and its worker give a name of over 63 characters;
 * - recommendations are asked for without `verticalPodAutoscaler`.
 *
 * @see https://keda.sh/docs/2.21/reference/scaledobject-spec/
 * @see https://learn.microsoft.com/azure/aks/keda-about
 * @see https://docs.redhat.com/en/documentation/openshift_container_platform/4.20/html/nodes/nodes-cma-autoscaling-custom-overview-trigger
 * @example
 * Distribution.openshift({
 *   autoscaling: new KedaAutoscaling({
 *     namespace: 'openshift-keda',
 *     limitsRequired: true,
 *     prometheus: {
 *       serverAddress: 'https://thanos-querier.openshift-monitoring.svc.cluster.local:9092',
 *       namespaced: true,
 *       authModes: [PrometheusAuthMode.BEARER],
 *       triggerAuthentication: 'thanos',
 *     },
 *   }),
 * });
 */
export class KedaAutoscaling implements IAutoscaling {
  readonly queueClients?: NetworkPeer[];

  constructor(private readonly props: KedaAutoscalingProps = {}) {
    this.queueClients = [{ namespaceLabels: namespaceLabels(props.namespace ?? 'keda') }];
  }

  autoscale(scope: Construct, request: AutoscaleRequest): Resource[] {
    const { name, labels, target, minReplicas, maxReplicas, schedules = [], queues = [] } = request;
    checkScaledObjectName(scope, name);
    if (this.props.namespace !== undefined)
      checkNamespace(scope, 'autoscaling.namespace', this.props.namespace);
    checkMeasuredContainers(scope, request, { limits: this.props.limitsRequired ?? false });
    const queueTriggers = queues.map((queue) => queueTriggerOf(scope, queue));
    const authentications = queueTriggers.map((trigger, index) =>
      queueAuthentication(scope, request, trigger, index),
    );
    const queries = queryTriggers(scope, request);
    const scaledObject = new Resource(
      scope,
      'Autoscaler',
      ScaledObject.manifest({
        metadata: { name, labels, annotations: { 'scaledobject.keda.sh/transfer-hpa-ownership': 'true' } },
        spec: {
          scaleTargetRef: { apiVersion: target.apiVersion, kind: target.kind, name: target.name },
          minReplicaCount: minReplicas,
          maxReplicaCount: maxReplicas,
          // The behaviour is that of a HorizontalPodAutoscaler, which never takes the last replica away: KEDA does.
          cooldownPeriod: minReplicas === 0 ? request.scaleDownStabilization.toSeconds() : undefined,
          // The name of the autoscaler that HorizontalPodAutoscalers makes, which is to be taken over.
          advanced: { horizontalPodAutoscalerConfig: { name, behavior: scalingBehavior(request) } },
          triggers: [
            ...utilization(request, 'cpu', request.targetCpuUtilization),
            ...utilization(request, 'memory', request.targetMemoryUtilization),
            ...requestsTrigger(scope, request, this.props.prometheus),
            ...queueTriggers.map((trigger, index) => queueTrigger(trigger, authentications[index])),
            ...queries.triggers,
            ...schedules.map(scheduleTrigger),
          ],
        },
      }),
    );
    return [
      scaledObject,
      ...authentications.flatMap((authentication) => authentication ?? []),
      ...queries.resources,
    ];
  }

  recommendResources(scope: Construct, request: RecommendationRequest): Resource {
    if (!this.props.verticalPodAutoscaler) throw noVerticalPodAutoscaler(scope, 'KedaAutoscaling');
    return verticalPodAutoscaler(scope, request);
  }
}

/**
 * The name is the value of a label, `scaledobject.keda.sh/name`.
 *
 * @see https://github.com/kedacore/keda/pull/7762
 */
function checkScaledObjectName(scope: Construct, name: string): void {
  if (name.length <= LONGEST_LABEL_VALUE) return;
  Problems.report(scope, {
    property: 'name',
    value: name,
    reason: `has ${name.length} characters, and KEDA makes the value of a label of it`,
    remedy: `Shorten the name of the application or of its worker, by ${name.length - LONGEST_LABEL_VALUE}`,
  });
}

/** It measures the container alone: an idle sidecar would hide a busy application. */
function utilization({ container }: AutoscaleRequest, type: string, percent?: number): Trigger[] {
  if (percent === undefined) return [];
  return [{ type, metricType: 'Utilization', metadata: { value: `${percent}`, containerName: container } }];
}

function scheduleTrigger({ start, end, timeZone, replicas }: ScalingSchedule): Trigger {
  return { type: 'cron', metadata: { timezone: timeZone, start, end, desiredReplicas: `${replicas}` } };
}

function queueTrigger({ type, metadata }: QueueTrigger, authentication?: Resource): Trigger {
  return {
    type,
    metadata,
    authenticationRef: authentication && {
      kind: AuthenticationKind.TRIGGER_AUTHENTICATION,
      name: authentication.name,
    },
  };
}

/**
 * KEDA reads them from their Secrets itself: the password is in no manifest.
 *
 * @see https://github.com/kedacore/keda/blob/v2.21.0/pkg/scalers/redis_scaler.go
 */
function queueAuthentication(
  scope: Construct,
  { name, labels }: AutoscaleRequest,
  { secrets, awsIdentity }: QueueTrigger,
  index: number,
): Resource | undefined {
  const secretTargetRef = Object.entries(secrets).flatMap(([parameter, value]) =>
    value ? [{ parameter, name: value.secretName, key: value.key }] : [],
  );
  if (!secretTargetRef.length && !awsIdentity) return undefined;
  const suffix = index === 0 ? '' : `-${index + 1}`;
  return new Resource(
    scope,
    `QueueAuthentication${suffix}`,
    TriggerAuthentication.manifest({
      metadata: { name: checkResourceName(scope, 'name', `${name}-queue${suffix}`), labels },
      spec: {
        secretTargetRef: secretTargetRef.length ? secretTargetRef : undefined,
        podIdentity: awsIdentity ? { provider: IdentityProvider.AWS } : undefined,
      },
    }),
  );
}
