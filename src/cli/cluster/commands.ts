import { Command, InvalidArgumentError, Option } from 'commander';
import { Terminal } from '../terminal';
import { diff } from '../diff/diff';
import { doctor } from './doctor';
import { Kubectl, KubectlProgram } from './kubectl';
import { logs } from './logs';
import { run } from './run';
import { shell } from './shell';
import { status } from './status';

/*
 * The commands that ask the cluster, or may. The code of each is loaded when it runs: `scripts/build.js` sees to it.
 */

/** Options of kubectl that all these commands take, with its names. */
interface ConnectionOptions {
  readonly namespace?: string;
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly as?: string;
  readonly asGroup?: string[];
}

const examples = (...lines: string[]) => ['', 'Examples:', ...lines.map((line) => `  ${line}`)].join('\n');

/** Makes the commands. `ending` takes the exit code of the one that runs. */
export function clusterCommands(terminal: Terminal, ending: { code: number }): Command[] {
  const parts = (options: ConnectionOptions) => ({ terminal, kubectl: kubectlFor(options) });
  return [
    clusterCommand('run')
      .description(
        'Runs a command once with the environment of an application, shows its log and ends as it does.',
      )
      .argument('<application>', 'the name of the application')
      .argument('<command...>', 'the command and its arguments, after --')
      .option('--timeout <seconds>', 'how long the command may take', seconds, 3600)
      .option('--start-timeout <seconds>', 'how long its pod may take to start', seconds, 300)
      .option('--no-wait', 'do not wait for the schema, to look into a migration')
      .option('--retry-for <seconds>', 'how long a lost connection is tried again', seconds, 30)
      .addHelpText(
        'after',
        examples(
          'cdk8s-django run polls --no-wait -- python manage.py migrate --plan',
          'cdk8s-django run polls -n polls --timeout 7200 -- python manage.py import_votes',
        ),
      )
      .action(async (application: string, command: string[], options) => {
        ending.code = await run(application, command, options, parts(options));
      }),
    clusterCommand('shell')
      .description("Enters a pod of an application, with Django's shell or another command.")
      .argument('<application>', 'the name of the application')
      .argument('[command...]', "the command and its arguments, after -- (default: Django's shell)")
      .option('--process <component>', 'the process to enter, such as worker-default', 'web')
      .option('--break-glass', "act with a token of the application's break-glass ServiceAccount")
      .addHelpText(
        'after',
        examples('cdk8s-django shell polls', 'cdk8s-django shell polls --break-glass -- sh'),
      )
      .action(async (application: string, command: string[], options) => {
        ending.code = await shell(application, command, options, parts(options));
      }),
    clusterCommand('logs')
      .description('Shows the logs of all processes of an application, each line with its pod.')
      .argument('<application>', 'the name of the application')
      .option('-f, --follow', 'go on, also with pods that start later')
      .option('--process <component>', 'one process alone: web, migration, command, worker-default')
      .option('--tail <lines>', 'lines of each container, -1 for all', whole, 20)
      .option('--since <duration>', 'lines that are not older, such as 10m')
      .addOption(new Option('--previous', 'of containers that were restarted').conflicts('follow'))
      .addHelpText(
        'after',
        examples('cdk8s-django logs polls --follow', 'cdk8s-django logs polls --process migration --tail -1'),
      )
      .action(async (application: string, options) => {
        ending.code = await logs(application, options, parts(options));
      }),
    clusterCommand('status')
      .description(
        'Says how an application is: release, migration, replicas, pods that are not ready, backups.',
      )
      .argument('<application>', 'the name of the application')
      .option('--json', 'as JSON')
      .addHelpText('after', examples('cdk8s-django status polls', 'cdk8s-django status polls --json'))
      .action(async (application: string, options) => {
        ending.code = await status(application, options, parts(options));
      }),
    clusterCommand('doctor')
      .description('Says what the cluster lacks for manifests. It changes nothing in it.')
      .argument('<folder>', 'the folder of the manifests of one distribution')
      .option('--image', 'run a short program in the images of the application too, in a pod for each')
      .addHelpText(
        'after',
        examples('cdk8s-django doctor dist/upstream', 'cdk8s-django doctor dist/upstream --image -n default'),
      )
      .action(async (folder: string, options) => {
        ending.code = await doctor(folder, options, parts(options));
      }),
    clusterCommand('diff')
      .description('Says what newer manifests lead to: restarts, migrations, access, requests.')
      .argument('<folder>', 'the older manifests; alone, the newer ones, which are compared with the cluster')
      .argument('[newer]', 'the newer manifests')
      .addOption(
        new Option('--format <form>', 'markdown is for pull requests')
          .choices(['text', 'markdown'])
          .default('text'),
      )
      .addHelpText(
        'after',
        examples(
          'cdk8s-django diff dist/upstream',
          'cdk8s-django diff ../before/dist/upstream dist/upstream --format markdown',
        ),
      )
      .action(async (folder: string, newer: string | undefined, options) => {
        const folders = newer === undefined ? [folder] : [folder, newer];
        ending.code = await diff(folders, options, parts(options));
      }),
  ];
}

function clusterCommand(name: string): Command {
  return new Command(name)
    .option('-n, --namespace <name>', 'the namespace (default: that of the context)')
    .option('--context <name>', 'the context of the kubeconfig')
    .option('--kubeconfig <file>', 'the kubeconfig')
    .option('--as <user>', 'whom to act as')
    .option('--as-group <group...>', 'the groups to act as');
}

function kubectlFor({ namespace, context, kubeconfig, as, asGroup = [] }: ConnectionOptions): Kubectl {
  const flags = { namespace, context, kubeconfig, as };
  return new KubectlProgram([
    ...Object.entries(flags).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`])),
    ...asGroup.map((group) => `--as-group=${group}`),
  ]);
}

function whole(text: string): number {
  if (!/^(-1|\d{1,7})$/.test(text)) throw new InvalidArgumentError('It is not a whole number.');
  return Number(text);
}

function seconds(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text))
    throw new InvalidArgumentError('It is not a number of seconds from 1 on.');
  return Number(text);
}
