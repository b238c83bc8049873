import { Chart, Duration } from 'cdk8s';
import { Distribution, IDistribution, StoredSecret, StoredSecretProps } from 'cdk8s-django';
import {
  AwsSecretsManager,
  AzureKeyVault,
  ExistingSecretStore,
  GoogleSecretManager,
  SecretStoreKind,
} from 'cdk8s-django/secrets';
import { manifestsFor } from 'cdk8s-django/testing';
import { namesOf } from '../../support/manifests';
import { chartOn, errorOf, find, synth } from '../../support/synth';

const CLIENT_ID = '00000000-0000-0000-0000-000000000000';
const ROLE = 'arn:aws:iam::111122223333:role/secrets';

const gke = () => Distribution.gke({ projectId: 'acme' });
const eks = () => Distribution.eks({ region: 'eu-west-1', roleArns: { 'secret-store': ROLE } });
const aks = () =>
  Distribution.aks({
    keyVaultUrl: 'https://acme.vault.azure.net',
    tenantId: '11111111-1111-1111-1111-111111111111',
    clientIds: { 'secret-store': CLIENT_ID },
  });
const named = () => Distribution.openshift({ secrets: new ExistingSecretStore({ name: 'vault' }) });

const stripe = (chart: Chart, changes: Partial<StoredSecretProps> = {}, id = 'Stripe') =>
  new StoredSecret(chart, id, {
    name: 'stripe',
    keys: { 'api-key': { secret: 'stripe-api-key' } },
    ...changes,
  });
const manifests = (distribution: IDistribution) => synth((chart) => stripe(chart), distribution);
const provider = (distribution: IDistribution) =>
  find(manifests(distribution), 'SecretStore', 'secret-store').spec.provider;

describe('a stored Secret', () => {
  it('takes all props', () => {
    const all: Required<StoredSecretProps> = {
      name: 'stripe',
      keys: {
        'api-key': { secret: 'stripe', property: 'key', version: '3' },
        hook: { secret: 'stripe-hook' },
      },
      refreshInterval: Duration.minutes(90),
    };
    const { spec } = find(
      synth((chart) => stripe(chart, all), named()),
      'ExternalSecret',
      'stripe',
    );
    const defaults = { conversionStrategy: 'Default', decodingStrategy: 'None', metadataPolicy: 'None' };
    expect(spec).toEqual({
      refreshInterval: '1h30m0s',
      secretStoreRef: { kind: 'ClusterSecretStore', name: 'vault' },
      target: { name: 'stripe', creationPolicy: 'Owner', deletionPolicy: 'Retain' },
      data: [
        { secretKey: 'api-key', remoteRef: { key: 'stripe', property: 'key', version: '3', ...defaults } },
        { secretKey: 'hook', remoteRef: { key: 'stripe-hook', ...defaults } },
      ],
    });
  });

  it.each([
    [Duration.hours(24), '24h0m0s'],
    [Duration.minutes(5), '5m0s'],
    [Duration.seconds(45), '45s'],
  ])('is fetched again as often as is said', (refreshInterval, text) => {
    const made = synth((chart) => stripe(chart, { refreshInterval }), named());
    expect(find(made, 'ExternalSecret', 'stripe').spec.refreshInterval).toBe(text);
  });

  it('gives references to its keys, and no Secret into the manifests', () => {
    expect(stripe(chartOn(gke())).value('api-key')).toEqual({ secretName: 'stripe', key: 'api-key' });
    expect(manifests(gke()).map(({ kind }) => kind)).not.toContain('Secret');
  });
});

describe('the store of', () => {
  it('GKE is Secret Manager, read by a ServiceAccount of the namespace', () => {
    expect(namesOf(manifests(gke()))).toEqual([
      'ExternalSecret stripe',
      'SecretStore secret-store',
      'ServiceAccount secret-store',
    ]);
    expect(provider(gke())).toEqual({
      gcpsm: {
        projectID: 'acme',
        auth: { workloadIdentity: { serviceAccountRef: { name: 'secret-store' } } },
      },
    });
    const { metadata } = find(manifests(gke()), 'ServiceAccount', 'secret-store');
    expect(metadata.annotations).toBeUndefined();
  });

  it('GKE takes the Google service account that the ServiceAccount acts as', () => {
    const googleServiceAccounts = { 'secret-store': 'secrets@acme.iam.gserviceaccount.com' };
    const made = manifests(Distribution.gke({ projectId: 'acme', googleServiceAccounts }));
    expect(find(made, 'ServiceAccount', 'secret-store').metadata.annotations).toEqual({
      'iam.gke.io/gcp-service-account': 'secrets@acme.iam.gserviceaccount.com',
    });
  });

  it('EKS is Secrets Manager, with the role of a ServiceAccount', () => {
    expect(provider(eks())).toEqual({
      aws: {
        service: 'SecretsManager',
        region: 'eu-west-1',
        auth: { jwt: { serviceAccountRef: { name: 'secret-store' } } },
      },
    });
    expect(find(manifests(eks()), 'ServiceAccount', 'secret-store').metadata.annotations).toEqual({
      'eks.amazonaws.com/role-arn': ROLE,
    });
  });

  it('EKS is read with the operator’s own identity under Pod Identity, which takes no ServiceAccount', () => {
    const podIdentity = Distribution.eks({ region: 'eu-west-1' });
    expect(provider(podIdentity)).toEqual({ aws: { service: 'SecretsManager', region: 'eu-west-1' } });
    expect(namesOf(manifests(podIdentity))).toEqual(['ExternalSecret stripe', 'SecretStore secret-store']);
  });

  it('AKS is the Key Vault, with the managed identity of a ServiceAccount', () => {
    expect(provider(aks())).toEqual({
      azurekv: {
        authType: 'WorkloadIdentity',
        vaultUrl: 'https://acme.vault.azure.net',
        tenantId: '11111111-1111-1111-1111-111111111111',
        serviceAccountRef: { name: 'secret-store' },
      },
    });
    expect(find(manifests(aks()), 'ServiceAccount', 'secret-store').metadata.annotations).toEqual({
      'azure.workload.identity/client-id': CLIENT_ID,
    });
  });

  it('another cluster is the one that it has', () => {
    expect(namesOf(manifests(named()))).toEqual(['ExternalSecret stripe']);
    const secrets = new ExistingSecretStore({ name: 'vault', kind: SecretStoreKind.SECRET_STORE });
    const { spec } = find(manifests(Distribution.upstream({ secrets })), 'ExternalSecret', 'stripe');
    expect(spec.secretStoreRef).toEqual({ kind: 'SecretStore', name: 'vault' });
  });

  it.each([
    ['gke', gke()],
    ['eks', eks()],
    ['aks', aks()],
  ])('%s is made once, however many Secrets and charts a namespace has', (_name, distribution) => {
    const made = manifestsFor(distribution, (app) => {
      const first = new Chart(app, 'first', { namespace: 'polls' });
      stripe(first);
      stripe(first, { name: 'mail' }, 'Mail');
      stripe(new Chart(app, 'second', { namespace: 'polls' }), { name: 'other' });
      stripe(new Chart(app, 'third', { namespace: 'elsewhere' }));
    });
    const stores = made.filter(({ kind }) => kind === 'SecretStore');
    expect(stores.map(({ metadata }) => metadata.namespace)).toEqual(['polls', 'elsewhere']);
    expect(made.filter(({ kind }) => kind === 'ExternalSecret')).toHaveLength(4);
  });
});

describe('the commands that a store needs', () => {
  const commands = (distribution: IDistribution) => {
    const chart = chartOn(distribution);
    stripe(chart);
    return Distribution.identityCommands(chart);
  };

  it('let the ServiceAccount read Secret Manager', () => {
    expect(commands(gke())).toContain('ns/polls/sa/secret-store"');
    expect(commands(gke())).toContain('--role=roles/secretmanager.secretAccessor');
  });

  it('let the role read Secrets Manager, where there is one', () => {
    expect(commands(eks())).toContain('system:serviceaccount:polls:secret-store');
    expect(commands(eks())).toContain('secretsmanager:GetSecretValue');
    expect(commands(Distribution.eks({ region: 'eu-west-1' }))).toBeUndefined();
  });

  it('let the managed identity read the Key Vault', () => {
    expect(commands(aks())).toContain('--subject system:serviceaccount:polls:secret-store');
    expect(commands(aks())).toContain('Key Vault Secrets User');
  });
});

describe('a stored Secret that cannot be', () => {
  const NO_STORE =
    'Give the distribution projectId (GKE), region (EKS), keyVaultUrl and tenantId (AKS), ' +
    'or secrets: new ExistingSecretStore({ name: "…" }); or use an ExistingSecret.';

  it.each([
    ['gke', Distribution.gke()],
    ['eks', Distribution.eks()],
    ['aks', Distribution.aks()],
    ['openshift', Distribution.openshift()],
    ['upstream', Distribution.upstream()],
  ])('for want of a store on %s', (name, distribution) => {
    expect(errorOf((chart) => stripe(chart), distribution)).toBe(
      `polls/Stripe: secrets (not given) is needed: no secret store is known on ${name}. ${NO_STORE}`,
    );
  });

  it.each([
    [
      new GoogleSecretManager({ projectId: 'acme' }),
      'polls/stripe',
      'Secret Manager takes. Use letters, digits, "-" and "_".',
    ],
    [
      new AwsSecretsManager({ region: 'eu-west-1' }),
      'polls stripe',
      'Secrets Manager takes. Use letters, digits and "/_+=.@-", or give the ARN.',
    ],
    [
      new AzureKeyVault({ keyVaultUrl: 'https://acme.vault.azure.net', tenantId: 't' }),
      'polls_stripe',
      'Key Vault takes. Use letters, digits and "-", at most 127.',
    ],
  ])('for its name in the store', (secrets, secret, rest) => {
    const error = errorOf(
      (chart) => stripe(chart, { keys: { key: { secret } } }),
      Distribution.upstream({ secrets }),
    );
    expect(error).toBe(`polls/Stripe: keys.key.secret "${secret}" is not a name that ${rest}`);
  });

  it('for want of keys', () => {
    expect(errorOf((chart) => stripe(chart, { keys: {} }), named())).toBe(
      'polls/Stripe: keys {} names no key. Give at least one, such as { "api-key": { secret: "stripe-api-key" } }.',
    );
  });

  it('for a key that it does not have', () => {
    expect(errorOf((chart) => stripe(chart).value('key'), named())).toBe(
      'polls/Stripe: key "key" is not a key of Secret "stripe". Use one of its keys (api-key), or add it to them.',
    );
  });

  it('for a kind of store that there is not', () => {
    const secrets = new ExistingSecretStore({ name: 'vault', kind: 'Vault' as any });
    expect(errorOf((chart) => stripe(chart), Distribution.upstream({ secrets }))).toBe(
      'polls/Stripe: secrets.kind "Vault" is not a kind of store. Use "ClusterSecretStore" or "SecretStore".',
    );
  });

  it('for want of a managed identity on AKS', () => {
    const distribution = Distribution.aks({
      keyVaultUrl: 'https://acme.vault.azure.net',
      tenantId: '11111111-1111-1111-1111-111111111111',
    });
    expect(errorOf((chart) => stripe(chart), distribution)).toBe(
      'polls/Stripe: clientIds.secret-store (not given) is needed for ServiceAccount "secret-store" to act as a ' +
        'managed identity. Give Distribution.aks({ clientIds: { "secret-store": "…" } }).',
    );
  });
});
