import { Command, Option } from 'commander';
import { Terminal } from '../terminal';
import { report, ReportOptions } from './report';

/*
 * The code of the command is loaded when it runs: `scripts/build.js` sees to it.
 */

const EXAMPLES = [
  '',
  'Examples:',
  '  cdk8s-django report dist/* > report.html         all distributions, side by side',
  '  cdk8s-django report dist/upstream > report.html',
  '  cdk8s-django report dist/* --format markdown     for a pull request',
].join('\n');

/** The command `report`. `ending` takes its exit code. */
export function reportCommand(terminal: Terminal, ending: { code: number }): Command {
  return new Command('report')
    .description('Writes a page about manifests: topology, differences, access, sums, and each object.')
    .argument('<manifests...>', 'folders, one for each distribution, or files, which count for their folder')
    .addOption(
      new Option('--format <form>', 'markdown is for pull requests')
        .choices(['html', 'markdown'])
        .default('html'),
    )
    .addHelpText('after', EXAMPLES)
    .action((manifests: string[], options: ReportOptions) => {
      ending.code = report(manifests, options, terminal);
    });
}
