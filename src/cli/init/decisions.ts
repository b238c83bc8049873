import { UsageProblem } from '../problem';
import { Terminal } from '../terminal';
import { Found } from './found';
import { findRemote, imageOf, pipelineOf, Remote } from './git';
import { findName } from './name';
import { Pipeline } from './choices';
import { checkedHost, checkedImage, checkedName, InitOptions } from './options';
import { Project } from './project';

/** What is not in the files of the application, each with where it is from. */
export interface Decisions {
  readonly name: Found<string>;
  readonly host: Found<string>;
  readonly image: Found<string>;
  readonly pipeline: Found<Pipeline>;
  /** What uploaded files are on, if the project has any. */
  readonly media?: MediaChoice;
}

/** A volume of one node, or one of a StorageClass that many nodes can mount. */
export interface MediaChoice {
  readonly storageClass?: string;
}

/** Decides what the project does not say: by options, by what else was read, and by questions. */
export async function decide(project: Project, options: InitOptions, terminal: Terminal): Promise<Decisions> {
  const remote = findRemote(project.files);
  const name = given('--name', options.name, checkedName) ?? findName(project, remote);
  const host = given('--host', options.host, checkedHost) ?? findHost(project);
  const image = given('--image', options.image, checkedImage) ?? (remote && imageOf(remote));
  refuseToGuess(
    [
      ...(host ? [] : ['--host']),
      ...(image ? [] : ['--image']),
      ...(lacksMediaClass(project, options) ? ['--media-class'] : []),
    ],
    project,
    terminal,
  );
  return {
    name,
    host: host ?? (await asked(terminal, 'Public host, such as shop.example.com', checkedHost)),
    image:
      image ??
      (await asked(terminal, `Image, such as registry.example.com/${name.value}:1.0.0`, checkedImage)),
    pipeline: pipelineFor(project, options, remote),
    media: await decideMedia(project, options, terminal),
  };
}

/** Workers may run on another node than the replica, and only a volume of many nodes is for both. */
function needsManyNodes({ media, celery, tasks, processes }: Project): boolean {
  return Boolean(media && !media.bucket && (celery || tasks || processes.length));
}

/** Whether the class of the volume for uploaded files is neither given nor refused. */
function lacksMediaClass(project: Project, { media, mediaClass }: InitOptions): boolean {
  return media !== false && !mediaClass && needsManyNodes(project);
}

async function decideMedia(
  project: Project,
  { media, mediaClass }: InitOptions,
  terminal: Terminal,
): Promise<MediaChoice | undefined> {
  if (media === false || !project.media || project.media.bucket) return undefined;
  if (!lacksMediaClass(project, { media, mediaClass })) return { storageClass: mediaClass };
  const answer = await terminal.ask(
    'StorageClass for uploaded files that many nodes can mount, or "none"',
    'none',
  );
  return answer === 'none' ? undefined : { storageClass: answer };
}

function given(
  option: string,
  value: string | undefined,
  check: (value: string) => string,
): Found<string> | undefined {
  return value === undefined ? undefined : { value: check(value), source: option };
}

async function asked(
  terminal: Terminal,
  question: string,
  check: (value: string) => string,
): Promise<Found<string>> {
  for (;;) {
    const answer = await terminal.ask(question);
    try {
      return { value: check(answer), source: 'your answer' };
    } catch (error) {
      if (!(error instanceof UsageProblem)) throw error;
      terminal.writeError(error.message);
    }
  }
}

/** Without a terminal nobody answers: what is missing is an error, which names all of it at once. */
function refuseToGuess(missing: string[], { media }: Project, { isInteractive }: Terminal): void {
  if (isInteractive || !missing.length) return;
  const volume = missing.includes('--media-class')
    ? ` Uploaded files (${media!.source}) have to be on a volume that many nodes can mount, because workers may run on ` +
      'another node than the replicas: --media-class names its StorageClass. --no-media in its place is for a bucket.'
    : '';
  throw new UsageProblem(
    `${listOf(missing)} cannot be read in the project, and without a terminal nobody can be asked. Give ` +
      `${missing.length > 1 ? 'them' : 'it'}: cdk8s-django init ${missing.map((option) => EXAMPLE[option]).join(' ')}.${volume}`,
  );
}

function listOf(words: string[]): string {
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${words.at(-1)}` : words[0];
}

const EXAMPLE: { [option: string]: string } = {
  '--host': '--host shop.example.com',
  '--image': '--image registry.example.com/shop:1.0.0',
  '--media-class': '--media-class NAME',
};

/** A public host that the settings of production name. */
function findHost({ settings }: Project): Found<string> | undefined {
  return settings
    .strings('ALLOWED_HOSTS')
    .find(
      ({ value }) =>
        /^[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)*\.[a-z]{2,}$/.test(value) &&
        !/\.(local|internal|test)$/.test(value),
    );
}

function pipelineFor(project: Project, options: InitOptions, remote: Remote | undefined): Found<Pipeline> {
  if (options.pipeline) return { value: options.pipeline, source: '--pipeline' };
  return pipelineOf(project.files, remote) ?? { value: 'github', source: 'assumed' };
}
