import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { clusterCommands } from './cluster/commands';
import { completionCommand } from './completion/command';
import { commentCommand, explainCommand } from './explain/command';
import { initCommand } from './init/command';
import { CommandProblem, ExitCode } from './problem';
import { reportCommand } from './report/command';
import { Terminal } from './terminal';

/** What package.json of the library says. */
export interface PackageFacts {
  readonly version: string;
  readonly devDependencies: { readonly [name: string]: string };
  readonly peerDependencies: { readonly [name: string]: string };
}

const EXAMPLES = [
  '',
  'Examples:',
  '  cdk8s-django init           read the project in this folder, and ask what cannot be read',
  '  cdk8s-django init --help    show all options of init',
  '  cdk8s-django doctor dist/upstream           what the cluster lacks for these manifests',
  '  cdk8s-django diff dist/upstream             what these manifests would change',
  '  cdk8s-django status polls -n polls          how the application is',
  '  cdk8s-django run polls -- python manage.py check --deploy',
  '  cdk8s-django explain deployment.spec.replicas   why a field of a manifest has its value',
  '  cdk8s-django report dist/* > report.html    a page about the manifests of all distributions',
  '',
  'Exit codes: 0 for success, 1 where a command could not do its work or found something wrong, 2 where it was',
  'given wrongly, 69 where the cluster does not answer, 77 where it refuses. `run` and `shell` end as their command.',
].join('\n');

/**
 * Runs the program.
 *
 * @param args - what follows the name of the program
 * @returns the exit code
 */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const ending = { code: ExitCode.SUCCESS as number };
  const program = programFor(terminal, ending);
  try {
    if (!args.length) program.help();
    await program.parseAsync(args, { from: 'user' });
    return ending.code;
  } catch (error) {
    // The parser has written what it has to say.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.SUCCESS : ExitCode.USAGE;
    if (!(error instanceof CommandProblem)) throw error;
    terminal.writeError(`cdk8s-django: ${error.message}`);
    return error.exitCode;
  }
}

function programFor(terminal: Terminal, ending: { code: number }): Command {
  const facts = createRequire(__filename)('../../package.json') as PackageFacts;
  const program = new Command('cdk8s-django')
    .description('Runs Django applications on Kubernetes by cdk8s.')
    .version(facts.version)
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.write(text.replace(/\n$/, '')),
      writeErr: (text) => terminal.writeError(text.replace(/\n$/, '')),
    });
  const commands = [
    initCommand(terminal, facts),
    ...clusterCommands(terminal, ending),
    explainCommand(terminal, ending),
    commentCommand(terminal, ending),
    reportCommand(terminal, ending),
    completionCommand(terminal, program),
  ];
  commands.forEach((command) => program.addCommand(command.copyInheritedSettings(program)));
  return program;
}
