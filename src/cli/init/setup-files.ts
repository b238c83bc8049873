import { textOf } from '../python/values';
import { ProjectFiles } from './project-files';

/** The requirements in `install_requires` of setup.cfg; undefined if it names none. */
export function requirementsOfSetupCfg(text: string): string[] | undefined {
  const [, options = ''] = /^\[options\][ \t]*\n([\s\S]*?)(?=^\[|$(?![\s\S]))/m.exec(text) ?? [];
  const [, first, rest] = /^install_requires\s*=[ \t]*(.*)\n?((?:[ \t#].*\n?|\n)*)/m.exec(options) ?? [];
  if (first === undefined) return undefined;
  return [first, ...rest.split('\n')].map((line) => line.replace(/(^|\s)#.*$/, '').trim()).filter(Boolean);
}

/** The requirements in `install_requires` of setup.py, where it is a list; undefined otherwise. */
export function requirementsOfSetupPy(files: ProjectFiles, path: string): string[] | undefined {
  const module = files.module(path);
  const call = module?.uses.find((use) => use.kind === 'call' && /(^|\.)setup$/.test(use.name));
  const given = call?.kind === 'call' ? call.keywords.get('install_requires') : undefined;
  const named =
    given?.kind === 'name'
      ? module!.assignments.find(({ name, adds }) => name === given.name && !adds)?.value
      : given;
  return named?.kind === 'list' ? named.items.flatMap((item) => textOf(item) ?? []) : undefined;
}
