import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run } from './command';
import { IMAGE, NEXT_IMAGE } from './image';
import { distFolder } from './manifests';

const ROOT = resolve(__dirname, '../../..');

/** The steps of docs/tutorial.md that need a cluster: their commands, as they are printed, block by block. */
export function tutorialSteps(): { title: string; blocks: string[] }[] {
  const [, ...sections] = readFileSync(join(ROOT, 'docs/tutorial.md'), 'utf8').split(/^## /m);
  return sections.slice(1).map((section) => ({
    title: section.split('\n')[0],
    blocks: [...section.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block]) => block),
  }));
}

/** A folder with a copy of dist/, with images that the nodes have, in which the commands run. Programs write nothing there: the copy stands for that. */
export class TutorialFolder {
  private readonly path = mkdtempSync(join(tmpdir(), 'tutorial-'));

  constructor() {
    cpSync(distFolder('upstream'), join(this.path, 'dist/upstream'), { recursive: true });
  }

  /** What the reader's editor and `npm run synth` do. */
  writeNextRelease(): void {
    const folder = join(this.path, 'dist/upstream');
    for (const name of readdirSync(folder).filter((one) => one.endsWith('.yaml'))) {
      const text = readFileSync(join(folder, name), 'utf8');
      writeFileSync(join(folder, name), text.replaceAll(IMAGE, NEXT_IMAGE));
    }
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
