import { containersIn, listed } from '../kubernetes/pod-manifests';
import { findManifest } from './find-manifest';

/**
 * The environment of a container, by the names of the variables. A value of a ConfigMap among the manifests is its
 * text. Other values say where they come from, such as `Secret polls-db, key password`, `field status.podIP` or
 * `resource limits.memory`.
 *
 * Throws when:
 * - there is no manifest of that kind and name;
 * - it has no such container. The error names those that it has.
 *
 * @param manifests - those of a program, as `manifestsFor` gives them
 * @param kind - such as `Deployment`
 * @param name - of the manifest
 * @param container - name of the container; without it the first one that is not an init container
 *
 * @example
 * const environment = environmentOf(manifests, 'Deployment', 'polls');
 * expect(environment.DJANGO_SETTINGS_MODULE).toBe('mysite.settings');
 * expect(environment.DJANGO_SECRET_KEY).toBe('Secret polls-secret, key secret-key');
 */
export function environmentOf(
  manifests: any[],
  kind: string,
  name: string,
  container?: string,
): Record<string, string> {
  const manifest = findManifest(manifests, kind, name);
  const { envFrom = [], env = [] } = containerOf(manifest, container);
  const { namespace } = manifest.metadata;
  const configMaps = manifests.filter(
    (one) => one.kind === 'ConfigMap' && one.metadata.namespace === namespace,
  );
  const whole = envFrom.flatMap((source: any) => wholeSource(configMaps, source));
  const single = env.map((variable: any): [string, string] => [variable.name, valueOf(configMaps, variable)]);
  return Object.fromEntries([...whole, ...single]);
}

function containerOf(manifest: any, name: string | undefined): any {
  const containers = containersIn(manifest).map(({ value }) => value);
  const [first] = listed(manifest, 'containers');
  const found = name === undefined ? first?.value : containers.find((one) => one.name === name);
  if (found) return found;
  const names = containers.map((one) => one.name).join(', ') || 'none';
  const { kind, metadata } = manifest;
  throw new Error(
    `${kind} "${metadata.name}" has no container${name ? ` named "${name}"` : ''} (there are: ${names}).`,
  );
}

/** The variables of all keys of a ConfigMap. The keys of a Secret are not known. */
function wholeSource(configMaps: any[], { prefix = '', configMapRef, secretRef }: any): [string, string][] {
  if (secretRef) return [[`${prefix}*`, `Secret ${secretRef.name}, all keys`]];
  const data = dataOf(configMaps, configMapRef.name);
  if (!data) return [[`${prefix}*`, `ConfigMap ${configMapRef.name}, all keys`]];
  return Object.entries(data).map(([key, value]) => [`${prefix}${key}`, value]);
}

function valueOf(configMaps: any[], { value = '', valueFrom }: any): string {
  if (!valueFrom) return value;
  const { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef } = valueFrom;
  if (secretKeyRef) return `Secret ${secretKeyRef.name}, key ${secretKeyRef.key}`;
  if (fieldRef) return `field ${fieldRef.fieldPath}`;
  if (resourceFieldRef) return `resource ${resourceFieldRef.resource}`;
  const { name, key } = configMapKeyRef;
  return dataOf(configMaps, name)?.[key] ?? `ConfigMap ${name}, key ${key}`;
}

function dataOf(configMaps: any[], name: string): Record<string, string> | undefined {
  return configMaps.find(({ metadata }) => metadata.name === name)?.data;
}
