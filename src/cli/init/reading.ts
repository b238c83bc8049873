import { Found } from './found';
import { Package, Packages } from './packages';
import { Processes } from './processes';
import { ProjectFiles } from './project-files';
import { Settings } from './settings';
import { Layout } from './settings-module';

/** What the parts of a project are read from. */
export interface Reading {
  readonly files: ProjectFiles;
  readonly layout: Layout;
  readonly settings: Settings;
  readonly packages: Packages;
  readonly others: Processes;
  /** The entry of INSTALLED_APPS for one of some apps. */
  readonly has: (...names: string[]) => Found<string> | undefined;
}

/** A package that the project names, if it does. */
export function packageOf({ packages }: { packages: Packages }, name: string): Package | undefined {
  return packages.packages.get(name);
}
