import { Construct } from 'constructs';
import { isIP } from 'node:net';
import { checkSecretValue } from '../kubernetes/secret-values';
import { InvalidInputError, Problem } from '../kubernetes/errors';
import { isOwnLabel } from '../kubernetes/labels';
import {
  checkAnnotationKeys,
  checkHost,
  checkLabels,
  checkName,
  checkResourceName,
  checkVariable,
} from '../kubernetes/names';
import { checkPort } from '../kubernetes/numbers';
import { checkPath } from '../kubernetes/paths';
import { checkNoSecret, checkNoSecretWords } from '../kubernetes/plain-secrets';
import { size } from '../kubernetes/quantities';
import {
  DnsConfigurationProps,
  HostAliasProps,
  SidecarProps,
  TaintEffect,
  TolerationProps,
  VolumeProps,
} from './addition-props';
import { DjangoAppProps } from './django-app-props';
import { checkValue } from './environment-checks';
import { checkMountPath, takenPaths } from './media';
import { Platform } from './platform';
import { PodKind } from './pod-kinds';
import { SHUTDOWN_ANNOTATION } from './shutdown';

/** The application that something is added to. */
export interface AddedTo {
  readonly props: DjangoAppProps;
  readonly platform: Platform;
  /** Port of the replicas. */
  readonly port: number;
}

/** Names of the library's own containers. */
const CONTAINERS = [
  'beat',
  'command',
  'create-superuser',
  'keep-static',
  'migrate',
  'process',
  'wait-for-schema',
  'web',
  'worker',
];
/** Names of its own volumes, and what those of Secrets begin with, which the Secrets Store CSI driver mounts. */
const VOLUMES = ['media', 'runtime', 'tmp'];
const SECRET_VOLUME = 'secret-';
const ANNOTATIONS = ['checksum/config', SHUTDOWN_ANNOTATION];
/** https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-dns-config */
const MOST_NAMESERVERS = 3;
const MOST_SEARCHES = 32;

/** Throws for what the same pods have already. */
export function refuseRepeated(scope: Construct, property: string, value: string, others: string[]): void {
  if (!others.includes(value)) return;
  throw new InvalidInputError(scope, {
    property,
    value,
    reason: 'is added to the same pods already',
    remedy: 'Add it once, or give the two different pods',
  });
}

export function checkPodLabel(scope: Construct, to: AddedTo | undefined, name: string, value: string): void {
  checkLabels(scope, 'name', { [name]: '' });
  if (typeof value !== 'string') throw notText(scope, name, value);
  checkLabels(scope, 'label', { [name]: value });
  if (!to || !(isOwnLabel(name) || Object.hasOwn(to.platform.identity?.podLabels ?? {}, name))) return;
  throw new InvalidInputError(scope, {
    property: 'name',
    value: name,
    reason: 'is a label that the library sets itself, and pods are found by it',
    remedy: 'Choose another one',
  });
}

export function checkPodAnnotation(scope: Construct, name: string, value: string): void {
  checkAnnotationKeys(scope, 'name', [name]);
  if (typeof value !== 'string') throw notText(scope, name, value);
  const remedy = 'Leave it out: what reads the annotation has to find it in a Secret';
  checkNoSecret(scope, { property: 'value', text: value, of: name, remedy });
  if (!ANNOTATIONS.includes(name)) return;
  throw new InvalidInputError(scope, {
    property: 'name',
    value: name,
    reason: 'is an annotation that the library sets itself',
    remedy: 'Choose another one',
  });
}

function notText(scope: Construct, name: string, value: unknown): InvalidInputError {
  const reason = `of ${name} is not a string`;
  return new InvalidInputError(scope, { property: 'value', value, reason, remedy: 'Write it in quotes' });
}

export function checkVolumeName(scope: Construct, { props }: AddedTo, name: string): void {
  checkName(scope, 'name', name);
  const own = [...VOLUMES, ...(props.database?.connector?.volumes ?? []).map((volume) => volume.name)];
  if (!own.includes(name) && !name.startsWith(SECRET_VOLUME)) return;
  throw new InvalidInputError(scope, {
    property: 'name',
    value: name,
    reason: 'is a name that the library keeps for volumes of its own',
    remedy: `Choose another one, which does not begin with "${SECRET_VOLUME}"`,
  });
}

/** Checks how much an empty folder may hold, or the name of what the files come from. */
export function checkVolumeSource(scope: Construct, { source }: VolumeProps): void {
  const { emptyDir, configMap, secret, persistentVolumeClaim } = source.volume;
  if (emptyDir) size(scope, 'source', emptyDir.sizeLimit);
  else
    checkResourceName(
      scope,
      'source',
      configMap?.name ?? secret?.secretName ?? persistentVolumeClaim?.claimName,
    );
}

/** Checks where the application's containers mount a volume. */
export function checkMount(
  scope: Construct,
  { props }: AddedTo,
  { mountPath }: VolumeProps,
  others: VolumeProps[],
): void {
  if (mountPath === undefined) return;
  checkMountPath(scope, 'mountPath', mountPath, [
    ...takenPaths(props.database?.connector),
    ...(props.media ? [props.media.mountPath] : []),
    ...others.flatMap((other) => other.mountPath ?? []),
  ]);
}

/** Checks a sidecar by itself, and beside the other containers of its pods. */
export function checkSidecar(
  scope: Construct,
  { props: { database }, port }: AddedTo,
  sidecar: SidecarProps,
  others: SidecarProps[],
  kinds: PodKind[],
): void {
  const { name, ports = [], healthCheck, volumeMounts = {} } = sidecar;
  const connected = database?.connector?.sidecars ?? [];
  if ([...CONTAINERS, ...connected.map((container) => container.name)].includes(name)) {
    throw new InvalidInputError(scope, {
      property: 'name',
      value: name,
      reason: 'is the name of a container that the library makes',
      remedy: 'Choose another one',
    });
  }
  const taken = [
    ...(kinds.includes(PodKind.WEB) ? [port] : []),
    ...connected.flatMap((container) => (container.ports ?? []).map((one: any) => one.containerPort)),
    ...others.flatMap((other) => other.ports ?? []),
  ];
  ports.forEach((one) => checkFreePort(scope, one, taken));
  if (healthCheck) {
    checkPort(scope, 'healthCheck.port', healthCheck.port);
    if (healthCheck.path !== undefined) checkPath(scope, 'healthCheck.path', healthCheck.path);
  }
  checkSidecarVariables(scope, sidecar);
  checkNoSecretWords(scope, 'command', sidecar.command);
  checkNoSecretWords(scope, 'args', sidecar.args);
  const paths = Object.values(volumeMounts);
  paths.forEach((path, index) => checkMountPath(scope, 'volumeMounts', path, paths.slice(0, index)));
}

function checkSidecarVariables(
  scope: Construct,
  { environment = {}, secretEnvironment = {} }: SidecarProps,
): void {
  for (const [variable, value] of Object.entries(environment)) {
    checkVariable(scope, 'environment', variable);
    const fromSecret = 'Put it into a Secret, and give it by secretEnvironment of the sidecar';
    checkValue(scope, 'environment', variable, value, fromSecret);
  }
  for (const [variable, value] of Object.entries(secretEnvironment)) {
    checkVariable(scope, 'secretEnvironment', variable);
    checkSecretValue(scope, `secretEnvironment.${variable}`, value);
    if (Object.hasOwn(environment, variable)) {
      throw new InvalidInputError(scope, {
        property: 'secretEnvironment',
        value: variable,
        reason: 'is in environment too',
        remedy: 'Keep it in one of them',
      });
    }
  }
}

function checkFreePort(scope: Construct, port: number, taken: number[]): void {
  checkPort(scope, 'ports', port);
  if (!taken.includes(port)) return;
  throw new InvalidInputError(scope, {
    property: 'ports',
    value: port,
    reason: 'is a port of another container of the same pods',
    remedy: 'Choose another one',
  });
}

export function checkToleration(scope: Construct, { key, value, effect }: TolerationProps): void {
  checkLabels(scope, 'key', { [key]: '' });
  if (value !== undefined) checkLabels(scope, 'value', { [key]: value });
  const effects = Object.values(TaintEffect);
  if (effect === undefined || effects.includes(effect)) return;
  throw new InvalidInputError(scope, {
    property: 'effect',
    value: effect,
    reason: 'is not an effect of a taint',
    remedy: 'Use a member of TaintEffect',
  });
}

export function checkHostAlias(scope: Construct, { ip, hostnames }: HostAliasProps): void {
  checkAddress(scope, 'ip', ip);
  hostnames.forEach((host) => checkHost(scope, 'hostnames', host));
  if (hostnames.length > 0) return;
  const remedy = 'Give the names of the address';
  throw new InvalidInputError(scope, { property: 'hostnames', value: hostnames, reason: 'is empty', remedy });
}

/** Checks it beside what the same pods have already. */
export function checkDns(
  scope: Construct,
  props: DnsConfigurationProps,
  others: DnsConfigurationProps[],
): void {
  const { nameservers = [], searches = [], options = {} } = props;
  nameservers.forEach((server) => checkAddress(scope, 'nameservers', server));
  searches.forEach((domain) => checkHost(scope, 'searches', domain));
  const allServers = [...others, props].flatMap((one) => one.nameservers ?? []);
  const allDomains = [...others, props].flatMap((one) => one.searches ?? []);
  checkLength(scope, 'nameservers', allServers, MOST_NAMESERVERS);
  checkLength(scope, 'searches', allDomains, MOST_SEARCHES);
  const known = others.flatMap((other) => Object.keys(other.options ?? {}));
  Object.keys(options).forEach((option) => refuseRepeated(scope, 'options', option, known));
}

function checkAddress(scope: Construct, property: string, value: string): void {
  if (typeof value === 'string' && isIP(value)) return;
  throw new InvalidInputError(scope, {
    property,
    value,
    reason: 'is not an address',
    remedy: 'Give one of IPv4 or IPv6, such as "203.0.113.25"',
  });
}

function checkLength(scope: Construct, property: string, values: string[], most: number): void {
  if (values.length <= most) return;
  throw new InvalidInputError(scope, {
    property,
    value: values,
    reason: `has ${values.length} items, and Kubernetes takes ${most}`,
    remedy: 'Leave some out',
  });
}

/** What is wrong with labels of nodes that pods of other nodes ask for. */
export function nodeSelectorProblems(added: Record<string, string>, placements: any[]): Problem[] {
  return placements
    .flatMap((placement) => Object.entries<string>(placement?.nodeSelector ?? {}))
    .filter(([label, value]) => Object.hasOwn(added, label) && added[label] !== value)
    .map(([label, value]) => ({
      property: 'addNodeSelector',
      value: added[label],
      reason: `of ${label} contradicts "${value}", by which scheduling places the same pods`,
      remedy: 'Leave it out, or leave the pods out by the option pods',
    }));
}

/** What is wrong with volumes that sidecars mount. */
export function sidecarMountProblems(sidecars: SidecarProps[], volumes: string[], kind: PodKind): Problem[] {
  return sidecars.flatMap(({ name, volumeMounts = {} }) =>
    Object.keys(volumeMounts)
      .filter((volume) => !volumes.includes(volume))
      .map((volume) => ({
        property: 'volumeMounts',
        value: volume,
        reason: `of sidecar "${name}" is not a volume that was added to pods of kind "${kind}"`,
        remedy: 'Add it by addVolume, to the same pods',
      })),
  );
}
