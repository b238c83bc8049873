import { IConstruct } from 'constructs';
const IDENTITY = 'cdk8s-django:identity';

const HEADER = `# Run these once for this cluster, with the rights to change its cloud's access control. They are not part of
# the manifests: they let the pods' ServiceAccounts use the platform, and its nodes pull images, without a key.
`;

/** Commands for one ServiceAccount. */
export interface IdentityCommands {
  readonly title: string;
  readonly commands: string[];
}

/** Adds commands that have to be run once, outside the cluster, for a construct to work. */
export function addIdentityCommands(scope: IConstruct, title: string, commands: string[]): void {
  if (commands.length) scope.node.addMetadata(IDENTITY, textOf(title, commands));
}

/** The same for what depends on constructs that come later: it is asked for when the commands are written. */
export function addLazyIdentityCommands(scope: IConstruct, produce: () => IdentityCommands[]): void {
  const texts = () => produce().map(({ title, commands }) => textOf(title, commands));
  scope.node.addMetadata(IDENTITY, texts);
}

function textOf(title: string, commands: string[]): string {
  return [`# ${title}`, ...commands].join('\n');
}

/** The text of the commands below a scope; none when there are no commands. */
export function identityCommands(scope: IConstruct): string | undefined {
  const texts = blocksOf(scope);
  return texts.length ? `${HEADER}\n${texts.join('\n\n')}\n` : undefined;
}

/** The commands below a scope, as data. */
export function identityCommandsOf(scope: IConstruct): IdentityCommands[] {
  return blocksOf(scope).map((text) => {
    const [title, ...commands] = text.split('\n');
    return { title: title.slice('# '.length), commands };
  });
}

function blocksOf(scope: IConstruct): string[] {
  const entries = scope.node.findAll().flatMap(({ node }) => node.metadata);
  const all = entries
    .filter(({ type }) => type === IDENTITY)
    .flatMap(({ data }): string[] => (typeof data === 'function' ? data() : [data]));
  // Several constructs may need the same.
  return [...new Set(all)];
}
