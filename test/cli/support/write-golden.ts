/**
 * Writes the golden files of `init` anew, in the root of the repository:
 * npx ts-node --transpile-only test/cli/support/write-golden.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filesIn, writeFilesInto } from './files';
import { GIVEN, PROJECTS } from './projects';
import { outcomeOf } from './terminal';

async function writeGolden(name: string): Promise<void> {
  const { files, args } = PROJECTS[name];
  const folder = mkdtempSync(join(tmpdir(), 'cdk8s-django-golden-'));
  writeFilesInto(folder, files);
  const { code, errors } = await outcomeOf(['init', folder, ...GIVEN, ...args]);
  if (code) throw new Error(errors);
  const golden = join(__dirname, '../golden', name);
  rmSync(golden, { recursive: true, force: true });
  const written = Object.entries(filesIn(folder)).filter(([path]) => !(path in files));
  writeFilesInto(golden, Object.fromEntries(written));
  rmSync(folder, { recursive: true });
}

void Promise.all(Object.keys(PROJECTS).map(writeGolden));
