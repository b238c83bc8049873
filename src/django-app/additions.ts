import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { checkSecretValue, SecretValue } from '../kubernetes/secret-values';
import { EnvironmentVariable, literal } from '../kubernetes/environment';
import { Problem } from '../kubernetes/errors';
import { checkImage } from '../kubernetes/images';
import { checkName } from '../kubernetes/names';
import {
  AddedTo,
  checkDns,
  checkHostAlias,
  checkMount,
  checkPodAnnotation,
  checkPodLabel,
  checkSidecar,
  checkToleration,
  checkVolumeName,
  checkVolumeSource,
  nodeSelectorProblems,
  refuseRepeated,
  sidecarMountProblems,
} from './addition-checks';
import {
  DnsConfigurationProps,
  HostAliasProps,
  SidecarProps,
  TolerationProps,
  VolumeProps,
} from './addition-props';
import { checkAddedVariable, checkSize, checkValue } from './environment-checks';
import { kindsOf, PerPods, PodKind, PodSelection } from './pod-kinds';

/** A key with its value: of a label, an annotation, a variable. */
interface Pair {
  readonly name: string;
  readonly value: string;
}

/** What other constructs add to the pods of an application, in any order: it is read at synth. */
export class Additions {
  private readonly variables = new PerPods<Pair>();
  private readonly secretVariables = new PerPods<{ name: string; value: SecretValue }>();
  private readonly connections = new PerPods<EnvironmentVariable>();
  /** Names of variables that are URLs with a password. */
  private readonly urls = new Set<string>();
  private readonly volumes = new PerPods<VolumeProps>();
  private readonly sidecars = new PerPods<SidecarProps>();
  private readonly labels = new PerPods<Pair>();
  private readonly annotations = new PerPods<Pair>();
  private readonly nodeSelectors = new PerPods<Pair>();
  private readonly tolerations = new PerPods<k8s.Toleration>();
  private readonly hostAliases = new PerPods<k8s.HostAlias>();
  private readonly dns = new PerPods<DnsConfigurationProps>();

  constructor(
    private readonly scope: Construct,
    private readonly to: AddedTo,
  ) {}

  addEnvironment(name: string, value: string, selection: PodSelection): void {
    const kinds = kindsOf(this.scope, selection);
    this.checkVariable(name, kinds, value);
    checkValue(this.scope, 'value', name, value, 'Put it into a Secret, and give it by addSecretEnvironment');
    const { environment = {} } = this.to.props;
    checkSize(this.scope, 'value', { ...environment, ...valuesOf(this.variables.all), [name]: value });
    this.variables.add({ name, value }, kinds);
  }

  addSecretEnvironment(name: string, value: SecretValue, selection: PodSelection): void {
    const kinds = kindsOf(this.scope, selection);
    this.checkVariable(name, kinds);
    this.secretVariables.add({ name, value: checkSecretValue(this.scope, 'value', value) }, kinds);
  }

  /** Variables of which the last refers to the others: a URL to its password. The runtime encodes that password. */
  addConnection(name: string, variables: EnvironmentVariable[], selection: PodSelection): void {
    const kinds = kindsOf(this.scope, selection);
    for (const variable of variables) this.checkVariable(variable.name, kinds);
    variables.forEach((variable) => this.connections.add(variable, kinds));
    if (variables.length > 1) this.urls.add(name);
  }

  addVolume(props: VolumeProps): void {
    const kinds = kindsOf(this.scope, props);
    const others = this.volumes.among(kinds);
    checkVolumeName(this.scope, this.to, props.name);
    refuseRepeated(this.scope, 'name', props.name, namesOf(others));
    checkVolumeSource(this.scope, props);
    checkMount(this.scope, this.to, props, others);
    this.volumes.add(props, kinds);
  }

  addSidecar(props: SidecarProps): void {
    const kinds = kindsOf(this.scope, props);
    const others = this.sidecars.among(kinds);
    checkName(this.scope, 'name', props.name);
    refuseRepeated(this.scope, 'name', props.name, namesOf(others));
    checkImage(this.scope, 'image', props.image);
    checkSidecar(this.scope, this.to, props, others, kinds);
    this.sidecars.add(props, kinds);
  }

  addPodLabel(name: string, value: string, selection: PodSelection): void {
    checkPodLabel(this.scope, this.to, name, value);
    this.addPair(this.labels, { name, value }, selection);
  }

  addPodAnnotation(name: string, value: string, selection: PodSelection): void {
    checkPodAnnotation(this.scope, name, value);
    this.addPair(this.annotations, { name, value }, selection);
  }

  addNodeSelector(name: string, value: string, selection: PodSelection): void {
    checkPodLabel(this.scope, undefined, name, value);
    this.addPair(this.nodeSelectors, { name, value }, selection);
  }

  addToleration(props: TolerationProps): void {
    checkToleration(this.scope, props);
    const { key, value, effect } = props;
    const operator = value === undefined ? 'Exists' : 'Equal';
    this.tolerations.add({ key, operator, value, effect }, kindsOf(this.scope, props));
  }

  addHostAlias(props: HostAliasProps): void {
    const kinds = kindsOf(this.scope, props);
    checkHostAlias(this.scope, props);
    const { ip, hostnames } = props;
    // The API server merges their list by the addresses.
    const others = this.hostAliases.among(kinds).map((alias) => alias.ip!);
    refuseRepeated(this.scope, 'ip', ip, others);
    this.hostAliases.add({ ip, hostnames }, kinds);
  }

  addDnsConfiguration(props: DnsConfigurationProps): void {
    const kinds = kindsOf(this.scope, props);
    checkDns(this.scope, props, this.dns.among(kinds));
    this.dns.add(props, kinds);
  }

  /** The variables of all pods, which are in the application's ConfigMap. */
  get environment(): Record<string, string> {
    const urls = [...this.urls].sort().join(',');
    return { ...valuesOf(this.variables.common), ...(urls && { CDK8S_DJANGO_URLS: urls }) };
  }

  /** The variables of one kind of pods, which are not in the ConfigMap. A "$" means itself, as it does there. */
  ownVariables(kind: PodKind): EnvironmentVariable[] {
    return this.variables
      .restrictedTo(kind)
      .map(({ name, value }) => ({ name, value: literal(value) }))
      .sort(byName);
  }

  /** The variables of one kind of pods that tell about databases, each after those that it refers to. */
  connectionVariables(kind: PodKind): EnvironmentVariable[] {
    return this.connections.of(kind);
  }

  /** The variables of one kind of pods that come from Secrets. */
  secretEnvironment(kind: PodKind): Record<string, SecretValue> {
    return Object.fromEntries(this.secretVariables.of(kind).map(({ name, value }) => [name, value]));
  }

  volumesOf(kind: PodKind): VolumeProps[] {
    return this.volumes.of(kind);
  }

  sidecarsOf(kind: PodKind): SidecarProps[] {
    return this.sidecars.of(kind);
  }

  labelsOf(kind: PodKind): Record<string, string> {
    return valuesOf(this.labels.of(kind));
  }

  annotationsOf(kind: PodKind): Record<string, string> {
    return valuesOf(this.annotations.of(kind));
  }

  /** The fields of a pod's spec that say where it runs and what it knows of names, over those of its placement. */
  podFields(kind: PodKind, placement: any): Partial<k8s.PodSpec> {
    const nodeSelector = valuesOf(this.nodeSelectors.of(kind));
    const tolerations = this.tolerations.of(kind);
    const hostAliases = this.hostAliases.of(kind);
    const dns = this.dns.of(kind);
    return {
      ...placement,
      ...(Object.keys(nodeSelector).length > 0 && {
        nodeSelector: { ...placement?.nodeSelector, ...nodeSelector },
      }),
      ...(tolerations.length > 0 && { tolerations: [...(placement?.tolerations ?? []), ...tolerations] }),
      ...(hostAliases.length > 0 && { hostAliases }),
      ...(dns.length > 0 && { dnsConfig: dnsConfigOf(dns) }),
    };
  }

  /** What does not go together, known once everything was added. */
  problems(placements: Record<PodKind, any[]>): Problem[] {
    return Object.values(PodKind).flatMap((kind) => [
      ...nodeSelectorProblems(valuesOf(this.nodeSelectors.of(kind)), placements[kind]),
      ...sidecarMountProblems(this.sidecars.of(kind), namesOf(this.volumes.of(kind)), kind),
    ]);
  }

  private checkVariable(name: string, kinds: PodKind[], value?: string): void {
    const lists = [this.variables, this.secretVariables, this.connections];
    const others = lists.flatMap((list) => list.among(kinds) as { name: string }[]);
    checkAddedVariable(this.scope, name, this.to, { value, isOfServer: kinds.includes(PodKind.WEB) });
    refuseRepeated(this.scope, 'name', name, namesOf(others));
  }

  private addPair(list: PerPods<Pair>, pair: Pair, selection: PodSelection): void {
    const kinds = kindsOf(this.scope, selection);
    refuseRepeated(this.scope, 'name', pair.name, namesOf(list.among(kinds)));
    list.add(pair, kinds);
  }
}

function namesOf(items: { name: string }[]): string[] {
  return items.map(({ name }) => name);
}

function byName(one: { name: string }, other: { name: string }): number {
  return one.name < other.name ? -1 : 1;
}

function valuesOf(pairs: Pair[]): Record<string, string> {
  return Object.fromEntries(pairs.map(({ name, value }) => [name, value]));
}

function dnsConfigOf(all: DnsConfigurationProps[]): k8s.PodDNSConfig {
  const options = all.flatMap(({ options = {} }) => Object.entries(options));
  return {
    nameservers: listOf(all.flatMap(({ nameservers = [] }) => nameservers)),
    searches: listOf(all.flatMap(({ searches = [] }) => searches)),
    options: listOf(options.map(([name, value]) => (value === '' ? { name } : { name, value }))),
  };
}

/** No list instead of an empty one, which the API server drops. */
function listOf<Item>(items: Item[]): Item[] | undefined {
  return items.length > 0 ? items : undefined;
}
