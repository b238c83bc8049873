import { Chart } from 'cdk8s';
import {
  AsgiServer,
  ConnectionPart,
  DjangoApp,
  HealthMonitoring,
  LeastPrivilegeAccess,
  PostgresBackend,
  PublicRoute,
  StopSignal,
  ValkeyBackend,
  VolumeSource,
} from 'cdk8s-django';
import { Construct } from 'constructs';

export interface WebShopProps {
  /** The namespace: one for each environment, such as production and staging. */
  readonly namespace: string;

  /** The image, with its tag. */
  readonly image: string;

  /** The public host. */
  readonly host: string;
}

/** The application, as it runs everywhere: no distribution is named here. */
export class WebShopChart extends Chart {
  constructor(scope: Construct, id: string, props: WebShopProps) {
    super(scope, id, { namespace: props.namespace });

    // One pod with a volume. In production the platform may run it: see `postgres` of the distribution.
    const database = new PostgresBackend(this, 'Database', {
      name: 'web-shop-db',
      storage: '10Gi',
      image: 'docker.io/postgis/postgis:18-3.6',
      extensions: ['postgis'],
    });

    // The broker of Celery: with a volume, so that no task is lost with its pod.
    const queue = new ValkeyBackend(this, 'Queue', { name: 'web-shop-queue', storage: '1Gi' });

    // Without a volume it forgets everything with its pod, as a cache may.
    const cache = new ValkeyBackend(this, 'Cache', { name: 'web-shop-cache' });

    const app = new DjangoApp(this, 'App', {
      name: 'web-shop',
      image: props.image,
      settingsModule: 'config.settings.production',
      workingDirectory: '/app/src',
      asgiModule: 'config.asgi',
      asgiServer: AsgiServer.DAPHNE,
      database,
      cache: cache.database(0),
      channelLayer: cache.database(1),
      celery: { broker: queue.database(0), application: 'config.celery_app:app' },
      media: {
        mountPath: '/app/src/media',
        size: '10Gi',
        storageClassName: 'nfs',
        serve: true,
      },
      environment: {
        REGION: 'eu',
        DJANGO_ALLOWED_HOSTS: props.host,
        SIGNING_FILE: '/etc/web-shop/signing',
      },
      secretEnvironment: {
        STRIPE_KEY: { secretName: 'web-shop-settings', key: 'STRIPE_KEY' },
      },
    });

    // What the settings demand under names of their own.
    app.addSecretEnvironment('DJANGO_SECRET_KEY', app.secretKey);
    app.addDatabaseEnvironment('POSTGRES_HOST', database, ConnectionPart.HOST);
    app.addRedisEnvironment('REDIS_URL', cache.database(2), ConnectionPart.URL);

    // The files that the settings read.
    app.addVolume({
      name: 'settings',
      source: VolumeSource.fromSecret({ name: 'web-shop-files' }),
      mountPath: '/etc/web-shop',
    });

    app.addCeleryWorker({ name: 'default', queues: ['default', 'mail'], concurrency: 4 });
    app.addCeleryBeat();
    app.addTaskWorker({ name: 'default' });
    app.addProcess({
      name: 'consumer',
      command: ['python', 'manage.py', 'run_huey'],
      stopSignal: StopSignal.SIGINT,
    });
    app.addProcess({
      name: 'relay',
      command: ['sh', '-c', 'exec sh -c "exec python manage.py relay | tee /tmp/relay.log"'],
    });
    app.addCommand({ name: 'loaddata', command: ['loaddata', 'countries'] });
    app.addSessionClearing();

    new PublicRoute(this, 'Route', { app, hosts: [props.host] });
    new HealthMonitoring(this, 'Health', { app, metrics: { path: '/metrics' } });
    // It lets the router in, and the pods out to their servers. `egress` adds a mail server or an API.
    new LeastPrivilegeAccess(this, 'Access', { app });
  }
}
