import { Construct } from 'constructs';
import {
  Cluster,
  ClusterSpec,
  ClusterSpecBootstrap,
  ClusterSpecPostgresqlSynchronousDataDurability as DataDurability,
  ClusterSpecPostgresqlSynchronousMethod as Synchronous,
  ClusterSpecResources,
  ClusterSpecResourcesLimits as Limit,
  ClusterSpecResourcesRequests as Request,
  Database,
  DatabaseSpecExtensionsEnsure as Ensure,
} from '../../../imports/postgresql.cnpg.io';
import { checkImage } from '../../kubernetes/images';
import { selectorLabels } from '../../kubernetes/labels';
import { checkName, checkResourceName } from '../../kubernetes/names';
import { checkInteger } from '../../kubernetes/numbers';
import { addProblems, LocatedProblem, Problems } from '../../kubernetes/problems';
import { Resource } from '../../kubernetes/resource';
import { ContainerResources } from '../../kubernetes/resources';
import { DatabaseRequest } from '../../platform/postgres';
import { firstServer } from '../../workloads/first-priority';
import { volumeClass } from '../../workloads/volume-class';
import { CloudNativePostgresProps, CloudNativeRestore } from './cloud-native-postgres-props';
import { checkClusterParameters, checkRecoveryTime, checkServerImage } from './cloud-native-rules';

/** The name that the Barman Cloud plugin of CloudNativePG has. */
export const BARMAN_PLUGIN = 'barman-cloud.cloudnative-pg.io';

/**
 * Until 1.27 of the operator it is this annotation alone, which newer operators read too.
 *
 * @see https://cloudnative-pg.io/documentation/1.27/failover/#failover-quorum-quorum-based-failover
 */
const QUORUM_ANNOTATION = { 'alpha.cnpg.io/failoverQuorum': 'true' };

/** The Cluster of a database. */
export function clusterOf(
  scope: Construct,
  request: DatabaseRequest,
  maxConnections: number,
  props: CloudNativePostgresProps,
): Resource {
  const { instances = 3 } = props;
  checkInteger(scope, 'postgres.instances', instances, { atLeast: 1 });
  const synchronous = synchronousReplicas(scope, instances, props.synchronousReplicas);
  const { name, labels, selector, storage, storageClassName } = request;
  const cluster = new Resource(
    scope,
    'Cluster',
    Cluster.manifest({
      metadata: { name, labels, annotations: synchronous > 0 ? QUORUM_ANNOTATION : undefined },
      spec: {
        instances,
        // The operator's budget for a primary does not let any pod go.
        // With a single server, the budget would stop every drain of its node.
        enablePdb: instances === 1 ? false : undefined,
        ...imageOf(scope, props),
        // So that network policies select its pods like those of a server that the library makes.
        inheritedMetadata: { labels: selectorLabels(selector) },
        postgresql: {
          parameters: parametersOf(scope, request, maxConnections, instances),
          synchronous:
            synchronous > 0
              ? { method: Synchronous.ANY, number: synchronous, dataDurability: DataDurability.REQUIRED }
              : undefined,
        },
        ...bootstrapOf(scope, request, props),
        storage: { size: storage, storageClass: volumeClass(scope, storageClassName) },
        resources: clusterResources(request.resources),
        ...clusterPlacement(firstServer(scope, request.placement ?? {})),
        seccompProfile: { type: 'RuntimeDefault' },
      },
    }),
  );
  const restore = restoreOf(name, props);
  if (restore) addProblems(scope, () => backupProblems(name, restore, cluster));
  return cluster;
}

function restoreOf(
  name: string,
  { restores = {} }: CloudNativePostgresProps,
): CloudNativeRestore | undefined {
  return Object.hasOwn(restores, name) ? restores[name] : undefined;
}

/** A DatabaseBackup is known once all constructs are. */
function backupProblems(name: string, restore: CloudNativeRestore, cluster: Resource): LocatedProblem[] {
  const { plugins = [] } = cluster.toJson().spec;
  if (plugins.some((plugin: any) => plugin.name === BARMAN_PLUGIN)) return [];
  return [
    {
      property: `postgres.restores.${name}`,
      value: restore,
      reason:
        'needs a DatabaseBackup of the new database in an object store, which lets its servers reach the archive',
      remedy:
        'Add one, and give the distribution backup: new CloudNativePostgresBackups({ objectStore: { … } })',
    },
  ];
}

/**
 * The Database by which the operator makes extensions that are new in a database that is there.
 *
 * @see https://cloudnative-pg.io/documentation/current/declarative_database_management/#managing-extensions-in-a-database
 */
export function databaseOf(scope: Construct, request: DatabaseRequest): Resource[] {
  const { name, labels, database, user, extensions = [] } = request;
  if (extensions.length === 0) return [];
  return [
    new Resource(
      scope,
      'ClusterDatabase',
      Database.manifest({
        metadata: { name, labels },
        spec: {
          name: database,
          owner: user,
          cluster: { name },
          extensions: extensions.map((extension) => ({ name: extension, ensure: Ensure.PRESENT })),
        },
      }),
    ),
  ];
}

function synchronousReplicas(scope: Construct, instances: number, asked?: number): number {
  if (asked === undefined) return instances >= 3 ? 1 : 0;
  // The webhook wants a server more than replicas that confirm.
  return checkInteger(scope, 'postgres.synchronousReplicas', asked, { atLeast: 0, atMost: instances - 1 });
}

function imageOf(scope: Construct, { image, imageCatalog }: CloudNativePostgresProps): Partial<ClusterSpec> {
  if (image !== undefined) checkServerImage(scope, checkImage(scope, 'postgres.image', image));
  if (imageCatalog === undefined) return { imageName: image };
  const { name, major, clusterWide = true } = imageCatalog;
  if (image !== undefined) {
    Problems.report(scope, {
      property: 'postgres.imageCatalog',
      value: name,
      reason: 'is given together with image',
      remedy: 'Give one of them',
    });
  }
  checkResourceName(scope, 'postgres.imageCatalog.name', name);
  checkInteger(scope, 'postgres.imageCatalog.major', major, { atLeast: 13 });
  const kind = clusterWide ? 'ClusterImageCatalog' : 'ImageCatalog';
  return { imageCatalogRef: { apiGroup: 'postgresql.cnpg.io', kind, name, major } };
}

/**
 * The operator loads pg_stat_statements once one of its parameters is given.
 *
 * @see https://cloudnative-pg.io/documentation/current/postgresql_conf/
 */
function parametersOf(
  scope: Construct,
  request: DatabaseRequest,
  maxConnections: number,
  instances: number,
): { [name: string]: string } {
  const { parameters = {}, extensions = [] } = request;
  checkClusterParameters(scope, parameters, { instances, memoryRequest: request.resources.memoryRequest! });
  return {
    max_connections: `${maxConnections}`,
    ...(extensions.includes('pg_stat_statements') && { 'pg_stat_statements.track': 'top' }),
    ...parameters,
  };
}

function bootstrapOf(
  scope: Construct,
  request: DatabaseRequest,
  props: CloudNativePostgresProps,
): { bootstrap: ClusterSpecBootstrap; externalClusters?: ClusterSpec['externalClusters'] } {
  const { name, database, user: owner } = request;
  const restore = restoreOf(name, props);
  if (!restore) {
    return { bootstrap: { initdb: { database, owner, ...makeExtensions(request) } } };
  }
  const { from: source, at } = restore;
  const property = `postgres.restores.${name}`;
  checkName(scope, `${property}.from`, source);
  if (source === name) {
    Problems.report(scope, {
      property: `${property}.from`,
      value: source,
      reason: 'is the database itself, whose archive would then have two histories',
      remedy: 'Restore into a database with another name, beside the first',
    });
  }
  const targetTime = at === undefined ? undefined : checkRecoveryTime(scope, `${property}.at`, at);
  return {
    bootstrap: {
      recovery: { source, database, owner, recoveryTarget: targetTime ? { targetTime } : undefined },
    },
    externalClusters: [
      {
        name: source,
        // Through the ObjectStore of its own, which has the same place. While one that a Cluster names is missing, the
        // operator leaves the Cluster alone: no failover, no new pods.
        plugin: { name: BARMAN_PLUGIN, parameters: { barmanObjectName: name, serverName: source } },
      },
    ],
  };
}

/** https://cloudnative-pg.io/documentation/current/bootstrap/#executing-queries-after-initialization */
function makeExtensions({ extensions = [] }: DatabaseRequest) {
  const statements = extensions.map((name) => `CREATE EXTENSION IF NOT EXISTS "${name}" CASCADE`);
  return statements.length > 0 ? { postInitApplicationSql: statements } : {};
}

function clusterResources(resources: ContainerResources): ClusterSpecResources {
  const { cpuRequest, cpuLimit, memoryRequest, memoryLimit, ephemeralStorage } = resources;
  return {
    requests: {
      cpu: Request.fromString(cpuRequest!),
      memory: Request.fromString(memoryRequest!),
      ...(ephemeralStorage && { 'ephemeral-storage': Request.fromString(ephemeralStorage) }),
    },
    limits: {
      ...(cpuLimit && { cpu: Limit.fromString(cpuLimit) }),
      memory: Limit.fromString(memoryLimit!),
      ...(ephemeralStorage && { 'ephemeral-storage': Limit.fromString(ephemeralStorage) }),
    },
  };
}

/** https://cloudnative-pg.io/documentation/current/scheduling/ */
function clusterPlacement({ affinity, priorityClassName, ...nodes }: any): Partial<ClusterSpec> {
  const fields = { ...nodes, ...affinity };
  return {
    ...(Object.keys(fields).length > 0 && { affinity: fields }),
    ...(priorityClassName !== undefined && { priorityClassName }),
  };
}
