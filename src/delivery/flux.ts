import { App, Chart } from 'cdk8s';
import { Kustomization, KustomizationSpecSourceRefKind } from '../../imports/kustomize.toolkit.fluxcd.io';
import { GitRepository, OciRepository } from '../../imports/source.toolkit.fluxcd.io';
import { DeliveredNamespace, IFleetDelivery } from '../fleet/delivery';
import { FluxAnnotations } from '../gitops/flux';
import { checkSource, checkText } from './checks';
import { healthOf } from './flux-health';
import { labelledName } from './names';

/** Where Flux finds a fleet's manifests. */
export interface FluxDeliveryProps {
  /**
   * URL of the Git repository that the output directory is committed to, or of the artifact that it is pushed to:
   * `oci://registry.example.com/shops`.
   */
  readonly url: string;

  /**
   * Branch of the Git repository, or tag of the artifact.
   *
   * @default - `main` of a Git repository, `latest` of an artifact
   */
  readonly reference?: string;

  /**
   * Name of a Secret of Flux's namespace with the credentials for the repository or registry.
   *
   * @default - none
   */
  readonly secretName?: string;

  /**
   * Path of the output directory in the repository, or in the artifact.
   *
   * @default - `dist` of a Git repository, the root of an artifact
   */
  readonly path?: string;

  /**
   * Names of Kustomizations that have to be ready first, such as that of the operators.
   *
   * @default - none
   */
  readonly dependsOn?: string[];

  /**
   * Namespace of Flux, where its resources are.
   *
   * @default flux-system
   */
  readonly namespace?: string;
}

const SCHEME = 'oci://';

/**
 * Has Flux apply a fleet: a GitRepository or an OCIRepository, and a Kustomization for each namespace. It waits until
 * all that it applied is healthy, and knows what health is for the routes of the library, which Flux does not.
 *
 * The manifests get the annotations of FluxAnnotations. Flux applies a namespace at once; the order of a release is
 * that of the pods, which wait for their migration as they do everywhere. The resources are in
 * `<distribution>-flux.k8s.yaml` of the output directory. When a namespace leaves the fleet, its Kustomization leaves
 * that file. What prunes it there deletes what it applied, except what holds data.
 *
 * Throws when:
 * - the URL, the reference, the name of the Secret or the path is empty or has spaces;
 * - the path is not one below the source.
 *
 * @example
 * new Fleet({
 *   distributions: [Distribution.upstream()],
 *   folder: 'applications',
 *   delivery: new FluxDelivery({ url: 'oci://registry.example.com/shops', dependsOn: ['operators'] }),
 * }).synthesize();
 */
export class FluxDelivery implements IFleetDelivery {
  /** Name of the engine. */
  readonly name = 'flux';

  private readonly url: string;
  private readonly isArtifact: boolean;
  private readonly reference: string;
  private readonly secretName?: string;
  private readonly path: string;
  private readonly dependsOn?: { name: string }[];
  private readonly namespace: string;

  constructor(props: FluxDeliveryProps) {
    const check = (property: string, value: string) => checkText('FluxDelivery', property, value);
    this.url = check('url', props.url);
    this.isArtifact = this.url.startsWith(SCHEME);
    this.reference = check('reference', props.reference ?? (this.isArtifact ? 'latest' : 'main'));
    this.secretName = props.secretName === undefined ? undefined : check('secretName', props.secretName);
    const isRoot = this.isArtifact && props.path === undefined;
    this.path = isRoot ? '.' : `./${checkSource('FluxDelivery', props.path ?? 'dist')}`;
    this.dependsOn = props.dependsOn?.map((name) => ({ name: check('dependsOn', name) }));
    this.namespace = check('namespace', props.namespace ?? 'flux-system');
  }

  /** Keeps what holds data, and the texts of shells. */
  prepare(app: App): void {
    app.with(new FluxAnnotations());
  }

  /** Makes the source and the Kustomizations. */
  define(chart: Chart, namespaces: DeliveredNamespace[]): void {
    const [{ distribution }] = namespaces;
    this.source(chart, distribution);
    for (const one of namespaces) {
      const name = labelledName(one);
      new Kustomization(chart, `Kustomization-${name}`, {
        metadata: { name, namespace: this.namespace },
        spec: {
          sourceRef: {
            kind: this.isArtifact
              ? KustomizationSpecSourceRefKind.OCI_REPOSITORY
              : KustomizationSpecSourceRefKind.GIT_REPOSITORY,
            name: distribution,
          },
          path: `${this.path}/${one.folder}`,
          dependsOn: this.dependsOn,
          interval: '10m',
          retryInterval: '2m',
          timeout: '15m',
          prune: true,
          wait: true,
          healthCheckExprs: healthOf(one.kinds),
        },
      });
    }
  }

  private source(chart: Chart, name: string): void {
    const metadata = { name, namespace: this.namespace };
    const secretRef = this.secretName === undefined ? undefined : { name: this.secretName };
    const spec = { url: this.url, interval: '1m', secretRef };
    if (this.isArtifact) {
      new OciRepository(chart, 'Source', { metadata, spec: { ...spec, ref: { tag: this.reference } } });
    } else {
      new GitRepository(chart, 'Source', { metadata, spec: { ...spec, ref: { branch: this.reference } } });
    }
  }
}
