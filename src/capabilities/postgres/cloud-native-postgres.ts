import { Construct } from 'constructs';
import { apiServerTraffic, dnsTraffic } from '../../workloads/network-policies';
import { checkNamespaceLabels, checkSources } from '../../kubernetes/peers';
import { namespaceLabels } from '../../kubernetes/labels';
import { Problems } from '../../kubernetes/problems';
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
import { distributionOf } from '../../platform/binding';
import { clusterOf, databaseOf } from './cloud-native-cluster';
import { CloudNativePostgresProps } from './cloud-native-postgres-props';

/** The port of the program beside the server. The operator asks that program for its state. */
const STATUS_PORT = 8000;
const METRICS_PORT = 9187;

/**
 * A Cluster of CloudNativePG, whose operator the cluster must have, from version 1.27 on: a primary, its replicas and
 * failover. There are Secrets with the application's password and with the authority that the Cluster's certificates
 * are checked against. Its pods pass Pod Security `restricted`. The operator makes budgets for drains of nodes, unless
 * there is a single server. With `extensions` there is a Database too, by which the operator makes them in a database
 * that is there already.
 *
 * On AKS Automatic the operator's own Jobs need an exemption from the policy that demands probes of all containers.
 * Users of both report this: the library's rules do not see the Jobs.
 *
 * Throws when:
 * - a password is given;
 * - the number of servers or of synchronous replicas, the image or the catalog is not valid;
 * - an image and a catalog are given;
 * - the time or the source of a restore is not valid, or the restored database has no backup in an object store;
 * - the operator's webhooks would refuse the Cluster, such as for a parameter that the operator sets.
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
      replicaHost: (this.props.instances ?? 3) > 1 ? `${name}-ro` : undefined,
      port: POSTGRES_PORT,
      user,
      password: { secretName: `${name}-app`, key: 'password' },
      sslMode: SslMode.VERIFY_FULL,
      maxConnections,
      makesExtensions: true,
      setsParameters: true,
      metricsOf: 'cloudnativepg',
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
      resources: [clusterOf(scope, request, maxConnections, this.props), ...databaseOf(scope, request)],
    };
  }

  /** https://cloudnative-pg.io/documentation/current/networking */
  private podTraffic(scope: Construct, { selector }: DatabaseRequest): AllowedTraffic {
    const { operatorNamespaceLabels = namespaceLabels('cnpg-system') } = this.props;
    checkNamespaceLabels(scope, 'postgres.operatorNamespaceLabels', operatorNamespaceLabels);
    const operator = { namespaceLabels: operatorNamespaceLabels };
    const { metricsSources } = distributionOf(scope).network;
    checkSources(scope, 'network.metricsSources', metricsSources);
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
