import { EnvironmentVariable } from '../kubernetes/environment';
import { NetworkPeer } from '../kubernetes/peers';
import { Traffic } from '../kubernetes/traffic';
import { IPythonImage } from '../platform/python-image';
import { DatabaseConnector } from '../platform/database-connector';
import { IMeasuredServer } from '../platform/measured-server';
import { DatabaseConnection } from '../platform/postgres';

/** Connections that a part of an application may have open at once. */
export interface DatabaseConnections {
  /** What has them, with the factors of their number: `polls: 12 replicas at once × 2 processes × 5`. */
  readonly description: string;

  /** Their number. */
  readonly count: number;

  /**
   * Whether they go past a pooler to the server behind it.
   *
   * @default false
   */
  readonly direct?: boolean;
}

/** An application that uses a database. */
export interface IDatabaseClient extends IPythonImage {
  /** Its pods that connect to the database, as network policies name them. */
  readonly databasePeers: NetworkPeer[];

  /**
   * Those of its pods that connect to the server behind a pooler: they migrate, or hold locks.
   *
   * @default - all of them
   */
  readonly directDatabasePeers?: NetworkPeer[];

  /** The most connections that it may have open at once, as far as they have a bound. Synth asks for it. */
  readonly databaseConnections: DatabaseConnections[];
}

/** A database that a DjangoApp can use. */
export interface IDatabase {
  /**
   * How it is connected to: for what stands between applications and the database, such as a pooler.
   *
   * @default - unknown in parts: it is a URL in a Secret
   */
  readonly connection?: DatabaseConnection;

  /** The variables that tell containers of it: DATABASE_URL, DATABASE_HOST, … */
  readonly environment: EnvironmentVariable[];

  /** Port that it listens on. */
  readonly port: number;

  /**
   * Port of the server behind it, when it is a pooler that migrations go past.
   *
   * @default - migrations connect to `port`
   */
  readonly directPort?: number;

  /**
   * Where it is: what the app's network policy lets its pods connect to, on the port.
   *
   * @default - anywhere
   */
  readonly peers?: NetworkPeer[];

  /**
   * Where the server behind a pooler is.
   *
   * @default - where `peers` are
   */
  readonly directPeers?: NetworkPeer[];

  /**
   * What else the application's pods need to connect to it.
   *
   * @default - nothing
   */
  readonly connector?: DatabaseConnector;

  /**
   * Most connections that a process of an application has, by a pool.
   *
   * @default - no pool: a connection for each thread
   */
  readonly poolSize?: number;

  /**
   * The servers that it is made of which show their metrics.
   *
   * @default - none
   */
  readonly measuredServers?: IMeasuredServer[];

  /**
   * Tells the database of an application that uses it.
   *
   * @param client - the application
   */
  addClient(client: IDatabaseClient): void;

  /**
   * Lets only the pods of the applications that use the database connect to it.
   */
  restrictNetwork(): void;
}

/** What pods connect to for their database. */
export function databaseTraffic({ connector, peers, port }: IDatabase): Traffic[] {
  return connector?.egress ?? [{ peers, ports: [{ port }] }];
}

/** What the Jobs also connect to: the server behind a pooler. */
export function directTraffic(database: IDatabase): Traffic[] {
  const { peers, port, directPort: direct, directPeers } = database;
  if (direct === undefined || (direct === port && !directPeers)) return [];
  return [{ peers: directPeers ?? peers, ports: [{ port: direct }] }];
}
