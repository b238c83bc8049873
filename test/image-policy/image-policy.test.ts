import * as fc from 'fast-check';
import { ApiObject, App, Chart } from 'cdk8s';
import { Distribution, ImagePolicy, ImagePolicyProps, Problems } from 'cdk8s-django';
import { sample, SAMPLES } from '../support/distributions';
import { chartOn, django, errorOf, find, postgres, synth } from '../support/synth';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const REGISTRY = 'registry.example.com/polls';

function policy(props?: ImagePolicyProps, namespace = 'polls'): any {
  const chart = chartOn(sample('upstream'), { namespace });
  new ImagePolicy(chart, 'Images', props);
  return find(chart.toJson(), 'ValidatingAdmissionPolicy', `${namespace}-images`);
}

/** What is wrong with a pod of one image. */
function problemsOf(image: unknown, props?: ImagePolicyProps): string[] {
  const chart = chartOn(sample('upstream'), { namespace: 'polls' });
  new ImagePolicy(chart, 'Images', props);
  pod(chart, image);
  return Problems.of(chart.node.root).map(({ path, message }) => `${path}: ${message}`);
}

function pod(chart: Chart, image: unknown): void {
  const containers = [{ name: 'one', image }];
  new ApiObject(chart, 'Pod', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'one' },
    spec: { containers },
  });
}

describe('the policy of the API server', () => {
  it('asks for digests by itself', () => {
    const { validations } = policy().spec;
    expect(validations).toHaveLength(1);
    expect(validations[0].expression).toBe(
      "variables.newImages.all(image, image.matches('@sha256:[0-9a-f]{64}$'))",
    );
  });

  it('asks for registries, with a slash after them', () => {
    const { validations } = policy({ requireDigests: false, registries: [REGISTRY, 'docker.io'] }).spec;
    expect(validations).toHaveLength(1);
    expect(validations[0].expression).toContain(`['${REGISTRY}/', 'docker.io/'].exists`);
  });

  it('looks at everything that has pods, and at containers that are added to pods', () => {
    const { resourceRules } = policy().spec.matchConstraints;
    expect(resourceRules.flatMap(({ resources }: any) => resources).sort()).toEqual([
      'cronjobs',
      'daemonsets',
      'deployments',
      'jobs',
      'pods',
      'pods/ephemeralcontainers',
      'replicasets',
      'replicationcontrollers',
      'statefulsets',
    ]);
  });

  it.each(SAMPLES)('is bound to its namespace alone on $name', ({ make }) => {
    const chart = chartOn(make(), { namespace: 'polls' });
    new ImagePolicy(chart, 'Images');
    const manifests = chart.toJson();
    expect(manifests.map(({ kind, metadata }) => [kind, metadata.namespace])).toEqual([
      ['ValidatingAdmissionPolicy', undefined],
      ['ValidatingAdmissionPolicyBinding', undefined],
    ]);
    expect(find(manifests, 'ValidatingAdmissionPolicyBinding', 'polls-images').spec).toEqual({
      policyName: 'polls-images',
      validationActions: ['Deny'],
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'polls' } } },
    });
  });
});

describe('synth', () => {
  it('refuses each image of the namespace that has no digest, in all charts', () => {
    const app = new App();
    Distribution.bind(app, Distribution.upstream());
    const security = new Chart(app, 'security', { namespace: 'polls' });
    new ImagePolicy(security, 'Images');
    const polls = new Chart(app, 'polls', { namespace: 'polls' });
    django(polls, { database: postgres(polls) });
    const other = new Chart(app, 'other', { namespace: 'other' });
    django(other);
    const problems = Problems.of(app).map(({ path, problem }) => `${path} ${problem?.property}`);
    expect(problems).toContain('polls/Database/StatefulSet spec.template.spec.containers[0].image');
    expect(problems.some((one) => /^polls\/Polls\/.* spec\.template\.spec\.containers\[0\]/.test(one))).toBe(
      true,
    );
    expect(problems.some((one) => one.includes('initContainers[0].image'))).toBe(true);
    expect(problems.filter((one) => one.startsWith('other/'))).toEqual([]);
  });

  it('accepts an application whose images have digests', () => {
    const image = (name: string) => `${REGISTRY}/${name}:1.4.2@${DIGEST}`;
    const manifests = synth((chart) => {
      new ImagePolicy(chart, 'Images', { registries: [REGISTRY] });
      django(chart, { image: image('web'), database: postgres(chart, { image: image('postgres') }) });
    });
    expect(manifests.length).toBeGreaterThan(10);
  });

  it('says what is wrong, where, and what to do', () => {
    expect(problemsOf('postgres:18')).toEqual([
      'polls/Pod: spec.containers[0].image "postgres:18" has no digest, against an ImagePolicy of its namespace. ' +
        'Give it with the digest that its registry shows: name@sha256:….',
    ]);
    expect(problemsOf(`postgres@${DIGEST}`, { registries: [REGISTRY, 'docker.io'] })).toEqual([
      `polls/Pod: spec.containers[0].image "postgres@${DIGEST}" comes from elsewhere than allowed by an ImagePolicy of ` +
        `its namespace. Give an image that begins with "${REGISTRY}/" or "docker.io/".`,
    ]);
  });

  it('finds no image in what has none, and refuses it', () => {
    expect(problemsOf(undefined)).toHaveLength(1);
  });

  it('agrees with the rule as a sentence has it', () => {
    const name = fc.constantFrom(
      'a',
      'registry.example.com/polls/a',
      'registry.example.com/pollsa',
      `${REGISTRY}`,
    );
    const end = fc.constantFrom(
      '',
      ':1',
      `@${DIGEST}`,
      `:1@${DIGEST}`,
      `@${DIGEST}0`,
      `@${DIGEST.toUpperCase()}`,
    );
    fc.assert(
      fc.property(name, end, fc.boolean(), (begin, tail, requireDigests) => {
        const isFixed = tail.endsWith(`@${DIGEST}`);
        const isNear = begin.startsWith('registry.example.com/polls/');
        const wrong = Number(requireDigests && !isFixed) + Number(!isNear);
        expect(problemsOf(begin + tail, { requireDigests, registries: [REGISTRY] })).toHaveLength(wrong);
      }),
    );
  });
});

describe('errors', () => {
  const error = (props?: ImagePolicyProps, namespace: string | undefined = 'polls') =>
    errorOf((chart) => new ImagePolicy(chart, 'Images', props), sample('upstream'), { namespace });

  it.each([
    'registry.example.com/',
    'https://registry.example.com',
    'polls',
    'registry.example.com/Polls',
    "registry.example.com/polls', 'x",
    '',
    'registry.example.com/polls:1',
  ])('refuses the registry %p', (registry) => {
    expect(error({ registries: [registry] })).toContain(
      `registries ${JSON.stringify(registry)} is not a registry. Give a host and perhaps folders, such as ` +
        '"registry.example.com/polls", without "/" at the end.',
    );
  });

  it.each(['registry.example.com', 'registry:5000/a/b', 'localhost', 'europe-docker.pkg.dev/a-b/c_d'])(
    'takes the registry %s',
    (registry) => {
      expect(() => policy({ registries: [registry] })).not.toThrow();
    },
  );

  it('refuses to hold nothing', () => {
    expect(error({ requireDigests: false })).toContain(
      'registries (not given) are needed without requireDigests, because nothing would be held. Give the registries ' +
        'that images come from, or leave requireDigests out.',
    );
  });
});

describe('the signature of an image', () => {
  const signer = {
    issuer: 'https://token.actions.githubusercontent.com',
    subject: 'https://github.com/acme/polls/.github/workflows/build.yaml@refs/heads/main',
    registries: [REGISTRY],
  };
  const make = (changes: Partial<typeof signer>) =>
    errorOf((chart) => void new ImagePolicy(chart, 'Images', { signer: { ...signer, ...changes } }));

  it('is asked for by Kyverno, of each container of a pod from the registries alone', () => {
    const manifests = synth((chart) => void new ImagePolicy(chart, 'Images', { signer }));
    const { metadata, spec } = find(manifests, 'NamespacedImageValidatingPolicy', 'polls-signed-images');
    expect(metadata.namespace).toBe('polls');
    expect(spec.matchImageReferences).toEqual(['/*', ':*', '@*'].map((end) => ({ glob: REGISTRY + end })));
    expect(spec.matchConditions.map(({ expression }: any) => expression)).toEqual([
      "request.operation == 'CREATE' || object.spec != oldObject.spec",
    ]);
    expect(spec.validations.map(({ expression }: any) => expression)).toEqual(
      ['containers', 'initContainers', 'ephemeralContainers'].map(
        (list) =>
          `images.${list}.map(image, verifyImageSignatures(image, [attestors.signer])).all(found, found > 0)`,
      ),
    );
    expect([spec.failurePolicy, spec.validationActions]).toEqual(['Fail', ['Deny']]);
  });

  it.each([`${REGISTRY}@${DIGEST}`, `${REGISTRY}:1.4.2@${DIGEST}`, `${REGISTRY}/web@${DIGEST}`])(
    'is asked for of %s',
    (image) => {
      expect(problemsOf(image, { signer })).toEqual([]);
    },
  );

  it.each([`${REGISTRY}s@${DIGEST}`, `postgres@${DIGEST}`])('would be asked for of no image: %s', (image) => {
    expect(problemsOf(image, { signer })).toEqual([
      `polls/Images: signer.registries ["${REGISTRY}"] have no image of the charts of the namespace, and none would need ` +
        'a signature. Give where the images come from as the program names them, such as "registry.example.com/shop".',
    ]);
  });

  it('is not asked for by itself', () => {
    const manifests = synth((chart) => void new ImagePolicy(chart, 'Images'));
    expect(manifests.map(({ kind }) => kind)).not.toContain('NamespacedImageValidatingPolicy');
  });

  it.each<[Partial<typeof signer>, string]>([
    [{ issuer: 'http://a.example' }, 'signer.issuer "http://a.example" is not an https:// URL.'],
    [{ issuer: 'https://*' }, 'signer.issuer "https://*" is not an https:// URL.'],
    [{ subject: '' }, 'signer.subject "" is not one identity.'],
    [{ subject: 'https://github.com/acme/*' }, 'signer.subject "https://github.com/acme/*" is not one'],
    [{ registries: [] }, 'signer.registries [] is empty, and no image would need a signature.'],
    [{ registries: ['*'] }, 'signer.registries "*" is not a registry.'],
  ])('is not of %j', (changes, message) => {
    expect(make(changes)).toContain(message);
  });
});
