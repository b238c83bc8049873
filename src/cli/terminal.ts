import { createInterface } from 'node:readline/promises';
import { CommandProblem } from './problem';

/** Where a command is read and written. */
export interface Terminal {
  /** Whether somebody can be asked. */
  readonly isInteractive: boolean;
  /** Writes lines to standard output. */
  write(text: string): void;
  /** Writes lines to standard error. */
  writeError(text: string): void;
  /** A text that stands out, where there is a terminal that shows it. */
  bold(text: string): string;
  /** Asks a question, and again until there is an answer. */
  ask(question: string, byDefault?: string): Promise<string>;
}

/** The terminal of this process. */
export class ProcessTerminal implements Terminal {
  readonly isInteractive = Boolean(process.stdin.isTTY && process.stdout.isTTY);

  write(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  writeError(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  /** A terminal says itself whether it has colours: it knows NO_COLOR and TERM=dumb. */
  bold(text: string): string {
    return process.stdout.isTTY && process.stdout.hasColors() ? `\u001b[1m${text}\u001b[22m` : text;
  }

  async ask(question: string, byDefault?: string): Promise<string> {
    const lines = createInterface({ input: process.stdin, output: process.stdout });
    const ended = new Promise<never>((_resolve, reject) => {
      lines.once('close', () => reject(new CommandProblem('No answer was given. Nothing was written.')));
    });
    // It is closed after the answer too.
    ended.catch(() => undefined);
    try {
      for (;;) {
        const hint = byDefault === undefined ? '' : ` (${byDefault})`;
        const answer =
          (await Promise.race([lines.question(`${question}${hint}: `), ended])).trim() || byDefault;
        if (answer) return answer;
      }
    } finally {
      lines.close();
    }
  }
}
