import { ApiObjectProps, Chart, Names } from 'cdk8s';
import { Construct, IConstruct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { SharedDataHash, shortHash } from '../kubernetes/hash';
import { COMPONENT_LABEL, MANAGED_BY } from '../kubernetes/labels';
import { ConfigMapContent, HashedConfigMap } from '../kubernetes/resource';
import { withQuotes } from '../kubernetes/yaml-strings';
import { boundScopeOf } from '../platform/binding';
import { runtimeModules, RuntimePart } from '../runtime/runtime';

/** The longest name of a namespace in the name of a file, which cdk8s takes as a DNS label of 63 characters. */
const LONGEST = 24;

/** What the Jobs that fill Secrets mount: it can be applied first, with them. */
const FIRST: RuntimePart[] = ['base', 'secrets'];

/** A chart of the runtime, so that it has a file of its own. */
class RuntimeChart extends Chart {
  /** The labels that all charts have whose pods mount it: what deletes by the label of one does not delete it. */
  commonLabels?: Record<string, string>;

  addUser({ labels }: Chart): void {
    const before = Object.entries(this.commonLabels ?? labels);
    this.commonLabels = Object.fromEntries(before.filter(([name, value]) => labels[name] === value));
  }
}

/** A part of the runtime, with the labels of its chart as they are at synth. */
class RuntimeConfigMap extends HashedConfigMap {
  constructor(
    scope: Construct,
    id: string,
    props: ApiObjectProps,
    private readonly part: RuntimePart,
  ) {
    super(scope, id, props);
  }

  protected override hashOf(content: ConfigMapContent): string {
    const hash = partHash(this.part);
    // A patch may have changed it.
    const isWhole = content.binaryData === undefined && hash.isOf(content.data);
    return isWhole ? hash.in(content.namespace) : super.hashOf(content);
  }

  protected override render(): any {
    const manifest = super.render();
    const { commonLabels } = this.chart as RuntimeChart;
    const labels = { ...commonLabels, ...manifest.metadata.labels };
    return withQuotes({ ...manifest, metadata: { ...manifest.metadata, labels } });
  }
}

/**
 * The ConfigMaps of parts of the runtime. All of a namespace that one distribution is bound to share them, in a chart
 * beside the others: a change of the library is one of that file.
 *
 * Their names end in a hash of what they hold. So the order in which files are applied does not matter, another program
 * in the namespace may have another version of the library, and pods of the release before keep what they started with.
 */
export function runtimeConfigMaps(scope: Construct, parts: RuntimePart[]): HashedConfigMap[] {
  const chart = runtimeChart(scope);
  return [...new Set(parts)].map((part) => {
    const id = `Runtime-${part}`;
    const existing = chart.node.tryFindChild(id) as HashedConfigMap | undefined;
    return existing ?? runtimeConfigMap(chart, id, part);
  });
}

/** The volume of modules, from all those ConfigMaps. */
export function runtimeVolume(configMaps: HashedConfigMap[]): k8s.Volume {
  const sources = configMaps.map(({ writtenName }) => ({ configMap: { name: writtenName } }));
  return { name: 'runtime', projected: { sources } };
}

/** The chart of the runtime that the pods of a construct mount, if there is one. */
export function existingRuntimeChart(scope: Construct): Chart | undefined {
  return scope.node.root.node.tryFindChild(chartId(scope)) as Chart | undefined;
}

function runtimeChart(scope: Construct): Chart {
  const { root } = scope.node;
  const user = Chart.of(scope);
  const { namespace } = user;
  const existing = existingRuntimeChart(scope) as RuntimeChart | undefined;
  const chart = existing ?? new RuntimeChart(root as Construct, chartId(scope), { namespace });
  chart.addUser(user);
  return chart;
}

/**
 * `kubectl apply -f` of a folder takes the files by their names: this one comes after that of the Namespace, regardless
 * of its name. Pods that come earlier wait for it.
 */
function chartId(scope: IConstruct): string {
  const bound = boundScopeOf(scope);
  const { namespace } = Chart.of(scope);
  const cluster = bound === scope.node.root ? [] : [shortened(Names.toDnsLabel(bound as Construct))];
  return ['zz', ...cluster, ...(namespace === undefined ? [] : [shortened(namespace)]), 'runtime'].join('-');
}

function shortened(name: string): string {
  return name.length > LONGEST ? shortHash(name) : name;
}

function runtimeConfigMap(chart: Chart, id: string, part: RuntimePart): HashedConfigMap {
  const labels = {
    'app.kubernetes.io/name': 'cdk8s-django',
    [COMPONENT_LABEL]: FIRST.includes(part) ? 'secret-generator' : 'runtime',
    ...MANAGED_BY,
  };
  const metadata = { name: `cdk8s-django-${part}`, labels };
  return new RuntimeConfigMap(
    chart,
    id,
    k8s.manifest('ConfigMap', { metadata, data: runtimeModules(part), immutable: true }),
    part,
  );
}

const hashes = new Map<RuntimePart, SharedDataHash>();

/** The hash of a part's modules, which are read once a process. */
function partHash(part: RuntimePart): SharedDataHash {
  if (!hashes.has(part)) hashes.set(part, new SharedDataHash(runtimeModules(part)));
  return hashes.get(part)!;
}
