import { Chart } from 'cdk8s';
import { IConstruct, IMixin } from 'constructs';
import { annotate, keepJob, keptAtRelease, resourcesOf, runtimeOf } from './resources';

/** What may hold text for a shell or another program: commands, variables, code, queries and rules. */
const WITH_TEXT = [
  'Build',
  'BuildConfig',
  'Cluster',
  'ConfigMap',
  'CronJob',
  'DaemonSet',
  'Deployment',
  'HTTPProxy',
  'Job',
  'PrometheusRule',
  'Rules',
  'ScaledObject',
  'Schedule',
  'StatefulSet',
];

/**
 * Keeps Flux from deleting what holds data when it is no longer in the manifests, or its Kustomization is deleted:
 * namespaces, claims of volumes, databases of CloudNativePG, and Secrets that are filled inside the cluster. It keeps
 * what pods of a former release mount of the library, and PriorityClasses. It sets the annotation
 * `kustomize.toolkit.fluxcd.io/prune` on them and changes nothing for kubectl.
 *
 * It also keeps Flux from substituting variables (`postBuild`) in what holds text for a shell or code. There `${…}` is
 * the program's own: Flux would stop at some forms, and replace the others by nothing. To have a value substituted in
 * one of them, set the annotation `kustomize.toolkit.fluxcd.io/substitute` on it yourself.
 *
 * Apply it when everything in the charts is made.
 *
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#prune
 * @example
 * synthesize([Distribution.eks(), Distribution.upstream()], (app) => {
 *   new PollsChart(app, 'polls');
 *   app.with(new FluxAnnotations());
 * });
 */
export class FluxAnnotations implements IMixin {
  /** Whether a construct is a chart. */
  supports(construct: IConstruct): boolean {
    return Chart.isChart(construct);
  }

  /** Annotates the resources of a chart. */
  applyTo(construct: IConstruct): void {
    const chart = Chart.of(construct);
    for (const resource of keptAtRelease(chart)) {
      annotate(resource, 'kustomize.toolkit.fluxcd.io/prune', 'disabled');
    }
    for (const resource of [...resourcesOf(chart), ...runtimeOf(chart)]) {
      keepJob(resource);
      if (WITH_TEXT.includes(resource.kind)) {
        annotate(resource, 'kustomize.toolkit.fluxcd.io/substitute', 'disabled');
      }
    }
  }
}
