import { Problem } from '../../kubernetes/errors';
import { IAdmissionRule } from '../../platform/admission';
import { FirstBy } from '../../kubernetes/first-by';
import { listed, podOf, POD_KINDS } from '../../kubernetes/pod-manifests';

/** Kinds that say how many pods another resource has: Kubernetes' own, and KEDA's. */
const AUTOSCALERS = ['HorizontalPodAutoscaler', 'ScaledObject'];

/** Two Services of a namespace select different pods. */
export class ServiceSelectorsRule implements IAdmissionRule {
  readonly name = 'service-selectors';
  readonly kinds = ['Service'];

  constructor(readonly source: string) {}

  check(manifest: any, manifests: any[]): Problem[] {
    const key = selectorKey(manifest);
    if (!key) return [];
    const first = SERVICES.of(manifests, key);
    if (first === manifest) return [];
    const reason = `is the selector of Service "${first.metadata?.name}" too`;
    const remedy = 'Use one Service with several ports, or select by another label';
    return [{ property: 'spec.selector', value: manifest.spec.selector, reason, remedy }];
  }
}

/** Services by what they select. */
const SERVICES = new FirstBy((manifest) => (manifest.kind === 'Service' ? selectorKey(manifest) : undefined));

/** A Service's namespace and the labels that it selects, in any order; none when it selects nothing. */
function selectorKey({ metadata, spec }: any): string | undefined {
  const labels = Object.entries(spec?.selector ?? {}).map((label) => label.join('='));
  return labels.length ? [metadata?.namespace, ...labels.sort()].join(' ') : undefined;
}

/** A workload may have several pods. They are then spread over nodes or kept apart. */
export class SpreadRule implements IAdmissionRule {
  readonly name = 'spread';
  readonly kinds = ['Deployment', 'StatefulSet', 'ReplicaSet', ...AUTOSCALERS];

  constructor(readonly source: string) {}

  check(manifest: any, manifests: any[]): Problem[] {
    if (AUTOSCALERS.includes(manifest.kind)) return [];
    const replicas = manifest.spec?.replicas ?? leastReplicas(manifest, manifests);
    const { path, value } = podOf(manifest);
    if (replicas < 2 || isSpread(value?.spec)) return [];
    return [
      {
        property: `${path}spec.topologySpreadConstraints`,
        value: undefined,
        reason: `is needed of ${replicas} replicas, or podAntiAffinity`,
        remedy: 'Spread the pods over kubernetes.io/hostname and topology.kubernetes.io/zone',
      },
    ];
  }
}

function isSpread(pod: any): boolean {
  return pod?.topologySpreadConstraints?.length > 0 || pod?.affinity?.podAntiAffinity !== undefined;
}

/** Autoscalers by the workload whose pods they count. */
const SCALED = new FirstBy(({ kind, metadata, spec }) => {
  const { scaleTargetRef: workload } = spec ?? {};
  if (!AUTOSCALERS.includes(kind) || !workload) return undefined;
  return [metadata?.namespace, workload.kind, workload.name].join(' ');
});

/** How many pods an autoscaler keeps of a workload that does not say it itself. */
function leastReplicas({ kind, metadata }: any, manifests: any[]): number {
  const autoscaler = SCALED.of(manifests, [metadata?.namespace, kind, metadata?.name].join(' '));
  return autoscaler?.spec.minReplicas ?? autoscaler?.spec.minReplicaCount ?? 1;
}

/** Volumes come from drivers that the platform has. */
export class StorageRule implements IAdmissionRule {
  readonly name = 'csi-storage';
  readonly kinds = [...POD_KINDS, 'PersistentVolume', 'StorageClass'];

  /**
   * @param source - the page that says what is demanded
   * @param volumeTypes - the types of volumes that are refused: `azureDisk`
   * @param provisioners - the provisioners of StorageClasses that are refused
   * @param driver - the driver to use instead
   */
  constructor(
    readonly source: string,
    private readonly volumeTypes: string[],
    private readonly provisioners: string[],
    private readonly driver: string,
  ) {}

  check(manifest: any): Problem[] {
    if (manifest.kind === 'StorageClass') {
      const { provisioner } = manifest;
      return this.provisioners.includes(provisioner) ? [this.problem('provisioner', provisioner)] : [];
    }
    const volumes =
      manifest.kind === 'PersistentVolume'
        ? [{ path: 'spec', value: manifest.spec ?? {} }]
        : listed(manifest, 'volumes');
    return volumes.flatMap(({ path, value }) =>
      this.volumeTypes
        .filter((type) => value[type])
        .map((type) => this.problem(`${path}.${type}`, value[type])),
    );
  }

  private problem(property: string, value: unknown): Problem {
    const remedy = `Use the driver ${this.driver}, by a PersistentVolumeClaim of a class of it`;
    return { property, value, reason: 'is of a driver that the platform does not have', remedy };
  }
}

/** Labels of the platform's own domain are left to it. */
export class ReservedLabelsRule implements IAdmissionRule {
  readonly name = 'reserved-labels';
  readonly kinds = [...POD_KINDS, 'Service'];

  /**
   * @param source - the page that says what is demanded
   * @param domain - the prefix of the labels
   */
  constructor(
    readonly source: string,
    private readonly domain: string,
  ) {}

  check(manifest: any): Problem[] {
    const own = { path: '', value: manifest };
    const pods = manifest.kind === 'Service' || manifest.kind === 'Pod' ? [] : [podOf(manifest)];
    return [own, ...pods].flatMap(({ path, value }) =>
      Object.entries(value?.metadata?.labels ?? {})
        .filter(([label]) => label.startsWith(`${this.domain}/`))
        .map(([label, text]) => ({
          property: `${path}metadata.labels["${label}"]`,
          value: text,
          reason: `is a label of ${this.domain}, which the platform keeps for itself`,
          remedy: 'Use a domain of your own',
        })),
    );
  }
}
