import { Construct } from 'constructs';
import { InvalidInputError } from '../kubernetes/errors';
import { Problems } from '../kubernetes/problems';
import { AllowedEgress } from './allowed-egress';
import { Additions } from './additions';
import { checkRedisDatabase, redisTraffic } from './cache';
import { IRedisServer, RedisDatabase } from './cache-props';
import { ConnectionPart, databasePart, redisPart } from './connection-parts';
import { databaseTraffic, IDatabase, IDatabaseClient } from './database';
import { PodSelection } from './pod-kinds';

/** What variables of an application's own names say about databases and Redis servers, which its pods then connect to. */
export class ConnectionVariables {
  private readonly databases = new Set<IDatabase>();
  private readonly servers = new Set<IRedisServer>();
  private isRestricted = false;

  constructor(
    private readonly app: Construct & IDatabaseClient & { readonly database?: IDatabase },
    private readonly pods: { readonly additions: Additions; readonly egress: AllowedEgress },
  ) {}

  addDatabase(name: string, database: IDatabase, part: ConnectionPart, selection: PodSelection): void {
    if (!database) this.refuseNone('a PostgresBackend, such as that of the application');
    if (database.connection?.migrationLogin) this.refuseRole(name, part);
    const variables = databasePart(this.app, name, database, part);
    this.pods.additions.addConnection(name, variables, selection);
    if (database === this.app.database) return;
    if (database.connector) this.refuseConnector(name);
    for (const traffic of databaseTraffic(database)) this.pods.egress.add(traffic, selection);
    if (this.databases.has(database)) return;
    this.databases.add(database);
    database.addClient(this.app);
    if (this.isRestricted) database.restrictNetwork();
  }

  addRedis(name: string, redis: RedisDatabase, part: ConnectionPart, selection: PodSelection): void {
    if (!redis) this.refuseNone('database() of a ValkeyBackend');
    checkRedisDatabase(this.app, 'database', redis);
    this.pods.additions.addConnection(name, redisPart(this.app, name, redis, part), selection);
    this.pods.egress.add(redisTraffic(redis), selection);
    const { server } = redis;
    if (!server || this.servers.has(server)) return;
    this.servers.add(server);
    server.addClient(this.app);
    if (this.isRestricted) server.restrictNetwork();
  }

  /** The servers and databases that only such variables tell about let only the applications in, too. */
  restrict(): void {
    this.isRestricted = true;
    for (const one of [...this.databases, ...this.servers]) one.restrictNetwork();
  }

  private refuseNone(what: string): never {
    throw new InvalidInputError(this.app, {
      property: 'database',
      value: undefined,
      reason: 'is needed',
      remedy: `Give ${what}`,
    });
  }

  /** The same variables are in all pods. */
  private refuseRole(name: string, part: ConnectionPart): void {
    if (![ConnectionPart.URL, ConnectionPart.USER, ConnectionPart.PASSWORD].includes(part)) return;
    Problems.report(this.app, {
      property: 'database',
      value: name,
      reason: 'would have migrations log in as the role of the application, which may not change tables',
      remedy:
        'Have the settings read DATABASE_URL, or DATABASE_USER and DATABASE_PASSWORD, or leave applicationRole of the ' +
        'PostgresBackend out',
    });
  }

  private refuseConnector(name: string): void {
    Problems.report(this.app, {
      property: 'database',
      value: name,
      reason: 'needs sidecars or volumes, which pods have for the database of the application alone',
      remedy:
        'Give it to the application as its database, or give variables of an IDatabase without a connector',
    });
  }
}
