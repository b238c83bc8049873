import { Chart } from 'cdk8s';
import {
  Architecture,
  Distribution,
  DjangoApp,
  DjangoAppProps,
  PodKind,
  TaintEffect,
  VolumeSource,
} from 'cdk8s-django';
import { EgressTarget } from 'cdk8s-django/network';
import { CloudSqlPostgres } from 'cdk8s-django/postgres';
import { S3Storage } from 'cdk8s-django/storage';
import { podsIn } from '../support/manifests';
import { django, IMAGE, postgres, synth } from '../support/synth';
import { atSynth, BadInput, eachGivesItsMessage } from './support';

const SECRET = { secretName: 'sentry', key: 'dsn' };
const SIDECAR = { name: 'agent', image: 'registry.example.com/agent:1.0.0' };
const EMPTY = VolumeSource.emptyDirectory();
const WEB = { pods: [PodKind.WEB] };
const MAIL = EgressTarget.addresses(['203.0.113.25/32'], [{ port: 587 }]);
const AGAIN = 'is added to the same pods already. Add it once, or give the two different pods.';
const OWN_LABEL = 'is a label that the library sets itself, and pods are found by it. Choose another one.';

type Add = (app: DjangoApp) => void;

/** An application to which something is added that it cannot have; the message without its path. */
function added(what: string, add: Add, message: string, changes: Partial<DjangoAppProps> = {}): BadInput {
  const define = (chart: Chart) => add(django(chart, changes));
  return { what, define, message: `polls/Polls: ${message}` };
}

/** The same, told at synth. */
function late(what: string, add: Add, message: string, changes: Partial<DjangoAppProps> = {}): BadInput {
  return { ...added(what, add, message, changes), message: atSynth(`[polls/Polls] ${message}`) };
}

describe('an empty directory', () => {
  const folder = (size: string) => (app: DjangoApp) =>
    app.addVolume({ name: 'cache', source: VolumeSource.emptyDirectory(size) });
  eachGivesItsMessage([
    added(
      'of no size',
      folder('much'),
      'source "much" is not a quantity of bytes. Give a number with a unit such as "512Mi" or "20Gi".',
    ),
    added(
      'of a size without a unit',
      folder('512'),
      'source "512" is less than 1Mi, in which nothing runs. Give it with its unit, such as "512Mi" or "20Gi".',
    ),
  ]);
});

describe('pods', () => {
  eachGivesItsMessage([
    added(
      'none',
      (app) => app.addEnvironment('A', '1', { pods: [] }),
      'pods [] is empty. Use members of PodKind, or leave pods out to mean all pods.',
    ),
    added(
      'of no kind',
      (app) => app.allowEgressTo(MAIL, { pods: ['cron' as any] }),
      'pods "cron" is not a kind of pods. Use members of PodKind, or leave pods out to mean all pods.',
    ),
  ]);
});

describe('a variable that is added', () => {
  eachGivesItsMessage([
    added(
      'not a name',
      (app) => app.addEnvironment('MY-VAR', '1'),
      'name "MY-VAR" is not the name of an environment variable. Use letters, digits and "_", and no digit first.',
    ),
    added(
      'one that the library sets',
      (app) => app.addEnvironment('DJANGO_SETTINGS_MODULE', 'x'),
      'name "DJANGO_SETTINGS_MODULE" is a variable that the library sets itself. Use settingsModule.',
    ),
    added(
      'one of the database',
      (app) => app.addSecretEnvironment('DATABASE_URL', SECRET),
      'name "DATABASE_URL" is a variable that the library sets itself. Give it to the database.',
      { database: { environment: [], port: 5432, addClient() {}, restrictNetwork() {} } },
    ),
    added(
      'no text',
      (app) => app.addEnvironment('A', 1 as any),
      'value 1 of A is not a string. Write it in quotes.',
    ),
    added(
      'with the props more than a ConfigMap holds',
      (app) => {
        for (let index = 0; index < 8; index++) app.addEnvironment(`LONG_${index}`, 'x'.repeat(127 * 1024));
      },
      `value ["GREETING","LONG_0","LONG_1","LONG_2","LONG_3","LONG_4","LONG_5","LONG_6","LONG_7"] has ` +
        `${8 * (127 * 1024 + 8) + 12} bytes, and a ConfigMap at most 1 MiB, the variables of the library included. ` +
        'Put what is long into files of the image.',
      { environment: { GREETING: 'hi' } },
    ),
    added(
      'in the props',
      (app) => app.addSecretEnvironment('GREETING', SECRET),
      'name "GREETING" is in environment already. Keep it in one of them.',
      { environment: { GREETING: 'hi' } },
    ),
    added(
      'in the Secrets of the props',
      (app) => app.addEnvironment('TOKEN', '1', WEB),
      'name "TOKEN" is in secretEnvironment already. Keep it in one of them.',
      { secretEnvironment: { TOKEN: SECRET } },
    ),
    {
      ...added(
        'one of the bucket',
        (app) => app.addSecretEnvironment('AWS_ACCESS_KEY_ID', SECRET),
        'name "AWS_ACCESS_KEY_ID" is a variable of mediaBucket. Choose another one.',
        { mediaBucket: { name: 'polls' } },
      ),
      distribution: Distribution.openshift({
        objectStorage: new S3Storage({ keys: { accessKeyId: SECRET, secretAccessKey: SECRET } }),
      }),
    },
    added(
      'there twice',
      (app) => {
        app.addEnvironment('A', '1');
        app.addSecretEnvironment('A', SECRET, WEB);
      },
      `name "A" ${AGAIN}`,
    ),
    added(
      'of a Secret that there cannot be',
      (app) => app.addSecretEnvironment('A', { secretName: 'My_Secret', key: 'a' }),
      'value.secretName "My_Secret" is not a name that Kubernetes takes. ' +
        'Use lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit.',
    ),
  ]);
});

describe('a volume that is added', () => {
  const KEPT =
    'is a name that the library keeps for volumes of its own. Choose another one, which does not begin with "secret-".';
  eachGivesItsMessage([
    ...['tmp', 'secret-polls'].map((name) =>
      added(`named ${name}`, (app) => app.addVolume({ name, source: EMPTY }), `name "${name}" ${KEPT}`),
    ),
    added(
      'there twice',
      (app) => {
        app.addVolume({ name: 'data', source: EMPTY, ...WEB });
        app.addVolume({ name: 'data', source: EMPTY });
      },
      `name "data" ${AGAIN}`,
    ),
    ...[
      ['/tmp/cache', '/tmp'],
      ['/app', '/app/media'],
      ['/data', '/data/one'],
    ].map(([mountPath, other]) =>
      added(
        `mounted at ${mountPath}`,
        (app) => {
          app.addVolume({ name: 'one', source: EMPTY, mountPath: '/data/one' });
          app.addVolume({ name: 'data', source: EMPTY, mountPath });
        },
        `mountPath "${mountPath}" overlaps "${other}", where the pods have something else. Give a path such as "/app/media".`,
        { media: { mountPath: '/app/media', size: '1Gi', storageClassName: 'shared' } },
      ),
    ),
    added(
      'mounted at no path',
      (app) => app.addVolume({ name: 'data', source: EMPTY, mountPath: 'data' }),
      'mountPath "data" is not an absolute path that a volume can be mounted at. Give a path such as "/app/media".',
    ),
  ]);
});

describe('a sidecar that is added', () => {
  const own = 'is the name of a container that the library makes. Choose another one.';
  const sidecar = (what: string, props: any, message: string) =>
    added(what, (app) => app.addSidecar({ ...SIDECAR, ...props }), message);
  eachGivesItsMessage([
    sidecar('named as a container', { name: 'wait-for-schema' }, `name "wait-for-schema" ${own}`),
    sidecar(
      'without a tag',
      { image: 'agent' },
      'image "agent" has no tag, which means "latest". Give an image with a version tag or a digest, such as "registry.example.com/polls:1.4.2".',
    ),
    sidecar(
      'on the port of the replicas',
      { ports: [8000] },
      'ports 8000 is a port of another container of the same pods. Choose another one.',
    ),
    sidecar(
      'with a variable twice',
      { environment: { A: '1' }, secretEnvironment: { A: SECRET } },
      'secretEnvironment "A" is in environment too. Keep it in one of them.',
    ),
    sidecar(
      'with a variable that there cannot be',
      { environment: { 'A-B': '1' } },
      'environment "A-B" is not the name of an environment variable. Use letters, digits and "_", and no digit first.',
    ),
    sidecar(
      'asked on no port',
      { healthCheck: { port: 0 } },
      'healthCheck.port 0 is not a whole number from 1024 to 65535. Give a whole number from 1024 to 65535.',
    ),
    sidecar(
      'with two volumes at one path',
      { volumeMounts: { one: '/data', two: '/data' } },
      'volumeMounts "/data" overlaps "/data", where the pods have something else. Give a path such as "/app/media".',
    ),
    added(
      'there twice',
      (app) => {
        app.addSidecar(SIDECAR);
        app.addSidecar({ ...SIDECAR, ...WEB });
      },
      `name "agent" ${AGAIN}`,
    ),
    added(
      'on the port of another one',
      (app) => {
        app.addSidecar({ ...SIDECAR, ports: [4317] });
        app.addSidecar({ ...SIDECAR, name: 'other', ports: [4317] });
      },
      'ports 4317 is a port of another container of the same pods. Choose another one.',
    ),
    {
      what: 'named as that of the database',
      define: (chart) => {
        const database = postgres(chart, { password: { secretName: 'db', key: 'password' } });
        django(chart, { database }).addSidecar({ ...SIDECAR, name: 'cloud-sql-proxy' });
      },
      message: `polls/Polls: name "cloud-sql-proxy" ${own}`,
      distribution: Distribution.gke({
        postgres: new CloudSqlPostgres({
          instances: { 'polls-db': { connectionName: 'acme:europe-west1:polls' } },
        }),
      }),
    },
    late(
      'with a volume that its pods do not have',
      (app) => {
        app.addSidecar({ ...SIDECAR, volumeMounts: { data: '/data' } });
        app.addVolume({ name: 'data', source: EMPTY, pods: [PodKind.WEB, PodKind.JOBS] });
      },
      'volumeMounts "data" of sidecar "agent" is not a volume that was added to pods of kind "workers". ' +
        'Add it by addVolume, to the same pods.',
    ),
  ]);

  it('cannot have the name of any container that the library makes', () => {
    const manifests = synth((chart) => {
      const app = django(chart, {
        database: postgres(chart),
        celery: { broker: { url: 'redis://queue:6379/0' } },
        settingsOverlay: { keepStatic: true },
        media: { mountPath: '/app/media', size: '1Gi', storageClassName: 'shared' },
      });
      app.addCeleryWorker({ name: 'default' });
      app.addCeleryBeat();
      app.addCommand({ name: 'countries', command: ['loaddata', 'countries'] });
      app.addSuperuser({ username: 'admin', password: SECRET });
    });
    const containers = podsIn(manifests)
      .filter(({ labels }) => labels['app.kubernetes.io/name'] === 'polls')
      .flatMap(({ spec }) => [...(spec.initContainers ?? []), ...spec.containers])
      .filter(({ image, command }) => image === IMAGE && !command.includes('cdk8s_django.generate_secret'));
    const names = [...new Set<string>(containers.map(({ name }) => name))];
    expect(names.length).toBeGreaterThan(6);
    for (const name of names) {
      expect(() => synth((chart) => django(chart).addSidecar({ ...SIDECAR, name }))).toThrow(own);
    }
  });
});

describe('labels and annotations that are added', () => {
  const NOT_A_KEY =
    'is not the key of a label. Use letters, digits, "-", "_" and ".", at most 63, after a DNS name and "/" if it has one.';
  eachGivesItsMessage([
    added(
      'a label that selects',
      (app) => app.addPodLabel('app.kubernetes.io/component', 'x'),
      `name "app.kubernetes.io/component" ${OWN_LABEL}`,
    ),
    {
      ...added(
        'a label by which the platform knows pods',
        (app) => app.addPodLabel('azure.workload.identity/use', 'false'),
        `name "azure.workload.identity/use" ${OWN_LABEL}`,
        { platformIdentity: true },
      ),
      distribution: Distribution.aks({ clientIds: { polls: '00000000-0000-0000-0000-000000000000' } }),
    },
    added('a label that is no key', (app) => app.addPodLabel('a b', 'x'), `name "a b" ${NOT_A_KEY}`),
    added(
      'a label of no text',
      (app) => app.addPodLabel('team', true as any),
      'value true of team is not a string. Write it in quotes.',
    ),
    added(
      'a label twice',
      (app) => {
        app.addPodLabel('team', 'a');
        app.addPodLabel('team', 'b', WEB);
      },
      `name "team" ${AGAIN}`,
    ),
    added(
      'an annotation that is no key',
      (app) => app.addPodAnnotation('a b', ''),
      `name "a b" ${NOT_A_KEY}`,
    ),
    added(
      'an annotation of no text',
      (app) => app.addPodAnnotation('team', 1 as any),
      'value 1 of team is not a string. Write it in quotes.',
    ),
    added(
      'an annotation of the library',
      (app) => app.addPodAnnotation('checksum/config', 'x'),
      'name "checksum/config" is an annotation that the library sets itself. Choose another one.',
    ),
  ]);
});

describe('nodes that are added', () => {
  eachGivesItsMessage([
    late(
      'against scheduling',
      (app) => app.addNodeSelector('kubernetes.io/arch', 'amd64', WEB),
      'addNodeSelector "amd64" of kubernetes.io/arch contradicts "arm64", by which scheduling places the same pods. ' +
        'Leave it out, or leave the pods out by the option pods.',
      { scheduling: { architecture: Architecture.ARM64 } },
    ),
    late(
      'against the scheduling of a worker',
      (app) => {
        app.addNodeSelector('kubernetes.io/arch', 'amd64', { pods: [PodKind.WORKERS] });
        app.addCeleryWorker({ name: 'default', scheduling: { architecture: Architecture.ARM64 } });
      },
      'addNodeSelector "amd64" of kubernetes.io/arch contradicts "arm64", by which scheduling places the same pods. ' +
        'Leave it out, or leave the pods out by the option pods.',
      { celery: { broker: { url: 'redis://queue:6379/0' } } },
    ),
    added(
      'by a taint without an effect that there is',
      (app) => app.addToleration({ key: 'dedicated', effect: 'Never' as TaintEffect }),
      'effect "Never" is not an effect of a taint. Use a member of TaintEffect.',
    ),
  ]);
});

describe('names that are added', () => {
  const NO_ADDRESS = 'is not an address. Give one of IPv4 or IPv6, such as "203.0.113.25".';
  const dns = (what: string, props: any, message: string) =>
    added(what, (app) => app.addDnsConfiguration(props), message);
  eachGivesItsMessage([
    added(
      'at no address',
      (app) => app.addHostAlias({ ip: 'legacy', hostnames: ['a'] }),
      `ip "legacy" ${NO_ADDRESS}`,
    ),
    added(
      'of nothing',
      (app) => app.addHostAlias({ ip: '10.0.0.5', hostnames: [] }),
      'hostnames [] is empty. Give the names of the address.',
    ),
    added(
      'at an address twice',
      (app) => {
        app.addHostAlias({ ip: '10.0.0.5', hostnames: ['a.example.com'] });
        app.addHostAlias({ ip: '10.0.0.5', hostnames: ['b.example.com'] });
      },
      `ip "10.0.0.5" ${AGAIN}`,
    ),
    dns('by a server without address', { nameservers: ['dns'] }, `nameservers "dns" ${NO_ADDRESS}`),
    dns(
      'by too many servers',
      { nameservers: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'] },
      'nameservers ["10.0.0.1","10.0.0.2","10.0.0.3","10.0.0.4"] has 4 items, and Kubernetes takes 3. Leave some out.',
    ),
    added(
      'by an option twice',
      (app) => {
        app.addDnsConfiguration({ options: { ndots: '2' } });
        app.addDnsConfiguration({ options: { ndots: '3' }, ...WEB });
      },
      `options "ndots" ${AGAIN}`,
    ),
  ]);
});
