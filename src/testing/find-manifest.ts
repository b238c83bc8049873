/** The manifest of a kind and name. Throws when there is none. The error names the manifests of that kind. */
export function findManifest(manifests: any[], kind: string, name: string): any {
  const ofKind = manifests.filter((manifest) => manifest.kind === kind);
  const found = ofKind.find((manifest) => manifest.metadata.name === name);
  if (found) return found;
  const names = ofKind.map((manifest) => manifest.metadata.name).join(', ') || 'none';
  throw new Error(`There is no ${kind} named "${name}" (there are: ${names}).`);
}
