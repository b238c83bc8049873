import { cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as ts from 'typescript';
import { filesOf } from '../support/files';
import { ROOT } from '../support/typescript';

/** The sources in JavaScript, in a new folder: processes of their own then need neither a build nor a compiler. */
export function compiledSources(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-compiled-'));
  const sources = [...filesOf('src', '.ts'), ...filesOf('imports', '.ts')];
  for (const { path, text } of sources.filter((one) => !one.path.endsWith('.d.ts'))) {
    const file = join(folder, path.replace(/\.ts$/, '.js'));
    const options = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, ts.transpileModule(text, { compilerOptions: options }).outputText);
  }
  cpSync(join(ROOT, 'src/runtime/cdk8s_django'), join(folder, 'src/runtime/cdk8s_django'), {
    recursive: true,
  });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}
