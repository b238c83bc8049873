import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { IConstruct } from 'constructs';

/** Commands for outside the cluster. Its name ends so that `kubectl apply -f` of the folder leaves it out. */
const IDENTITY_FILE = 'identity.txt';
const IDENTITY = 'cdk8s-django:identity';

const HEADER = `# Run these once for this cluster, with the rights to change its cloud's access control. They are no part of
# the manifests: they let the pods' ServiceAccounts use the platform, and its nodes pull images, without a key.
`;

/** Tells of commands that have to be run once, outside the cluster, for a construct to work. */
export function addIdentityCommands(scope: IConstruct, title: string, commands: string[]): void {
  if (commands.length) scope.node.addMetadata(IDENTITY, [`# ${title}`, ...commands].join('\n'));
}

/** The text of the commands below a scope; none when there are no commands. */
export function identityCommands(scope: IConstruct): string | undefined {
  const entries = scope.node.findAll().flatMap(({ node }) => node.metadata);
  // Several constructs may need the same.
  const texts = [...new Set(entries.filter(({ type }) => type === IDENTITY).map(({ data }) => data))];
  return texts.length ? `${HEADER}\n${texts.join('\n\n')}\n` : undefined;
}

/** Writes the commands beside the manifests of an App, or removes those of a former program. */
export function writeIdentityCommands(app: App): void {
  const file = join(app.outdir, IDENTITY_FILE);
  const text = identityCommands(app);
  if (text === undefined) return rmSync(file, { force: true });
  mkdirSync(app.outdir, { recursive: true });
  writeFileSync(file, text);
}
