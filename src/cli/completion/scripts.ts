import { KnownCommand, KnownOption } from './words';

/** The shells that are completed. */
export const SHELLS = ['bash', 'zsh', 'fish'];

const PROGRAM = 'cdk8s-django';

/** The script by which a shell completes commands, options and their values. It completes the rest as names of files. */
export function completionScript(shell: string, commands: KnownCommand[]): string {
  if (shell === 'bash') return bash(commands);
  return shell === 'zsh' ? zsh(commands) : fish(commands);
}

function bash(commands: KnownCommand[]): string {
  return `# Completion of ${PROGRAM} for bash.
_cdk8s_django() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command='' offered='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [ "$word" = -- ]; then return; fi
    if [ -z "$command" ] && [ "\${word#-}" = "$word" ]; then command="$word"; fi
  done
${choice(commands)}
  COMPREPLY=($(compgen -W "$offered" -- "$current"))
}
complete -o default -F _cdk8s_django ${PROGRAM}`;
}

function zsh(commands: KnownCommand[]): string {
  return `# Completion of ${PROGRAM} for zsh, after compinit.
_cdk8s_django() {
  local current="\${words[CURRENT]}" previous="\${words[CURRENT-1]}" command='' offered='' word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if [ "$word" = -- ]; then _files; return; fi
    if [ -z "$command" ] && [ "\${word#-}" = "$word" ]; then command="$word"; fi
  done
${choice(commands)}
  if [ -n "$offered" ]; then compadd -- \${=offered}; else _files; fi
}
compdef _cdk8s_django ${PROGRAM}`;
}

/** What is offered for the present word, in the language that both shells have. */
function choice(commands: KnownCommand[]): string {
  const valued = commands.flatMap(({ name, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map(({ flags, choices }) => ({ after: flags.map((flag) => `'${name} ${flag}'`).join('|'), choices })),
  );
  const free = valued.filter(({ choices }) => !choices.length).map(({ after }) => after);
  const chosen = valued.filter(({ choices }) => choices.length);
  const flagsOf = ({ options }: KnownCommand) => options.flatMap(({ flags }) => flags);
  return [
    '  case "$command $previous" in',
    ...chosen.map(({ after, choices }) => `    ${after}) offered='${choices.join(' ')}' ;;`),
    `    ${free.join('|')}) ;;`,
    '    *) case "$command ${current:0:1}" in',
    ...commands.map((command) => `      '${command.name} -') offered='${flagsOf(command).join(' ')}' ;;`),
    ...commands
      .filter(({ words }) => words.length)
      .map(({ name, words }) => `      '${name} '*) offered='${words.join(' ')}' ;;`),
    '    esac ;;',
    '  esac',
  ].join('\n');
}

function fish(commands: KnownCommand[]): string {
  const [program, ...others] = commands;
  return [
    `# Completion of ${PROGRAM} for fish.`,
    ...others.map(({ name, description }) => line('__fish_use_subcommand', `-f -a ${name}`, description)),
    ...program.options.map((option) => fishOption('__fish_use_subcommand', option)),
    ...others.flatMap(({ name, options, words }) => {
      const condition = `__fish_seen_subcommand_from ${name}`;
      return [
        ...(words.length ? [line(condition, `-f -a ${quoted(words.join(' '))}`)] : []),
        ...options.map((option) => fishOption(condition, option)),
      ];
    }),
  ].join('\n');
}

function fishOption(condition: string, { flags, description, takesValue, choices }: KnownOption): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const value = choices.length ? [`-x -a ${quoted(choices.join(' '))}`] : takesValue ? ['-r'] : [];
  return line(condition, [...names, ...value].join(' '), description);
}

function line(condition: string, words: string, description?: string): string {
  const end = description ? ` -d ${quoted(description)}` : '';
  return `complete -c ${PROGRAM} -n ${quoted(condition)} ${words}${end}`;
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
