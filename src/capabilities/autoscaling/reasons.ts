import { FieldReason } from '../../kubernetes/field-reason';

const HPA = 'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/';
const KEDA = 'https://keda.sh/docs/2.21';
const BEHAVIOR =
  '{HorizontalPodAutoscaler.spec,ScaledObject.spec.advanced.horizontalPodAutoscalerConfig}.behavior';
const METRICS = 'HorizontalPodAutoscaler.spec.metrics';

/** Reasons for autoscalers, and for what recommends resources. */
export const AUTOSCALING_REASONS: FieldReason[] = [
  {
    fields: [`${BEHAVIOR}.scaleUp.stabilizationWindowSeconds`],
    why: 'More load gets more replicas at once.',
    source: `${HPA}#stabilization-window`,
    values: [0],
  },
  {
    fields: [`${BEHAVIOR}.scaleUp.policies.{type,value}`],
    why: 'The number grows to the double or by 4, by the larger of the two: small applications grow fast enough, and large ones too.',
    source: `${HPA}#scaling-policies`,
  },
  {
    fields: [`${BEHAVIOR}.scaleUp.policies.periodSeconds`],
    why: 'A new replica takes about as long to start and to be measured. Faster steps would answer the same load twice.',
    source: `${HPA}#scaling-policies`,
    values: [30],
  },
  {
    fields: [`${BEHAVIOR}.scaleDown.policies.{type,value,periodSeconds}`],
    why: 'At most a quarter of the replicas goes each minute, so that the end of a pause in the traffic costs no errors.',
    source: `${HPA}#scaling-policies`,
  },
  {
    fields: [`${BEHAVIOR}.scaleDown.stabilizationWindowSeconds`],
    why: 'The load must have been low for so long before replicas go: it is your `scaleDownStabilization`, or five minutes.',
    source: `${HPA}#stabilization-window`,
  },
  {
    fields: [`${BEHAVIOR}.{scaleUp,scaleDown}.selectPolicy`],
    why: 'It is the default of the API server. It is written out, so that applying again changes nothing.',
    source: `${HPA}#scaling-policies`,
    values: ['Max'],
  },
  {
    fields: [
      'HorizontalPodAutoscaler.spec.{minReplicas,maxReplicas}',
      'ScaledObject.spec.{minReplicaCount,maxReplicaCount}',
    ],
    why: 'You gave them in `scaling`. Only KEDA can take the last replica away.',
    source: 'docs/guide/3-scaling.md',
  },
  {
    fields: [
      '{HorizontalPodAutoscaler,ScaledObject}.spec.scaleTargetRef.{apiVersion,kind,name}',
      'VerticalPodAutoscaler.spec.targetRef.{apiVersion,kind,name}',
    ],
    why: 'It is the Deployment whose replicas are counted, or whose use is measured.',
    source: HPA,
  },
  {
    fields: [`${METRICS}.type`, `${METRICS}.containerResource.{container,name,target.type}`],
    why: 'It measures the container of the application alone. The average of the pod would let an idle sidecar hide a busy application.',
    source: `${HPA}#container-resource-metrics`,
  },
  {
    fields: [`${METRICS}.containerResource.target.averageUtilization`],
    why: 'You gave it, in percent of the request. For CPU it is 75 otherwise, which leaves room until a new replica has started.',
    source: 'docs/guide/3-scaling.md',
  },
  {
    fields: [`${METRICS}.pods.{metric.name,target.type,target.averageValue}`],
    why: 'You gave the requests a second that a replica is to answer. The adapter of the platform gives the counter its name.',
    source: 'docs/guide/3-scaling.md',
  },
  {
    fields: ['ScaledObject.metadata.annotations.scaledobject.keda.sh/transfer-hpa-ownership'],
    why: 'KEDA takes over a HorizontalPodAutoscaler that was applied before it, and the number of replicas stays.',
    source: `${KEDA}/concepts/scaling-deployments/`,
    values: ['true'],
  },
  {
    fields: ['ScaledObject.spec.advanced.horizontalPodAutoscalerConfig.name'],
    why: 'It is the name that the autoscaler had without KEDA, so that KEDA can take it over.',
    source: `${KEDA}/reference/scaledobject-spec/`,
  },
  {
    fields: ['ScaledObject.spec.cooldownPeriod'],
    why: 'KEDA itself takes the last replica away. It waits for `scaleDownStabilization`, as the autoscaler does for the others.',
    source: `${KEDA}/reference/scaledobject-spec/#cooldownperiod`,
  },
  {
    fields: ['ScaledObject.spec.triggers.{type,metricType}', 'ScaledObject.spec.triggers.metadata.*'],
    why: 'A trigger is one thing to scale by: CPU, memory, requests, a queue, tasks in the database or a schedule. You gave its target in `scaling`.',
    source: `${KEDA}/scalers/`,
  },
  {
    fields: [
      'ScaledObject.spec.triggers.authenticationRef.{kind,name}',
      'TriggerAuthentication.spec.secretTargetRef.{parameter,name,key}',
    ],
    why: 'KEDA reads the password of the broker or of the database from its Secret itself, so it is in no manifest.',
    source: `${KEDA}/concepts/authentication/`,
  },
  {
    fields: ['VerticalPodAutoscaler.spec.updatePolicy.updateMode'],
    why: 'It recommends and changes nothing. Beside an autoscaler that goes by percentages of the requests, it would change what those are percentages of.',
    source: 'https://github.com/kubernetes/autoscaler/tree/master/vertical-pod-autoscaler',
    values: ['Off'],
  },
];
