export {
  HorizontalPodAutoscalers,
  type HorizontalPodAutoscalersProps,
} from '../capabilities/autoscaling/horizontal-pod-autoscalers';
export { KedaAutoscaling, type KedaAutoscalingProps } from '../capabilities/autoscaling/keda-autoscaling';
export {
  type KedaPrometheus,
  PrometheusAuthMode,
  TriggerAuthenticationKind,
} from '../capabilities/autoscaling/keda-prometheus';
