import { Command, Option } from 'commander';

/** An option that a shell completes. */
export interface KnownOption {
  /** Both forms, where there are two: `-n` and `--namespace`. */
  readonly flags: string[];
  readonly description: string;
  readonly takesValue: boolean;
  /** The values, where there are only these. */
  readonly choices: string[];
}

/** A command that a shell completes. */
export interface KnownCommand {
  /** Empty for the program itself. */
  readonly name: string;
  readonly description: string;
  readonly options: KnownOption[];
  /** What may follow it, other than options: commands of the program, or the values of an argument. */
  readonly words: string[];
}

/** What a shell completes: first the program itself, then its commands. */
export function knownCommands(program: Command): KnownCommand[] {
  const commands = program.createHelp().visibleCommands(program);
  const names = commands.map((command) => command.name());
  return [
    { ...knownCommand(program), name: '', words: names },
    ...commands.map((command) => knownCommand(command)),
  ];
}

function knownCommand(command: Command): KnownCommand {
  return {
    name: command.name(),
    description: command.description(),
    options: command.createHelp().visibleOptions(command).map(knownOption),
    words: command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
  };
}

function knownOption({ short, long, description, required, optional, argChoices = [] }: Option): KnownOption {
  const flags = [short, long].filter((flag) => flag !== undefined);
  return { flags, description, takesValue: required || optional, choices: argChoices };
}
