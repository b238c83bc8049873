import { Presets, SingleBar } from 'cli-progress';

/** How far a fleet is, on standard error: a bar on a terminal, and a line for each tenth elsewhere. */
export class Progress {
  private readonly bar?: SingleBar;
  private done = 0;

  /** @param total - how many charts there will be */
  constructor(private readonly total: number) {
    if (!process.stderr.isTTY) return;
    const format = 'fleet {bar} {value} of {total} charts';
    this.bar = new SingleBar({ format, stream: process.stderr }, Presets.shades_classic);
    this.bar.start(total, 0);
  }

  /** @param charts - how many more there are */
  add(charts: number): void {
    const tenths = (done: number) => Math.floor((10 * done) / this.total);
    const before = this.done;
    this.done += charts;
    if (this.bar) this.bar.update(this.done);
    else if (tenths(this.done) > tenths(before)) {
      process.stderr.write(`fleet: ${this.done} of ${this.total} charts\n`);
    }
  }

  /** Leaves the last state on the terminal. */
  end(): void {
    this.bar?.stop();
  }
}
