import { groupedBy } from '../kubernetes/collections';
import { imageProblem } from '../kubernetes/images';
import { matches } from '../access-report/selectors';
import { PolicyFolder, PolicyObject, PolicyPods } from './manifests';

/** Where an object breaks a rule. */
export interface Breach {
  readonly object: PolicyObject;
  /** Paths of fields: `spec.template.spec.hostNetwork`. */
  readonly locations: string[];
}

/** What manifests should keep. */
export interface Rule {
  readonly name: string;
  readonly recommendation: string;
  readonly fix: string;
  readonly breaches: (folder: PolicyFolder) => Breach[];
}

function inPods(locationsIn: (pods: PolicyPods) => string[]): Rule['breaches'] {
  return ({ pods }) =>
    pods
      .map((object) => ({ object, locations: locationsIn(object) }))
      .filter(({ locations }) => locations.length);
}

/** `fieldsOf` names the fields of a container that break a rule. Windows has none of what these rules ask for. */
function inContainers(fieldsOf: (container: any, spec: any) => string[]): Rule['breaches'] {
  return inPods(({ pod, containers }) =>
    pod.value.os?.name === 'windows'
      ? []
      : containers.flatMap(({ path, value }) =>
          fieldsOf(value, pod.value).map((field) => `${path}.${field}`),
        ),
  );
}

/** A field of the container's security context, or else of the pod's. */
function setting(container: any, spec: any, field: string): any {
  return container.securityContext?.[field] ?? spec.securityContext?.[field];
}

function when(broken: boolean, field: string): string[] {
  return broken ? [field] : [];
}

const HOST_NAMESPACES = ['hostNetwork', 'hostPID', 'hostIPC'];
const REQUIRED_RESOURCES = ['requests.cpu', 'requests.memory', 'limits.memory'];

/** What at least two of kube-score, checkov and the NSA's guide to Kubernetes ask for. docs/policy.md says which. */
export const RULES: readonly Rule[] = [
  {
    name: 'privileged',
    recommendation: 'A privileged container has all rights of its node.',
    fix: 'Leave privileged out, or set it to false.',
    breaches: inContainers((container) =>
      when(container.securityContext?.privileged === true, 'securityContext.privileged'),
    ),
  },
  {
    name: 'privilege-escalation',
    recommendation: 'A process should not get more rights than the one that started it.',
    fix: 'Set allowPrivilegeEscalation to false.',
    breaches: inContainers((container) =>
      when(
        container.securityContext?.allowPrivilegeEscalation !== false,
        'securityContext.allowPrivilegeEscalation',
      ),
    ),
  },
  {
    name: 'run-as-root',
    recommendation: 'A container should not run as root.',
    fix: 'Set runAsNonRoot to true, and runAsUser to no 0.',
    breaches: inContainers((container, spec) => {
      const user = setting(container, spec, 'runAsUser');
      if (user === 0) return ['securityContext.runAsUser'];
      return when(
        setting(container, spec, 'runAsNonRoot') !== true && user === undefined,
        'securityContext.runAsNonRoot',
      );
    }),
  },
  {
    name: 'writable-root-filesystem',
    recommendation: 'A container should not be able to change its own programs.',
    fix: 'Set readOnlyRootFilesystem to true, and mount an emptyDir where it writes.',
    breaches: inContainers((container) =>
      when(
        container.securityContext?.readOnlyRootFilesystem !== true,
        'securityContext.readOnlyRootFilesystem',
      ),
    ),
  },
  {
    name: 'capabilities',
    recommendation:
      'A container should have no capability of root but the one to listen on a port below 1024.',
    fix: 'Drop ALL, and add NET_BIND_SERVICE at most.',
    breaches: inContainers(({ securityContext }) => {
      const { drop = [], add = [] } = securityContext?.capabilities ?? {};
      return [
        ...when(!drop.includes('ALL'), 'securityContext.capabilities.drop'),
        ...when(
          add.some((one: string) => one !== 'NET_BIND_SERVICE'),
          'securityContext.capabilities.add',
        ),
      ];
    }),
  },
  {
    name: 'seccomp',
    recommendation: 'A container should have the filter of system calls that its runtime has.',
    fix: 'Set the type of seccompProfile to RuntimeDefault, or to Localhost with a profile of your own.',
    breaches: inContainers((container, spec) =>
      when(
        !['RuntimeDefault', 'Localhost'].includes(setting(container, spec, 'seccompProfile')?.type),
        'securityContext.seccompProfile',
      ),
    ),
  },
  {
    name: 'host-namespaces',
    recommendation: "A pod should not be in its node's network, nor see the processes of others.",
    fix: 'Leave hostNetwork, hostPID and hostIPC out.',
    breaches: inPods(({ pod: { path, value } }) =>
      HOST_NAMESPACES.filter((field) => value[field] === true).map((field) => `${path}.${field}`),
    ),
  },
  {
    name: 'host-path',
    recommendation: "A pod should not see its node's files.",
    fix: 'Use a volume of another kind, such as emptyDir or a claim.',
    breaches: inPods(({ pod: { path, value } }) =>
      (value.volumes ?? []).flatMap(({ hostPath }: any, index: number) =>
        when(hostPath !== undefined, `${path}.volumes[${index}].hostPath`),
      ),
    ),
  },
  {
    name: 'resources',
    recommendation: 'A container without requests and a limit of memory can take what others need.',
    fix: 'Set requests of cpu and memory, and a limit of memory.',
    breaches: inContainers(({ resources }, spec) => {
      // Since 1.34, the pod may have them for all its containers.
      const has = (path: string) => {
        const [part, resource] = path.split('.');
        return (resources?.[part] ?? spec.resources?.[part] ?? {})[resource] !== undefined;
      };
      return REQUIRED_RESOURCES.filter((path) => !has(path)).map((path) => `resources.${path}`);
    }),
  },
  {
    name: 'image-tag',
    recommendation: 'An image without a version is another one tomorrow.',
    fix: 'Give the image a version tag or a digest.',
    breaches: inContainers(({ image }) => when(imageProblem(image) !== undefined, 'image')),
  },
  {
    name: 'service-account-token',
    recommendation: 'A pod that does not ask the API server should have no token for it.',
    fix: 'Set automountServiceAccountToken to false, or give the pod a ServiceAccount of its own.',
    breaches: (folder) => inPods((pods) => tokenLocations(pods, folder))(folder),
  },
  {
    name: 'network-policy',
    recommendation: 'Policies should say who connects to a pod, and what it connects to.',
    fix: 'Make a NetworkPolicy that selects the pod, with the types Ingress and Egress.',
    breaches: (folder) => {
      const policies = policiesByNamespace(folder);
      return inPods((pods) => unprotected(pods, policies.get(pods.namespace) ?? []))(folder);
    },
  },
  {
    name: 'wildcard-role',
    recommendation: 'A role should name what it allows: a wildcard allows what is not known yet.',
    fix: 'List the verbs and the resources.',
    breaches: ({ objects }) =>
      objects
        .filter(({ manifest: { kind } }) => ['Role', 'ClusterRole'].includes(kind))
        .map((object) => ({ object, locations: wildcards(object.manifest.rules ?? []) }))
        .filter(({ locations }) => locations.length),
  },
];

function tokenLocations({ pod, namespace }: PolicyPods, { objects }: PolicyFolder): string[] {
  const { automountServiceAccountToken, serviceAccountName = 'default' } = pod.value;
  if (serviceAccountName !== 'default' || automountServiceAccountToken === false) return [];
  const account = objects.find(
    ({ manifest: { kind, metadata } }) =>
      kind === 'ServiceAccount' && metadata.name === 'default' && (metadata.namespace ?? '') === namespace,
  );
  const mounts = automountServiceAccountToken ?? account?.manifest.automountServiceAccountToken ?? true;
  return when(mounts, `${pod.path}.automountServiceAccountToken`);
}

function policiesByNamespace({ objects }: PolicyFolder): Map<string, any[]> {
  const policies = objects.map(({ manifest }) => manifest).filter(({ kind }) => kind === 'NetworkPolicy');
  return groupedBy(policies, ({ metadata }) => metadata.namespace ?? '');
}

function unprotected({ pod, labels }: PolicyPods, policies: any[]): string[] {
  // No policy holds for a pod in its node's network.
  if (pod.value.hostNetwork === true) return [];
  const selecting = policies.filter(({ spec }) => matches(spec.podSelector ?? {}, labels));
  const types = new Set(selecting.flatMap(({ spec }) => typesOf(spec)));
  return ['Ingress', 'Egress'].filter((type) => !types.has(type)).map((type) => `no policy of type ${type}`);
}

/** As the API server fills them in. */
function typesOf({ policyTypes, egress }: any): string[] {
  return policyTypes ?? ['Ingress', ...(egress === undefined ? [] : ['Egress'])];
}

function wildcards(rules: any[]): string[] {
  return rules.flatMap((rule, index) =>
    ['verbs', 'resources', 'apiGroups']
      .filter((field) => rule[field]?.includes('*'))
      .map((field) => `rules[${index}].${field}`),
  );
}
