import { Chart } from 'cdk8s';
import { IConstruct, IMixin } from 'constructs';
import { annotate, keptAtRelease } from './resources';

/**
 * Keeps Helm from deleting what holds data when a release is uninstalled, or no longer has it: namespaces, claims of
 * volumes, databases of CloudNativePG, and Secrets that are filled inside the cluster. It keeps what pods of a former
 * release mount of the library, and PriorityClasses. It sets the annotation `helm.sh/resource-policy` on them and
 * changes nothing for kubectl. A release of the same name in the same namespace takes them over again.
 *
 * Apply it when everything in the charts is made.
 *
 * @see https://helm.sh/docs/howto/charts_tips_and_tricks/#tell-helm-not-to-uninstall-a-resource
 * @example
 * synthesize([Distribution.upstream()], (app) => {
 *   new PollsChart(app, 'polls');
 *   app.with(new HelmAnnotations());
 * });
 */
export class HelmAnnotations implements IMixin {
  /** Whether a construct is a chart. */
  supports(construct: IConstruct): boolean {
    return Chart.isChart(construct);
  }

  /** Annotates the resources of a chart. */
  applyTo(construct: IConstruct): void {
    for (const resource of keptAtRelease(Chart.of(construct))) {
      annotate(resource, 'helm.sh/resource-policy', 'keep');
    }
  }
}
