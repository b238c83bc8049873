import { Chart } from 'cdk8s';
import {
  Distribution,
  ExistingSecret,
  IDistribution,
  PodKind,
  StoredSecret,
  ValkeyBackend,
} from 'cdk8s-django';
import { explainAccess } from 'cdk8s-django/access';
import { AzureKeyVaultCsi } from 'cdk8s-django/secrets';
import fc from 'fast-check';
import { SAMPLES } from '../support/distributions';
import { podsIn } from '../support/manifests';
import { chartOn, django, find, postgres, synth } from '../support/synth';

const FOLDER = '/etc/cdk8s-django/secrets';
const SECRET = { secretName: 'own', key: 'value' };

function define(chart: Chart, secretsAsFiles = true): void {
  const redis = new ValkeyBackend(chart, 'Redis', { name: 'polls-queue', storage: '1Gi' });
  const polls = django(chart, {
    database: postgres(chart),
    celery: { broker: redis.database(0) },
    secretEnvironment: { STRIPE: SECRET },
    secretsAsFiles,
  });
  polls.addCeleryWorker({ name: 'default' });
  polls.addCeleryBeat();
  polls.addCommand({ name: 'countries', command: ['loaddata', 'countries'] });
  polls.addScheduledCommand({ name: 'digest', command: ['send_digest'], schedule: '@daily' });
  polls.addSecretEnvironment('REPORTS', { ...SECRET, key: 'reports' }, { pods: [PodKind.WORKERS] });
}
const made = (distribution?: IDistribution, secretsAsFiles = true) =>
  synth((chart) => define(chart, secretsAsFiles), distribution);
const appPods = (manifests: any[]) =>
  podsIn(manifests).filter(({ spec }) => spec.serviceAccountName === 'polls');
const containersOf = (spec: any) => [...(spec.initContainers ?? []), ...spec.containers];

/** The variables of a container that come from Secrets: `SECRET_KEY=polls/secret-key`. */
function variablesOf(_spec: any, { env = [] }: any): string[] {
  return env
    .filter(({ valueFrom }: any) => valueFrom?.secretKeyRef)
    .map(({ name, valueFrom: { secretKeyRef } }: any) => `${name}=${secretKeyRef.name}/${secretKeyRef.key}`)
    .sort();
}

/** The same of its files. */
function filesOf(spec: any, { volumeMounts = [] }: any): string[] {
  const names = volumeMounts
    .filter(({ mountPath }: any) => mountPath === FOLDER)
    .map(({ name }: any) => name);
  return spec.volumes
    .filter(({ name }: any) => names.includes(name))
    .flatMap(({ projected }: any) => projected.sources)
    .flatMap(({ secret }: any) => secret.items.map(({ key, path }: any) => `${path}=${secret.name}/${key}`))
    .sort();
}

describe.each(SAMPLES)('secrets as files on $name', ({ make }) => {
  it('have each container read the keys of its variables, and no other', () => {
    const before = new Map<string, string[]>(
      appPods(made(make(), false)).flatMap(({ owner, spec }) =>
        containersOf(spec).map(
          (one) => [`${owner.replace(/-[0-9a-f]+$/, '')} ${one.name}`, variablesOf(spec, one)] as const,
        ),
      ),
    );
    const pods = appPods(made(make()));
    expect(pods.length).toBeGreaterThan(5);
    for (const { owner, spec } of pods) {
      for (const container of containersOf(spec)) {
        const name = `${owner.replace(/-[0-9a-f]+$/, '')} ${container.name}`;
        expect([name, variablesOf(spec, container)]).toEqual([name, []]);
        expect([name, filesOf(spec, container)]).toEqual([name, before.get(name)]);
      }
    }
  });
});

it('differ between pods as variables do', () => {
  const manifests = made();
  const [web] = find(manifests, 'Deployment', 'polls').spec.template.spec.containers;
  const worker = find(manifests, 'Deployment', 'polls-worker-default').spec.template.spec;
  expect(filesOf(worker, worker.containers[0])).toContain('REPORTS=own/reports');
  expect(JSON.stringify(web)).not.toContain('REPORTS');
});

it('name the variables that have a value in them, which the kubelet does not know', () => {
  const [web] = find(made(), 'Deployment', 'polls').spec.template.spec.containers;
  const texts = web.env.find(({ name }: any) => name === 'CDK8S_DJANGO_SECRET_TEXTS').value;
  expect(texts.split(',').sort()).toEqual(['CELERY_BROKER_URL', 'DATABASE_URL']);
  expect(web.env.find(({ name }: any) => name === 'CDK8S_DJANGO_SECRET_FILES').value).toBe(FOLDER);
});

it('are what the access report says', () => {
  const chart = chartOn();
  define(chart);
  const { secrets } = explainAccess(chart).facts;
  const { containers } = secrets.find(({ name }) => name === 'own')!;
  expect(containers.every(({ form }) => form === 'files')).toBe(true);
  expect(containers).toContainEqual({
    pod: 'Deployment polls',
    container: 'web',
    keys: ['value'],
    form: 'files',
  });
  const worker = containers.find(({ pod }) => pod === 'Deployment polls-worker-default');
  expect(worker!.keys).toEqual(['reports', 'value']);
});

it('mount the class of a Secret that the CSI driver makes', () => {
  const distribution = Distribution.aks({
    clientIds: { 'secret-store': '00000000-0000-0000-0000-000000000000' },
    secrets: new AzureKeyVaultCsi({
      keyVaultName: 'acme',
      tenantId: '00000000-0000-0000-0000-000000000000',
    }),
  });
  const manifests = synth((chart) => {
    const stripe = new StoredSecret(chart, 'Stripe', { name: 'stripe', keys: { key: { secret: 'stripe' } } });
    django(chart, { secretEnvironment: { STRIPE: stripe.value('key') }, secretsAsFiles: true });
  }, distribution);
  const { spec } = find(manifests, 'Deployment', 'polls').spec.template;
  expect(spec.containers[0].volumeMounts.map(({ mountPath }: any) => mountPath)).toEqual(
    expect.arrayContaining([FOLDER, '/mnt/secrets-store/stripe']),
  );
});

it('take any names of Secrets and keys', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
  fc.assert(
    fc.property(
      fc.dictionary(fc.stringMatching(/^[A-Z]{3,6}$/), fc.record({ secretName: name, key: name }), {
        maxKeys: 6,
      }),
      (secretEnvironment) => {
        const manifests = synth((chart) => {
          for (const [index, one] of Object.values(secretEnvironment).entries()) {
            new ExistingSecret(chart, `Secret${index}`, { name: one.secretName, keys: [one.key] });
          }
          django(chart, { secretEnvironment, secretsAsFiles: true });
        });
        const { spec } = find(manifests, 'Deployment', 'polls').spec.template;
        const expected = Object.entries(secretEnvironment).map(
          ([one, value]) => `${one}=${value.secretName}/${value.key}`,
        );
        expect(filesOf(spec, spec.containers[0])).toEqual(expect.arrayContaining(expected));
      },
    ),
    { numRuns: 25 },
  );
});
