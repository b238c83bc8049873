import { Chart } from 'cdk8s';
import { Distribution, ImagePolicy } from 'cdk8s-django';
import { manifestsFor } from 'cdk8s-django/testing';
import { Outcome } from './support/command';
import { eventually } from './support/eventually';
import { apply, tryApply } from './support/kubectl';
import { Namespace } from './support/namespaces';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const ALLOWED = `registry.example.com/polls/web@${DIGEST}`;
const NO_DIGEST = 'registry.example.com/polls/web:1.4.2';
const ELSEWHERE = `registry.example.com/pollsters/web@${DIGEST}`;

const namespace = new Namespace('polls-images');

const policy = manifestsFor(Distribution.upstream(), (app) => {
  const chart = new Chart(app, 'images', { namespace: namespace.name });
  new ImagePolicy(chart, 'Images', { registries: ['registry.example.com/polls'] });
});

/** Pods of these images, and what has pods made. No image is ever pulled: no node is chosen. */
function workload(kind: string, images: string[], name = kind.toLowerCase()): any {
  const container = (image: string, index: number) => ({ name: `c${index}`, image });
  const [first, ...initial] = images;
  const spec = {
    schedulerName: 'nobody',
    restartPolicy: ['Job', 'CronJob', 'Pod'].includes(kind) ? 'Never' : 'Always',
    containers: [container(first, 0)],
    initContainers: initial.map((image, index) => container(image, index + 1)),
  };
  const labels = { app: name };
  const template = { metadata: { labels }, spec };
  const metadata = { name, namespace: namespace.name, labels };
  const selector = { matchLabels: labels };
  switch (kind) {
    case 'Pod':
      return { apiVersion: 'v1', kind, metadata, spec };
    case 'Job':
      return { apiVersion: 'batch/v1', kind, metadata, spec: { template } };
    case 'CronJob':
      return {
        apiVersion: 'batch/v1',
        kind,
        metadata,
        spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: { template } } },
      };
    case 'StatefulSet':
      return { apiVersion: 'apps/v1', kind, metadata, spec: { serviceName: name, selector, template } };
    default:
      return { apiVersion: 'apps/v1', kind, metadata, spec: { selector, template } };
  }
}

const KINDS = ['Pod', 'Deployment', 'StatefulSet', 'Job', 'CronJob'];
const dryRun = (manifest: any): Promise<Outcome> => tryApply([manifest], '--dry-run=server');

beforeAll(async () => {
  await namespace.create();
  await apply([workload('Deployment', [NO_DIGEST], 'before')]);
  await apply(policy);
  // The API server reads a new policy some time after it took it.
  await eventually(
    'the policy counts',
    async () => {
      const { code } = await dryRun(workload('Pod', [NO_DIGEST]));
      if (code === 0) throw new Error('it does not yet');
    },
    { namespace: namespace.name },
  );
});
afterAll(async () => {
  await namespace.remove();
  await Promise.all(
    policy.map(({ kind, metadata }) =>
      namespace.kubectl('delete', kind, metadata.name, '--ignore-not-found'),
    ),
  );
});

test('the API server understands each expression', async () => {
  const { status } = await namespace.get('validatingadmissionpolicy', policy[0].metadata.name);
  expect(status.typeChecking?.expressionWarnings ?? []).toEqual([]);
});

test.each(KINDS)('a %s of an allowed image is accepted, and of others refused by name', async (kind) => {
  expect(await dryRun(workload(kind, [ALLOWED, ALLOWED]))).toMatchObject({ code: 0 });
  expect((await dryRun(workload(kind, [NO_DIGEST]))).stderr).toContain(
    `images without a digest: ${NO_DIGEST}`,
  );
  expect((await dryRun(workload(kind, [ALLOWED, ELSEWHERE]))).stderr).toContain(
    `images not from registry.example.com/polls: ${ELSEWHERE}`,
  );
});

test('what ran before goes on, but not with another image', async () => {
  const scaled = workload('Deployment', [NO_DIGEST], 'before');
  expect(await dryRun({ ...scaled, spec: { ...scaled.spec, replicas: 2 } })).toMatchObject({ code: 0 });
  const changed = await dryRun(workload('Deployment', [`${NO_DIGEST}1`], 'before'));
  expect(changed.stderr).toContain(`images without a digest: ${NO_DIGEST}1`);
});

test('a container that is added to a running pod is looked at', async () => {
  await apply([workload('Pod', [ALLOWED])]);
  const debug = (image: string) =>
    namespace.kubectl('debug', 'pod', '--image', image, '--quiet').then(
      () => 'accepted',
      (error) => String(error),
    );
  expect(await debug('busybox:1')).toContain('images without a digest: busybox:1');
});

test('another namespace is not held to it', async () => {
  const manifest = workload('Pod', [NO_DIGEST]);
  manifest.metadata.namespace = 'default';
  expect(await dryRun(manifest)).toMatchObject({ code: 0 });
});
