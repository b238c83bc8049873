import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run } from './command';
import { distFolder } from './manifests';

const ROOT = resolve(__dirname, '../../..');

/**
 * The steps of docs/tutorial.md that this suite runs: their commands, as they are printed, block by block. A release needs
 * the program, and is in release.test.ts.
 */
export function tutorialSteps(): { title: string; blocks: string[] }[] {
  const [, ...sections] = readFileSync(join(ROOT, 'docs/tutorial.md'), 'utf8').split(/^## /m);
  return sections
    .filter((section) => /^[2-689]\./.test(section))
    .map((section) => ({
      title: section.split('\n')[0],
      blocks: [...section.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block]) => block),
    }));
}

/** A folder with a copy of dist/, with images that the nodes have, in which the commands run. Programs write nothing there. */
export class TutorialFolder {
  private readonly path = mkdtempSync(join(tmpdir(), 'tutorial-'));

  constructor() {
    cpSync(distFolder('upstream'), join(this.path, 'dist/upstream'), { recursive: true });
  }

  /** Runs the lines of a block, and returns what they printed. */
  async run(block: string): Promise<string> {
    const lines = block.split('\n').filter((line) => !line.startsWith('npm '));
    const { code, stdout, stderr } = await run('bash', [
      '-c',
      ['set -euo pipefail', `cd ${this.path}`, ...lines].join('\n'),
    ]);
    if (code !== 0) throw new Error(`${block}ended with ${code}: ${stderr || stdout}`);
    return stdout;
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}
