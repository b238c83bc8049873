import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { identityCommands } from '../platform/identity-commands';

/** Commands for outside the cluster. Its name ends so that `kubectl apply -f` of the folder leaves it out. */
const IDENTITY_FILE = 'identity.txt';

/** Writes the commands beside the manifests of an App, or removes those of a former program. */
export function writeIdentityCommands(app: App): void {
  const file = join(app.outdir, IDENTITY_FILE);
  const text = identityCommands(app);
  if (text === undefined) return rmSync(file, { force: true });
  mkdirSync(app.outdir, { recursive: true });
  writeFileSync(file, text);
}
