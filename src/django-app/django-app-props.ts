import { Duration } from 'cdk8s';
import { Scheduling } from '../platform/scheduling';
import { MediaBucket } from '../platform/object-storage';
import { ContainerResources } from '../kubernetes/resources';
import { IDatabase } from './database';
import { MediaVolume } from './media';
import { Scaling } from './scaling';
import { SecretValue } from '../kubernetes/secret-values';
import { RedisDatabase } from './cache-props';
import { CeleryOptions } from './celery-props';

/** How the settings overlay writes log lines. */
export enum LogFormat {
  /** One JSON object a line, with the level as `level`. */
  JSON = 'json',

  /** One JSON object a line, in the keys that Cloud Logging reads. */
  GKE = 'gke',

  /** As the settings module says. */
  KEEP = 'keep',
}

/** The ASGI servers that the library can start. */
export enum AsgiServer {
  /** uvicorn, with a process for each of `processes`. */
  UVICORN = 'uvicorn',

  /** daphne, which is one process. */
  DAPHNE = 'daphne',

  /** gunicorn's own ASGI worker, of gunicorn 26.1 or newer: older ones leak connections. */
  GUNICORN = 'gunicorn',

  /** granian, with a process for each of `processes`. */
  GRANIAN = 'granian',
}

/** The WSGI servers that the library can start. */
export enum WsgiServer {
  /** gunicorn. */
  GUNICORN = 'gunicorn',

  /** granian, with a process for each of `processes`, each of `threads`. */
  GRANIAN = 'granian',
}

/** What the settings overlay lays over the settings module. */
export interface SettingsOverlay {
  /**
   * Whether the pods lay production values over the settings module: hosts, database, keys, proxy header, health
   * endpoints. Without it the application reads the environment variables itself, `celery` is refused, and a route
   * on EKS or of GkeIngressRouting needs a HealthMonitoring with a readiness path. That path must answer regardless of
   * the host that a request names.
   *
   * @default true
   */
  readonly enabled?: boolean;

  /**
   * Names of settings whose values in the settings module stay, such as `LOGGING`.
   *
   * @default - none
   */
  readonly keep?: string[];

  /**
   * How long browsers remember to ask for the hosts by HTTPS alone (`Strict-Transport-Security`), in whole seconds.
   *
   * @default - as the settings module says
   */
  readonly strictTransportSecurity?: Duration;

  /**
   * Whether the application serves its static files, with WhiteNoise where the image has it.
   *
   * @default true
   */
  readonly serveStatic?: boolean;

  /**
   * Whether replicas serve the hashed static files of other releases too: during a rollout or beside a canary, a page
   * of one release asks a replica of another for its files. Each replica copies those of its image to the media
   * volume or bucket before it serves, under `_static/`. It needs `mediaBucket`, or `media` that many nodes can mount,
   * and static files with hashed names. Nothing is deleted there, and no lifecycle rule by age may do so: a file that
   * releases share is as old as the first of them.
   *
   * @default false
   */
  readonly keepStatic?: boolean;

  /**
   * Whether `REMOTE_ADDR` is the visitor's address, instead of the router's. It is read from the end of
   * `X-Forwarded-For`, by the number of proxies that the distribution's router has, which each add to it. What stands
   * before is the visitor's own claim and is removed, with `Forwarded` and `X-Real-IP`. With more proxies in front,
   * such as a CDN, give their number with the router's: `environment: { CDK8S_DJANGO_TRUSTED_PROXIES: '2' }`.
   *
   * @default false
   */
  readonly visitorAddress?: boolean;

  /**
   * Ranges of the addresses from which the router connects to the pods, such as `10.8.0.0/26`. Only requests from there
   * are believed when they name a visitor, a scheme or a host (`X-Forwarded-…`, `Forwarded`, `X-Real-IP`). Others lose
   * these headers. Give all addresses of the router: if one is missing, its requests look like plain HTTP.
   *
   * @default - each request is believed: the network policy of LeastPrivilegeAccess lets in the router, and what the
   * program names
   */
  readonly routerAddresses?: string[];

  /**
   * Paths that only visitors from some ranges of addresses may reach, such as `{ '/admin': ['203.0.113.0/24'] }`.
   * Anybody else is answered with 403, also below the path. It needs `visitorAddress`. Consumers of Channels and static
   * files are not among these paths.
   *
   * @default - none
   */
  readonly restrictedPaths?: { [path: string]: string[] };

  /**
   * Paths that are answered at hosts of routes with `signIn` alone, such as `['/admin']`. At any other host they are
   * answered with 403, also below the path. With `routerAddresses` a request that no router sent is answered so too.
   * It needs a PublicRoute with `signIn`, whose hosts do not have a route without it. Consumers of Channels and static
   * files are not among these paths.
   *
   * @default - none
   */
  readonly signInPaths?: string[];

  /**
   * The Content-Security-Policy of all pages, in the form of SECURE_CSP: `{ 'default-src': ["'self'"] }`. It needs Django 6.0
   * or newer: with another one the pods do not start, and say so. A SECURE_CSP of the settings module counts instead.
   *
   * @default - as the settings module says
   */
  readonly contentSecurityPolicy?: { [directive: string]: string[] };

  /**
   * How log lines are written: `json`, `gke`, or `keep` for what the settings module says.
   *
   * @default - what the distribution's log collector expects
   */
  readonly logFormat?: LogFormat;

  /**
   * The shared services without which no replica is ready: `database` for each database with migrations of the
   * application, `database:NAME` for one of them, and `cache`. While one of them does not answer, all replicas are
   * unready at once, and pages that do not need it are not served either. So leave out what only some pages need. An
   * empty list means that no shared service counts.
   *
   * @default - `database` and `cache`
   */
  readonly readinessServices?: string[];
}

/** A Django application. */
export interface DjangoAppProps {
  /** Name of the application: a DNS label of at most 40 characters. All its resources are named after it. */
  readonly name: string;

  /** The image, with a version tag or a digest. Its `python` has Django, the application and its server. */
  readonly image: string;

  /**
   * Name of the release, such as `2026.11` or `v3`: 1 to 63 letters, digits, `.`, `_`, `+` and `-`, from a letter or a
   * digit on. Log lines in JSON have it as `release`, metrics as the label `release` of `django_build_info`, and
   * `kubectl rollout history` shows it. No label and no selector has it.
   *
   * @default - the tag of the image, or the first 12 digits of its digest; log lines then have it only with metrics
   */
  readonly release?: string;

  /**
   * The commit that the release is made of: 7 to 64 hexadecimal digits. It is where `release` is, as `commit`.
   *
   * @default - it is not said
   */
  readonly commit?: string;

  /** The settings module that the application has, such as `mysite.settings`. */
  readonly settingsModule: string;

  /**
   * Folders of the image with Python code that PYTHONPATH has to name, such as `/app/src`: the library sets the
   * variable, so that of the image does not count. They come after the library's own folder.
   *
   * @default - none: the code is installed, or in the working directory
   */
  readonly pythonPath?: string[];

  /**
   * The folder that all processes start in: Python looks for code there first.
   *
   * @default - that of the image
   */
  readonly workingDirectory?: string;

  /**
   * The WSGI module, such as `mysite.wsgi`: gunicorn or granian serves its `application`, or the variable after a
   * colon, as in `shop.wsgi:app`.
   *
   * @default - `wsgi` in the package of the settings module, which must be in one, unless `asgiModule` is given
   */
  readonly wsgiModule?: string;

  /**
   * The ASGI module, such as `mysite.asgi`: the `asgiServer` serves its `application`, or the variable after a colon.
   *
   * @default - the application is served by WSGI
   */
  readonly asgiModule?: string;

  /**
   * The ASGI server that the image has. It throws without `asgiModule`. daphne closes unused connections after a
   * minute, which loses a request now and then behind a router that keeps them longer, as those of GKE and Envoy do.
   * daphne also holds each upload in memory: one of 100 MB takes 1.3 GiB.
   *
   * @default AsgiServer.UVICORN
   */
  readonly asgiServer?: AsgiServer;

  /**
   * The WSGI server that the image has. It throws with `asgiModule`.
   *
   * @default WsgiServer.GUNICORN
   */
  readonly wsgiServer?: WsgiServer;

  /**
   * The database.
   *
   * @default - the one that the settings module names
   */
  readonly database?: IDatabase;

  /**
   * Environment variables. Some of the settings overlay may be among them, such as `CDK8S_DJANGO_LOG_LEVEL`: the
   * README of `src/runtime` lists them. They are in a ConfigMap: a URL with a password is refused.
   *
   * @default - none but the library's own
   */
  readonly environment?: { [variable: string]: string };

  /**
   * Environment variables whose values are in Secrets.
   *
   * @default - none but the library's own
   */
  readonly secretEnvironment?: { [variable: string]: SecretValue };

  /**
   * Whether the containers of the application get the values of Secrets as files, in place of environment variables.
   * The files are in `/etc/cdk8s-django/secrets`, each by the name of its variable. The settings overlay gives them to
   * `os.environ`, so that an unmodified application finds them. `kubectl exec … env`, `/proc/1/environ` and what the
   * node writes about containers do not have them. It throws without the overlay.
   *
   * @default false
   */
  readonly secretsAsFiles?: boolean;

  /**
   * Django's SECRET_KEY.
   *
   * @default - made once, inside the cluster, in a Secret of the application's name
   */
  readonly secretKey?: SecretValue;

  /**
   * An image that has `python` 3.9 or newer, which makes the SECRET_KEY. If it stays as it is, releases of the
   * application do not make another Job for a Secret that is full.
   *
   * @default - the image of the application
   */
  readonly pythonImage?: string;

  /**
   * Number of replicas. Not together with `scaling`.
   *
   * @default 2, and 1 with a media volume that only one node can mount
   */
  readonly replicas?: number;

  /**
   * Number of replicas that follows the load. Not together with `replicas`. An application that already runs a fixed
   * number falls to one replica when this is first applied, unless the number is taken out of what was last applied.
   *
   * @see https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling
   *
   * @default - a fixed number
   */
  readonly scaling?: Scaling;

  /**
   * Whether the CPU and memory that the replicas use is watched and other resources are recommended for them, by a
   * VerticalPodAutoscaler that changes nothing: `kubectl describe vpa` shows it. GKE Autopilot and AKS Automatic have
   * what it needs; `autoscaling` of another distribution says that its cluster has.
   *
   * @default false
   */
  readonly recommendResources?: boolean;

  /**
   * CPU and memory of a replica.
   *
   * @default - 250m CPU, 256Mi memory set aside and 512Mi as the limit
   */
  readonly resources?: ContainerResources;

  /**
   * Processes of a replica. The first one loads the application alone and is measured. If that many do not fit into
   * four fifths of the memory limit, the pod starts fewer, and says so in its log. It throws with daphne, which is one
   * process.
   *
   * @default - 2 × CPU + 1, as many as have 160Mi of the memory limit each
   */
  readonly processes?: number;

  /**
   * Threads of a process. It throws with `asgiModule`, and with a `workerClass` that has no threads: `sync`, `gevent`,
   * `eventlet` and `tornado`.
   *
   * @default - 4 for granian and for gunicorn's class `gthread`
   */
  readonly threads?: number;

  /**
   * gunicorn's worker class. It throws with `asgiModule` and with granian.
   *
   * @default gthread
   */
  readonly workerClass?: string;

  /**
   * Number of requests after which a process is replaced, give or take a tenth: a remedy for memory that grows. It
   * throws with daphne and granian, which do not have it.
   *
   * @default - processes are not replaced
   */
  readonly maxRequests?: number;

  /**
   * Port that the server listens on, and the Service.
   *
   * @default 8000
   */
  readonly port?: number;

  /**
   * Hosts that requests may name in addition to those of the application's routes, such as a name inside the cluster.
   *
   * @default - the names of the Service when there is no route, otherwise none
   */
  readonly allowedHosts?: string[];

  /**
   * Path below which the application is, such as `/app`: what the router sends has it, what the URLconf sees does not,
   * and links, redirects, static and media files have it again (FORCE_SCRIPT_NAME, STATIC_URL, MEDIA_URL). It is the
   * path of the application's routes unless they name others. Health endpoints answer without it. It needs the settings
   * overlay.
   *
   * @default - none: the application has whole hosts
   */
  readonly pathPrefix?: string;

  /**
   * Origins whose forms the application takes in addition to those of its routes and of the settings module
   * (CSRF_TRUSTED_ORIGINS), such as `https://shop.example.com`, or `https://*.example.com` for all its subdomains.
   *
   * @default - none
   */
  readonly trustedOrigins?: string[];

  /**
   * Names of the Secrets with which the image is pulled.
   *
   * @default - none
   */
  readonly imagePullSecrets?: string[];

  /**
   * Numeric user and group that the processes run as, where the platform does not choose one.
   *
   * @default 1000
   */
  readonly runAsUser?: number;

  /**
   * Which production values the pods lay over the settings module.
   *
   * @default - all, see SettingsOverlay
   */
  readonly settingsOverlay?: SettingsOverlay;

  /**
   * The cache, as Django's default cache.
   *
   * @default - the one that the settings module names
   */
  readonly cache?: RedisDatabase;

  /**
   * How the application uses Celery. Workers and beat are added by `addCeleryWorker` and `addCeleryBeat`.
   *
   * @default - as the settings module says
   */
  readonly celery?: CeleryOptions;

  /**
   * The Redis database over which the application's processes talk to each other by Channels. The image needs
   * `channels_redis`.
   *
   * @default - the one that the settings module names
   */
  readonly channelLayer?: RedisDatabase;

  /**
   * Whether each release migrates the database, and its pods wait until that is done.
   *
   * @default - true when a database is given
   */
  readonly migrate?: boolean;

  /**
   * How long a migration may take before it is stopped, and new pods wait for it, in whole seconds. A rollout is
   * reported as failed after this and ten minutes.
   *
   * @default - an hour; the rollout is reported as failed after ten minutes, and goes on when the migration has ended
   */
  readonly migrationDeadline?: Duration;

  /**
   * A volume for uploaded files.
   *
   * @default - none
   */
  readonly media?: MediaVolume;

  /**
   * A bucket of the platform for uploaded files, which many replicas share. It is in Cloud Storage on GKE, in S3 on EKS
   * and in Azure Blob on AKS. Elsewhere it is in the distribution's `objectStorage`. The image needs django-storages
   * with the extra for it. It cannot be given together with `media`. It needs the settings overlay.
   *
   * @default - none
   */
  readonly mediaBucket?: MediaBucket;

  /**
   * Whether the pods act as an identity of the platform, without a key: Workload Identity on GKE, Pod Identity or IRSA
   * on EKS, Entra Workload ID on AKS. Which identity is a fact of the distribution, by the application's name. The
   * commands that it takes outside the cluster are written to `identity.txt`, beside the manifests, by `synthesize`;
   * a program with an App of its own gets them from `Distribution.identityCommands(app)`.
   *
   * @default - true with a media bucket or a database that needs one, otherwise false
   */
  readonly platformIdentity?: boolean;

  /**
   * The nodes that the replicas run on. Workers and the beat follow, but not onto spot nodes. Jobs have the
   * architecture alone: they run the same image, and a migration never runs on a spot node.
   *
   * @default - any
   */
  readonly scheduling?: Scheduling;

  /**
   * How long a request may take, in whole seconds: replicas have that long to finish their requests when they are
   * told to stop. The routes' `timeout` counts where it is longer.
   *
   * @default Duration.seconds(30)
   */
  readonly requestTimeout?: Duration;
}
