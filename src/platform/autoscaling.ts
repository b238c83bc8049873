import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { NetworkPeer } from '../kubernetes/peers';
import { IResource, Resource } from '../kubernetes/resource';
import { SecretValue } from '../kubernetes/secret-values';

/** A time during which a number of replicas runs at least. */
export interface ScalingSchedule {
  /** When it begins: the five fields of cron. */
  readonly start: string;

  /** When it ends: the five fields of cron. */
  readonly end: string;

  /** The time zone of both, such as `Europe/Vienna`. */
  readonly timeZone: string;

  /** How many replicas run at least meanwhile. */
  readonly replicas: number;
}

/** A queue whose length an autoscaler asks for, as Celery's queues are. */
export interface ScalingQueue {
  /**
   * Where the server is: `redis://host:6379/0`, or `rediss://` with TLS, `amqp://host:5672/vhost`, or `amqps://` with
   * TLS; for Amazon SQS the `https://` URL of the queue.
   *
   * @default - it is in `urlSecret`
   */
  readonly url?: string;

  /**
   * The URL in a Secret, with `amqp://` or `amqps://`, user and password in it.
   *
   * @default - none
   */
  readonly urlSecret?: SecretValue;

  /**
   * Its user, with `amqp://`.
   *
   * @default - none
   */
  readonly username?: SecretValue;

  /**
   * The Sentinels that know which Redis server is the primary, each with its port. The `url` then says the database.
   *
   * @default - none
   */
  readonly sentinels?: string[];

  /**
   * The name under which the Sentinels know it.
   *
   * @default - there are no Sentinels
   */
  readonly primaryName?: string;

  /**
   * The password of the Sentinels.
   *
   * @default - none
   */
  readonly sentinelPassword?: SecretValue;

  /**
   * Its password.
   *
   * @default - none
   */
  readonly password?: SecretValue;

  /**
   * The certificates that the server's is checked against, with `rediss://`, in PEM format.
   *
   * @default - the certificates known to those who ask for the length
   */
  readonly certificateSecret?: SecretValue;

  /** Name of the queue, in Redis that of the list; or of a set or a hash, whose items count. */
  readonly list: string;

  /** How many items a replica may have waiting. */
  readonly targetLength: number;
}

/** Work that waits in a PostgreSQL database, counted by a query. */
export interface ScalingQuery {
  /**
   * Host of the server, or of the pooler in front of it.
   *
   * @default - it is in `url`
   */
  readonly host?: string;

  /**
   * Port of that host.
   *
   * @default 5432
   */
  readonly port?: number;

  /**
   * Name of the database.
   *
   * @default - it is in `url`
   */
  readonly database?: string;

  /**
   * The role that asks.
   *
   * @default - it is in `url`
   */
  readonly user?: string;

  /**
   * Its password.
   *
   * @default - it is in `url`
   */
  readonly password?: SecretValue;

  /**
   * libpq's `sslmode`.
   *
   * @default prefer
   */
  readonly sslMode?: string;

  /**
   * The URL of the database with the password in it, in place of the parts.
   *
   * @default - the parts say where it is
   */
  readonly url?: SecretValue;

  /** The query: one row with one number. */
  readonly query: string;

  /** How much a replica may have waiting. */
  readonly targetValue: number;
}

/** How many replicas of a workload are to run. It has the highest number that one of its targets asks for. */
export interface AutoscaleRequest {
  /** Name of the resource. */
  readonly name: string;

  /** Labels of the resource. */
  readonly labels: { [label: string]: string };

  /** The Deployment, which does not say its number of replicas itself. */
  readonly target: IResource;

  /** Name of the container whose use of CPU and memory counts: a pod's sidecars are idle while it is busy. */
  readonly container: string;

  /** The fewest replicas: 0 only together with a queue or a query. */
  readonly minReplicas: number;

  /** The most replicas. */
  readonly maxReplicas: number;

  /**
   * CPU use that is kept to, in percent of the request.
   *
   * @default - the CPU is not looked at
   */
  readonly targetCpuUtilization?: number;

  /**
   * Memory use that is kept to, in percent of the request.
   *
   * @default - the memory is not looked at
   */
  readonly targetMemoryUtilization?: number;

  /**
   * Requests a second that a replica is to answer.
   *
   * @default - requests are not looked at
   */
  readonly targetRequestsPerSecond?: number;

  /**
   * The queues that the replicas empty.
   *
   * @default - none
   */
  readonly queues?: ScalingQueue[];

  /**
   * The queries that count what the replicas have to do.
   *
   * @default - none
   */
  readonly queries?: ScalingQuery[];

  /**
   * Times with a number of replicas of their own.
   *
   * @default - none
   */
  readonly schedules?: ScalingSchedule[];

  /** How long the load must have been low before replicas are taken away, in whole seconds. */
  readonly scaleDownStabilization: Duration;
}

/** A workload whose use of CPU and memory is watched. */
export interface RecommendationRequest {
  /** Name of the resource. */
  readonly name: string;

  /** Labels of the resource. */
  readonly labels: { [label: string]: string };

  /** The Deployment. */
  readonly target: IResource;
}

/** How workloads are scaled on a distribution. */
export interface IAutoscaling {
  /**
   * Those who ask queues for their length and databases by queries, as network policies see them.
   *
   * @default - nobody
   */
  readonly queueClients?: NetworkPeer[];

  /** Makes what scales a workload: the autoscaler first, then what it needs. Throws for a target it does not know. */
  autoscale(scope: Construct, request: AutoscaleRequest): Resource[];

  /**
   * Makes what recommends CPU and memory for a workload and changes nothing. Throws if the cluster has nothing of
   * this kind.
   */
  recommendResources(scope: Construct, request: RecommendationRequest): Resource;
}
