import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Terminal } from '../terminal';
import { mainContainer, podToEnter } from './application';
import { Kubectl, printed, problemOf } from './kubectl';

/** What `shell` is given, with its defaults. */
export interface ShellOptions {
  /** Which process of the application to enter, by its component. */
  readonly process: string;
  /** Whether to take the right of `breakGlass` first. */
  readonly breakGlass?: boolean;
}

const DJANGO_SHELL = ['python', '-m', 'django', 'shell'];
/** The least that the API server gives a token. A session that is open when it ends goes on. */
const TOKEN_DURATION = '10m';

/** Enters a pod of an application, with Django's shell or another command. */
export async function shell(
  application: string,
  command: string[],
  { process, breakGlass }: ShellOptions,
  { kubectl, terminal }: { kubectl: Kubectl; terminal: Terminal },
): Promise<number> {
  const enter = async (as: Kubectl) => {
    const pod = await podToEnter(as, application, process);
    const container = mainContainer(pod.spec).name;
    await checkRight(as, application);
    const terminalOptions = terminal.isInteractive ? ['--stdin', '--tty'] : ['--stdin'];
    const args = ['exec', pod.metadata.name, `--container=${container}`, '--quiet', ...terminalOptions];
    return as.interactive([...args, '--', ...(command.length ? command : DJANGO_SHELL)]);
  };
  return breakGlass ? withToken(kubectl, application, enter) : enter(kubectl);
}

/** Asked before, because the exit code of `kubectl exec` does not tell a refusal from the command's failure. */
async function checkRight(kubectl: Kubectl, application: string): Promise<void> {
  const answer = await kubectl.call(['auth', 'can-i', 'create', 'pods', '--subresource=exec']);
  if (answer.stdout.trim() !== 'no') return;
  throw problemOf(
    { ...answer, stderr: 'Entering a pod is forbidden: you may not create pods/exec.' },
    `Where the application has breakGlass, \`cdk8s-django shell ${application} --break-glass\` takes the right.`,
  );
}

/** Acts with a token of the application's break-glass ServiceAccount, in a kubeconfig that is removed at the end. */
async function withToken(
  kubectl: Kubectl,
  application: string,
  action: (as: Kubectl) => Promise<number>,
): Promise<number> {
  const account = `${application}-break-glass`;
  const hint = `Members of the groups of breakGlass may take a token of the ServiceAccount ${account}.`;
  const token = await printed(kubectl, ['create', 'token', account, `--duration=${TOKEN_DURATION}`], hint);
  const views = ['config', 'view', '--minify', '--flatten', '--raw', '--output=json'];
  const config = JSON.parse(await printed(kubectl, views));
  const users = config.users.map(({ name }: any) => ({ name, user: { token: token.trim() } }));
  const folder = mkdtempSync(join(tmpdir(), 'cdk8s-django-'));
  try {
    const file = join(folder, 'kubeconfig');
    writeFileSync(file, JSON.stringify({ ...config, users }), { mode: 0o600 });
    // The options of the user may name another file or somebody to act as.
    return await action(kubectl.withFlags([`--kubeconfig=${file}`, ...namespaceOf(config, kubectl)]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function namespaceOf(config: any, kubectl: Kubectl): string[] {
  const namespace = kubectl.namespace ?? config.contexts?.[0]?.context?.namespace;
  return namespace ? [`--namespace=${namespace}`] : [];
}
