import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join, posix, relative, resolve, sep } from 'node:path';

/** What npm notes about the packages of a folder. */
interface InstalledPackages {
  readonly packages?: { readonly [path: string]: { readonly resolved?: string } };
}

/**
 * What `deploy/package.json` asks for as the library: the file that this program was installed from, while it is not
 * from a registry, else its version.
 *
 * @param home - the folder of the package that this program is in
 * @param deploy - the folder of package.json
 * @param version - the version of the package
 */
export function libraryFor(home: string, deploy: string, version: string): string {
  const installed = dirname(home);
  const note = join(installed, '.package-lock.json');
  if (basename(installed) !== 'node_modules' || !existsSync(note)) return `^${version}`;
  const { packages } = JSON.parse(readFileSync(note, 'utf8')) as InstalledPackages;
  const file = /^file:(.+)$/.exec(packages?.[`node_modules/${basename(home)}`]?.resolved ?? '')?.[1];
  if (file === undefined) return `^${version}`;
  // npm notes a path from the folder that has node_modules/, and reads one from that of package.json.
  const path = relative(realOf(deploy), realOf(resolve(dirname(installed), file)));
  return `file:${path.split(sep).join(posix.sep)}`;
}

/** A path without symbolic links, also of what does not exist yet. */
function realOf(path: string): string {
  return existsSync(path) ? realpathSync(path) : join(realOf(dirname(path)), basename(path));
}
