import { Duration, JsonPatch } from 'cdk8s';
import {
  Architecture,
  CeleryOptions,
  Distribution,
  DjangoAppProps,
  LogFormat,
  RedisDatabase,
  Scaling,
  SettingsOverlay,
  VolumeAccessMode,
  WsgiServer,
} from 'cdk8s-django';
import { KedaAutoscaling } from 'cdk8s-django/autoscaling';
import { namesOf, withoutPython } from '../support/manifests';
import { SAMPLES, sample } from '../support/distributions';
import {
  chartOn,
  configOf,
  django,
  djangoManifests,
  find,
  IMAGE,
  postgres,
  startingWith,
  synth,
  webContainer,
} from '../support/synth';

describe('DjangoApp with the fewest props', () => {
  it('makes the application, its configuration and its generated key, and nothing else', () => {
    expect(namesOf(djangoManifests()).map((name) => name.replace(/-[0-9a-f]{10}$/, ''))).toEqual([
      'ConfigMap polls',
      'Deployment polls',
      'Job polls-secret',
      'PriorityClass polls-first',
      'Role polls-secret',
      'RoleBinding polls-secret',
      'Secret polls',
      'Service polls',
      'ServiceAccount polls',
      'ServiceAccount polls-secret',
    ]);
  });

  it('runs two replicas of the image as user 1000 on port 8000', () => {
    const { spec } = find(djangoManifests(), 'Deployment', 'polls');
    expect(spec.replicas).toBe(2);
    expect(spec.template.spec.containers[0].image).toBe(IMAGE);
    expect(spec.template.spec.securityContext.runAsUser).toBe(1000);
    expect(spec.template.spec.containers[0].ports).toEqual([{ name: 'http', containerPort: 8000 }]);
  });

  it('does not migrate without a database', () => {
    const manifests = djangoManifests();
    expect(namesOf(manifests).filter((name) => name.includes('migrate'))).toEqual([]);
    expect(find(manifests, 'Deployment', 'polls').spec.template.spec.initContainers).toBeUndefined();
  });
});

describe('DjangoApp with all props', () => {
  /** Every prop at once, so that a new one has to be added here. */
  function allProps(chart: Parameters<typeof postgres>[0]): Required<Omit<DjangoAppProps, Excluded>> {
    return {
      name: 'shop',
      image: `registry.example.com/shop@sha256:${'a'.repeat(64)}`,
      settingsModule: 'shop.conf.production',
      wsgiModule: 'shop.web.wsgi',
      wsgiServer: WsgiServer.GUNICORN,
      database: postgres(chart, { maxConnections: 700 }),
      release: '2026.11',
      commit: '3f1c2ab',
      pythonPath: ['/app/src'],
      workingDirectory: '/app',
      environment: { GREETING: 'hello' },
      secretEnvironment: { STRIPE_KEY: { secretName: 'stripe', key: 'api-key' } },
      secretKey: { secretName: 'shop-keys', key: 'django' },
      pythonImage: 'docker.io/library/python:3.13-slim',
      scaling: {
        minReplicas: 3,
        maxReplicas: 9,
        targetCpuUtilization: 60,
        targetMemoryUtilization: 80,
        targetRequestsPerSecond: 20,
        schedules: [{ start: '0 8 * * 1-5', end: '0 18 * * 1-5', timeZone: 'Europe/Vienna', replicas: 5 }],
        scaleDownStabilization: Duration.minutes(10),
      } satisfies Required<Scaling>,
      recommendResources: true,
      resources: { cpuRequest: '1', cpuLimit: '2', memoryRequest: '1Gi', memoryLimit: '2Gi' },
      processes: 5,
      threads: 8,
      workerClass: 'gthread',
      maxRequests: 1000,
      port: 9000,
      pathPrefix: '/shop',
      trustedOrigins: ['https://shop.example.com'],
      allowedHosts: ['shop.internal'],
      imagePullSecrets: ['registry'],
      runAsUser: 1234,
      settingsOverlay: {
        enabled: true,
        keep: ['LOGGING', 'CACHES'],
        strictTransportSecurity: Duration.days(1),
        serveStatic: false,
        keepStatic: false,
        visitorAddress: true,
        logFormat: LogFormat.KEEP,
        readinessServices: ['database:default'],
        routerAddresses: ['10.8.0.0/26'],
        restrictedPaths: { '/shop/admin': ['203.0.113.0/24'] },
        contentSecurityPolicy: { 'default-src': ["'self'"] },
      } satisfies Required<Omit<SettingsOverlay, 'signInPaths'>>,
      cache: {
        url: 'rediss://cache.internal:6380/1',
        password: { secretName: 'cache', key: 'password' },
        peers: [{ podLabels: { app: 'redis' } }],
        certificatePath: '/etc/ssl/redis.pem',
        certificateSecret: { secretName: 'redis-ca', key: 'ca.crt' },
        server: { durable: true, addClient: () => undefined, restrictNetwork: () => undefined },
      } satisfies Required<RedisDatabase>,
      celery: {
        broker: { url: 'valkey://queue.internal', password: { secretName: 'queue', key: 'password' } },
        keyPrefix: 'shop:',
        application: 'shop.jobs:celery',
        visibilityTimeout: Duration.hours(2),
        acksLate: true,
      } satisfies Required<Omit<CeleryOptions, 'rabbitMq' | 'redisSentinel' | 'sqs'>>,
      channelLayer: { url: 'rediss://channels.internal:10000/0', certificatePath: '/etc/ssl/redis.pem' },
      migrate: true,
      platformIdentity: false,
      scheduling: { architecture: Architecture.ARM64, priorityClassName: 'web' },
      requestTimeout: Duration.seconds(12),
      migrationDeadline: Duration.minutes(20),
      media: {
        mountPath: '/app/media',
        size: '10Gi',
        accessMode: VolumeAccessMode.READ_WRITE_MANY,
        storageClassName: 'nfs',
      },
    };
  }
  /** What excludes another prop, and is tested by itself. */
  type Excluded = 'asgiModule' | 'asgiServer' | 'mediaBucket' | 'replicas' | 'secretsAsFiles';

  /** With all that its autoscaler is asked for. */
  const distribution = () =>
    Distribution.upstream({
      autoscaling: new KedaAutoscaling({
        prometheus: { serverAddress: 'http://prometheus.monitoring.svc:9090' },
        verticalPodAutoscaler: true,
      }),
    });
  const manifests = () =>
    synth((chart) => django(chart, allProps(chart)).addMetricsPath('/metrics'), distribution()).filter(
      ({ metadata }) => metadata.name !== 'polls-db',
    );

  it('says each of them where Kubernetes reads it', () => {
    const made = manifests();
    const pod = find(made, 'Deployment', 'shop').spec.template.spec;
    expect(pod.imagePullSecrets).toEqual([{ name: 'registry' }]);
    expect(pod.nodeSelector).toEqual({ 'kubernetes.io/arch': 'arm64' });
    expect(pod.priorityClassName).toBe('web');
    expect(pod.terminationGracePeriodSeconds).toBe(5 + 12 + 5);
    expect(pod.securityContext).toMatchObject({ runAsUser: 1234, runAsGroup: 1234, fsGroup: 1234 });
    expect(pod.containers[0].command).toEqual(
      expect.arrayContaining(['9000', '5', '8', 'shop.web.wsgi:application']),
    );
    expect(pod.containers[0].resources).toEqual({
      requests: { cpu: '1', memory: '1Gi' },
      limits: { cpu: '2', memory: '2Gi' },
    });
    const { spec: scaled } = find(made, 'ScaledObject', 'shop');
    expect(scaled).toMatchObject({ minReplicaCount: 3, maxReplicaCount: 9 });
    expect(scaled.triggers.map(({ type }: any) => type)).toEqual(['cpu', 'memory', 'prometheus', 'cron']);
    const { behavior } = scaled.advanced.horizontalPodAutoscalerConfig;
    expect(behavior.scaleDown.stabilizationWindowSeconds).toBe(600);
    expect(find(made, 'VerticalPodAutoscaler', 'shop').spec.targetRef.name).toBe('shop');
    expect(find(made, 'Service', 'shop').spec.ports[0].port).toBe(9000);
    expect(configOf(made, 'shop')).toMatchObject({
      CDK8S_DJANGO_SETTINGS_MODULE: 'shop.conf.production',
      CDK8S_DJANGO_KEEP: 'LOGGING,CACHES',
      CDK8S_DJANGO_HSTS_SECONDS: '86400',
      CDK8S_DJANGO_SERVE_STATIC: 'false',
      CDK8S_DJANGO_LOG_FORMAT: 'keep',
      CACHE_URL: 'rediss://cache.internal:6380/1',
      CACHE_SSL_CA_CERT: '/etc/ssl/redis.pem',
      CDK8S_DJANGO_CELERY_APP: 'shop.jobs:celery',
      CDK8S_DJANGO_CELERY_VISIBILITY_TIMEOUT: '7200',
      CDK8S_DJANGO_ALLOWED_HOSTS: 'shop.internal',
      GREETING: 'hello',
    });
    expect(pod.containers[0].env).toEqual(
      expect.arrayContaining([
        { name: 'CELERY_BROKER_PASSWORD', valueFrom: { secretKeyRef: { name: 'queue', key: 'password' } } },
        { name: 'CELERY_BROKER_URL', value: 'redis://:$(CELERY_BROKER_PASSWORD)@queue.internal' },
        {
          name: 'CHANNEL_LAYER_URL',
          value: 'rediss://channels.internal:10000/0?ssl_cert_reqs=required&ssl_ca_certs=/etc/ssl/redis.pem',
        },
      ]),
    );
    expect(startingWith(made, 'Job', 'shop-migrate').spec.activeDeadlineSeconds).toBe(1200);
  });

  it('makes what it always made', () => {
    const made = manifests().filter(({ metadata }) => !metadata.name.startsWith('polls-db'));
    expect(made.filter(({ metadata }) => !metadata.name.startsWith('cdk8s-django-'))).toHaveLength(11);
    expect(withoutPython(made)).toMatchSnapshot();
  });
});

describe.each(SAMPLES)('DjangoApp on $name', ({ name, make }) => {
  const manifests = () => djangoManifests({ secretKey: { secretName: 'keys', key: 'django' } }, make());

  it('has the same resources and names as everywhere', () => {
    expect(namesOf(manifests())).toEqual([
      'ConfigMap polls',
      'Deployment polls',
      'Service polls',
      'ServiceAccount polls',
    ]);
  });

  it('differs only in the security context, the log format and the time that its router needs', () => {
    const strip = (made: any[]) => {
      const copy = structuredClone(find(made, 'Deployment', 'polls'));
      delete copy.spec.template.metadata.annotations;
      const { spec } = copy.spec.template;
      delete spec.securityContext;
      delete spec.terminationGracePeriodSeconds;
      delete spec.containers[0].lifecycle;
      return copy;
    };
    const upstream = djangoManifests(
      { secretKey: { secretName: 'keys', key: 'django' } },
      sample('upstream'),
    );
    expect(strip(manifests())).toEqual(strip(upstream));
    const { securityContext } = find(manifests(), 'Deployment', 'polls').spec.template.spec;
    expect('runAsUser' in securityContext).toBe(name !== 'openshift');
  });
});

describe('a DjangoApp that a team changes', () => {
  it('gives each resource as a public field', () => {
    const chart = chartOn();
    const app = django(chart, {
      database: postgres(chart, { maxConnections: 700 }),
      scaling: { minReplicas: 1, maxReplicas: 2 },
      media: { mountPath: '/media', size: '1Gi', storageClassName: 'nfs' },
    });
    const resources = [
      app.deployment,
      app.service,
      app.serviceAccount,
      app.configMap,
      ...app.runtimeConfigMaps,
      app.migration,
      app.autoscaler,
      app.mediaClaim,
      app.generatedSecretKey?.secret,
    ];
    expect(resources.map((resource) => resource?.kind)).toEqual([
      'Deployment',
      'Service',
      'ServiceAccount',
      'ConfigMap',
      // Of all pods, of Django, of migrations, of the server.
      ...Array(4).fill('ConfigMap'),
      'Job',
      'HorizontalPodAutoscaler',
      'PersistentVolumeClaim',
      'Secret',
    ]);
  });

  it('lets an override set a field that the API types do not know', () => {
    const manifests = synth((chart) => {
      django(chart).deployment.override({
        spec: { template: { spec: { resources: { limits: { cpu: '4' } } } } },
      });
    });
    expect(find(manifests, 'Deployment', 'polls').spec.template.spec.resources).toEqual({
      limits: { cpu: '4' },
    });
  });

  it('lets a JSON patch set a field that the API types do not know', () => {
    const manifests = synth((chart) => {
      django(chart).service.addJsonPatch(JsonPatch.add('/spec/trafficDistribution', 'PreferClose'));
    });
    expect(find(manifests, 'Service', 'polls').spec.trafficDistribution).toBe('PreferClose');
  });

  it('applies overrides after everything else, the last one winning', () => {
    const manifests = synth((chart) => {
      const { deployment } = django(chart, { replicas: 2 });
      deployment.override({ spec: { replicas: 7 } });
      deployment.addJsonPatch(JsonPatch.replace('/spec/replicas', 3));
      deployment.override({ spec: { replicas: 5 } });
    });
    expect(find(manifests, 'Deployment', 'polls').spec.replicas).toBe(5);
  });

  it('merges an override into a container by its name and leaves the others fields alone', () => {
    const override = {
      spec: { template: { spec: { containers: [{ name: 'web', env: [{ name: 'NEW', value: '1' }] }] } } },
    };
    const plain = djangoManifests();
    const changed = synth((chart) => django(chart).deployment.override(override));
    const [before, after] = [webContainer(plain), webContainer(changed)];
    expect(after.env).toEqual([...before.env, { name: 'NEW', value: '1' }]);
    expect({ ...after, env: [] }).toEqual({ ...before, env: [] });
  });

  it('takes mixins', () => {
    const applied: string[] = [];
    const manifests = synth((chart) => {
      const mixin = {
        supports: (construct: any) => construct.kind === 'Deployment',
        applyTo: (construct: any) => {
          applied.push(construct.kind);
          construct.override({ metadata: { annotations: { owner: 'team-a' } } });
        },
      };
      django(chart).with(mixin);
    });
    expect(applied).toEqual(['Deployment']);
    expect(find(manifests, 'Deployment', 'polls').metadata.annotations).toMatchObject({ owner: 'team-a' });
  });
});
