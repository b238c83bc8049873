import * as k8s from '../kubernetes/api';
import { groupedBy } from '../kubernetes/collections';

/** Where containers find the values of Secrets, each in a file that has the name of its variable. */
const FOLDER = '/etc/cdk8s-django/secrets';
const NAME = 'secret-files';
const FOLDER_VARIABLE = { name: 'CDK8S_DJANGO_SECRET_FILES', value: FOLDER };
const REFERENCE = /\$\(([\w.-]+)\)/g;

type Reference = k8s.SecretKeySelector & { readonly variable: string };

/**
 * Pods whose containers have files in place of variables from Secrets. Each container has the keys of its own
 * variables, and no other: containers that have the same ones share a volume.
 */
export function withSecretFiles(spec: k8s.PodSpec): k8s.PodSpec {
  const volumes = new Map<string, k8s.Volume>();
  const changed = (container: k8s.Container): k8s.Container => {
    const references = referencesOf(container);
    if (!references.length) return container;
    const content = JSON.stringify(references);
    const name = volumes.size ? `${NAME}-${volumes.size + 1}` : NAME;
    if (!volumes.has(content)) volumes.set(content, { name, projected: { sources: sourcesOf(references) } });
    return {
      ...container,
      env: [
        FOLDER_VARIABLE,
        ...composedVariables(container, references),
        ...container.env!.filter(({ valueFrom }) => !valueFrom?.secretKeyRef),
      ],
      volumeMounts: [
        ...(container.volumeMounts ?? []),
        { name: volumes.get(content)!.name, mountPath: FOLDER, readOnly: true },
      ],
    };
  };
  return {
    ...spec,
    initContainers: spec.initContainers?.map(changed),
    containers: spec.containers.map(changed),
    volumes: [...(spec.volumes ?? []), ...volumes.values()],
  };
}

function referencesOf({ env = [] }: k8s.Container): Reference[] {
  return env.flatMap(({ name: variable, valueFrom }) =>
    valueFrom?.secretKeyRef ? [{ variable, ...valueFrom.secretKeyRef }] : [],
  );
}

/** The names of variables in which the kubelet would put values of Secrets, such as DATABASE_URL. The runtime does it. */
function composedVariables({ env = [] }: k8s.Container, references: Reference[]): k8s.EnvVar[] {
  const secret = new Set(references.map(({ variable }) => variable));
  const names = env
    .filter(({ value = '' }) => [...value.matchAll(REFERENCE)].some(([, name]) => secret.has(name)))
    .map(({ name }) => name);
  return names.length ? [{ name: 'CDK8S_DJANGO_SECRET_TEXTS', value: names.join(',') }] : [];
}

/** A source for each Secret, with the keys that are needed and those that may be missing apart. */
function sourcesOf(references: Reference[]): k8s.VolumeProjection[] {
  const groups = groupedBy(references, ({ name, optional }) => `${name} ${optional ?? false}`);
  return [...groups.values()].map((group) => ({
    secret: {
      name: group[0].name,
      optional: group[0].optional,
      items: group.map(({ key, variable }) => ({ key, path: variable })),
    },
  }));
}
