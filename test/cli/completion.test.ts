import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderOf } from './support/project';
import { outcomeOf } from './support/terminal';

const COMMANDS = [
  'init',
  'run',
  'shell',
  'logs',
  'status',
  'doctor',
  'diff',
  'explain',
  'comment',
  'report',
  'completion',
  'help',
];

async function scriptOf(shell: string): Promise<string> {
  const { code, output, errors } = await outcomeOf(['completion', shell]);
  expect([code, errors]).toEqual([0, '']);
  return output;
}

/** What bash offers for the last of some words after the name of the program. */
async function offered(...words: string[]): Promise<string[]> {
  const folder = folderOf({ 'completion.bash': await scriptOf('bash') });
  const line = ['cdk8s-django', ...words].map((word) => `'${word}'`).join(' ');
  const program = [
    'set -u',
    'source ./completion.bash',
    `COMP_WORDS=(${line})`,
    `COMP_CWORD=${words.length}`,
    'COMPREPLY=()',
    '_cdk8s_django cdk8s-django',
    'if [ "${#COMPREPLY[@]}" -gt 0 ]; then printf "%s\\n" "${COMPREPLY[@]}"; fi',
  ].join('\n');
  const { stdout, stderr, status } = spawnSync('bash', ['--noprofile', '--norc', '-c', program], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  return stdout.split('\n').filter(Boolean);
}

describe('completion in bash', () => {
  it('has all commands', async () => {
    expect(await offered('')).toEqual(COMMANDS);
    expect(await offered('d')).toEqual(['doctor', 'diff']);
    expect(await offered('--ver')).toEqual(['--version']);
  });

  it('has the options of the command alone', async () => {
    expect(await offered('explain', '--')).toEqual(['--json', '--help']);
    expect(await offered('logs', 'polls', '--fol')).toEqual(['--follow']);
    expect(await offered('doctor', '--fol')).toEqual([]);
    expect(await offered('init', '--no-')).toEqual(['--no-media']);
  });

  it('has the values of options and arguments that have only these', async () => {
    expect(await offered('init', '--distribution', '')).toEqual([
      'gke',
      'eks',
      'aks',
      'openshift',
      'upstream',
    ]);
    expect(await offered('diff', 'dist/upstream', '--format', 'm')).toEqual(['markdown']);
    expect(await offered('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  it('leaves the rest to names of files', async () => {
    expect(await offered('doctor', '')).toEqual([]);
    expect(await offered('run', 'polls', '--namespace', '')).toEqual([]);
    expect(await offered('run', '-n', '-')).toEqual([]);
    expect(await offered('run', 'polls', '--', '-')).toEqual([]);
  });

  it('is found by the name of the program, and completes folders', async () => {
    const folder = folderOf({});
    mkdirSync(join(folder, 'dist'));
    writeFileSync(join(folder, 'completion.bash'), await scriptOf('bash'));
    const program = 'source ./completion.bash; complete -p cdk8s-django';
    const { stdout } = spawnSync('bash', ['--noprofile', '--norc', '-c', program], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(stdout).toBe('complete -o default -F _cdk8s_django cdk8s-django\n');
  });
});

describe('completion in other shells', () => {
  it.each(['bash', 'zsh', 'fish'])('has each command, option and value in %s', async (shell) => {
    const script = await scriptOf(shell);
    const flag = (name: string) => (shell === 'fish' ? `-l ${name}` : `--${name}`);
    COMMANDS.forEach((name) => expect(script).toMatch(new RegExp(`\\b${name}\\b`)));
    ['break-glass', 'load-balancer-cidr', 'json', 'version'].forEach((name) =>
      expect(script).toContain(flag(name)),
    );
    expect(script).toContain('gke eks aks openshift upstream');
    expect(script).toContain('text markdown');
  });

  it('quotes descriptions for fish', async () => {
    const script = await scriptOf('fish');
    expect(script).toContain(
      `-d 'Enters a pod of an application, with Django\\'s shell or another command.'`,
    );
    const lines = script.trimEnd().split('\n').slice(1);
    expect(lines.filter((line) => !/^complete -c cdk8s-django -n '[^']*' /.test(line))).toEqual([]);
  });

  it('is refused for a shell that is not known', async () => {
    const { code, errors } = await outcomeOf(['completion', 'tcsh']);
    expect(code).toBe(2);
    expect(errors).toContain('Allowed choices are bash, zsh, fish.');
  });
});
