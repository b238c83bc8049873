import { Found, lineWith, placeOf } from './found';
import { Pipeline } from './choices';
import { ProjectFiles } from './project-files';

/** A repository at a host, by the remote that git has. */
export interface Remote {
  readonly host: string;
  /** `acme/shop`. */
  readonly path: string;
  readonly source: string;
}

/** The remote `origin`, else the first one. */
export function findRemote(files: ProjectFiles): Remote | undefined {
  const path = '.git/config';
  const text = files.read(path) ?? '';
  const [, url] =
    /\[remote "origin"\][^[]*?url\s*=\s*(\S+)/.exec(text) ?? /\burl\s*=\s*(\S+)/.exec(text) ?? [];
  const found = /^(?:\w+:\/\/)?(?:[^@/]*@)?([^/:]+)(?::\d+)?[:/](.+?)(?:\.git)?\/?$/.exec(url ?? '');
  if (!found) return undefined;
  return { host: found[1], path: found[2], source: placeOf(path, lineWith(text, /url\s*=/)) };
}

/** The registry that belongs to the host of a repository. */
export function imageOf({ host, path, source }: Remote): Found<string> | undefined {
  const registry =
    host === 'github.com' ? 'ghcr.io' : host === 'gitlab.com' ? 'registry.gitlab.com' : undefined;
  return registry ? { value: `${registry}/${path.toLowerCase()}:1.0.0`, source } : undefined;
}

/** The pipelines that the host of a repository runs, else those that the project has. */
export function pipelineOf(files: ProjectFiles, remote: Remote | undefined): Found<Pipeline> | undefined {
  if (remote && /gitlab/.test(remote.host)) return { value: 'gitlab', source: remote.source };
  if (remote?.host === 'github.com') return { value: 'github', source: remote.source };
  if (files.exists('.gitlab-ci.yml')) return { value: 'gitlab', source: '.gitlab-ci.yml' };
  return files.exists('.github') ? { value: 'github', source: '.github' } : undefined;
}
