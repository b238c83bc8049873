import { missingPackages } from './needs';
import { Project } from './project';
import { ProjectFiles } from './project-files';

/** The project's own file for its image. */
export function ownImageFile(files: ProjectFiles): string | undefined {
  return files.first('Containerfile', 'Dockerfile')?.path;
}

/** Why the image cannot be built by the project's own file, if it has one. */
export function problemOfOwnImage(project: Project): string | undefined {
  const { files } = project;
  const text = files.first('Containerfile', 'Dockerfile')?.text;
  if (text === undefined) return undefined;
  const missing = missingPackages(project);
  if (missing.length) return `the image also needs ${missing.join(', ')}`;
  const program = missingUserProgram(text);
  return program && `it runs ${program}, which the slim images of Debian 13 do not have`;
}

/** Tags that mean Debian 13 since August 2025. A tag with a patch release stays at the Debian that it was built on. */
const DEBIAN_13 = /^(docker\.io\/)?(library\/)?python:((3(\.\d{2})?-)?slim|3[.\d]*-slim-trixie|slim-trixie)$/;
const USER_PROGRAM = /(?:^|&&|;|\|\|)\s*(?:RUN\s+)?(adduser|addgroup)\s/im;
const INSTALLS_IT = /\bapt(-get)?\s[^&;]*\binstall\s[^&;]*\badduser\b/;

/**
 * The program that makes a user and that a stage calls without having it: Debian 13 has `adduser` and `addgroup` in a
 * package that its small images leave out; `useradd` and `groupadd` are still there.
 */
function missingUserProgram(text: string): string | undefined {
  const stages = text.replace(/\\\r?\n/g, ' ').split(/^\s*FROM\s+/im);
  const names = new Map<string, string>();
  for (const stage of stages.slice(1)) {
    const [, base, name] = /^(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/i.exec(stage) ?? [];
    const image = names.get(base) ?? base ?? '';
    if (name) names.set(name, image);
    const program = USER_PROGRAM.exec(stage)?.[1];
    if (program && DEBIAN_13.test(image) && !INSTALLS_IT.test(text)) return program;
  }
  return undefined;
}
