import { Chart } from 'cdk8s';
import { IConstruct, IMixin } from 'constructs';
import { annotate, holdsData, resourcesOf } from './resources';

/**
 * Keeps Flux from deleting what holds data when it is no longer in the manifests, or its Kustomization is deleted:
 * namespaces, claims of volumes, and Secrets that are filled inside the cluster. It sets the annotation
 * `kustomize.toolkit.fluxcd.io/prune` on them and changes nothing for kubectl.
 *
 * Apply it when everything in the charts is made. Not tried with Flux.
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
    for (const resource of resourcesOf(Chart.of(construct)).filter(holdsData)) {
      annotate(resource, 'kustomize.toolkit.fluxcd.io/prune', 'disabled');
    }
  }
}
