import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as ts from 'typescript';

export const ROOT = join(__dirname, '../..');
const CONFIG = join(ROOT, 'test', 'tsconfig.json');

/** The modules that users import, by what they write after the name of the package: "", "/routing", … */
export const ENTRIES: Record<string, string> = Object.fromEntries(
  Object.entries<any>(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).exports)
    .filter(([, { types }]) => types)
    .map(([entry, { types }]) => [entry.slice(1), types.replace(/^\.\/lib\/(.*)\.d\.ts$/, 'src/$1.ts')]),
);

/** Whether an entry is for tests of programs, which are no part of them. */
export function isForTests(entry: string): boolean {
  return entry.startsWith('/testing');
}

/** A program of the library's sources and of files that exist only in memory, by their paths. */
export function programOf(files: Record<string, string> = {}): ts.Program {
  const { config } = ts.readConfigFile(CONFIG, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, dirname(CONFIG));
  const own: ts.CompilerOptions = {
    ...options,
    noUnusedLocals: false,
    noUnusedParameters: false,
    skipLibCheck: true,
  };
  const host = ts.createCompilerHost(own);
  const { getSourceFile, fileExists, readFile, directoryExists } = host;
  const isFolder = (path: string) => Object.keys(files).some((file) => file.startsWith(`${path}/`));
  host.fileExists = (path) => path in files || fileExists(path);
  host.directoryExists = (path) => isFolder(path) || directoryExists!(path);
  host.readFile = (path) => files[path] ?? readFile(path);
  host.getSourceFile = (path, ...rest) =>
    path in files
      ? ts.createSourceFile(path, files[path], ts.ScriptTarget.ES2022)
      : getSourceFile(path, ...rest);
  const roots = [...Object.keys(files), ...Object.values(ENTRIES).map((path) => join(ROOT, path))];
  return ts.createProgram(roots, own, host);
}

/** What is wrong in a file, each with its line. */
export function errorsIn(program: ts.Program, path: string): string[] {
  const file = program.getSourceFile(path);
  if (!file) throw new Error(`The program has no file ${path}.`);
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
    ({ messageText, start }) => {
      const { line } = file.getLineAndCharacterOfPosition(start ?? 0);
      return `line ${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    },
  );
}

/** What a module exports, without aliases. */
export function exportsOf(program: ts.Program, path: string): ts.Symbol[] {
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(join(ROOT, path))!)!;
  return checker
    .getExportsOfModule(module)
    .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol));
}

/** All that users can import but for tests of their programs, without aliases. */
export function publicExports(program: ts.Program): ts.Symbol[] {
  return Object.entries(ENTRIES)
    .filter(([entry]) => !isForTests(entry))
    .flatMap(([, path]) => exportsOf(program, path));
}
