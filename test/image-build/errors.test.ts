import { ImageBuild, ImageBuildProps } from 'cdk8s-django';
import { sample } from '../support/distributions';
import { errorOf } from '../support/synth';

const BUILDER = 'registry.access.redhat.com/ubi9/python-312:9.6';
const source = { url: 'https://git.example.com/polls.git' };
const NO_VERSION =
  'is not a version. Give letters, digits, "_", "." and "-", at most 128, such as "1.4.2", and not "latest".';
const NO_URL = 'is not the URL of a Git repository. Give it as "https://…", "ssh://…" or "git@host:path".';
const NO_PATH = 'is not a path within the sources. Give it without "/" at its start and without "..".';
const NO_REVISION = 'is not a commit, tag or branch. Give one, such as "v1.4.2".';
const NO_NAME =
  'is not a name that Kubernetes takes. Use lower-case letters, digits, "-" and ".", beginning and ending with a ' +
  'letter or digit.';
const BOTH =
  `builderImage "${BUILDER}" builds without a Dockerfile, and dockerfile or buildArguments is given too. ` +
  'Give either the builder image or what the Dockerfile needs.';

const CASES: [Partial<ImageBuildProps>, string][] = [
  [
    { name: 'Polls' },
    'name "Polls" is not a DNS label. Use lower-case letters, digits and "-", a letter first and no "-" at the end.',
  ],
  [{ version: 'latest' }, `version "latest" ${NO_VERSION}`],
  [{ version: '1.4 2' }, `version "1.4 2" ${NO_VERSION}`],
  [{ version: undefined }, `version (not given) ${NO_VERSION}`],
  [{ source: undefined }, `source.url (not given) ${NO_URL}`],
  [{ source: { url: 'polls.git' } }, `source.url "polls.git" ${NO_URL}`],
  [
    { source: { url: 'https://me:secret@git.example.com/polls.git' } },
    'source.url "https://…@git.example.com/polls.git" has a user or password in it, which manifests would show. ' +
      'Leave it out of the URL, and give source.secretName.',
  ],
  [
    { source: { ...source, revision: '--upload-pack=x' } },
    `source.revision "--upload-pack=x" ${NO_REVISION}`,
  ],
  [{ source: { ...source, revision: 'a b' } }, `source.revision "a b" ${NO_REVISION}`],
  [{ source: { ...source, directory: '../other' } }, `source.directory "../other" ${NO_PATH}`],
  [{ source: { ...source, secretName: 'Git' } }, `source.secretName "Git" ${NO_NAME}`],
  [{ dockerfile: '/Dockerfile' }, `dockerfile "/Dockerfile" ${NO_PATH}`],
  [{ dockerfile: '' }, `dockerfile "" ${NO_PATH}`],
  [
    { buildArguments: { 'A B': '1' } },
    'buildArguments "A B" is not the name of an environment variable. Use letters, digits and "_", and no digit first.',
  ],
  [
    { builderImage: 'python' },
    'builderImage "python" has no tag, which means "latest". Give an image with a version tag or a digest, such as ' +
      '"registry.example.com/polls:1.4.2".',
  ],
  [{ builderImage: BUILDER, dockerfile: 'Dockerfile' }, BOTH],
  [{ builderImage: BUILDER, buildArguments: {} }, BOTH],
  [
    { pullNamespaces: ['Web'] },
    'pullNamespaces "Web" is not a name that a namespace can have. Use lower-case letters, digits and "-", ' +
      'beginning and ending with a letter or digit, at most 63.',
  ],
];

describe.each(['openshift', 'upstream'])('ImageBuild on %s', (name) => {
  it.each(CASES)('refuses %j', (changes, message) => {
    const props = { name: 'polls', version: '1.4.2', source, ...changes } as ImageBuildProps;
    expect(errorOf((chart) => new ImageBuild(chart, 'Image', props), sample(name))).toBe(
      `polls/Image: ${message}`,
    );
  });
});
