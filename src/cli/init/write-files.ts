import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CommandProblem } from '../problem';
import { Plan } from './plan';
import { ProjectFiles } from './project-files';
import { OWN_CONTAINERFILE } from './image-places';
import { containerfileText, dockerignoreText, requirementsText } from './write-image';
import { githubText, gitlabText } from './write-pipeline';
import {
  CDK8S_TEXT,
  IGNORE_TEXT,
  JEST_TEXT,
  mainText,
  packageText,
  testText,
  ToolVersions,
  TSCONFIG_TEXT,
} from './write-program';
import { localText, tiltText } from './write-laptop';
import { chartFile, chartText } from './write-chart';

/** The texts of all files, by their paths from the folder of the project. */
export function filesOf(plan: Plan, versions: ToolVersions): Map<string, string> {
  const ownsImage = plan.containerfile === OWN_CONTAINERFILE;
  const files: [string, string][] = [
    ['deploy/main.ts', mainText(plan)],
    [`deploy/${chartFile(plan)}.ts`, chartText(plan)],
    [`deploy/${plan.name}.test.ts`, testText(plan)],
    ['deploy/cdk8s.yaml', CDK8S_TEXT],
    ['deploy/package.json', packageText(plan, versions)],
    ['deploy/tsconfig.json', TSCONFIG_TEXT],
    ['deploy/jest.config.js', JEST_TEXT],
    ['deploy/.gitignore', IGNORE_TEXT],
  ];
  if (ownsImage) {
    files.push([OWN_CONTAINERFILE, containerfileText(plan)]);
    files.push([`${OWN_CONTAINERFILE}.dockerignore`, dockerignoreText(plan)]);
  }
  if (plan.packages.length) files.push(['deploy/requirements.txt', requirementsText(plan)]);
  if (plan.tilt) files.push(['deploy/local.ts', localText(plan)], ['Tiltfile', tiltText(plan)]);
  if (plan.pipeline === 'github') files.push(['.github/workflows/deploy.yml', githubText(plan)]);
  if (plan.pipeline === 'gitlab') files.push(['.gitlab-ci.yml', gitlabText(plan)]);
  return new Map(files);
}

/** What was written, and what was there already. */
export interface WrittenFiles {
  readonly written: string[];
  readonly kept: string[];
}

/**
 * Writes files, and none over one that exists. The files of `deploy/` belong together: if one of them exists, nothing
 * is written at all.
 */
export function placeFiles(project: ProjectFiles, files: Map<string, string>): WrittenFiles {
  const paths = [...files.keys()];
  const kept = paths.filter((path) => project.exists(path));
  const inTheWay = kept.filter((path) => path.startsWith('deploy/'));
  if (inTheWay.length) {
    const [verb, them] = inTheWay.length > 1 ? ['exist', 'them'] : ['exists', 'it'];
    throw new CommandProblem(
      `${inTheWay.join(', ')} ${verb} already. Nothing was written. Move ${them} away, then run this again.`,
    );
  }
  const written = paths.filter((path) => !kept.includes(path));
  for (const path of written) {
    mkdirSync(dirname(join(project.root, path)), { recursive: true });
    writeFileSync(join(project.root, path), files.get(path)!);
  }
  return { written, kept };
}
