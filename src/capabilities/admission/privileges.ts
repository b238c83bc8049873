import { Problem } from '../../kubernetes/errors';
import { IAdmissionRule } from '../../platform/admission';
import { containersIn, listed, Part, podOf, POD_KINDS } from '../../kubernetes/pod-manifests';

/** No pod uses its node: no hostPath, no network or processes of the host, no privileged container. */
export class HostAccessRule implements IAdmissionRule {
  readonly name = 'host-access';
  readonly kinds = POD_KINDS;

  /**
   * @param source - the page that says what is demanded
   * @param hostPaths - folders of the node that may be mounted all the same
   */
  constructor(
    readonly source: string,
    private readonly hostPaths: string[] = [],
  ) {}

  check(manifest: any): Problem[] {
    const { path, value } = podOf(manifest);
    const host = setIn({ path: `${path}spec`, value: value?.spec }, ['hostNetwork', 'hostPID', 'hostIPC']);
    const privileged = containersIn(manifest).flatMap((container) =>
      setIn(securityContext(container), ['privileged']),
    );
    const volumes = listed(manifest, 'volumes')
      .filter(({ value: volume }) => volume.hostPath && !this.mayMount(`${volume.hostPath.path}`))
      .map((volume) => ({ path: `${volume.path}.hostPath.path`, value: volume.value.hostPath.path }));
    return [...host, ...privileged, ...volumes].map((part) => ({
      property: part.path,
      value: part.value,
      reason: 'gives a pod access to its node',
      remedy: 'Leave it out',
    }));
  }

  private mayMount(path: string): boolean {
    return this.hostPaths.some((allowed) => path === allowed || path.startsWith(`${allowed}/`));
  }
}

/** No pod names a user or group: the platform gives each namespace a range of its own. */
export class FixedUserRule implements IAdmissionRule {
  readonly name = 'fixed-user';
  readonly kinds = POD_KINDS;

  constructor(readonly source: string) {}

  check(manifest: any): Problem[] {
    const { path, value } = podOf(manifest);
    const pod = securityContext({ path: `${path}spec`, value: value?.spec });
    const contexts = [pod, ...containersIn(manifest).map(securityContext)];
    return contexts
      .flatMap((context) => namedIn(context, ['runAsUser', 'runAsGroup', 'fsGroup']))
      .map((part) => ({
        property: part.path,
        value: part.value,
        reason: "is not in the namespace's range, which the platform chooses",
        remedy: 'Leave it out: the platform gives the pod a user and a group',
      }));
  }
}

function securityContext({ path, value }: Part): Part {
  return { path: `${path}.securityContext`, value: value?.securityContext };
}

/** The fields of an object that have a value. */
function namedIn({ path, value }: Part, fields: string[]): Part[] {
  return fields
    .map((field) => ({ path: `${path}.${field}`, value: value?.[field] }))
    .filter((part) => part.value !== undefined);
}

/** The fields of an object that are true. */
function setIn(part: Part, fields: string[]): Part[] {
  return namedIn(part, fields).filter(({ value }) => value === true);
}
