import { posix } from 'node:path';
import { MediaChoice } from './decisions';
import { PlannedDistribution, planDistributions } from './plan-distributions';
import { missingPackages, SystemPackages, systemPackages } from './needs';
import { Pipeline } from './choices';
import { checkedVariable, InitOptions } from './options';
import { planVariables, VariablePlan } from './plan-variables';
import { Project } from './project';
import { CODE_FOLDER, OWN_CONTAINERFILE } from './image-places';

/** Everything that the files say, decided. */
export interface Plan {
  readonly project: Project;
  readonly name: string;
  /** The beginning of names of classes: `Shop`. */
  readonly className: string;
  readonly host: string;
  readonly image: string;
  readonly distributions: PlannedDistribution[];
  readonly pipeline: Pipeline;
  readonly variables: VariablePlan;
  /** Requirements beside those of the project. */
  readonly packages: string[];
  readonly system: SystemPackages;
  /** The folder of manage.py in the image. */
  readonly workingDirectory: string;
  /** The folder that modules are named from, if it is not the one of manage.py. */
  readonly pythonPath?: string;
  readonly containerfile: string;
  /** What package.json asks for as the library. */
  readonly library: string;
  /** The volume of uploaded files, if there is one. */
  readonly media?: MediaChoice;
  /** Whether there are files for live reload by Tilt. */
  readonly tilt: boolean;
  /** Whether static files are collected in the image: the settings have a STATIC_ROOT. */
  readonly collectsStatic: boolean;
}

/** What is known when all has been asked. */
export interface Answers {
  readonly name: string;
  readonly host: string;
  readonly image: string;
  readonly pipeline: Pipeline;
  readonly containerfile: string;
  readonly media?: MediaChoice;
}

/** Decides what the files say. */
export function planOf(project: Project, answers: Answers, options: InitOptions, library: string): Plan {
  const given = new Map((options.env ?? []).map(checkedVariable));
  const { folder, code } = project.layout;
  const workingDirectory = posix.join(workdirOf(project, answers), folder);
  return {
    ...answers,
    project,
    className: classNameOf(answers.name),
    distributions: planDistributions(options),
    variables: planVariables(project, answers, given),
    packages: missingPackages(project),
    system: systemPackages(project),
    workingDirectory,
    pythonPath: code === folder ? undefined : posix.join(workingDirectory, posix.relative(folder, code)),
    library: options.library ?? library,
    tilt: options.tilt ?? false,
    collectsStatic: project.staticFiles.root !== undefined,
  };
}

/** The folder of the project in the image: what its own file says, if the image is built by that. */
function workdirOf({ files }: Project, { containerfile }: Answers): string {
  if (containerfile === OWN_CONTAINERFILE) return CODE_FOLDER;
  const lines = files.read(containerfile)!.split('\n');
  const values = new Map<string, string>();
  let folder = '/';
  for (const line of lines) {
    if (/^\s*FROM\s/i.test(line)) folder = '/';
    const [, name, value] = /^\s*(?:ARG|ENV)\s+(\w+)[=\s]+["']?([^\s"']+)/i.exec(line) ?? [];
    if (name) values.set(name, value);
    const [, path] = /^\s*WORKDIR\s+["']?([^\s"']+)/i.exec(line) ?? [];
    if (path) folder = posix.join(path.startsWith('/') || path.startsWith('$') ? '' : folder, path);
  }
  const known = folder.replace(/\$\{?(\w+)\}?/g, (_all, name: string) => values.get(name) ?? '$');
  return known === '/' || known.includes('$') ? CODE_FOLDER : known;
}

function classNameOf(name: string): string {
  const words = name.split('-').map((word) => word[0].toUpperCase() + word.slice(1));
  return words.join('').replace(/^\d/, 'App$&');
}
