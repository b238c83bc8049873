import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(__dirname, '../..');

/** What the commands of docs/begin.md name, which is another for each project. */
export interface Names {
  readonly name: string;
  readonly host: string;
  readonly image: string;
}

/** The names in the documentation. */
const PRINTED: Names = {
  name: 'shop',
  host: 'shop.example.com',
  image: 'registry.example.com/shop:1.0.0',
};

/** The commands of the first block of docs/begin.md, from the folder of a project to its pods. */
export function documentedCommands(names: Names): string[] {
  const page = readFileSync(join(ROOT, 'docs/begin.md'), 'utf8');
  const [, block] = /^```sh\n([\s\S]*?)^```/m.exec(page)!;
  return block
    .trim()
    .split('\n')
    .map((line) =>
      line
        .replaceAll(PRINTED.image, names.image)
        .replaceAll(PRINTED.host, names.host)
        .replace(`--name ${PRINTED.name} `, `--name ${names.name} `),
    );
}

/** The folder that the commands name as the clone, from the folder of the project, and the file in it. */
export function documentedPackage(): string {
  const [, path] = /--package (\S+)/.exec(documentedCommands(PRINTED)[0])!;
  return path;
}
