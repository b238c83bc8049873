import { Construct } from 'constructs';
import { Problems } from '../kubernetes/problems';
import { ManagedDatabase } from '../platform/postgres';
import { refusePasswords } from '../secrets/server-passwords';
import { refuseExporter, refuseExporterOptions } from '../workloads/exporter';
import { ReadReplicas } from './connection';
import { PostgresBackendProps } from './postgres-backend-props';

const ELSEWHERE = 'a server that the library or an operator makes, and this one is run outside the cluster';

/** What a server that the distribution runs cannot be told. */
export function refuseUnknown(
  scope: Construct,
  managed: ManagedDatabase,
  {
    extensions = [],
    parameters = {},
    metrics,
    passwords,
    certificateSecretName,
    archive,
    restore,
    applicationRole,
    readReplicas,
  }: PostgresBackendProps,
  database: string,
): void {
  const { makesExtensions, setsParameters, metricsOf, replicaHost } = managed;
  if (extensions.length > 0 && !makesExtensions) {
    Problems.report(scope, {
      property: 'extensions',
      value: extensions,
      reason: `are for ${ELSEWHERE}`,
      remedy:
        'Leave them out, and let an administrator of the server make them in the database ' +
        `"${database}": CREATE EXTENSION IF NOT EXISTS "${extensions[0]}"`,
    });
  }
  if (Object.keys(parameters).length > 0 && !setsParameters) {
    Problems.report(scope, {
      property: 'parameters',
      value: parameters,
      reason: `are for ${ELSEWHERE}`,
      remedy: 'Leave them out, and set them where the service that runs it has its parameters',
    });
  }
  refuseOurs(scope, { certificateSecretName, archive, restore, applicationRole });
  if (metrics) (metricsOf === undefined ? refuseExporter : refuseExporterOptions)(scope, metrics);
  if (passwords) refusePasswords(scope, passwords);
  if (replicaHost === undefined) refuseReplicas(scope, readReplicas);
}

/** Refuses what is for a server that the library makes, with what else gives the same. */
function refuseOurs(scope: Construct, given: Record<string, unknown>): void {
  const restored = 'Leave it out, and restore to a time as what runs it does';
  const remedies: Record<string, string> = {
    certificateSecretName: 'Leave it out: what runs it has a certificate of its own',
    archive: restored,
    restore: restored,
    applicationRole: 'Leave it out: applications and migrations log in as one role there',
  };
  for (const [property, value] of Object.entries(given)) {
    if (value === undefined) continue;
    Problems.report(scope, {
      property,
      value,
      reason: 'is for a server that the library makes, and the distribution runs this one',
      remedy: remedies[property],
    });
  }
}

/** The replicas that applications read from, if the program asks for them. */
export function replicasOf(
  { readReplicas }: PostgresBackendProps,
  { replicaHost }: ManagedDatabase,
): Pick<ManagedDatabase, 'replicaHost'> {
  return readReplicas ? { replicaHost } : {};
}

/** Refuses read replicas of a server that has none. */
export function refuseReplicas(scope: Construct, readReplicas?: ReadReplicas): void {
  if (!readReplicas) return;
  Problems.report(scope, {
    property: 'readReplicas',
    value: readReplicas,
    reason: 'are for a server that has replicas, and none are known of this one',
    remedy:
      'Leave them out, or use CloudNativePostgres with two instances or more, replicaHost of a server of RdsPostgres ' +
      'or AzurePostgres, or replicaHost of PostgresBackend.fromHost',
  });
}
