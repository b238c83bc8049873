import { Yaml } from 'cdk8s';
import { sortedBy } from '../kubernetes/collections';
import { HASHED_KINDS, SHORT_HASH_ENDING } from '../kubernetes/hash';
import { MANAGED_BY } from '../kubernetes/labels';

/** Label of what the library makes for all applications of a namespace. */
const RUNTIME_LABEL = 'app.kubernetes.io/name';
const RUNTIME = 'cdk8s-django';

/**
 * Manifests as YAML for a snapshot whose changes are those that people decided. They are in the order of their kinds,
 * namespaces and names. Hashes that follow from the content are `<hash>`, in names and wherever these stand, and
 * `<checksum>` in annotations. The Python of the library is left out. So another version of the library does not change
 * the snapshot by its Python, and another image changes only where it stands.
 *
 * @param manifests - those of a program, as `manifestsFor` gives them
 *
 * @example
 * expect(snapshotOf(manifests)).toMatchSnapshot();
 */
export function snapshotOf(manifests: any[]): string {
  const names = hashedNames(manifests);
  const shown = manifests.map((manifest) => withoutHashes(withoutRuntime(manifest), names));
  return sortedBy(shown, keyOf)
    .map((manifest) => Yaml.stringify(manifest))
    .join('---\n');
}

function keyOf({ kind, metadata }: any): string {
  return [kind, metadata?.namespace ?? '', metadata?.name ?? ''].join('\n');
}

/** The names that end in a hash, by the name that is shown instead. */
function hashedNames(manifests: any[]): Map<string, string> {
  const hashed = manifests.filter(
    ({ kind, metadata }) =>
      HASHED_KINDS.includes(kind) && SHORT_HASH_ENDING.test(metadata?.name) && isOwn(metadata.labels),
  );
  return new Map(hashed.map(({ metadata: { name } }) => [name, name.replace(SHORT_HASH_ENDING, '-<hash>')]));
}

/** What others made may end in a date or a number, which somebody decided. */
function isOwn(labels: Record<string, string> = {}): boolean {
  return Object.entries(MANAGED_BY).every(([key, value]) => labels[key] === value);
}

function withoutRuntime(manifest: any): any {
  const isRuntime = manifest.kind === 'ConfigMap' && manifest.metadata?.labels?.[RUNTIME_LABEL] === RUNTIME;
  if (!isRuntime) return manifest;
  const files = Object.keys(manifest.data ?? {});
  return { ...manifest, data: Object.fromEntries(files.map((file) => [file, '<Python>'])) };
}

function withoutHashes(value: any, names: Map<string, string>, key = ''): any {
  if (Array.isArray(value)) return value.map((item) => withoutHashes(item, names));
  if (typeof value === 'string')
    return key.startsWith('checksum/') ? '<checksum>' : (names.get(value) ?? value);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, withoutHashes(item, names, name)]),
  );
}
