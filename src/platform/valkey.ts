import { Construct } from 'constructs';
import { NetworkPeer } from '../kubernetes/peers';
import { SecretValue } from '../kubernetes/secret-values';

/** A server that a ValkeyBackend asks its distribution for. */
export interface ValkeyRequest {
  /** Name of the backend. */
  readonly name: string;

  /**
   * Its password.
   *
   * @default - the one of the distribution
   */
  readonly password?: SecretValue;
}

/** A Redis or Valkey server that the platform runs. */
export interface ManagedValkeyServer {
  /** Where it is, without a database: `rediss://host:6379`. */
  readonly url: string;

  /**
   * Its password.
   *
   * @default - none is needed
   */
  readonly password?: SecretValue;

  /**
   * Path, in the image, of the certificates that the server's is checked against.
   *
   * @default - the image's own
   */
  readonly certificatePath?: string;

  /**
   * The same certificates in a Secret, for an autoscaler, which does not run in the image.
   *
   * @default - none
   */
  readonly certificateSecret?: SecretValue;

  /**
   * Where it is, as network policies see it.
   *
   * @default - anywhere
   */
  readonly peers?: NetworkPeer[];
}

/** Who runs Redis or Valkey for a ValkeyBackend, instead of a server in the cluster. */
export interface IValkey {
  /** Finds a server. Throws if there is none of that name. */
  server(scope: Construct, request: ValkeyRequest): ManagedValkeyServer;
}
