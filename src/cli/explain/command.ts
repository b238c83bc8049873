import { Command } from 'commander';
import { Terminal } from '../terminal';
import { comment } from './comments';
import { explain, ExplainOptions } from './explain';

/*
 * The code of the commands and the reasons are loaded when one runs: `scripts/build.js` sees to it.
 */

const EXAMPLES = [
  '',
  'Examples:',
  '  cdk8s-django explain deployment.spec.template.spec.enableServiceLinks',
  '  cdk8s-django explain cronjobs.spec',
  '  cdk8s-django explain deployment.spec.strategy dist/upstream --json',
].join('\n');

/** The command `explain`. `ending` takes its exit code. */
export function explainCommand(terminal: Terminal, ending: { code: number }): Command {
  return new Command('explain')
    .description('Says why a field of a manifest has its value, and where that is written.')
    .argument('<path>', 'the full name of a kind, and a field, as kubectl explain takes them')
    .argument('[manifests]', 'manifests to show the values of: a file, or the folder of one distribution')
    .option('--json', 'as JSON')
    .addHelpText('after', EXAMPLES)
    .action((path: string, manifests: string | undefined, options: ExplainOptions) => {
      ending.code = explain(path, manifests, options, terminal);
    });
}

const COMMENT_EXAMPLES = [
  '',
  'Examples:',
  '  cdk8s-django comment dist/upstream/polls.k8s.yaml > polls-with-reasons.yaml',
].join('\n');

/** The command `comment`. `ending` takes its exit code. */
export function commentCommand(terminal: Terminal, ending: { code: number }): Command {
  return new Command('comment')
    .description('Writes manifests with the reasons of their fields as comments.')
    .argument('<file>', 'the file of the manifests, which stays as it is')
    .addHelpText('after', COMMENT_EXAMPLES)
    .action((file: string) => {
      ending.code = comment(file, terminal);
    });
}
