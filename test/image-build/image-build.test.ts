import { Chart } from 'cdk8s';
import {
  Distribution,
  GitSource,
  IDistribution,
  ImageBuild,
  ImageBuildProps,
  LeastPrivilegeAccess,
} from 'cdk8s-django';
import { ShipwrightBuilds, ShipwrightBuildsProps } from 'cdk8s-django/builds';
import { BuildRequest, IBuilds } from 'cdk8s-django/platform';
import { SAMPLES, sample } from '../support/distributions';
import { namesOf } from '../support/manifests';
import {
  chartOn,
  django,
  errorOf,
  find,
  postgres,
  startingWith,
  synth,
  webContainer,
} from '../support/synth';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const REGISTRY = 'image-registry.openshift-image-registry.svc:5000';
const LABELS = {
  'app.kubernetes.io/name': 'polls',
  'app.kubernetes.io/instance': 'polls',
  'app.kubernetes.io/component': 'build',
  'app.kubernetes.io/managed-by': 'cdk8s-django',
};

const MINIMAL: ImageBuildProps = {
  name: 'polls',
  version: '1.4.2',
  source: { url: 'https://git.example.com/polls.git' },
};
const SOURCE: Required<GitSource> = {
  url: 'git@git.example.com:acme/polls.git',
  revision: COMMIT,
  directory: 'services/polls',
  secretName: 'git',
};
const BUILDER = 'registry.access.redhat.com/ubi9/python-312:9.6';
/** Every prop at once, but for the one that excludes others. */
const DOCKER: Required<Omit<ImageBuildProps, 'builderImage'>> = {
  name: 'polls',
  version: '1.4.2',
  source: SOURCE,
  dockerfile: 'build/Containerfile',
  buildArguments: { PYTHON_VERSION: '3.13', EXTRAS: '' },
  pullNamespaces: ['polls', 'polls-staging'],
};
const SHIPWRIGHT: Required<ShipwrightBuildsProps> = {
  repository: 'registry.example.com/acme',
  pushSecretName: 'registry',
  strategy: 'rootless',
};

const openshift = () => sample('openshift');
const shipwright = (props: ShipwrightBuildsProps = { repository: SHIPWRIGHT.repository }) =>
  Distribution.upstream({ builds: new ShipwrightBuilds(props) });

function build(chart: Chart, changes: Partial<ImageBuildProps> = {}): ImageBuild {
  return new ImageBuild(chart, 'Image', { ...MINIMAL, ...changes });
}

function manifests(changes: Partial<ImageBuildProps> = {}, distribution: IDistribution = openshift()): any[] {
  return synth((chart) => build(chart, changes), distribution);
}

const buildConfig = (changes: Partial<ImageBuildProps> = {}) =>
  startingWith(manifests(changes), 'BuildConfig', 'polls-');

describe('ImageBuild on OpenShift', () => {
  it('makes an ImageStream and a BuildConfig that builds the Dockerfile once it is there', () => {
    const made = manifests();
    expect(made.map(({ kind }) => kind).sort()).toEqual(['BuildConfig', 'ImageStream']);
    expect(find(made, 'ImageStream', 'polls')).toEqual({
      apiVersion: 'image.openshift.io/v1',
      kind: 'ImageStream',
      metadata: { name: 'polls', namespace: 'polls', labels: LABELS },
      spec: { lookupPolicy: { local: false } },
    });
    expect(startingWith(made, 'BuildConfig', 'polls-')).toEqual({
      apiVersion: 'build.openshift.io/v1',
      kind: 'BuildConfig',
      metadata: {
        name: expect.stringMatching(/^polls-[0-9a-f]{10}$/),
        namespace: 'polls',
        labels: LABELS,
      },
      spec: {
        source: { type: 'Git', git: { uri: 'https://git.example.com/polls.git' } },
        strategy: { type: 'Docker', dockerStrategy: {} },
        output: { to: { kind: 'ImageStreamTag', name: 'polls:1.4.2' } },
        triggers: [{ type: 'ConfigChange' }],
      },
    });
  });

  it('writes all that it is given', () => {
    const made = manifests(DOCKER);
    expect(startingWith(made, 'BuildConfig', 'polls-').spec).toEqual({
      source: {
        type: 'Git',
        git: { uri: SOURCE.url, ref: COMMIT },
        contextDir: 'services/polls',
        sourceSecret: { name: 'git' },
      },
      strategy: {
        type: 'Docker',
        dockerStrategy: {
          dockerfilePath: 'build/Containerfile',
          buildArgs: [
            { name: 'PYTHON_VERSION', value: '3.13' },
            { name: 'EXTRAS', value: '' },
          ],
        },
      },
      output: { to: { kind: 'ImageStreamTag', name: 'polls:1.4.2' } },
      triggers: [{ type: 'ConfigChange' }],
    });
    expect(find(made, 'RoleBinding', 'polls-image-pullers')).toMatchObject({
      metadata: { namespace: 'polls', labels: LABELS },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:image-puller' },
      subjects: ['polls', 'polls-staging'].map((namespace) => ({
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'Group',
        name: `system:serviceaccounts:${namespace}`,
      })),
    });
  });

  it('builds by source-to-image with a builder image', () => {
    expect(buildConfig({ builderImage: BUILDER }).spec.strategy).toEqual({
      type: 'Source',
      sourceStrategy: { from: { kind: 'DockerImage', name: BUILDER } },
    });
  });

  it('is a new BuildConfig, which OpenShift builds, for another version or source and for nothing else', () => {
    const names = [
      buildConfig(),
      buildConfig({ version: '1.4.3' }),
      buildConfig({ source: { ...MINIMAL.source, revision: 'v1.4.2' } }),
      buildConfig({ builderImage: BUILDER }),
    ].map(({ metadata }) => metadata.name);
    expect(new Set(names).size).toBe(4);
    expect(buildConfig().metadata.name).toBe(names[0]);
    expect(buildConfig({ pullNamespaces: ['web'] }).metadata.name).toBe(names[0]);
  });

  it('gives its resources and the reference that all pods of an application take', () => {
    const chart = chartOn(openshift());
    const { image, resources } = build(chart, { pullNamespaces: ['web'] });
    expect(image).toBe(`${REGISTRY}/polls/polls:1.4.2`);
    expect(resources.map(({ kind }) => kind)).toEqual(['ImageStream', 'BuildConfig', 'RoleBinding']);
    const made = synth((other) => django(other, { image, database: postgres(other) }), openshift());
    expect(webContainer(made).image).toBe(image);
    const migration = startingWith(made, 'Job', 'polls-migrate').spec.template.spec;
    expect(migration.containers[0].image).toBe(image);
  });

  it('builds in one namespace for an application that LeastPrivilegeAccess restricts in another', () => {
    const made = synth((chart) => {
      const builds = new Chart(chart.node.root, 'builds', { namespace: 'polls-builds' });
      const { image } = build(builds, { pullNamespaces: ['polls'] });
      const app = django(chart, { image });
      new LeastPrivilegeAccess(chart, 'Access', { app });
    }, openshift());
    expect(webContainer(made).image).toBe(`${REGISTRY}/polls-builds/polls:1.4.2`);
    expect(find(made, 'ImageStream', 'polls').metadata.namespace).toBe('polls-builds');
    expect(find(made, 'RoleBinding', 'polls-image-pullers').metadata.namespace).toBe('polls-builds');
  });

  it('says at synth when the namespace would refuse its pods, whatever comes first', () => {
    const message = errorOf((chart) => {
      const { image } = build(chart);
      new LeastPrivilegeAccess(chart, 'Access', { app: django(chart, { image }) });
    }, openshift());
    expect(message).toContain(
      'namespace "polls" enforces Pod Security "restricted", which refuses the pods of a build. Make the ImageBuild ' +
        'in a chart of another namespace, with the application’s among its pullNamespaces.',
    );
    expect(message).toContain('polls/Image');
  });

  it('needs a namespace', () => {
    expect(errorOf((chart) => build(chart), openshift(), { namespace: undefined })).toBe(
      'polls/Image: namespace (not given) is not known, and it is part of the reference of the image. ' +
        'Give the Chart a namespace: new Chart(app, "polls", { namespace: "polls" }).',
    );
  });
});

describe('ImageBuild by Shipwright', () => {
  it('makes a Build that pushes to the registry', () => {
    expect(manifests({}, shipwright())).toEqual([
      {
        apiVersion: 'shipwright.io/v1beta1',
        kind: 'Build',
        metadata: { name: 'polls', namespace: 'polls', labels: LABELS },
        spec: {
          source: { type: 'Git', git: { url: 'https://git.example.com/polls.git' } },
          strategy: { kind: 'ClusterBuildStrategy', name: 'buildah' },
          output: { image: 'registry.example.com/acme/polls:1.4.2' },
        },
      },
    ]);
    expect(build(chartOn(shipwright())).image).toBe('registry.example.com/acme/polls:1.4.2');
  });

  it('writes all that it is given', () => {
    expect(manifests(DOCKER, shipwright(SHIPWRIGHT))[0].spec).toEqual({
      source: {
        type: 'Git',
        git: { url: SOURCE.url, revision: COMMIT, cloneSecret: 'git' },
        contextDir: 'services/polls',
      },
      strategy: { kind: 'ClusterBuildStrategy', name: 'rootless' },
      paramValues: [
        { name: 'dockerfile', value: 'build/Containerfile' },
        { name: 'build-args', values: [{ value: 'PYTHON_VERSION=3.13' }, { value: 'EXTRAS=' }] },
      ],
      output: { image: 'registry.example.com/acme/polls:1.4.2', pushSecret: 'registry' },
    });
  });

  it('builds by source-to-image with a builder image', () => {
    const { spec } = manifests({ builderImage: BUILDER }, shipwright())[0];
    expect(spec.strategy.name).toBe('source-to-image');
    expect(spec.paramValues).toEqual([{ name: 'builder-image', value: BUILDER }]);
  });

  it('is one line away on OpenShift', () => {
    const builds = new ShipwrightBuilds({ repository: `${REGISTRY}/polls` });
    expect(namesOf(manifests({}, Distribution.openshift({ builds })))).toEqual(['Build polls']);
  });

  it('refuses a restricted namespace for the default strategies, and leaves others to their author', () => {
    const restricted = (distribution: IDistribution) => () =>
      synth((chart) => {
        new LeastPrivilegeAccess(chart, 'Access', { app: django(chart) });
        build(chart);
      }, distribution);
    expect(restricted(shipwright())).toThrow('enforces Pod Security "restricted"');
    expect(restricted(shipwright(SHIPWRIGHT))).not.toThrow();
  });

  it.each<[ShipwrightBuildsProps, string]>([
    [
      { repository: 'Registry/' },
      'builds.repository "Registry//polls:1.4.2" is not an image reference. Give an image with a version tag or a ' +
        'digest, such as "registry.example.com/polls:1.4.2".',
    ],
    [
      { repository: 'a', pushSecretName: 'A' },
      'builds.pushSecretName "A" is not a name that Kubernetes takes. Use lower-case letters, digits, "-" and ".", ' +
        'beginning and ending with a letter or digit.',
    ],
    [
      { repository: 'a', strategy: 'A' },
      'builds.strategy "A" is not a name that Kubernetes takes. Use lower-case letters, digits, "-" and ".", ' +
        'beginning and ending with a letter or digit.',
    ],
  ])('refuses %j', (props, message) => {
    expect(errorOf((chart) => build(chart), shipwright(props))).toBe(`polls/Image: ${message}`);
  });
});

describe.each(SAMPLES.filter(({ name }) => name !== 'openshift'))('ImageBuild on $name', ({ name, make }) => {
  it('says what to do instead', () => {
    expect(errorOf((chart) => build(chart), make())).toBe(
      `polls/Image: builds (not given) is needed: no images are built in the cluster on ${name}. Build the image in ` +
        'CI and give the application its reference as image, or give the distribution ' +
        'builds: new ShipwrightBuilds({ … }) where the cluster has Shipwright.',
    );
  });

  it('builds with a capability of a program’s own', () => {
    const requests: BuildRequest[] = [];
    const builds: IBuilds = {
      buildImage: (_scope, request) => {
        requests.push(request);
        return { image: 'registry.example.com/own:1', resources: [] };
      },
    };
    const distribution = { ...make(), builds };
    expect(build(chartOn(distribution)).image).toBe('registry.example.com/own:1');
    expect(requests).toEqual([
      {
        ...MINIMAL,
        labels: LABELS,
        dockerfile: undefined,
        builderImage: undefined,
        buildArguments: {},
        pullNamespaces: [],
      },
    ]);
  });
});

describe('ImageBuild.trigger', () => {
  const triggered = (changes: Partial<ImageBuildProps>, migrates: boolean, distribution = openshift()) =>
    synth((chart) => {
      const made = build(chart, changes);
      const database = postgres(chart);
      made.trigger(django(chart, { image: made.image, database, migrate: migrates }));
    }, distribution);

  it('has OpenShift change the container of an application that does not migrate', () => {
    const deployment = find(triggered({}, false), 'Deployment', 'polls');
    expect(JSON.parse(deployment.metadata.annotations['image.openshift.io/triggers'])).toEqual([
      {
        from: { kind: 'ImageStreamTag', name: 'polls:1.4.2', namespace: 'polls' },
        fieldPath: 'spec.template.spec.containers[?(@.name=="web")].image',
      },
    ]);
    const { containers, initContainers } = deployment.spec.template.spec;
    expect(containers.map(({ name }: any) => name)).toEqual(['web']);
    expect(initContainers).toBeUndefined();
  });

  it('leaves the Deployment alone when nobody asks', () => {
    const made = synth((chart) => django(chart, { image: build(chart).image }), openshift());
    expect(find(made, 'Deployment', 'polls').metadata.annotations).not.toHaveProperty(
      'image.openshift.io/triggers',
    );
  });

  it('takes an application that migrates when every build has the same code', () => {
    const made = triggered({ source: { ...MINIMAL.source, revision: COMMIT } }, true);
    const { metadata } = find(made, 'Deployment', 'polls');
    expect(Object.keys(metadata.annotations)).toContain('image.openshift.io/triggers');
  });

  it.each([undefined, 'main', 'v1.4.2', COMMIT.slice(1)])('refuses one that migrates at %s', (revision) => {
    expect(() => triggered({ source: { ...MINIMAL.source, revision } }, true)).toThrow(
      `polls/Image: source.revision ${revision === undefined ? '(not given)' : `"${revision}"`} is not a commit, and ` +
        'a trigger would start newer code of polls/Polls without its migration. Give the whole hash of a commit, or ' +
        'leave the trigger out and give the build a new version for each release.',
    );
  });

  it('refuses an application with another image', () => {
    expect(errorOf((chart) => build(chart).trigger(django(chart)), openshift())).toBe(
      'polls/Image: app "polls/Polls" has the image "registry.example.com/polls:1.4.2", not the one that is built ' +
        'here. Give it the image of this build: image: build.image.',
    );
  });

  const silent = {
    buildImage: () => ({ image: 'registry.example.com/polls:1', resources: [], triggerAnnotations: {} }),
  };

  it.each([
    ['that have nothing for it', shipwright()],
    ['whose annotations are empty', Distribution.upstream({ builds: silent })],
  ])('refuses builds that tell nobody, %s', (_, distribution) => {
    expect(() => triggered({}, false, distribution)).toThrow(
      'polls/Image: app "polls/Polls" cannot be triggered: the builds of upstream do not report new images. Leave ' +
        'the trigger out, and give the build a new version for each release.',
    );
  });
});
