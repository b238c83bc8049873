import { Construct } from 'constructs';
import {
  Cluster,
  ClusterSpec,
  ClusterSpecResources,
  ClusterSpecResourcesLimits as Limit,
  ClusterSpecResourcesRequests as Request,
} from '../../../imports/postgresql.cnpg.io';
import { checkImage } from '../../kubernetes/images';
import { namespaceLabels, selectorLabels } from '../../kubernetes/labels';
import { apiServerTraffic, dnsTraffic } from '../../workloads/network-policies';
import { checkNamespaceLabels, checkSource } from '../../kubernetes/peers';
import { checkInteger } from '../../kubernetes/numbers';
import { Problems } from '../../kubernetes/problems';
import { quantity } from '../../kubernetes/quantities';
import { Resource } from '../../kubernetes/resource';
import { ContainerResources } from '../../kubernetes/resources';
import {
  DatabaseRequest,
  DEFAULT_MAX_CONNECTIONS,
  IPostgres,
  ManagedDatabase,
  POSTGRES_PORT,
  SslMode,
} from '../../platform/postgres';
import { certificateFolder } from './verified-server';
import { AllowedTraffic, podsOf } from '../../kubernetes/traffic';
import { firstServer } from '../../workloads/first-priority';
import { volumeClass } from '../../workloads/volume-class';
import { distributionOf } from '../../platform/binding';

/** What the clusters of CloudNativePG are to be. */
export interface CloudNativePostgresProps {
  /**
   * Number of servers of each cluster: a primary and its replicas.
   *
   * @default 3
   */
  readonly instances?: number;

  /**
   * The image of the servers, by tag or digest. It is an image of CloudNativePG, not the official one.
   *
   * @default - the operator's, which stays what it was when the cluster was made
   */
  readonly image?: string;

  /**
   * Labels of the operator's namespace. On OpenShift it was not verified: OperatorHub installs operators into
   * `openshift-operators`.
   *
   * @default - `kubernetes.io/metadata.name: cnpg-system`
   */
  readonly operatorNamespaceLabels?: { [label: string]: string };
}

/** The port of the program beside the server. The operator asks that program for its state. */
const STATUS_PORT = 8000;
const METRICS_PORT = 9187;

/**
 * A Cluster of CloudNativePG, whose operator the cluster must have: a primary, its replicas and failover. There are
 * Secrets with the application's password and with the authority that the Cluster's certificates are checked against.
 * Its pods pass Pod Security `restricted`. The operator makes budgets for drains of nodes, unless there is a single
 * server.
 *
 * On AKS Automatic the operator's own Jobs need an exemption from the policy that demands probes of all containers.
 * Users of both report this: the library's rules do not see the Jobs.
 *
 * Throws when:
 * - a password is given;
 * - the number of servers or the image is not valid.
 *
 * @see https://cloudnative-pg.io/documentation/current/
 * @see https://cloudnative-pg.io/documentation/current/kubernetes_upgrade/
 * @example
 * Distribution.openshift({ postgres: new CloudNativePostgres({ instances: 3 }) });
 */
export class CloudNativePostgres implements IPostgres {
  constructor(private readonly props: CloudNativePostgresProps = {}) {}

  database(scope: Construct, request: DatabaseRequest): ManagedDatabase {
    if (request.password) {
      Problems.report(scope, {
        property: 'password',
        value: request.password,
        reason: 'is given, but CloudNativePG makes the password itself',
        remedy: 'Leave it out',
      });
    }
    const { name, user } = request;
    const mountPath = certificateFolder(request);
    const maxConnections = request.maxConnections ?? DEFAULT_MAX_CONNECTIONS;
    return {
      host: `${name}-rw`,
      port: POSTGRES_PORT,
      user,
      password: { secretName: `${name}-app`, key: 'password' },
      sslMode: SslMode.VERIFY_FULL,
      maxConnections,
      makesExtensions: true,
      setsParameters: true,
      certificatePath: `${mountPath}/ca.crt`,
      peers: [podsOf(request.selector)],
      connector: {
        // Its private key is in the same Secret.
        volumes: [
          {
            name: 'database-ca',
            secret: { secretName: `${name}-ca`, items: [{ key: 'ca.crt', path: 'ca.crt' }] },
          },
        ],
        volumeMounts: [{ name: 'database-ca', mountPath, readOnly: true }],
      },
      podTraffic: this.podTraffic(scope, request),
      resources: [this.cluster(scope, request, maxConnections)],
    };
  }

  private cluster(scope: Construct, request: DatabaseRequest, maxConnections: number): Resource {
    const { image, instances = 3 } = this.props;
    checkInteger(scope, 'postgres.instances', instances, { atLeast: 1 });
    const { name, labels, selector, database, user, storage, storageClassName } = request;
    return new Resource(
      scope,
      'Cluster',
      Cluster.manifest({
        metadata: { name, labels },
        spec: {
          instances,
          // The operator's budget for a primary does not let any pod go.
          // With a single server, the budget would stop every drain of its node.
          enablePdb: instances === 1 ? false : undefined,
          imageName: image === undefined ? undefined : checkImage(scope, 'postgres.image', image),
          // So that network policies select its pods like those of a server that the library makes.
          inheritedMetadata: { labels: selectorLabels(selector) },
          postgresql: { parameters: parametersOf(scope, request, maxConnections) },
          bootstrap: { initdb: { database, owner: user, ...makeExtensions(request) } },
          storage: { size: storage, storageClass: volumeClass(scope, storageClassName) },
          resources: clusterResources(request.resources),
          ...clusterPlacement(firstServer(scope, request.placement ?? {})),
          seccompProfile: { type: 'RuntimeDefault' },
        },
      }),
    );
  }

  /** https://cloudnative-pg.io/documentation/current/networking */
  private podTraffic(scope: Construct, { selector }: DatabaseRequest): AllowedTraffic {
    const { operatorNamespaceLabels = namespaceLabels('cnpg-system') } = this.props;
    checkNamespaceLabels(scope, 'postgres.operatorNamespaceLabels', operatorNamespaceLabels);
    const operator = { namespaceLabels: operatorNamespaceLabels };
    const { metricsSources } = distributionOf(scope).network;
    metricsSources.forEach((peer) => checkSource(scope, 'network.metricsSources', peer));
    return {
      ingress: [
        { peers: [operator], ports: [{ port: STATUS_PORT }, { port: POSTGRES_PORT }] },
        { peers: [podsOf(selector)] },
        { peers: metricsSources, ports: [{ port: METRICS_PORT }] },
      ],
      egress: [...dnsTraffic(scope), ...apiServerTraffic(scope), { peers: [podsOf(selector)] }],
    };
  }
}

/**
 * The operator loads pg_stat_statements once one of its parameters is given.
 *
 * @see https://cloudnative-pg.io/documentation/current/postgresql_conf/
 */
function parametersOf(scope: Construct, request: DatabaseRequest, maxConnections: number) {
  const { parameters = {}, extensions = [] } = request;
  const { shared_preload_libraries: libraries, shared_buffers: shared } = parameters;
  const { memoryRequest } = request.resources;
  if (shared !== undefined && bytesOf(shared) > quantity(memoryRequest!)!) {
    Problems.report(scope, {
      property: 'parameters.shared_buffers',
      value: shared,
      reason: `is more than the memory request of ${memoryRequest}, which CloudNativePG refuses`,
      remedy: 'Raise resources.memoryRequest, or lower it',
    });
  }
  if (libraries !== undefined) {
    Problems.report(scope, {
      property: 'parameters.shared_preload_libraries',
      value: libraries,
      reason: 'is refused by CloudNativePG, which has a field of its own for libraries',
      remedy:
        'Leave it out, and override spec.postgresql.shared_preload_libraries of the Cluster, ' +
        'which is the first of managedResources',
    });
  }
  return {
    max_connections: `${maxConnections}`,
    ...(extensions.includes('pg_stat_statements') && { 'pg_stat_statements.track': 'top' }),
    ...parameters,
  };
}

const UNITS: Record<string, number> = { B: 1, kB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };

/** A size as PostgreSQL writes it, without a unit in its pages; 0 for what it does not take. */
function bytesOf(size: string): number {
  const [, number, unit] = /^\s*(\d+)\s*(B|kB|MB|GB|TB)?\s*$/.exec(size) ?? [];
  return number === undefined ? 0 : Number(number) * (unit === undefined ? 8192 : UNITS[unit]);
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
