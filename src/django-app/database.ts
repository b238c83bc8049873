import { EnvironmentVariable } from '../kubernetes/environment';
import { NetworkPeer } from '../kubernetes/peers';
import { IPythonImage } from '../capabilities/secrets/generated-secret';

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
  addClient(client: IPythonImage): void;

  /**
   * Lets only named pods connect to the database from now on, and these pods among them.
   *
   * @param client - the pods
   */
  admit(client: NetworkPeer): void;
}
