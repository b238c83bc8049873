import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { IdentityCloud, WorkloadIdentity } from '../platform/identity';
import { IObjectStorage, MediaBackend, MediaBucket } from '../platform/object-storage';
import { identityOf } from '../platform/identities';
import { Problems } from '../kubernetes/problems';
import { brokerOf, sqsGrants } from './brokers';
import { redisDatabasesOf, redisTraffic } from './cache';
import { visibilityTimeoutOf } from './celery';
import { databaseTraffic, IDatabase } from './database';
import { DjangoAppProps } from './django-app-props';
import { Traffic } from '../kubernetes/traffic';
import { addIdentityCommands } from '../platform/identity-commands';
import { distributionOf } from '../platform/binding';

/** What an application uses of the platform that it runs on. */
export interface Platform {
  /** The identity of its pods. */
  readonly identity?: WorkloadIdentity;
  /** Where its uploaded files are, when they are in a bucket. */
  readonly media?: MediaBackend;
}

const NEEDED = { property: 'platformIdentity', value: true };

/** Finds out what an application uses of its platform, and reports the commands that it takes. */
export function platformOf(scope: Construct, props: DjangoAppProps, port: number): Platform {
  const { name, mediaBucket, database } = props;
  if (database) checkSidecarPorts(scope, port, database);
  if (mediaBucket) checkMediaBucket(scope, mediaBucket, props);
  const { objectStorage } = distributionOf(scope);
  const identity = usesIdentity(props, objectStorage) ? identityOf(scope, name, NEEDED) : undefined;
  checkDatabaseAccount(scope, props, identity);
  checkDatabaseCloud(scope, props, identity);
  const media = mediaBucket && objectStorage!.media(scope, mediaBucket, identity);
  checkOwnVariables(scope, props, media);
  const queues = queueGrants(scope, props, identity);
  if (identity) {
    const title = `ServiceAccount "${name}" of namespace "${Chart.of(scope).namespace ?? 'default'}"`;
    const grants = [...(media?.grants ?? []), ...(database?.connector?.grants ?? []), ...queues];
    addIdentityCommands(scope, title, [...identity.setup, ...grants]);
  }
  return { identity, media };
}

function usesIdentity(props: DjangoAppProps, objectStorage?: IObjectStorage): boolean {
  const { platformIdentity, mediaBucket, database, celery } = props;
  if (platformIdentity || database?.connector?.usesIdentity || celery?.sqs) return true;
  return mediaBucket !== undefined && objectStorage!.usesIdentity;
}

/** The commands that let the pods use queues of SQS. Throws when their identity is one of another cloud. */
function queueGrants(scope: Construct, { celery }: DjangoAppProps, identity?: WorkloadIdentity): string[] {
  const sqs = celery?.sqs;
  if (!sqs) return [];
  const { cloud } = identity!;
  if (cloud !== undefined && cloud !== IdentityCloud.AWS) {
    Problems.report(scope, {
      property: 'celery.sqs',
      value: 'queueUrls',
      reason: `needs an identity of AWS, and pods on ${distributionOf(scope).name} have one of ${cloud}`,
      remedy: 'Use another broker here: a ValkeyBackend, or celery.rabbitMq',
    });
  }
  return sqsGrants(sqs, visibilityTimeoutOf(celery!, 0).toSeconds());
}

/** Parts without blanks and line breaks, none of which is "." or "..". */
const FOLDER = /^(?!\.\.?(?:\/|$))[^/\s]+(?:\/(?!\.\.?(?:\/|$))[^/\s]+)*$/;

function checkMediaBucket(scope: Construct, bucket: MediaBucket, props: DjangoAppProps): void {
  const { name: distribution, objectStorage } = distributionOf(scope);
  if (!objectStorage) {
    Problems.report(scope, {
      property: 'mediaBucket.name',
      value: bucket.name,
      reason: `cannot be found: no object storage is known on ${distribution}`,
      remedy: 'Give the distribution storageAccount (AKS) or objectStorage: new S3Storage({ … })',
    });
  }
  const reason = props.media
    ? 'is given together with media'
    : props.settingsOverlay?.enabled === false && 'needs the settings overlay';
  if (reason) {
    const remedy = props.media
      ? 'Give one of them'
      : 'Leave settingsOverlay.enabled out, or name the storage in the settings';
    Problems.report(scope, { property: 'mediaBucket.name', value: bucket.name, reason, remedy });
  }
  if (bucket.folder !== undefined && !FOLDER.test(bucket.folder)) {
    Problems.report(scope, {
      property: 'mediaBucket.folder',
      value: bucket.folder,
      reason: 'is not a folder of a bucket',
      remedy: 'Give its path without slashes at the ends, such as "uploads"',
    });
  }
}

/** Throws when a program gives a variable that the bucket needs: the pods would have it twice. */
function checkOwnVariables(
  scope: Construct,
  { environment = {}, secretEnvironment = {} }: DjangoAppProps,
  { environment: needed = [] }: Partial<MediaBackend> = {},
): void {
  for (const [property, given] of Object.entries({ environment, secretEnvironment })) {
    const variable = needed.find(({ name }) => Object.hasOwn(given, name));
    if (!variable) continue;
    Problems.report(scope, {
      property,
      value: variable.name,
      reason: 'is a variable of mediaBucket, whose keys the objectStorage of the distribution gives',
      remedy: 'Leave it out, or give the other keys a name of their own',
    });
  }
}

/** Throws when a sidecar of the database listens on the application's port: containers of a pod share ports. */
function checkSidecarPorts(scope: Construct, port: number, { connector }: IDatabase): void {
  for (const { name, ports } of connector?.sidecars ?? []) {
    if (ports?.some(({ containerPort }: any) => containerPort === port)) {
      Problems.report(scope, {
        property: 'port',
        value: port,
        reason: `is a port of the sidecar "${name}", which is in the same pods`,
        remedy: 'Choose another one',
      });
    }
  }
}

/** Throws when the pods do not act as the account that their database knows: every login would fail. */
function checkDatabaseAccount(
  scope: Construct,
  { name, database }: DjangoAppProps,
  identity?: WorkloadIdentity,
): void {
  const account = database?.connector?.account;
  if (account === undefined || identity?.account === account) return;
  Problems.report(scope, {
    property: 'database.connector.account',
    value: account,
    reason: `is the account that logs in, but the pods act as ${identity?.account ?? 'none'}`,
    remedy: `Give the distribution googleServiceAccounts: { ${JSON.stringify(name)}: ${JSON.stringify(account)} } (GKE)`,
  });
}

/** Throws when the identity of the pods is one of another cloud than the server that it is to log in to. */
function checkDatabaseCloud(
  scope: Construct,
  { database }: DjangoAppProps,
  identity?: WorkloadIdentity,
): void {
  const cloud = database?.connection?.identity?.cloud;
  if (cloud === undefined || identity?.cloud === undefined || identity.cloud === cloud) return;
  Problems.report(scope, {
    property: 'database.connection.identity',
    value: cloud,
    reason: `needs an identity of that cloud, and pods on ${distributionOf(scope).name} have one of ${identity.cloud}`,
    remedy: 'Give the server a password in place of identityUser',
  });
}

/** What the pods connect to: the database, the cache, the broker, the channel layer and the platform's services. */
export function backendTraffic(props: DjangoAppProps, { identity, media }: Platform): Traffic[] {
  const { celery } = props;
  // Those of Redis' protocol are among the databases.
  const broker = celery && !celery.broker ? brokerOf(celery).traffic : [];
  const platform = [...(identity?.egress ?? []), ...(media?.egress ?? [])];
  return [
    ...(props.database ? databaseTraffic(props.database) : []),
    ...unique(redisDatabasesOf(props).map(redisTraffic)),
    ...unique([...broker, ...platform]),
  ];
}

function unique(traffic: Traffic[]): Traffic[] {
  const texts = traffic.map((one) => JSON.stringify(one));
  return traffic.filter((_, index) => texts.indexOf(texts[index]) === index);
}

/** The variables that tell the settings overlay of the bucket. */
export function platformVariables({ media }: Platform): Record<string, string> {
  if (!media) return {};
  return {
    CDK8S_DJANGO_MEDIA_STORAGE: media.backend,
    CDK8S_DJANGO_MEDIA_STORAGE_OPTIONS: JSON.stringify(media.options),
  };
}
