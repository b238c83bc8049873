import { run } from '../../../src/cli/program';
import { Terminal } from '../../../src/cli/terminal';

/** A terminal that remembers what was written, and has answers. */
export class RecordingTerminal implements Terminal {
  output = '';
  errors = '';
  readonly questions: string[] = [];

  constructor(private readonly answers: string[] = []) {}

  get isInteractive(): boolean {
    return this.answers.length > 0;
  }

  write(text: string): void {
    this.output += `${text}\n`;
  }

  writeError(text: string): void {
    this.errors += `${text}\n`;
  }

  bold(text: string): string {
    return text;
  }

  async ask(question: string): Promise<string> {
    this.questions.push(question);
    const answer = this.answers.shift();
    if (answer === undefined) throw new Error(`Nobody expected the question ${question}.`);
    return answer;
  }
}

/** What a command did. */
export async function outcomeOf(
  args: string[],
  answers: string[] = [],
): Promise<{ code: number; output: string; errors: string; questions: string[] }> {
  const terminal = new RecordingTerminal(answers);
  const code = await run(args, terminal);
  const { output, errors, questions } = terminal;
  return { code, output, errors, questions };
}
