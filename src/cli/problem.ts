/** How a command ended. Codes from 64 on are those of sysexits.h. */
export enum ExitCode {
  SUCCESS = 0,
  /** The command could not do its work, or found something that is not as it should be. */
  FAILURE = 1,
  /** The command was given wrongly. */
  USAGE = 2,
  /** The cluster cannot be reached, or the connection to it was lost. */
  UNAVAILABLE = 69,
  /** The cluster refuses: a right is missing. */
  NO_PERMISSION = 77,
}

/** What keeps a command from doing its work, in words for those who gave it. */
export class CommandProblem extends Error {
  /**
   * @param message - what is wrong, and what to do about it
   * @param exitCode - how the program ends
   */
  constructor(
    message: string,
    readonly exitCode: number = ExitCode.FAILURE,
  ) {
    super(message);
    this.name = 'CommandProblem';
  }
}

/** A command that was given wrongly: an option is missing, or has a value that cannot work. */
export class UsageProblem extends CommandProblem {
  constructor(message: string) {
    super(message, ExitCode.USAGE);
  }
}
