import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { output, run } from './command';

/** The image that dist/ names, and the same one as a later release. */
export const IMAGE = 'docker.io/example/polls:1.4.2';
export const NEXT_IMAGE = 'docker.io/example/polls:1.4.3';

const CONTEXT = resolve(__dirname, '../../../examples/polls');

/** Builds the image of examples/polls and brings it to the nodes, also by the name of a later release. */
export async function provideImages(): Promise<void> {
  await buildImage(IMAGE, CONTEXT);
  await output(await builder(), ['tag', IMAGE, NEXT_IMAGE]);
  for (const image of [IMAGE, NEXT_IMAGE]) await loadImage(image);
}

/** Builds an image from the Containerfile in a folder. */
export async function buildImage(
  image: string,
  folder: string,
  buildArguments: Record<string, string> = {},
): Promise<void> {
  const given = Object.entries(buildArguments).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
  const options = [...words(process.env.IMAGE_BUILD_ARGS), ...given];
  const context = ofOtherVersions(folder);
  await output(await builder(), [
    'build',
    ...options,
    '-f',
    `${context}/Containerfile`,
    '-t',
    image,
    context,
  ]);
  if (context !== folder) rmSync(context, { recursive: true });
}

/** The folder, or a copy whose image has the Python and the Django that the environment asks for. */
function ofOtherVersions(folder: string): string {
  const { PYTHON_IMAGE, DJANGO_VERSION } = process.env;
  if (!PYTHON_IMAGE && !DJANGO_VERSION) return folder;
  const copy = mkdtempSync(join(tmpdir(), 'image-'));
  cpSync(folder, copy, { recursive: true });
  const file = join(copy, 'Containerfile');
  let text = readFileSync(file, 'utf8');
  if (PYTHON_IMAGE) text = text.replace(/^FROM docker\.io\/library\/python:.*$/m, `FROM ${PYTHON_IMAGE}`);
  // A Python of Debian has packages that pip cannot replace, and a package may refuse a newer Django.
  const django = DJANGO_VERSION
    ? ` && pip install --no-cache-dir --no-deps "Django==${DJANGO_VERSION}.*"`
    : '';
  text = text.replace(/-r requirements\.txt$/m, `--ignore-installed -r requirements.txt${django}`);
  writeFileSync(file, text);
  return copy;
}

/** Brings an image to the nodes. */
export async function loadImage(image: string): Promise<void> {
  const loader = process.env.IMAGE_LOADER;
  if (!loader) {
    throw new Error(
      'IMAGE_LOADER is not set: give the command that copies an image to the nodes of the cluster, ' +
        "such as IMAGE_LOADER='kind load docker-image', or IMAGE_LOADER=true when they have it already.",
    );
  }
  const [program, ...args] = words(loader);
  await output(program, [...args, image]);
}

/** The program that the environment names, or the first that there is. */
export async function builder(): Promise<string> {
  if (process.env.IMAGE_BUILDER) return process.env.IMAGE_BUILDER;
  for (const program of ['buildah', 'podman', 'docker']) {
    const found = await run('sh', ['-c', `command -v ${program}`]);
    if (found.code === 0) return program;
  }
  throw new Error('No buildah, podman or docker was found: name the program in IMAGE_BUILDER.');
}

export function words(text = ''): string[] {
  return text.split(' ').filter(Boolean);
}
