import { Traffic } from '../kubernetes/traffic';

/** What pods need beside their own containers to connect to a database. */
export interface DatabaseConnector {
  /**
   * Containers that run from before the pod's own until after them, as Kubernetes writes containers. Each has probes,
   * requests and limits; restart policy and security context are added.
   *
   * @default - none
   */
  readonly sidecars?: any[];

  /**
   * Volumes of the pods, as Kubernetes writes them.
   *
   * @default - none
   */
  readonly volumes?: any[];

  /**
   * Where the application's containers mount them, as Kubernetes writes it.
   *
   * @default - none
   */
  readonly volumeMounts?: any[];

  /**
   * What the pods connect to.
   *
   * @default - the database's `peers` on its port
   */
  readonly egress?: Traffic[];

  /**
   * Whether the pods need an identity of the platform.
   *
   * @default false
   */
  readonly usesIdentity?: boolean;

  /**
   * The account of the platform that alone can log in, which the pods must act as.
   *
   * @default - any
   */
  readonly account?: string;

  /**
   * Commands to be run once, outside the cluster, that let `$PRINCIPAL` use the database, a line each.
   *
   * @default - none
   */
  readonly grants?: string[];
}
