import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Project, readProject } from '../../../src/cli/init/project';
import { Files, filesOfProject, writeFilesInto } from './files';

const folders: string[] = [];

afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A folder with some files, which is removed after the tests. */
export function folderOf(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), 'cdk8s-django-init-'));
  folders.push(folder);
  writeFilesInto(folder, files);
  return folder;
}

/** What is read in such a project. */
export function read(settings: string, more: Files = {}, settingsModule?: string): Project {
  return readProject(folderOf(filesOfProject(settings, more)), settingsModule);
}

/** The variables that the settings demand. */
export const demanded = ({ variables }: Project) =>
  variables.filter(({ required }) => required).map(({ name }) => name);
