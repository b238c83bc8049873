import { posix } from 'node:path';
import { MediaChoice } from './decisions';
import { PlannedDistribution, planDistributions } from './plan-distributions';
import { missingPackages, SystemPackages, systemPackages } from './needs';
import { Pipeline } from './choices';
import { checkedVariable, InitOptions } from './options';
import { planVariables, VariablePlan } from './plan-variables';
import { Project } from './project';

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
  readonly containerfile: string;
  /** What package.json asks for as the library. */
  readonly library: string;
  /** The volume of uploaded files, if there is one. */
  readonly media?: MediaChoice;
  /** Whether the image has no static files collected: the settings have no STATIC_ROOT. */
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
  return {
    ...answers,
    project,
    className: classNameOf(answers.name),
    distributions: planDistributions(options),
    variables: planVariables(project, answers, given),
    packages: missingPackages(project),
    system: systemPackages(project),
    workingDirectory: posix.join('/app', project.layout.folder),
    library: options.library ?? library,
    collectsStatic: project.staticFiles.root !== undefined,
  };
}

function classNameOf(name: string): string {
  const words = name.split('-').map((word) => word[0].toUpperCase() + word.slice(1));
  return words.join('').replace(/^\d/, 'App$&');
}
