import { Chart } from 'cdk8s';
import { Architecture, LeastPrivilegeAccess, ValkeyBackend, ValkeyBackendProps } from 'cdk8s-django';
import { SAMPLES, sample } from '../support/distributions';
import { namesOf } from '../support/manifests';
import { chartOn, configOf, django, find, IMAGE, startingWith, synth, webContainer } from '../support/synth';

const PASSWORD = { secretName: 'queue-password', key: 'password' };

const valkey = (chart: Chart, changes: Partial<ValkeyBackendProps> = {}) =>
  new ValkeyBackend(chart, 'Queue', { name: 'polls-queue', ...changes });
const server = (changes: Partial<ValkeyBackendProps> = {}, distribution = sample('upstream')) =>
  synth((chart) => valkey(chart, { password: PASSWORD, ...changes }), distribution);
const statefulSet = (manifests: any[]) => find(manifests, 'StatefulSet', 'polls-queue').spec;
const containerOf = (manifests: any[]) => statefulSet(manifests).template.spec.containers[0];
const configuration = (manifests: any[]): Record<string, string> =>
  Object.fromEntries(
    find(manifests, 'ConfigMap', 'polls-queue')
      .data['valkey.conf'].trim()
      .split('\n')
      .map((line: string) => line.split(/ (.*)/)),
  );

describe('ValkeyBackend with a password', () => {
  it('makes the server, its configuration, its Service and an account without rights', () => {
    expect(namesOf(server())).toEqual([
      'ConfigMap polls-queue',
      'PriorityClass polls-first',
      'Service polls-queue',
      'ServiceAccount polls-queue',
      'StatefulSet polls-queue',
    ]);
  });

  it('with storage writes to a volume before it acknowledges, and refuses to forget', () => {
    const manifests = server({ storage: '2Gi' });
    expect(configuration(manifests)).toMatchObject({
      appendonly: 'yes',
      appendfsync: 'always',
      'maxmemory-policy': 'noeviction',
      maxmemory: String(Math.floor(256 * 2 ** 20 * 0.6)),
      dir: '/data',
    });
    const [claim] = statefulSet(manifests).volumeClaimTemplates;
    expect(claim.spec.resources.requests.storage).toBe('2Gi');
    expect(containerOf(manifests).volumeMounts).toContainEqual({ name: 'data', mountPath: '/data' });
  });

  it('without storage is a cache: nothing is kept, and what was used least is forgotten', () => {
    const manifests = server({ resources: { memoryLimit: '1Gi' } });
    expect(configuration(manifests)).toMatchObject({
      appendonly: 'no',
      'maxmemory-policy': 'allkeys-lru',
      maxmemory: String(Math.floor(2 ** 30 * 0.8)),
    });
    const { volumeClaimTemplates, template } = statefulSet(manifests);
    expect(volumeClaimTemplates).toBeUndefined();
    expect(template.spec.volumes.map(({ name }: any) => name)).toEqual(['tmp', 'config']);
    expect(configuration(manifests).dir).toBe('/tmp');
  });

  it('asks for the password, which is in no manifest and no probe', () => {
    const container = containerOf(server());
    for (const name of ['REDISCLI_AUTH', 'VALKEYCLI_AUTH']) {
      expect(container.env).toContainEqual({
        name,
        valueFrom: { secretKeyRef: { name: 'queue-password', key: 'password' } },
      });
    }
    expect(container.command[2]).toContain('--requirepass "${VALKEYCLI_AUTH:?is empty}"');
  });

  it('starts the program of Valkey’s image or of Redis’', () => {
    expect(containerOf(server()).command[2]).toMatch(
      /^exec "\$\(command -v valkey-server \|\| command -v redis-server\)" /,
    );
  });

  it('is ready when it answers PONG, and restarted only when it does not answer at all', () => {
    const { readinessProbe, livenessProbe } = containerOf(server());
    expect(readinessProbe.exec.command[2]).toMatch(/ping\)" = PONG \]$/);
    // No program starts for it: on a busy node that takes longer than a probe waits.
    expect(livenessProbe.tcpSocket).toEqual({ port: 'valkey' });
  });

  it('has another pod for another configuration', () => {
    const checksum = (changes: Partial<ValkeyBackendProps>) =>
      statefulSet(server(changes)).template.metadata.annotations['checksum/config'];
    expect(checksum({ storage: '1Gi' })).not.toBe(checksum({}));
    expect(checksum({ storage: '1Gi' })).toBe(checksum({ storage: '2Gi' }));
  });

  it('has all props', () => {
    // `passwords` have a file of tests.
    const all: Required<Omit<ValkeyBackendProps, 'passwords'>> = {
      name: 'polls-queue',
      storage: '2Gi',
      storageClassName: 'fast',
      image: 'docker.io/library/redis:7-bookworm',
      imagePullSecrets: ['registry'],
      password: PASSWORD,
      pythonImage: IMAGE,
      resources: { cpuRequest: '1', cpuLimit: '2', memoryRequest: '2Gi', memoryLimit: '4Gi' },
      scheduling: { architecture: Architecture.AMD64, zones: ['zone-a'], priorityClassName: 'data' },
      metrics: { image: 'registry.example.com/exporter:1.0.0' },
    };
    const manifests = server(all);
    const { template, volumeClaimTemplates } = statefulSet(manifests);
    expect(template.spec.imagePullSecrets).toEqual([{ name: 'registry' }]);
    expect(template.spec.containers[0].image).toBe('docker.io/library/redis:7-bookworm');
    expect(volumeClaimTemplates[0].spec.storageClassName).toBe('fast');
    expect(manifests).toMatchSnapshot();
  });
});

describe('a database of a ValkeyBackend', () => {
  it('is told to the application by its URL and its password', () => {
    const manifests = synth((chart) => {
      const queue = valkey(chart, { storage: '1Gi', password: PASSWORD });
      django(chart, { cache: queue.database(2), celery: { broker: queue.database(0) } });
    });
    expect(configOf(manifests).CACHE_URL).toBe('redis://polls-queue:6379/2');
    expect(webContainer(manifests).env).toContainEqual({
      name: 'CELERY_BROKER_URL',
      value: 'redis://:$(CELERY_BROKER_PASSWORD)@polls-queue:6379/0',
    });
  });

  it('is one of sixteen', () => {
    expect(() => valkey(chartOn(), { password: PASSWORD }).database(16)).toThrow(
      'polls/Queue: index 16 is not a whole number from 0 to 15',
    );
  });

  it('keeps all but its applications away, once the network is restricted', () => {
    const manifests = synth((chart) => {
      const queue = valkey(chart);
      const app = django(chart, { cache: queue.database(0), channelLayer: queue.database(1) });
      new LeastPrivilegeAccess(chart, 'Access', { app });
    });
    const { spec } = find(manifests, 'NetworkPolicy', 'polls-queue');
    expect(spec.ingress).toHaveLength(1);
    const components = spec.ingress[0].from.map(
      ({ podSelector }: any) => podSelector.matchLabels['app.kubernetes.io/component'],
    );
    expect(components).toEqual(['web', 'command']);
    expect(spec.egress).toBeUndefined();
    expect(namesOf(manifests)).toContain('NetworkPolicy polls-queue-secret');
    const { egress } = find(manifests, 'NetworkPolicy', 'polls').spec;
    expect(egress.filter(({ ports }: any) => ports?.[0].port === 6379)).toHaveLength(1);
  });
});

describe('a generated password', () => {
  it('is made by the image of the first application', () => {
    const manifests = synth((chart) => django(chart, { cache: valkey(chart).database(0) }));
    const job = startingWith(manifests, 'Job', 'polls-queue-secret').spec.template.spec.containers[0];
    expect(job.image).toBe(IMAGE);
    expect(job.command.slice(3)).toEqual(['polls-queue', 'password=password']);
  });
});

describe.each(SAMPLES)('ValkeyBackend on $name', ({ make }) => {
  it('is the same but for the class of the volume and the user', () => {
    const strip = (manifests: any[]) => {
      const spec = statefulSet(manifests);
      delete spec.template.spec.securityContext;
      delete spec.volumeClaimTemplates[0].spec.storageClassName;
      return manifests;
    };
    expect(strip(server({ storage: '1Gi' }, make()))).toEqual(strip(server({ storage: '1Gi' })));
  });
});
