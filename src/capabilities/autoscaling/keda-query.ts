import { Construct } from 'constructs';
import {
  ScaledObjectSpecTriggers as Trigger,
  ScaledObjectSpecTriggersAuthenticationRefKind as AuthenticationKind,
  TriggerAuthentication,
} from '../../../imports/keda.sh';
import { checkResourceName } from '../../kubernetes/names';
import { Resource } from '../../kubernetes/resource';
import { AutoscaleRequest, ScalingQuery } from '../../platform/autoscaling';
import { POSTGRES_PORT } from '../../platform/postgres';
import { hostForKeda } from './keda-host';

/** The triggers of queries, and what gives KEDA the password. */
export interface QueryTriggers {
  readonly triggers: Trigger[];
  readonly resources: Resource[];
}

/**
 * KEDA asks the database itself. The queries of one workload are for one database, so they share what they log in with.
 *
 * @see https://keda.sh/docs/2.21/scalers/postgresql/
 */
export function queryTriggers(scope: Construct, request: AutoscaleRequest): QueryTriggers {
  const { queries = [] } = request;
  if (!queries.length) return { triggers: [], resources: [] };
  const authentication = queryAuthentication(scope, request, queries[0]);
  const authenticationRef = { kind: AuthenticationKind.TRIGGER_AUTHENTICATION, name: authentication.name };
  const triggers = queries.map((query) => ({
    type: 'postgresql',
    metadata: queryMetadata(scope, query),
    authenticationRef,
  }));
  return { triggers, resources: [authentication] };
}

function queryMetadata(scope: Construct, query: ScalingQuery): Record<string, string> {
  const { host, port = POSTGRES_PORT, database, user, sslMode = 'prefer' } = query;
  return {
    ...(host !== undefined && {
      host: reachable(scope, host),
      port: `${port}`,
      dbName: database!,
      userName: user!,
      sslmode: sslMode,
    }),
    query: query.query,
    targetQueryValue: `${query.targetValue}`,
  };
}

/** KEDA reads it from its Secret itself: the password is in no manifest. */
function queryAuthentication(
  scope: Construct,
  { name, labels }: AutoscaleRequest,
  { password, url }: ScalingQuery,
): Resource {
  const secretTargetRef = Object.entries({ password, connection: url }).flatMap(([parameter, value]) =>
    value ? [{ parameter, name: value.secretName, key: value.key }] : [],
  );
  return new Resource(
    scope,
    'QueryAuthentication',
    TriggerAuthentication.manifest({
      metadata: { name: checkResourceName(scope, 'name', `${name}-database`), labels },
      spec: { secretTargetRef },
    }),
  );
}

function reachable(scope: Construct, host: string): string {
  return host.includes('.') ? host : hostForKeda(scope, 'database.connection.host', host, host);
}
