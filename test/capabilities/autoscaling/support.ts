import { Chart, Duration } from 'cdk8s';
import { DjangoApp } from 'cdk8s-django';
import { AutoscaleRequest, IAutoscaling } from 'cdk8s-django/platform';
import { chartOn, django } from '../../support/synth';

const LABELS = { 'app.kubernetes.io/name': 'polls' };

/** A request of the fewest fields for the Deployment of an application, with what a test changes. */
export function requestFor(app: DjangoApp, changes: Partial<AutoscaleRequest> = {}): AutoscaleRequest {
  return {
    name: 'polls-worker',
    labels: LABELS,
    target: app.deployment,
    container: 'web',
    minReplicas: 1,
    maxReplicas: 8,
    scaleDownStabilization: Duration.minutes(5),
    ...changes,
  };
}

/** The manifests that a capability makes of a request, without any construct that asks it. */
export function autoscaled(
  autoscaling: IAutoscaling,
  changes: Partial<AutoscaleRequest>,
  chart: Chart = chartOn(),
): any[] {
  const made = autoscaling.autoscale(chart, requestFor(django(chart), changes));
  return made.map((resource) => resource.toJson());
}
