import * as k8s from '../../kubernetes/api';
import { AutoscaleRequest } from '../../platform/autoscaling';

/** A new replica takes about as long to start and to be measured: faster steps would answer the same load twice. */
const SCALE_UP_PERIOD = 30;
const SCALE_DOWN_PERIOD = 60;

/**
 * How fast the number changes. Up: at once, to the double or by 4, whichever is more. Down: when the load was low for
 * a while, by at most a quarter each minute, so that a pause in the traffic costs no replicas and its end no errors.
 *
 * @see https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#configurable-scaling-behavior
 */
export function scalingBehavior({
  scaleDownStabilization,
}: AutoscaleRequest): k8s.HorizontalPodAutoscalerBehavior {
  return {
    scaleUp: {
      stabilizationWindowSeconds: 0,
      selectPolicy: 'Max',
      policies: [
        { type: 'Percent', value: 100, periodSeconds: SCALE_UP_PERIOD },
        { type: 'Pods', value: 4, periodSeconds: SCALE_UP_PERIOD },
      ],
    },
    scaleDown: {
      stabilizationWindowSeconds: scaleDownStabilization.toSeconds(),
      selectPolicy: 'Max',
      policies: [{ type: 'Percent', value: 25, periodSeconds: SCALE_DOWN_PERIOD }],
    },
  };
}
