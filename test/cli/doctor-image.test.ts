import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { imageFindings } from '../../src/cli/cluster/doctor-image';
import { manifestsIn } from '../../src/cli/manifests';
import { ROOT } from '../support/typescript';
import { FakeKubectl, Refusal } from './support/fake-kubectl';

const MANIFESTS = manifestsIn(join(ROOT, 'dist/upstream'));
const IMAGE = 'docker.io/example/polls:1.4.2';
const GOOD = {
  python: [3, 13],
  user: 1000,
  packages: { django: '5.2.1', gunicorn: '23.0.0', celery: '5.5.0', psycopg: '3.2.0' },
  modules: ['mysite'],
  writable: true,
};

/** What is found where the program in the image says so. */
async function findingsFor(facts: object, manifests = MANIFESTS) {
  const kubectl = new FakeKubectl({ run: `cdk8s-django-image: ${JSON.stringify({ ...GOOD, ...facts })}\n` });
  const findings = await imageFindings(kubectl, manifests);
  return { texts: findings.map(({ text }) => text), findings, kubectl };
}

const without = (name: string) =>
  Object.fromEntries(Object.entries(GOOD.packages).filter(([one]) => one !== name));

describe('doctor --image', () => {
  test('finds nothing lacking in an image that fits, by one pod, which is removed', async () => {
    const { texts, kubectl } = await findingsFor({});
    expect(texts).toEqual([]);
    expect(kubectl.calls).toHaveLength(1);
    expect(kubectl.calls[0]).toContain(`--image=${IMAGE} --namespace=polls --restart=Never --rm --stdin`);
  });

  test.each([
    ['Python', { python: [3, 8] }, 'has Python 3.8. It needs 3.9 or newer.'],
    [
      'Django',
      { packages: { ...GOOD.packages, django: '3.2.25' } },
      'has Django 3.2.25. It needs 4.2 or newer.',
    ],
    [
      'the server',
      { packages: without('gunicorn') },
      'does not have the package gunicorn. Add it to the requirements of the image.',
    ],
    [
      'a driver',
      { packages: without('psycopg') },
      'does not have psycopg or psycopg2, by which Django asks PostgreSQL. Add one of them.',
    ],
    [
      'the settings',
      { modules: [] },
      'does not have the module mysite of the settings in its working directory. Set WORKDIR in the Containerfile, or give pythonPath.',
    ],
    ['a folder to write to', { writable: false }, 'cannot write to /tmp as the user 1000.'],
  ])('finds what is wrong with %s', async (_, facts, expected) => {
    const { texts, findings } = await findingsFor(facts);
    expect(texts).toEqual([`The image ${IMAGE} ${expected}`]);
    expect(findings[0].isLack).toBe(true);
  });

  test('asks for Celery where a worker runs it', async () => {
    const web = MANIFESTS.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'polls');
    const worker = structuredClone(web);
    worker.spec.template.spec.containers[0].command = ['python', '-m', 'celery', 'worker'];
    const { texts } = await findingsFor({ packages: without('celery') }, [...MANIFESTS, worker]);
    expect(texts).toEqual([
      `The image ${IMAGE} does not have the package celery. Add it to the requirements of the image.`,
    ]);
  });

  test('runs as the pods of the application do, without their Secrets', async () => {
    const { kubectl } = await findingsFor({});
    const { spec } = JSON.parse(/--overrides=(.*)$/.exec(kubectl.calls[0])![1]);
    expect(spec.securityContext).toMatchObject({ runAsUser: 1000, runAsNonRoot: true });
    expect(spec.automountServiceAccountToken).toBe(false);
    expect(spec.containers[0].securityContext).toMatchObject({ readOnlyRootFilesystem: true });
    expect(spec.containers[0].env.map(({ name }: any) => name)).toEqual(['PYTHONPATH']);
    expect(spec.containers[0]).not.toHaveProperty('envFrom');
  });

  test('finds that there is no Python', async () => {
    const stderr =
      'unable to start container process: exec: "python": executable file not found in $PATH: unknown';
    const findings = await imageFindings(new FakeKubectl({ run: new Refusal(stderr) }), MANIFESTS);
    expect(findings).toEqual([
      { text: `The image ${IMAGE} does not have the program python.`, isLack: true },
    ]);
  });

  test('says why an image could not be looked at', async () => {
    const stderr = 'Error from server (NotFound): namespaces "polls" not found';
    const findings = await imageFindings(new FakeKubectl({ run: new Refusal(stderr) }), MANIFESTS);
    expect(findings).toEqual([
      { text: `Whether the image ${IMAGE} fits: namespaces "polls" not found`, isLack: false },
    ]);
  });

  test('runs a program that Python takes', async () => {
    const { kubectl } = await findingsFor({});
    const { stdout, stderr } = spawnSync('python3', ['-'], { input: kubectl.inputs[0], encoding: 'utf8' });
    expect(stderr).toBe('');
    const facts = JSON.parse(stdout.replace(/^cdk8s-django-image: /, ''));
    expect(Object.keys(facts).sort()).toEqual(Object.keys(GOOD).sort());
    expect(facts.python[0]).toBe(3);
    // None of the project is where the tests run.
    expect(facts.modules).toEqual([]);
  });
});
