import { Argument, Command } from 'commander';
import { Terminal } from '../terminal';
import { completionScript, SHELLS } from './scripts';
import { knownCommands } from './words';

const EXAMPLES = [
  '',
  'Examples:',
  '  source <(cdk8s-django completion bash)     in ~/.bashrc',
  '  source <(cdk8s-django completion zsh)      in ~/.zshrc, after compinit',
  '  cdk8s-django completion fish > ~/.config/fish/completions/cdk8s-django.fish',
].join('\n');

/** The command `completion`, of the program that it completes. */
export function completionCommand(terminal: Terminal, program: Command): Command {
  return new Command('completion')
    .description('Writes the script by which a shell completes commands, options and their values.')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText('after', EXAMPLES)
    .action((shell: string) => terminal.write(completionScript(shell, knownCommands(program))));
}
