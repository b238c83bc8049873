import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CommandProblem } from '../problem';
import { Terminal } from '../terminal';
import { decide, Decisions } from './decisions';
import { OWN_CONTAINERFILE } from './image-places';
import { libraryFor } from './library';
import { InitOptions } from './options';
import { ownImageFile, problemOfOwnImage } from './own-image';
import { Answers, planOf } from './plan';
import { Project, readProject } from './project';
import { nextText, reportText } from './report';
import { filesOf, placeFiles } from './write-files';

/** What package.json of the library says about versions. */
export interface ToolFacts {
  readonly version: string;
  readonly devDependencies: { readonly [name: string]: string };
}

/** The folder of the package that this program is in. */
const HOME = join(__dirname, '../../..');

/** Reads a project, and writes what deploys it. */
export async function init(
  folder: string,
  options: InitOptions,
  terminal: Terminal,
  facts: ToolFacts,
): Promise<void> {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new CommandProblem(
      `${folder} is not a folder. Give the folder of a Django project: cdk8s-django init FOLDER.`,
    );
  }
  const project = readProject(folder, options.settings);
  const decisions = await decide(project, options, terminal);
  const library = libraryFor(HOME, resolve(folder, 'deploy'), facts.version);
  const plan = planOf(project, answersOf(project, decisions), options, library);
  const files = filesOf(plan, facts.devDependencies);
  const { written, kept } = placeFiles(project.files, files);
  terminal.write(reportText(plan, decisions, terminal));
  terminal.write(nextText(plan, { written, kept }, terminal));
}

function answersOf(project: Project, { name, host, image, pipeline, media }: Decisions): Answers {
  return {
    name: name.value,
    host: host.value,
    image: image.value,
    pipeline: pipeline.value,
    media,
    containerfile: imageFileOf(project),
  };
}

/** The project's own file for its image, if the image has all that it needs by it; else one of deploy/. */
function imageFileOf(project: Project): string {
  const own = ownImageFile(project.files);
  return own && problemOfOwnImage(project) === undefined ? own : OWN_CONTAINERFILE;
}
