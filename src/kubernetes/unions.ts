/*
 * Fields of which an object may have one. The API server refuses an object that has two, so one that a patch gives
 * takes the place of the other, as Kubernetes' own `retainKeys` does for volumes and strategies.
 */

/** Fields of which each object may have one: the value of a variable, and what a probe or a hook does. */
const UNIONS = [
  ['value', 'valueFrom'],
  ['exec', 'grpc', 'httpGet', 'sleep', 'tcpSocket'],
];

/** The same of a volume, which is an item of a list of names. */
const VOLUME_SOURCES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'hostPath',
  'nfs',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

/** The fields of an object that go because a patch gives others in their place. */
export function replacedFields(base: Record<string, any>, patch: Record<string, any>): string[] {
  const unions = typeof base.name === 'string' ? [...UNIONS, VOLUME_SOURCES] : UNIONS;
  const replaced = unions
    .filter((union) => union.some((field) => isGiven(patch[field])))
    .flat()
    .filter((field) => field in base && !(field in patch));
  // A strategy of another type does not have the parameters of a rolling update.
  const isOtherType = isGiven(patch.type) && isGiven(base.type) && patch.type !== base.type;
  return isOtherType && !('rollingUpdate' in patch) ? [...replaced, 'rollingUpdate'] : replaced;
}

function isGiven(value: unknown): boolean {
  return value !== null && value !== undefined;
}
