import { Chart, Duration } from 'cdk8s';
import { Distribution, IDistribution, StoredSecret, StoredSecretProps } from 'cdk8s-django';
import { RdsPostgres } from 'cdk8s-django/postgres';
import {
  AwsSecretsManagerCsi,
  AwsSecretsManagerCsiProps,
  AzureKeyVaultCsi,
  AzureKeyVaultCsiProps,
} from 'cdk8s-django/secrets';
import { manifestsFor } from 'cdk8s-django/testing';
import * as fc from 'fast-check';
import * as yaml from 'yaml';
import { containersOf, namesOf, podsIn } from '../../support/manifests';
import { chartOn, django, errorOf, find, postgres, synth } from '../../support/synth';
import { allOptions, MODES } from '../admission/modes';

const CLIENT_ID = '00000000-0000-0000-0000-000000000000';
const AZURE: Required<AzureKeyVaultCsiProps> = {
  keyVaultName: 'acme',
  tenantId: '11111111-1111-1111-1111-111111111111',
};
const AWS: Required<AwsSecretsManagerCsiProps> = { region: 'eu-west-1', clusterName: 'acme' };
const LABELS = {
  'app.kubernetes.io/name': 'stripe',
  'app.kubernetes.io/instance': 'stripe',
  'app.kubernetes.io/component': 'secret',
  'app.kubernetes.io/managed-by': 'cdk8s-django',
};

const aks = (props: AzureKeyVaultCsiProps = AZURE) =>
  Distribution.aks({ secrets: new AzureKeyVaultCsi(props), clientIds: { 'secret-store': CLIENT_ID } });
const eks = (props: AwsSecretsManagerCsiProps = AWS) =>
  Distribution.eks({ secrets: new AwsSecretsManagerCsi(props) });
const BOTH: [string, () => IDistribution][] = [
  ['AKS', aks],
  ['EKS', eks],
];

const stripe = (chart: Chart, changes: Partial<StoredSecretProps> = {}, id = 'Stripe') =>
  new StoredSecret(chart, id, {
    name: 'stripe',
    keys: { 'api-key': { secret: 'stripe-api-key' } },
    ...changes,
  });

const classOf = (distribution: IDistribution, changes: Partial<StoredSecretProps> = {}) =>
  find(
    synth((chart) => stripe(chart, changes), distribution),
    'SecretProviderClass',
    'stripe',
  );
const awsObjects = (keys: StoredSecretProps['keys']) =>
  yaml.parse(classOf(eks(), { keys }).spec.parameters.objects);

/** What a container mounts of classes, by the name of the Secret. */
function mounted(spec: any, container: any): string[] {
  const volumes = (spec.volumes ?? []).filter(({ csi }: any) => csi?.driver === 'secrets-store.csi.k8s.io');
  return volumes
    .filter(({ name }: any) => container.volumeMounts?.some((mount: any) => mount.name === name))
    .map(({ csi }: any) => csi.volumeAttributes.secretProviderClass)
    .sort();
}

/** The Secrets that a container reads. */
function read(container: any): string[] {
  const names = (container.env ?? []).flatMap(({ valueFrom }: any) => valueFrom?.secretKeyRef?.name ?? []);
  return [...new Set<string>(names)].sort();
}

describe('the SecretProviderClass', () => {
  it('of Azure names the vault, the identity and the file of each key', () => {
    const keys = {
      'api-key': { secret: 'stripe-api-key', version: 'abc' },
      'tls.crt': { secret: 'cert/stripe' },
      hook: { secret: 'secret/hook' },
    };
    const { apiVersion, metadata, spec } = classOf(aks(), { keys });
    expect(apiVersion).toBe('secrets-store.csi.x-k8s.io/v1');
    expect(metadata).toEqual({ name: 'stripe', namespace: 'polls', labels: LABELS });
    const { objects, ...parameters } = spec.parameters;
    expect(parameters).toEqual({
      usePodIdentity: 'false',
      clientID: CLIENT_ID,
      keyvaultName: 'acme',
      tenantId: AZURE.tenantId,
    });
    expect(yaml.parse(objects).array.map((text: string) => yaml.parse(text))).toEqual([
      {
        objectName: 'stripe-api-key',
        objectType: 'secret',
        objectAlias: '~api-key',
        objectVersion: 'abc',
      },
      { objectName: 'stripe', objectType: 'cert', objectAlias: '~tls.crt' },
      { objectName: 'hook', objectType: 'secret', objectAlias: '~hook' },
    ]);
    expect(spec).toMatchObject({
      provider: 'azure',
      secretObjects: [
        {
          secretName: 'stripe',
          type: 'Opaque',
          labels: LABELS,
          data: [
            { objectName: '~api-key', key: 'api-key' },
            { objectName: '~tls.crt', key: 'tls.crt' },
            { objectName: '~hook', key: 'hook' },
          ],
        },
      ],
    });
  });

  it('of AWS names the region and the file of each key', () => {
    const { spec } = classOf(eks());
    expect(spec.provider).toBe('aws');
    expect(spec.parameters).toMatchObject({ region: 'eu-west-1', usePodIdentity: 'true' });
    expect(yaml.parse(spec.parameters.objects)).toEqual([
      { objectName: 'stripe-api-key', objectType: 'secretsmanager', objectAlias: '~api-key' },
    ]);
    expect(spec.secretObjects[0].data).toEqual([{ objectName: '~api-key', key: 'api-key' }]);
  });

  it('of AWS takes several properties of one secret, which it names once', () => {
    expect(
      awsObjects({
        user: { secret: 'db', property: 'user', version: '1' },
        password: { secret: 'db', property: 'pass-word', version: '1' },
        all: { secret: 'db', version: '1' },
      }),
    ).toEqual([
      {
        objectName: 'db',
        objectType: 'secretsmanager',
        objectVersion: '1',
        objectAlias: '~all',
        jmesPath: [
          { path: 'user', objectAlias: '~user' },
          { path: '"pass-word"', objectAlias: '~password' },
        ],
      },
    ]);
  });

  it('of AWS gives no two things one name, whatever the keys and secrets are called', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd');
    const value = fc.record({ secret: name, property: name });
    fc.assert(
      fc.property(fc.dictionary(name, value, { minKeys: 1 }), (keys) => {
        const names = awsObjects(keys).flatMap(({ objectName, objectAlias, jmesPath = [] }: any) =>
          [objectName, objectAlias, ...jmesPath.map((part: any) => part.objectAlias)].filter(Boolean),
        );
        expect(new Set(names).size).toBe(names.length);
      }),
      { numRuns: 40 },
    );
  });

  it.each(BOTH)('is all that is made on %s, and no Secret', (_, make) => {
    expect(namesOf(synth((chart) => stripe(chart), make()))).toEqual(['SecretProviderClass stripe']);
  });
});

describe.each(BOTH)('on %s', (_, make) => {
  /** All that reads values, each of a stored Secret of its own. */
  function consumers(chart: Chart, uses: string[]) {
    const value = (name: string) =>
      uses.includes(name)
        ? stripe(chart, { name, keys: { value: { secret: name } } }, name).value('value')
        : { secretName: name, key: 'value' };
    const database = postgres(chart, { password: value('database') });
    const app = django(chart, {
      database,
      secretKey: value('key'),
      secretEnvironment: { STRIPE: value('stripe') },
    });
    app.addCommand({ name: 'once', command: ['check'] });
    app.addScheduledCommand({ name: 'often', command: ['check'], schedule: '@daily' });
    app.addSuperuser({ username: 'admin', password: value('admin') });
  }

  it('every container that reads a stored Secret mounts its class, and no other', () => {
    const NAMES = ['admin', 'database', 'key', 'stripe'];
    fc.assert(
      fc.property(fc.subarray(NAMES), (uses) => {
        const pods = podsIn(synth((chart) => consumers(chart, uses), make()));
        expect(pods).toHaveLength(6);
        for (const pod of pods) {
          for (const container of containersOf(pod)) {
            const wanted = read(container).filter((name) => uses.includes(name));
            expect([pod.owner, container.name, mounted(pod.spec, container)]).toEqual([
              pod.owner,
              container.name,
              wanted,
            ]);
          }
        }
      }),
      { numRuns: 16 },
    );
  });

  it('the Deployment, the StatefulSet, every Job and CronJob mount', () => {
    const pods = podsIn(synth((chart) => consumers(chart, ['database']), make()));
    const mounting = pods.filter((pod) => pod.spec.volumes.some(({ csi }: any) => csi));
    expect(mounting.map(({ kind }) => kind).sort()).toEqual([
      'CronJob',
      'Deployment',
      'Job',
      'Job',
      'Job',
      'StatefulSet',
    ]);
    const [{ spec }] = mounting.filter(({ kind }) => kind === 'StatefulSet');
    expect(spec.volumes).toContainEqual({
      name: 'secret-database',
      csi: {
        driver: 'secrets-store.csi.k8s.io',
        readOnly: true,
        volumeAttributes: { secretProviderClass: 'database' },
      },
    });
    expect(spec.containers[0].volumeMounts).toContainEqual({
      name: 'secret-database',
      mountPath: '/mnt/secrets-store/database',
      readOnly: true,
    });
  });

  it('so does a pod that was made before the Secret, in another chart of its namespace', () => {
    const made = manifestsFor(make(), (app) => {
      const first = new Chart(app, 'first', { namespace: 'polls' });
      django(first, { secretEnvironment: { KEY: { secretName: 'stripe', key: 'api-key' } } });
      postgres(first, { password: { secretName: 'stripe', key: 'api-key' } });
      stripe(new Chart(app, 'second', { namespace: 'polls' }));
    });
    const readers = podsIn(made).filter((pod) =>
      containersOf(pod).some((one) => read(one).includes('stripe')),
    );
    expect(readers.map(({ kind }) => kind)).toEqual(['Deployment', 'StatefulSet']);
    for (const { spec } of readers) expect(mounted(spec, spec.containers[0])).toEqual(['stripe']);
  });

  it('a Secret of that name in another namespace is another one', () => {
    const made = manifestsFor(make(), (app) => {
      const chart = new Chart(app, 'first', { namespace: 'polls' });
      django(chart, { secretEnvironment: { KEY: { secretName: 'stripe', key: 'api-key' } } });
      stripe(new Chart(app, 'second', { namespace: 'elsewhere' }));
    });
    for (const { spec } of podsIn(made)) expect(spec.volumes.some(({ csi }: any) => csi)).toBe(false);
  });

  it('the commands link each ServiceAccount that reads with the identity, once', () => {
    const chart = chartOn(make());
    consumers(chart, ['database', 'stripe']);
    const commands = Distribution.identityCommands(chart)!;
    const accounts = [...commands.matchAll(/^# ServiceAccount "(.*)" of namespace "polls" reads secrets$/gm)];
    expect(accounts.map(([, name]) => name)).toEqual(['polls', 'polls-db']);
  });

  it('refuses an interval, which the driver has one of', () => {
    const changes = { refreshInterval: Duration.hours(2) };
    expect(errorOf((chart) => stripe(chart, changes), make())).toBe(
      'polls/Stripe: refreshInterval 7200 is for the whole cluster with the Secrets Store CSI driver. Leave it ' +
        'out, and set the rotation of the driver or of its add-on.',
    );
  });
});

describe('the commands', () => {
  const commands = (distribution: IDistribution) => {
    const chart = chartOn(distribution);
    django(chart, { secretEnvironment: { STRIPE: stripe(chart).value('api-key') } });
    return Distribution.identityCommands(chart);
  };

  it('federate the managed identity with the ServiceAccount, and let it read the vault', () => {
    expect(commands(aks())).toContain(`clientId=='${CLIENT_ID}'`);
    expect(commands(aks())).toContain('--subject system:serviceaccount:polls:polls ');
    expect(commands(aks())).toContain('Key Vault Secrets User');
  });

  it('associate the ServiceAccount with a role, and let it read Secrets Manager', () => {
    expect(commands(eks())).toContain('--cluster-name "acme" --namespace polls');
    expect(commands(eks())).toContain('--service-account polls ');
    expect(commands(eks())).toContain('secretsmanager:GetSecretValue');
  });

  it('are none while nothing reads', () => {
    const chart = chartOn(aks());
    stripe(chart);
    expect(Distribution.identityCommands(chart)).toBeUndefined();
  });
});

it.each([
  ['AKS Automatic', new AzureKeyVaultCsi(AZURE)],
  ['EKS Auto Mode', new AwsSecretsManagerCsi(AWS)],
])('the admission of %s has nothing against the volumes', (name, secrets) => {
  const made = synth((chart) => allOptions(chart), { ...MODES[name].make(), secrets });
  expect(made.map(({ kind }) => kind)).toContain('SecretProviderClass');
});

it('the password of a managed database is mounted by the applications that use it', () => {
  const distribution = Distribution.eks({
    secrets: new AwsSecretsManagerCsi(AWS),
    postgres: new RdsPostgres({
      servers: {
        'polls-db': { host: 'polls.rds.example.com', password: { secret: 'rds', property: 'password' } },
      },
      certificatePath: '/etc/ssl/rds.pem',
    }),
  });
  const made = synth((chart) => django(chart, { database: postgres(chart) }), distribution);
  const { spec } = find(made, 'Deployment', 'polls').spec.template;
  expect(mounted(spec, spec.containers[0])).toEqual(['polls-db']);
});

describe('is refused', () => {
  it.each<[AzureKeyVaultCsiProps, Partial<StoredSecretProps>, string]>([
    [
      { ...AZURE, keyVaultName: 'https://acme.vault.azure.net' },
      {},
      'secrets.keyVaultName "https://acme.vault.azure.net" is not the name of a vault. Give the first part of its ' +
        'host, such as "acme" of acme.vault.azure.net.',
    ],
    [
      AZURE,
      { keys: { key: { secret: 'a', property: 'b' } } },
      'keys.key.property "b" is not supported: the Secrets Store CSI driver takes only whole values from Key Vault. Store it ' +
        'as a secret of its own, or give the distribution secrets: new AzureKeyVault({ … }).',
    ],
    [
      AZURE,
      { keys: { key: { secret: 'a_b' } } },
      'keys.key.secret "a_b" is not a name that Key Vault takes. Use letters, digits and "-", at most 127.',
    ],
  ])('by Azure: %j %j', (props, changes, message) => {
    expect(errorOf((chart) => stripe(chart, changes), aks(props))).toBe(`polls/Stripe: ${message}`);
  });

  it('by Azure for want of an identity', () => {
    const distribution = Distribution.openshift({ secrets: new AzureKeyVaultCsi(AZURE) });
    expect(errorOf((chart) => stripe(chart), distribution)).toBe(
      'polls/Stripe: identity (not given) is needed to know the managed identity that reads the vault. Give the ' +
        'distribution identity: new AzureIdentity({ clientIds: { "secret-store": "…" } }).',
    );
  });

  it.each<[StoredSecretProps['keys'], string]>([
    [{ one: { secret: 'a', property: 'x' }, two: { secret: 'a', property: 'x', version: '2' } }, 'two'],
    [{ one: { secret: 'a' }, two: { secret: 'a' } }, 'two'],
  ])('by AWS: a secret twice, %j', (keys, key) => {
    expect(errorOf((chart) => stripe(chart, { keys }), eks())).toBe(
      `polls/Stripe: keys.${key}.secret "a" is read twice, which AWS’s provider does only for several properties of ` +
        'one version. Use one key for it, or another StoredSecret.',
    );
  });

  it('by AWS: a name that it does not take', () => {
    expect(errorOf((chart) => stripe(chart, { keys: { key: { secret: 'a b' } } }), eks())).toBe(
      'polls/Stripe: keys.key.secret "a b" is not a name that Secrets Manager takes. Use letters, digits and "/_+=.@-", ' +
        'or give the ARN.',
    );
  });
});
