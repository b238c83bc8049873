import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiObject, App } from 'cdk8s';

/** The name and the version are those that cdk8s-cli reads: https://github.com/cdk8s-team/cdk8s-cli */
const FILE = 'construct-metadata.json';
const VERSION = '1.0.0';

/**
 * Writes which construct made each object, where `cdk8s synth` asks for it: validations in `cdk8s.yaml` name constructs
 * by it. cdk8s would write a file for each App, in the folder of its manifests, where cdk8s-cli does not find it and
 * `kubectl apply -f` of the folder refuses it.
 */
export function writeConstructMetadata(root: App, apps: App[]): void {
  if (!root['recordConstructMetadata']) return;
  const objects = apps.flatMap((app) => app.node.findAll()).filter((node) => node instanceof ApiObject);
  const resources = Object.fromEntries(
    // A name alone, as cdk8s writes it, and with the kind: a Deployment and its Service have one name.
    objects.flatMap(({ kind, name, node: { path } }) => [
      [name, { path }],
      [`${kind}/${name}`, { path }],
    ]),
  );
  mkdirSync(root.outdir, { recursive: true });
  writeFileSync(join(root.outdir, FILE), JSON.stringify({ version: VERSION, resources }));
}
