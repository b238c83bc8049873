import { ImageBuild, ImageBuildProps } from 'cdk8s-django';
import { refused, Row, rowOnEach, testOptions } from '../support/options';
import { find, startingWith } from '../support/synth';

type Props = ImageBuildProps;

const MINIMAL = { name: 'polls', version: '1.4.2', source: { url: 'https://git.example.com/polls.git' } };
const SOURCE = {
  url: 'https://git.example.com/shop.git',
  revision: 'v2',
  directory: 'shop',
  secretName: 'git',
};

const noBuilds = (distribution: string) =>
  refused(
    `polls/Image: builds (not given) is needed: no images are built in the cluster on ${distribution}. Build the ` +
      'image in CI and give the application its reference as image, or give the distribution builds: ' +
      'new ShipwrightBuilds({ … }) where the cluster has Shipwright.',
  );

/** An option of OpenShift's builds, which the other distributions do not have. */
const row = (given: Partial<Props>, where: Row<Props>['where'], expected: unknown): Row<Props> =>
  rowOnEach(given, where, {
    gke: noBuilds('gke'),
    eks: noBuilds('eks'),
    aks: noBuilds('aks'),
    openshift: expected,
    upstream: noBuilds('upstream'),
  });

const build = (manifests: any[]) => startingWith(manifests, 'BuildConfig', 'polls-').spec;

testOptions<Props>((chart, changes) => new ImageBuild(chart, 'Image', { ...MINIMAL, ...changes }), {
  name: [row({ name: 'shop' }, (manifests) => find(manifests, 'ImageStream', 'shop').metadata.name, 'shop')],
  version: [row({ version: '2.0' }, (manifests) => build(manifests).output.to.name, 'polls:2.0')],
  source: [
    row({ source: SOURCE }, (manifests) => build(manifests).source, {
      type: 'Git',
      git: { uri: SOURCE.url, ref: 'v2' },
      contextDir: 'shop',
      sourceSecret: { name: 'git' },
    }),
  ],
  dockerfile: [
    row(
      { dockerfile: 'build/Containerfile' },
      (manifests) => build(manifests).strategy.dockerStrategy.dockerfilePath,
      'build/Containerfile',
    ),
  ],
  builderImage: [
    row(
      { builderImage: 'example.com/python:3.12' },
      (manifests) => build(manifests).strategy.sourceStrategy.from.name,
      'example.com/python:3.12',
    ),
  ],
  buildArguments: [
    row(
      { buildArguments: { PYTHON: '3.13' } },
      (manifests) => build(manifests).strategy.dockerStrategy.buildArgs,
      [{ name: 'PYTHON', value: '3.13' }],
    ),
  ],
  pullNamespaces: [
    row(
      { pullNamespaces: ['staging'] },
      (manifests) => find(manifests, 'RoleBinding', 'polls-image-pullers').subjects[0].name,
      'system:serviceaccounts:staging',
    ),
  ],
});
