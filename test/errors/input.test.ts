import { Chart } from 'cdk8s';
import {
  Distribution,
  GeneratedSecret,
  GeneratedSecretKind,
  HealthMonitoring,
  IDistribution,
  ImageBuild,
  LeastPrivilegeAccess,
  PostgresBackend,
  PublicRoute,
  StoredSecret,
  ValkeyBackend,
} from 'cdk8s-django';
import { ShipwrightBuilds } from 'cdk8s-django/builds';
import { RdsPostgres } from 'cdk8s-django/postgres';
import { NodeLabelScheduling } from 'cdk8s-django/scheduling';
import { AwsSecretsManagerCsi, AzureKeyVaultCsi, ExistingSecretStore } from 'cdk8s-django/secrets';
import { StorageClasses } from 'cdk8s-django/storage';
import { django, HOST, IMAGE, postgres, synth } from '../support/synth';
import { BadInput, eachGivesItsMessage } from './support';

const json = (value: unknown) => JSON.stringify(value);

/** Each of some values, with the message that they all give. */
function each<Value>(
  values: Value[],
  define: (chart: Chart, value: Value) => unknown,
  message: (value: Value) => string,
  distribution?: IDistribution,
): BadInput[] {
  return values.map((value) => ({
    what: json(value),
    define: (chart) => define(chart, value),
    message: message(value),
    distribution,
  }));
}

describe('a Secret to pull images with', () => {
  const NAME = 'Use lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit.';
  const owners: [string, string, (chart: Chart, imagePullSecrets: string[]) => unknown][] = [
    ['an application', 'Polls', (chart, imagePullSecrets) => django(chart, { imagePullSecrets })],
    ['a database', 'Database', (chart, imagePullSecrets) => postgres(chart, { imagePullSecrets })],
    [
      'a Redis server',
      'Cache',
      (chart, imagePullSecrets) => new ValkeyBackend(chart, 'Cache', { name: 'cache', imagePullSecrets }),
    ],
  ];
  describe.each(owners)('of %s', (_what, id, define) => {
    eachGivesItsMessage([
      ...each(
        ['', 'a b', 'My_Secret'],
        (chart, name) => define(chart, [name]),
        (name) => `polls/${id}: imagePullSecrets ${json(name)} is not a name that Kubernetes takes. ${NAME}`,
      ),
      ...each(
        ['registry'],
        (chart, name) => define(chart, [name, name]),
        () => `polls/${id}: imagePullSecrets "registry" is given twice. Remove one of them.`,
      ),
    ]);
  });
});

describe('a size without its unit', () => {
  const message = (property: string, value: string) =>
    `polls/${property} "${value}" is less than 1Mi, in which nothing runs. ` +
    'Give it with its unit, such as "512Mi" or "20Gi".';
  eachGivesItsMessage([
    ...each(
      ['256', '1023Ki'],
      (chart, memoryRequest) => django(chart, { resources: { memoryRequest } }),
      (value) => message('Polls: resources.memoryRequest', value),
    ),
    ...each(
      ['20'],
      (chart, storage) => postgres(chart, { storage }),
      (value) => message('Database: storage', value),
    ),
    ...each(
      ['1'],
      (chart, storage) => new ValkeyBackend(chart, 'Queue', { name: 'queue', storage }),
      (value) => message('Queue: storage', value),
    ),
    ...each(
      ['5'],
      (chart, size) => django(chart, { media: { mountPath: '/media', size } }),
      (value) => message('Polls: media.size', value),
    ),
  ]);
});

describe('labels of a peer', () => {
  const access = (peer: object) => (chart: Chart) =>
    new LeastPrivilegeAccess(chart, 'Access', { app: django(chart), ingress: [{ peers: [peer] }] });
  eachGivesItsMessage([
    ...['', 'a b', '-a', 'a'.repeat(64), 'Example.com/a', '/a', 'a/b/c'].map((label) => ({
      what: `the key ${json(label)}`,
      define: access({ podLabels: { [label]: 'b' } }),
      message:
        `polls/Access: ingress.peers.podLabels ${json(label)} is not the key of a label. ` +
        'Use letters, digits, "-", "_" and ".", at most 63, after a DNS name and "/" if it has one.',
    })),
    ...['a b', '-a', 'a'.repeat(64)].map((value) => ({
      what: `the value ${json(value)}`,
      define: access({ namespaceLabels: { 'example.com/team': value } }),
      message:
        `polls/Access: ingress.peers.namespaceLabels.example.com/team ${json(value)} is not a value that a label ` +
        'can have. Use letters, digits, "-", "_" and ".", beginning and ending with a letter or digit.',
    })),
    {
      what: 'no peers of a cache',
      define: (chart) => django(chart, { cache: { url: 'redis://cache', peers: [] } }),
      message: 'polls/Polls: cache.peers [] is empty. Name them, or leave it out to mean anybody.',
    },
  ]);

  it('may have an empty value and a DNS name before their key', () => {
    const peers = [{ podLabels: { 'example.com/Team_1': '', app: 'a.b_C' } }];
    expect(() => synth((chart) => django(chart, { cache: { url: 'redis://cache', peers } }))).not.toThrow();
  });
});

describe('what an application is told', () => {
  eachGivesItsMessage([
    ...each(
      ['', 'a b', 'a\nb', '-a', '*'],
      (chart, workerClass) => django(chart, { workerClass }),
      (value) =>
        `polls/Polls: workerClass ${json(value)} is not a worker class of gunicorn. ` +
        'Give a name such as "gthread", or a class such as "mysite.workers.Worker".',
    ),
    ...each(
      [''],
      (chart, logFormat) => django(chart, { settingsOverlay: { logFormat: logFormat as any } }),
      () =>
        'polls/Polls: settingsOverlay.logFormat "" is not a format that the overlay writes. Use "json", "gke" or "keep".',
    ),
    ...each(
      [[''], ['loaddata countries'], ['--help'], ['send-digest']],
      (chart, command) => django(chart).addCommand({ name: 'x', command }),
      (value) =>
        `polls/Polls: command ${json(value)} is not a management command. ` +
        'Give the command and its arguments, such as ["loaddata", "countries"].',
    ),
    ...each(
      ['', ' ', 'a\nb', ' admin'],
      (chart, username) => django(chart).addSuperuser({ username, password: { secretName: 's', key: 'k' } }),
      (value) =>
        `polls/Polls: username ${json(value)} is not a name to log in with. Give one line without blanks at its ends.`,
    ),
    ...each(
      ['', 'admin', 'a b@example.com', 'a@b@c', 'a@b\n'],
      (chart, email) =>
        django(chart).addSuperuser({ username: 'admin', email, password: { secretName: 's', key: 'k' } }),
      (value) =>
        `polls/Polls: email ${json(value)} is not a mail address. ` +
        'Give one, such as "admin@example.com", or leave it out.',
    ),
    {
      what: 'two superusers',
      define: (chart) => {
        const app = django(chart);
        app.addSuperuser({ username: 'one', password: { secretName: 's', key: 'k' } });
        app.addSuperuser({ username: 'two', password: { secretName: 's', key: 'k' } });
      },
      message:
        'polls/Polls: username "two" is a second superuser, and addSuperuser makes the first one alone. ' +
        'Let the first one make the others.',
    },
    {
      what: 'two commands of one name',
      define: (chart) => {
        const app = django(chart);
        app.addCommand({ name: 'digest', command: ['one'] });
        app.addScheduledCommand({ name: 'digest', command: ['two'], schedule: '@daily' });
      },
      message:
        'polls/Polls: name "digest" is the name of another command of the application. ' +
        'Give one of them another name.',
    },
  ]);
});

describe('the path of a URL', () => {
  const paths = ['/%zz', '', 'a', '/a b', '/a\nb', '/a?b'];
  const message = (place: string) => (value: string) =>
    `polls/${place} ${json(value)} is not the path of a URL. Give a path such as "/health", without host, query or spaces.`;
  eachGivesItsMessage([
    ...each(
      paths,
      (chart, path) => new PublicRoute(chart, 'Route', { app: django(chart), hosts: [HOST], paths: [path] }),
      message('Route: paths'),
    ),
    ...each(
      paths,
      (chart, path) => new HealthMonitoring(chart, 'Health', { app: django(chart), readiness: { path } }),
      message('Polls: readiness.path'),
    ),
    ...each(
      paths,
      (chart, path) => new HealthMonitoring(chart, 'Health', { app: django(chart), metrics: { path } }),
      message('Health: metrics.path'),
    ),
  ]);
});

describe('the path of certificates', () => {
  const PATHS = ['', 'ca.pem', '/a b', '/a\nb', 'System'];
  const message = (place: string) => (value: string) =>
    `polls${place} ${json(value)} is not the path of a file. ` +
    'Give the absolute path of a file in the image, such as "/etc/ssl/certs/ca.pem".';
  const rds = (certificatePath: string) =>
    Distribution.eks({
      postgres: new RdsPostgres({ servers: { 'polls-db': { host: 'db.example.com' } }, certificatePath }),
    });
  eachGivesItsMessage([
    ...each(
      PATHS,
      (chart, certificatePath) =>
        PostgresBackend.fromHost(chart, 'Database', {
          host: 'db.example.com',
          database: 'polls',
          user: 'polls',
          password: { secretName: 's', key: 'k' },
          certificatePath,
        }),
      message('/Database: certificatePath'),
    ),
    ...PATHS.map((path) => ({
      what: `${json(path)} on RDS`,
      define: (chart: Chart) => postgres(chart, { password: { secretName: 's', key: 'k' } }),
      distribution: rds(path),
      message: message('/Database: postgres.certificatePath')(path),
    })),
  ]);
});

describe('names that only a platform knows', () => {
  const BAD = ['a b', 'a\nb', '', '-a', 'a;b'];
  const stored = (chart: Chart) =>
    new StoredSecret(chart, 'Stripe', { name: 'stripe', keys: { k: { secret: 's' } } });
  const message = (property: string, value: string) =>
    `polls/Stripe: secrets.${property} ${json(value)} is not a name that the platform has. ` +
    'Use letters, digits, "-", "_", "." and ":".';
  const clientIds = { 'secret-store': '00000000-0000-0000-0000-000000000000' };
  const places: [string, (value: string) => IDistribution][] = [
    ['projectId', (projectId) => Distribution.gke({ projectId })],
    ['region', (region) => Distribution.eks({ region })],
    ['region', (region) => Distribution.eks({ secrets: new AwsSecretsManagerCsi({ region }) })],
    [
      'tenantId',
      (tenantId) => Distribution.aks({ clientIds, keyVaultUrl: 'https://acme.vault.azure.net', tenantId }),
    ],
    [
      'tenantId',
      (tenantId) =>
        Distribution.aks({ clientIds, secrets: new AzureKeyVaultCsi({ keyVaultName: 'acme', tenantId }) }),
    ],
  ];
  eachGivesItsMessage([
    ...places.flatMap(([property, make], index) =>
      // Without a project or a region the distribution has no store at all.
      BAD.filter((value) => value !== '' || [2, 4].includes(index)).map((value) => ({
        what: `${property} ${json(value)} (${index})`,
        define: stored,
        distribution: make(value),
        message: message(property, value),
      })),
    ),
    ...['http://acme.vault.azure.net', 'acme', 'https://acme vault', 'https://a.net/b'].map(
      (keyVaultUrl) => ({
        what: keyVaultUrl,
        define: stored,
        distribution: Distribution.aks({ clientIds, keyVaultUrl, tenantId: 'acme' }),
        message:
          `polls/Stripe: secrets.keyVaultUrl ${json(keyVaultUrl)} is not the URL of a vault. ` +
          'Give it as "https://acme.vault.azure.net".',
      }),
    ),
  ]);
});

describe('a stored value', () => {
  const distribution = Distribution.upstream({ secrets: new ExistingSecretStore({ name: 'vault' }) });
  const stored = (chart: Chart, value: object) =>
    new StoredSecret(chart, 'Stripe', { name: 'stripe', keys: { k: { secret: 's', ...value } } });
  eachGivesItsMessage([
    ...each(
      ['', ' ', 'a\nb'],
      (chart, secret) => stored(chart, { secret }),
      (value) =>
        `polls/Stripe: keys.k.secret ${json(value)} is not a name that a store takes. Give one line.`,
      distribution,
    ),
    ...['property', 'version'].flatMap((part) =>
      each(
        ['', ' '],
        (chart, value) => stored(chart, { [part]: value }),
        (value) =>
          `polls/Stripe: keys.k.${part} ${json(value)} is not a valid property or version. Give its name, or leave it out.`,
        distribution,
      ),
    ),
  ]);
});

describe('a generated Secret', () => {
  const generated = (changes: object) => (chart: Chart) => {
    const python = django(chart);
    return new GeneratedSecret(chart, 'Token', {
      name: 'token',
      selector: python.selector,
      key: 'token',
      kind: GeneratedSecretKind.PASSWORD,
      python,
      ...changes,
    });
  };
  eachGivesItsMessage([
    {
      what: 'a name',
      define: generated({ name: 'My_Token' }),
      message:
        'polls/Token: name "My_Token" is not a DNS label. ' +
        'Use lower-case letters, digits and "-", a letter first and no "-" at the end.',
    },
    {
      what: 'a key',
      define: generated({ key: 'my token' }),
      message:
        'polls/Token: key "my token" is not a key that a Secret can have. ' +
        'Use letters, digits, "-", "_" and ".", and do not begin with "..".',
    },
    {
      what: 'a kind',
      define: generated({ kind: 'certificate' }),
      message: 'polls/Token: kind "certificate" is not a supported kind. Use one of password, secret-key.',
    },
  ]);
});

describe('facts of a cluster', () => {
  const scheduling = (label: string) =>
    new NodeLabelScheduling({ spotLabels: { [label]: 'true' }, nodePoolLabel: label });
  const LABEL =
    'is not the key of a label. Use letters, digits, "-", "_" and ".", at most 63, after a DNS name and "/" if it has one.';
  eachGivesItsMessage([
    {
      what: 'a class of volumes that there cannot be',
      define: (chart) => postgres(chart, { pythonImage: IMAGE }),
      distribution: Distribution.upstream({ storage: new StorageClasses({ storageClassName: 'Bad Name' }) }),
      message:
        'polls/Database: storage.storageClassName "Bad Name" is not a name that Kubernetes takes. ' +
        'Use lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit.',
    },
    {
      what: 'a label of spot nodes that there cannot be',
      define: (chart) => django(chart, { scheduling: { spot: true } }),
      distribution: Distribution.upstream({ scheduling: scheduling('spot nodes') }),
      message: `polls/Polls: scheduling.spotLabels "spot nodes" ${LABEL}`,
    },
    {
      what: 'no label of spot nodes',
      define: (chart) => django(chart, { scheduling: { spot: true } }),
      distribution: Distribution.upstream({ scheduling: new NodeLabelScheduling({ spotLabels: {} }) }),
      message:
        'polls/Polls: scheduling.spot true asks for nodes by a label that the distribution does not know. ' +
        'Leave it out, or give the distribution scheduling: new NodeLabelScheduling({ spotLabels: { … } }).',
    },
    ...['..', '.', 'a/..', '../a', 'a//b', '/a', 'a b', 'a\nb', ''].map((folder) => ({
      what: `the folder ${json(folder)} of a bucket`,
      define: (chart: Chart) => django(chart, { mediaBucket: { name: 'polls-media', folder } }),
      distribution: Distribution.eks({ region: 'eu-west-1' }),
      message:
        `polls/Polls: mediaBucket.folder ${json(folder)} is not a folder of a bucket. ` +
        'Give its path without slashes at the ends, such as "uploads".',
    })),
    {
      what: 'a label of groups of nodes that there cannot be',
      define: (chart) => django(chart, { scheduling: { nodePool: 'web' } }),
      distribution: Distribution.upstream({ scheduling: scheduling('node pool') }),
      message: `polls/Polls: scheduling.nodePoolLabel "node pool" ${LABEL}`,
    },
  ]);
});

describe('the sources of a build', () => {
  const distribution = Distribution.upstream({
    builds: new ShipwrightBuilds({ repository: 'registry.example.com/acme', strategy: 'buildah' }),
  });
  const build = (chart: Chart, changes: object, source: object = {}) =>
    new ImageBuild(chart, 'Image', {
      name: 'polls',
      version: '1.4.2',
      source: { url: 'https://git.example.com/polls.git', ...source },
      ...changes,
    });
  const PATH = 'is not a path within the sources. Give it without "/" at its start and without "..".';
  eachGivesItsMessage([
    ...each(
      [' ', 'a\nb', 'a ', ''],
      (chart, dockerfile) => build(chart, { dockerfile }),
      (value) => `polls/Image: dockerfile ${json(value)} ${PATH}`,
      distribution,
    ),
    ...each(
      [' ', 'a\nb'],
      (chart, directory) => build(chart, {}, { directory }),
      (value) => `polls/Image: source.directory ${json(value)} ${PATH}`,
      distribution,
    ),
    ...each(
      ['..', 'main..next'],
      (chart, revision) => build(chart, {}, { revision }),
      (value) =>
        `polls/Image: source.revision ${json(value)} is not a commit, tag or branch. Give one, such as "v1.4.2".`,
      distribution,
    ),
  ]);
});
