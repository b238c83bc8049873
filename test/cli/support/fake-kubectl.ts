import { Kubectl, Outcome, Stream } from '../../../src/cli/cluster/kubectl';

/** What the cluster answers to arguments that begin with the key; the longest key counts. */
export type Answers = Record<string, unknown | ((args: string[], input?: string) => unknown)>;

/** An answer that kubectl prints to standard error, and ends with 1. */
export class Refusal {
  constructor(readonly stderr: string) {}
}

/** A kubectl without a cluster, which remembers what it was asked. */
export class FakeKubectl implements Kubectl {
  readonly calls: string[] = [];
  readonly inputs: string[] = [];

  constructor(
    private readonly answers: Answers,
    readonly namespace?: string,
  ) {}

  async call(args: string[], input?: string): Promise<Outcome> {
    this.calls.push(args.join(' '));
    if (input) this.inputs.push(input);
    const keys = Object.keys(this.answers).filter((key) => args.join(' ').startsWith(key));
    const [key] = keys.sort((one, other) => other.length - one.length);
    if (!key) throw new Error(`Nobody expected kubectl ${args.join(' ')}`);
    const given = this.answers[key];
    const answer = typeof given === 'function' ? given(args, input) : given;
    if (answer instanceof Refusal) return { code: 1, stdout: '', stderr: answer.stderr };
    return { code: 0, stdout: typeof answer === 'string' ? answer : JSON.stringify(answer), stderr: '' };
  }

  stream(args: string[], onLine: (line: string) => void): Stream {
    const ended = this.call(args).then((outcome) => {
      outcome.stdout.split('\n').filter(Boolean).forEach(onLine);
      return outcome;
    });
    return { ended, stop: () => undefined };
  }

  async interactive(args: string[]): Promise<number> {
    return (await this.call(args)).code;
  }

  withFlags(): Kubectl {
    return this;
  }
}
