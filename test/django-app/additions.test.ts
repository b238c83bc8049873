import { Chart } from 'cdk8s';
import {
  Architecture,
  Distribution,
  DjangoApp,
  DjangoAppProps,
  LeastPrivilegeAccess,
  PodKind,
  StoredSecret,
  TaintEffect,
  VolumeSource,
} from 'cdk8s-django';
import { EgressTarget } from 'cdk8s-django/network';
import { CloudSqlPostgres } from 'cdk8s-django/postgres';
import { AwsSecretsManagerCsi } from 'cdk8s-django/secrets';
import { SAMPLES, sample } from '../support/distributions';
import { containersOf, namesOf, Pods, podsIn } from '../support/manifests';
import { configOf, django, find, IMAGE, postgres, startingWith, synth } from '../support/synth';

const BROKER = { url: 'redis://queue:6379/0' };
const SECRET = { secretName: 'sentry', key: 'dsn' };
const SIDECAR = { name: 'agent', image: 'registry.example.com/agent:1.0.0', resources: {} };

type Extend = (app: DjangoApp, chart: Chart) => void;

/** An application with all kinds of pods, and what a test adds. */
function full(chart: Chart, changes: Partial<DjangoAppProps> = {}): DjangoApp {
  const app = django(chart, { database: postgres(chart), celery: { broker: BROKER }, ...changes });
  app.addCeleryWorker({ name: 'default' });
  app.addCeleryBeat();
  app.addCommand({ name: 'countries', command: ['loaddata', 'countries'] });
  app.addScheduledCommand({ name: 'digest', command: ['send_digest'], schedule: '0 6 * * *' });
  app.addSuperuser({ username: 'admin', password: { secretName: 'admin', key: 'password' } });
  return app;
}

function made(add: Extend, changes: Partial<DjangoAppProps> = {}, distribution = sample('upstream')): any[] {
  return synth((chart) => add(full(chart, changes), chart), distribution);
}

/** The application's pods, by their kind: those of the database and of generated secrets are not among them. */
function appPods(manifests: any[]): { pods: Pods; kind: PodKind }[] {
  return podsIn(manifests).flatMap((pods) => {
    const component = pods.labels['app.kubernetes.io/component'];
    if (pods.labels['app.kubernetes.io/name'] !== 'polls' || component === 'secret-generator') return [];
    const kind =
      component === 'web' ? PodKind.WEB : pods.kind === 'Deployment' ? PodKind.WORKERS : PodKind.JOBS;
    return [{ pods, kind }];
  });
}

/** The kinds of the application's pods that have something, each once, and whether the others lack it. */
function kindsWith(manifests: any[], has: (pods: Pods) => boolean): string[] {
  const pods = appPods(manifests);
  const having = pods.filter((one) => has(one.pods)).map(({ kind }) => kind);
  const lacking = pods.filter((one) => !has(one.pods)).map(({ kind }) => kind);
  return [...new Set(having)].filter((kind) => !lacking.includes(kind)).sort();
}

const ALL = ['jobs', 'web', 'workers'];
const ownContainers = (pods: Pods) => containersOf(pods).filter(({ image }) => image === IMAGE);
const variable = (container: any, name: string) => container.env.find((one: any) => one.name === name);
const jobNames = (manifests: any[]) => namesOf(manifests.filter(({ kind }) => kind === 'Job'));
const template = (manifests: any[], kind: string, name: string) =>
  manifests.find((one) => one.kind === kind && one.metadata.name.startsWith(name)).spec.template;

describe('the pods of the test', () => {
  it('are of all kinds', () => {
    const pods = appPods(made(() => {}));
    expect(pods.map(({ pods: { owner } }) => owner.replace(/-[0-9a-f]{10}$/, '')).sort()).toEqual([
      'CronJob polls-digest',
      'Deployment polls',
      'Deployment polls-beat',
      'Deployment polls-worker-default',
      'Job polls-countries',
      'Job polls-migrate',
      'Job polls-superuser',
    ]);
  });
});

describe('a variable', () => {
  it('of all pods is in the ConfigMap that they read, as the prop environment would have it', () => {
    const added = made((app) => app.addEnvironment('GREETING', 'hi'));
    expect(configOf(added).GREETING).toBe('hi');
    expect(added).toEqual(made(() => {}, { environment: { GREETING: 'hi' } }));
  });

  it.each(Object.values(PodKind))('of pods of kind %s is in their own containers alone', (kind) => {
    const manifests = made((app) => app.addEnvironment('GREETING', 'hi', { pods: [kind] }));
    expect(configOf(manifests).GREETING).toBeUndefined();
    const has = (pods: Pods) => ownContainers(pods).every((one) => variable(one, 'GREETING')?.value === 'hi');
    expect(kindsWith(manifests, has)).toEqual([kind]);
  });

  it('has its value as it is, also where Kubernetes would look up another variable', () => {
    const value = 'a$(SECRET_KEY)$$b';
    const manifests = made((app) => app.addEnvironment('PATTERN', value, { pods: [PodKind.WEB] }));
    const { containers } = template(manifests, 'Deployment', 'polls').spec;
    // https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
    expect(variable(containers[0], 'PATTERN').value).toBe('a$$(SECRET_KEY)$$$$b');
  });

  it('of a Secret is in all containers of the application, as the prop secretEnvironment would have it', () => {
    const added = made((app) => app.addSecretEnvironment('SENTRY_DSN', SECRET), {
      secretEnvironment: { TOKEN: { secretName: 'token', key: 'token' } },
    });
    const token = { secretName: 'token', key: 'token' };
    expect(
      kindsWith(added, (pods) => ownContainers(pods).every((one) => variable(one, 'SENTRY_DSN'))),
    ).toEqual(ALL);
    expect(added).toEqual(made(() => {}, { secretEnvironment: { TOKEN: token, SENTRY_DSN: SECRET } }));
  });

  it('of a Secret is for some pods alone', () => {
    const pods = [PodKind.JOBS, PodKind.WORKERS];
    const manifests = made((app) => app.addSecretEnvironment('SENTRY_DSN', SECRET, { pods }));
    expect(kindsWith(manifests, (one) => ownContainers(one).every((c) => variable(c, 'SENTRY_DSN')))).toEqual(
      pods,
    );
  });

  it('may differ between pods', () => {
    const manifests = made((app) => {
      app.addEnvironment('NAME', 'web', { pods: [PodKind.WEB] });
      app.addEnvironment('NAME', 'other', { pods: [PodKind.WORKERS, PodKind.JOBS] });
    });
    const valueOf = (name: string) =>
      variable(template(manifests, 'Deployment', name).spec.containers[0], 'NAME').value;
    expect([valueOf('polls'), valueOf('polls-worker-default')]).toEqual(['web', 'other']);
  });
});

describe('names of Jobs', () => {
  const plain = jobNames(made(() => {}));
  it.each<[string, Extend]>([
    ['a variable of all pods', (app) => app.addEnvironment('A', '1')],
    ['a variable of Jobs', (app) => app.addEnvironment('A', '1', { pods: [PodKind.JOBS] })],
    ['a variable of a Secret', (app) => app.addSecretEnvironment('A', SECRET)],
    ['a sidecar', (app) => app.addSidecar(SIDECAR)],
    ['a label', (app) => app.addPodLabel('team', 'polls')],
    ['a host alias', (app) => app.addHostAlias({ ip: '10.0.0.5', hostnames: ['legacy.example.com'] })],
  ])('change with %s', (_what, add) => {
    const names = jobNames(made(add));
    expect(names).toHaveLength(plain.length);
    expect(names.filter((name) => plain.includes(name))).toEqual(
      plain.filter((name) => name.includes('-secret-')),
    );
  });

  it.each<[string, Extend]>([
    [
      'what is for other pods',
      (app) => {
        const selection = { pods: [PodKind.WEB, PodKind.WORKERS] };
        app.addEnvironment('A', '1', selection);
        app.addSidecar({ ...SIDECAR, ...selection });
        app.addPodLabel('team', 'polls', selection);
      },
    ],
    [
      'what is allowed by network policies',
      (app) => app.allowEgressTo(EgressTarget.addresses(['203.0.113.25/32'], [{ port: 587 }])),
    ],
  ])('stay with %s', (_what, add) => {
    expect(jobNames(made(add))).toEqual(plain);
  });

  it('do not depend on the order in which things are added', () => {
    const one: Extend = (app) => app.addEnvironment('A', '1', { pods: [PodKind.JOBS] });
    const two: Extend = (app) => app.addEnvironment('B', '2', { pods: [PodKind.JOBS] });
    const both = (...adds: Extend[]) => made((app, chart) => adds.forEach((add) => add(app, chart)));
    expect(both(one, two)).toEqual(both(two, one));
  });
});

describe('a volume', () => {
  const volumeOf = ({ spec }: Pods) => spec.volumes.find(({ name }: any) => name === 'data');

  it.each<[string, VolumeSource, any, boolean]>([
    ['a ConfigMap', VolumeSource.fromConfigMap({ name: 'flags' }), { configMap: { name: 'flags' } }, true],
    ['a Secret', VolumeSource.fromSecret({ name: 'keys' }), { secret: { secretName: 'keys' } }, true],
    [
      'a claim',
      VolumeSource.fromPersistentVolumeClaim({ name: 'geoip' }),
      { persistentVolumeClaim: { claimName: 'geoip' } },
      false,
    ],
    ['an empty directory', VolumeSource.emptyDirectory(), { emptyDir: { sizeLimit: '1Gi' } }, false],
  ])(
    'of %s is in all pods and mounted by the containers of the application',
    (_what, source, volume, readOnly) => {
      const manifests = made((app) => app.addVolume({ name: 'data', source, mountPath: '/data' }));
      const mount = { name: 'data', mountPath: '/data', ...(readOnly && { readOnly }) };
      for (const { pods } of appPods(manifests)) {
        expect(volumeOf(pods)).toEqual({ name: 'data', ...volume });
        for (const { volumeMounts } of ownContainers(pods)) expect(volumeMounts).toContainEqual(mount);
      }
    },
  );

  it('of a claim belongs to the group of the pods that have it', () => {
    const source = VolumeSource.fromPersistentVolumeClaim({ name: 'geoip' });
    const manifests = made((app) => app.addVolume({ name: 'data', source, pods: [PodKind.WEB] }));
    expect(kindsWith(manifests, ({ spec }) => spec.securityContext.fsGroup === 1000)).toEqual(['web']);
  });

  it('without a path is for sidecars alone, with theirs', () => {
    const manifests = made((app) => {
      app.addSidecar({ ...SIDECAR, volumeMounts: { data: '/var/cache', flags: '/flags' } });
      app.addVolume({ name: 'data', source: VolumeSource.emptyDirectory() });
      app.addVolume({ name: 'flags', source: VolumeSource.fromConfigMap({ name: 'flags' }) });
    });
    const { spec } = template(manifests, 'Deployment', 'polls');
    expect(JSON.stringify(spec.containers)).not.toContain('"data"');
    expect(spec.initContainers[0].volumeMounts).toEqual([
      { name: 'data', mountPath: '/var/cache' },
      { name: 'flags', mountPath: '/flags', readOnly: true },
    ]);
  });
});

describe.each(SAMPLES)('a sidecar on $name', ({ make }) => {
  const manifests = made(
    (app) =>
      app.addSidecar({
        name: 'agent',
        image: 'registry.example.com/agent:1.0.0',
        command: ['agent'],
        args: ['--quiet'],
        environment: { LEVEL: 'info' },
        secretEnvironment: { API_KEY: SECRET },
        ports: [4317],
        resources: { memoryLimit: '64Mi' },
        healthCheck: { port: 13133, path: '/' },
      }),
    {},
    make(),
  );

  it('runs in all pods from before their own containers, restricted as they are', () => {
    for (const { pods } of appPods(manifests)) {
      const [sidecar] = pods.spec.initContainers;
      expect(sidecar).toMatchObject({
        name: 'agent',
        image: 'registry.example.com/agent:1.0.0',
        command: ['agent'],
        args: ['--quiet'],
        restartPolicy: 'Always',
        env: [
          { name: 'API_KEY', valueFrom: { secretKeyRef: { name: 'sentry', key: 'dsn' } } },
          { name: 'LEVEL', value: 'info' },
        ],
        ports: [{ containerPort: 4317 }],
        resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '64Mi' } },
        startupProbe: { httpGet: { path: '/', port: 13133 } },
        readinessProbe: { httpGet: { path: '/', port: 13133 } },
        livenessProbe: { httpGet: { path: '/', port: 13133 } },
        terminationMessagePolicy: 'FallbackToLogsOnError',
      });
      expect(sidecar.securityContext).toEqual(pods.spec.containers[0].securityContext);
    }
    expect(kindsWith(manifests, ({ spec }) => spec.initContainers[0].name === 'agent')).toEqual(ALL);
  });
});

describe('a sidecar', () => {
  it('is asked by its port when there is no path, and has no probes when there is no check', () => {
    const manifests = made((app) => {
      app.addSidecar({ ...SIDECAR, healthCheck: { port: 6432 } });
      app.addSidecar({ ...SIDECAR, name: 'silent' });
    });
    const [agent, silent] = template(manifests, 'Deployment', 'polls').spec.initContainers;
    expect(agent.readinessProbe.tcpSocket).toEqual({ port: 6432 });
    expect(silent.readinessProbe).toBeUndefined();
  });

  it('comes after that of the database, which it may need', () => {
    const instances = { 'polls-db': { connectionName: 'acme:europe-west1:polls' } };
    const distribution = Distribution.gke({ postgres: new CloudSqlPostgres({ instances }) });
    const manifests = synth((chart) => {
      const database = postgres(chart, { password: { secretName: 'db', key: 'password' } });
      django(chart, { database }).addSidecar(SIDECAR);
    }, distribution);
    const { initContainers } = template(manifests, 'Deployment', 'polls').spec;
    expect(initContainers.map(({ name }: any) => name)).toEqual([
      'cloud-sql-proxy',
      'agent',
      'wait-for-schema',
    ]);
  });

  it('mounts the class of a Secret that the Secrets Store CSI driver makes', () => {
    const secrets = new AwsSecretsManagerCsi({ region: 'eu-west-1', clusterName: 'acme' });
    const manifests = synth((chart) => {
      const stored = new StoredSecret(chart, 'Sentry', {
        name: 'sentry',
        keys: { dsn: { secret: 'sentry' } },
      });
      const app = django(chart);
      app.addSidecar({ ...SIDECAR, secretEnvironment: { DSN: stored.value('dsn') } });
      app.addSecretEnvironment('SENTRY_DSN', stored.value('dsn'));
    }, Distribution.eks({ secrets }));
    const { initContainers, containers, volumes } = template(manifests, 'Deployment', 'polls').spec;
    const mount = { name: 'secret-sentry', mountPath: '/mnt/secrets-store/sentry', readOnly: true };
    expect(initContainers[0].volumeMounts).toEqual([mount]);
    expect(containers[0].volumeMounts.filter(({ name }: any) => name === mount.name)).toEqual([mount]);
    expect(volumes.filter(({ name }: any) => name === mount.name)).toHaveLength(1);
  });

  it('may use a port of the replicas in other pods', () => {
    const pods = [PodKind.JOBS];
    const manifests = made((app) => app.addSidecar({ ...SIDECAR, ports: [8000], pods }));
    expect(kindsWith(manifests, ({ spec }) => spec.initContainers?.[0]?.name === 'agent')).toEqual(pods);
  });
});

describe('labels and annotations', () => {
  it('are those of the pods, and selectors stay as they are', () => {
    const manifests = made((app) => {
      app.addPodLabel('team', 'polls');
      app.addPodAnnotation('example.com/owner', 'polls team', { pods: [PodKind.WEB] });
    });
    expect(kindsWith(manifests, ({ labels }) => labels.team === 'polls')).toEqual(ALL);
    expect(find(manifests, 'Deployment', 'polls').spec.selector).toEqual(
      find(
        made(() => {}),
        'Deployment',
        'polls',
      ).spec.selector,
    );
    expect(template(manifests, 'Deployment', 'polls').metadata.annotations).toMatchObject({
      'example.com/owner': 'polls team',
      'checksum/config': expect.any(String),
    });
    expect(template(manifests, 'Job', 'polls-migrate').metadata.annotations).not.toHaveProperty(
      'example.com/owner',
    );
  });
});

describe('where pods run', () => {
  it('is narrowed by labels of nodes and widened by taints, beside what scheduling says', () => {
    const manifests = made(
      (app) => {
        app.addNodeSelector('disktype', 'ssd');
        app.addToleration({ key: 'dedicated', value: 'django', effect: TaintEffect.NO_SCHEDULE });
        app.addToleration({ key: 'batch', pods: [PodKind.JOBS] });
      },
      { scheduling: { architecture: Architecture.ARM64 } },
    );
    const selector = { 'kubernetes.io/arch': 'arm64', disktype: 'ssd' };
    const toleration = { key: 'dedicated', operator: 'Equal', value: 'django', effect: 'NoSchedule' };
    for (const { pods } of appPods(manifests)) {
      expect(pods.spec.nodeSelector).toEqual(selector);
      expect(pods.spec.tolerations).toContainEqual(toleration);
    }
    expect(kindsWith(manifests, ({ spec }) => spec.tolerations.length === 2)).toEqual(['jobs']);
    expect(startingWith(manifests, 'Job', 'polls-migrate').spec.template.spec.tolerations[1]).toEqual({
      key: 'batch',
      operator: 'Exists',
    });
  });
});

describe('names', () => {
  it('are found at an address without a name server', () => {
    const alias = { ip: '10.0.0.5', hostnames: ['legacy.example.com'] };
    const manifests = made((app) => app.addHostAlias(alias));
    for (const { pods } of appPods(manifests)) expect(pods.spec.hostAliases).toEqual([alias]);
  });

  it('are looked up as all that was added says', () => {
    const manifests = made((app) => {
      app.addDnsConfiguration({ nameservers: ['10.0.0.53'], options: { ndots: '2', edns0: '' } });
      app.addDnsConfiguration({ searches: ['corp.example.com'], pods: [PodKind.WEB] });
    });
    const nameservers = ['10.0.0.53'];
    const options = [{ name: 'ndots', value: '2' }, { name: 'edns0' }];
    expect(template(manifests, 'Deployment', 'polls').spec.dnsConfig).toEqual({
      nameservers,
      searches: ['corp.example.com'],
      options,
    });
    expect(template(manifests, 'Job', 'polls-migrate').spec.dnsConfig).toEqual({ nameservers, options });
  });
});

describe.each(SAMPLES)('what pods may connect to on $name', ({ make }) => {
  const CIDR = '203.0.113.25/32';
  const MAIL = EgressTarget.addresses([CIDR], [{ port: 587 }]);
  const RULE = { to: [{ ipBlock: { cidr: CIDR } }], ports: [{ port: 587, protocol: 'TCP' }] };

  /** The names of the policies that allow it, whether it was added before or after the network was restricted. */
  function policiesFor(pods?: PodKind[]): string[] {
    const add: Extend = (app) => app.allowEgressTo(MAIL, { pods });
    const restrict: Extend = (app, chart) => void new LeastPrivilegeAccess(chart, 'Access', { app });
    const allowing = (...steps: Extend[]) =>
      made((app, chart) => steps.forEach((step) => step(app, chart)), {}, make())
        .filter(
          ({ kind, spec }) => kind === 'NetworkPolicy' && JSON.stringify(spec.egress ?? []).includes(CIDR),
        )
        .map(({ metadata }) => metadata.name)
        .sort();
    const names = allowing(add, restrict);
    expect(allowing(restrict, add)).toEqual(names);
    return names;
  }

  it('follows the pods', () => {
    expect(policiesFor()).toEqual(['polls', 'polls-jobs']);
    expect(policiesFor([PodKind.WEB])).toEqual(['polls']);
    expect(policiesFor([PodKind.WORKERS, PodKind.JOBS])).toEqual(['polls-jobs']);
    expect(policiesFor([PodKind.WEB, PodKind.WORKERS])).toEqual(['polls', 'polls-workers-egress']);
    expect(policiesFor([PodKind.JOBS])).toEqual(['polls-jobs-egress']);
  });

  it('is for the pods of the kind alone in the policies of workers and Jobs', () => {
    const manifests = made(
      (app, chart) => {
        new LeastPrivilegeAccess(chart, 'Access', { app });
        app.allowEgressTo(MAIL, { pods: [PodKind.WORKERS] });
        app.allowEgressTo(MAIL, { pods: [PodKind.JOBS] });
      },
      {},
      make(),
    );
    const selectorOf = (name: string) => find(manifests, 'NetworkPolicy', name).spec.podSelector;
    const matchLabels = { 'app.kubernetes.io/name': 'polls', 'app.kubernetes.io/instance': 'polls' };
    const among = (...values: string[]) => ({
      matchLabels,
      matchExpressions: [{ key: 'app.kubernetes.io/component', operator: 'In', values }],
    });
    expect(selectorOf('polls-workers-egress')).toEqual(among('beat', 'worker-default'));
    expect(selectorOf('polls-jobs-egress')).toEqual(among('migration', 'command'));
    expect(find(manifests, 'NetworkPolicy', 'polls-jobs-egress').spec.egress).toEqual([RULE]);
  });

  it('makes no policy unless the network is restricted', () => {
    const manifests = made((app) => app.allowEgressTo(MAIL, { pods: [PodKind.JOBS] }), {}, make());
    expect(manifests.filter(({ kind }) => kind === 'NetworkPolicy')).toEqual([]);
  });
});
