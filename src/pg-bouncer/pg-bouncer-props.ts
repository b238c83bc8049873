import { Duration } from 'cdk8s';
import { IDatabase } from '../django-app/database';
import { ContainerResources } from '../kubernetes/resources';
import { ServerMetrics } from '../workloads/exporter';
import { Placement } from '../platform/scheduling';

/** PgBouncer in front of a database. */
export interface PgBouncerProps {
  /** Name of the pooler: a DNS label of at most 40 characters. All its resources are named after it. */
  readonly name: string;

  /** The database, whose host, role and password are known. */
  readonly database: IDatabase;

  /**
   * An image with PgBouncer from 1.23 on, `psql` and a shell, by tag or digest. The project has none of its own: the
   * guide, chapter 3, builds one from Debian's packages.
   */
  readonly image: string;

  /**
   * Names of the Secrets with which the image is pulled.
   *
   * @default - none
   */
  readonly imagePullSecrets?: string[];

  /**
   * Number of its pods.
   *
   * @default 2
   */
  readonly replicas?: number;

  /**
   * Most connections of each pod to the database. A transaction has one as long as it lasts, and others wait.
   *
   * @default 10
   */
  readonly poolSize?: number;

  /**
   * How many connections each pod takes from applications. Applications that could open more in all are refused at
   * synth: while a pod is replaced, another one may have them all.
   *
   * @default 1000
   */
  readonly maxConnections?: number;

  /**
   * How long applications keep an unused connection to the pooler, in whole seconds. It counts in place of
   * `connectionMaxAge` of the database and of `CONN_MAX_AGE` of the settings, because the end of a pod waits for it.
   *
   * @default Duration.seconds(60)
   */
  readonly connectionMaxAge?: Duration;

  /**
   * How long the longest request or task of the applications takes, in whole seconds. A pod that ends waits for
   * `connectionMaxAge` and for this time until its applications have left it. Then it cuts what is left.
   *
   * @default Duration.seconds(60)
   */
  readonly requestTimeout?: Duration;

  /**
   * Name of a Secret with `tls.crt`, `tls.key` and `ca.crt`, as cert-manager makes it, for the name of the pooler.
   * Applications then connect by TLS and check it. A renewed certificate counts within two minutes.
   *
   * @default - applications connect to the pooler without TLS
   */
  readonly certificateSecretName?: string;

  /**
   * CPU and memory of each pod. PgBouncer uses one processor at most.
   *
   * @default - 100m CPU, 128Mi memory set aside and 256Mi as the limit
   */
  readonly resources?: ContainerResources;

  /**
   * Has pgbouncer_exporter in each pod show what PgBouncer counts: `{}`. `HealthMonitoring` with `metrics` has it scraped.
   * It logs in to PgBouncer's console as a user that may look, with the password of the database. A pod is ready only
   * while its exporter runs, too.
   *
   * @default - the pooler shows no metrics
   */
  readonly metrics?: ServerMetrics;

  /**
   * The nodes that its pods run on.
   *
   * @default - any node
   */
  readonly scheduling?: Placement;
}
