import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';

export const ROOT = join(__dirname, '..');
export const PACKAGE_JSON = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** What users can import from one path of the package. */
export interface Entry {
  /** Its module in the sources, without extension: `src/index`. */
  readonly source: string;
  /** What it exports. */
  readonly symbols: ts.Symbol[];
}

/** The entries of the package, as `exports` of package.json lists them, the root first. */
export function publicApi(): { entries: Entry[]; checker: ts.TypeChecker } {
  const paths = Object.keys(PACKAGE_JSON.exports).filter((path) => path !== './package.json');
  const typesOf = (path: string) => join(ROOT, PACKAGE_JSON.exports[path].types);
  const program = ts.createProgram(paths.map(typesOf), {
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    target: ts.ScriptTarget.ES2022,
    skipLibCheck: true,
  });
  const checker = program.getTypeChecker();
  const entries = paths.map((path) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(typesOf(path))!)!;
    return {
      source: PACKAGE_JSON.exports[path].types.replace(/^\.\/lib\/(.*)\.d\.ts$/, 'src/$1'),
      symbols: checker.getExportsOfModule(module),
    };
  });
  return { entries, checker };
}
