import { EnvironmentVariable } from '../kubernetes/environment';
import { NetworkPeer } from '../kubernetes/peers';
import { IPythonImage } from '../capabilities/secrets/generated-secret';

/** An application that uses a database. */
export interface IDatabaseClient extends IPythonImage {
  /** Its pods that connect to the database, as network policies name them. */
  readonly databasePeers: NetworkPeer[];
}

/** A database that a DjangoApp can use. */
export interface IDatabase {
  /** The variables that tell containers of it: DATABASE_URL, DATABASE_HOST, … */
  readonly environment: EnvironmentVariable[];

  /** Port that it listens on. */
  readonly port: number;

  /**
   * Where it is: what the app's network policy lets its pods connect to, on the port.
   *
   * @default - anywhere
   */
  readonly peers?: NetworkPeer[];

  /**
   * Tells the database of an application that uses it.
   *
   * @param client - the application
   */
  addClient(client: IDatabaseClient): void;

  /**
   * Lets only the pods of admitted applications connect to the database from now on, and this one's among them.
   *
   * @param client - the application
   */
  admit(client: IDatabaseClient): void;
}
