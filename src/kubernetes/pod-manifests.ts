/** Kinds that have pods. */
export const POD_KINDS = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Pod',
  'Job',
  'CronJob',
];

/** Those of them that the library makes. */
export const OWN_POD_KINDS = ['Deployment', 'StatefulSet', 'Job', 'CronJob'];

/** A part of a manifest, and where it stands. */
export interface Part {
  readonly path: string;
  readonly value: any;
}

/** The pod, or the template of pods, of a manifest of POD_KINDS: `metadata` and `spec`. */
export function podOf(manifest: any): Part {
  const { kind, spec } = manifest;
  if (kind === 'Pod') return { path: '', value: manifest };
  if (kind === 'CronJob') {
    return { path: 'spec.jobTemplate.spec.template.', value: spec?.jobTemplate?.spec?.template };
  }
  return { path: 'spec.template.', value: spec?.template };
}

/** The containers of a manifest, those that run before the others too. */
export function containersIn(manifest: any): Part[] {
  return [...listed(manifest, 'initContainers'), ...listed(manifest, 'containers')];
}

/** The containers that run while their pod does: of those that start before the others the sidecars alone. */
export function runningContainersIn(manifest: any): Part[] {
  const sidecars = listed(manifest, 'initContainers').filter(({ value }) => value.restartPolicy === 'Always');
  return [...sidecars, ...listed(manifest, 'containers')];
}

/** The items of a list of the pod's spec: containers, volumes. */
export function listed(manifest: any, list: string): Part[] {
  const { path, value } = podOf(manifest);
  const items: any[] = value?.spec?.[list] ?? [];
  return items.map((item, index) => ({ path: `${path}spec.${list}[${index}]`, value: item }));
}
