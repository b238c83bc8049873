import { Duration } from 'cdk8s';
import * as k8s from '../kubernetes/api';
import { HostOptions } from './application';
import { DatabaseConnections } from './database';
import { DjangoAppProps } from './django-app-props';
import { Telemetry } from './telemetry-props';
import { changedProbes, HEALTH_PATHS, PROBE_NAMES, Probes } from './probes';

/** A request takes at most this long, unless the application says so or a route allows more. */
export const DEFAULT_REQUEST_TIMEOUT = Duration.seconds(30);

/** A router keeps an unused connection to a pod for this long, unless its route says otherwise. */
const DEFAULT_IDLE_TIMEOUT = Duration.minutes(1);

/**
 * The variable of the application's ConfigMap that names the migration Job of the present release. It is what a
 * migration compares itself with, and what pods that wait name as the Job to look at.
 */
export const MIGRATION_VARIABLE = 'CDK8S_DJANGO_MIGRATION';

/** The variable beside it that names the Jobs of the present release that run a command once. */
export const COMMANDS_VARIABLE = 'CDK8S_DJANGO_COMMANDS';

/** A process that runs in the pod of each replica. */
export interface WebProcess {
  readonly name: string;
  /** Seconds that its container has to end. */
  readonly gracePeriod: number;
  /** Its connections to the database, in one pod. */
  readonly connections: number;
  /** What its container has that is its own. */
  readonly container: { name: string; command: string[] } & Partial<k8s.Container>;
}

/** What other constructs tell an application, in any order: it is read at synth. */
export class Surroundings {
  /** Hosts of its routes. */
  readonly hosts: string[] = [];

  /** Those of them whose router has visitors sign in. */
  readonly signInHosts: string[] = [];

  /** Those that a router leads to it from without a sign-in. A host may have routes of both kinds. */
  readonly openHosts: string[] = [];

  /** Paths that only the cluster may ask for, and may by the pod's address: metrics, health views of its own. */
  readonly internalPaths: string[] = [];

  probes: Probes = {};
  /** Whether the application shows metrics of its own. */
  hasMetrics = false;
  /** Whether the runtime counts what replicas and workers do. */
  countsMetrics = false;
  /** Where the runtime sends traces of what replicas and workers do. */
  telemetry?: Telemetry;
  /** The name of its migration Job, asked at synth. */
  migrationName?: () => string;
  /** The names of its Jobs that run a command once, asked at synth. */
  readonly commandNames: (() => string)[] = [];
  /** Whether network policies let its pods connect to what they need alone. */
  isRestricted = false;
  /** Number of its Jobs and CronJobs that run management commands. */
  commands = 0;

  /** The components of its workers, of its beat and of its processes in pods of their own. */
  readonly workerComponents: string[] = [];

  /** Where workers run that say it themselves: fields of their pods' specs. */
  readonly workerPlacements: any[] = [];

  /** The connections of its workers to the database. */
  readonly workerConnections: DatabaseConnections[] = [];

  /** The processes that run beside each replica. */
  readonly webProcesses: WebProcess[] = [];

  /** Whether workers take tasks of Django's own from the database. */
  hasTaskWorkers = false;

  /** Whether the autoscaler of a worker asks the database. */
  queriesDatabase = false;

  /** Seconds that its slowest worker has to finish a task. */
  workerGracePeriod = 0;

  /** Whether it has the health endpoints of the settings overlay. */
  readonly healthEndpoints: boolean;

  requestTimeout: Duration;
  idleTimeout = DEFAULT_IDLE_TIMEOUT;

  constructor({ settingsOverlay, requestTimeout = DEFAULT_REQUEST_TIMEOUT }: DjangoAppProps) {
    this.healthEndpoints = settingsOverlay?.enabled ?? true;
    this.requestTimeout = requestTimeout;
  }

  /** The variables that tell the runtime of Django's Tasks, in Jobs too, which migrate for them. */
  get taskVariables(): Record<string, string> {
    return this.hasTaskWorkers ? { CDK8S_DJANGO_TASKS: 'true' } : {};
  }

  /** Path for health checks, if there is one. */
  get healthPath(): string | undefined {
    return this.probes.readiness?.path ?? (this.healthEndpoints ? HEALTH_PATHS.readiness : undefined);
  }

  /** The variables that name the Jobs of the present release. */
  get jobNames(): Record<string, string> {
    const { migrationName, commandNames } = this;
    return {
      ...(migrationName && { [MIGRATION_VARIABLE]: migrationName() }),
      ...(commandNames.length && { [COMMANDS_VARIABLE]: commandNames.map((name) => name()).join(',') }),
    };
  }

  /** Reads what the names of Jobs are made of: asked for these names meanwhile, it would ask without end. */
  withoutJobNames<T>(read: () => T): T {
    const { migrationName } = this;
    const commandNames = this.commandNames.splice(0);
    this.migrationName = undefined;
    try {
      return read();
    } finally {
      this.migrationName = migrationName;
      this.commandNames.push(...commandNames);
    }
  }

  addHost(host: string, { signIn }: HostOptions): void {
    const ofKind = signIn ? this.signInHosts : this.openHosts;
    [this.hosts, ofKind].filter((hosts) => !hosts.includes(host)).forEach((hosts) => hosts.push(host));
  }

  addInternalPath(path: string): void {
    if (!this.internalPaths.includes(path)) this.internalPaths.push(path);
  }

  changeProbes(probes: Probes): void {
    this.probes = changedProbes(this.probes, probes);
  }

  /** Pages that probes ask for: they stay public, and answer by the pod's address too. */
  get probedPaths(): string[] {
    const paths = PROBE_NAMES.flatMap((name) => this.probes[name]?.path ?? []);
    return [...new Set(paths)].filter((path) => !this.internalPaths.includes(path));
  }

  allowWorkerGracePeriod(workerGracePeriod: number): void {
    this.workerGracePeriod = Math.max(this.workerGracePeriod, workerGracePeriod);
  }

  allowRequestTime(timeout: Duration): void {
    this.requestTimeout = longer(this.requestTimeout, timeout);
  }

  keepConnections(idleTimeout: Duration): void {
    this.idleTimeout = longer(this.idleTimeout, idleTimeout);
  }
}

function longer(one: Duration, other: Duration): Duration {
  return other.toSeconds() > one.toSeconds() ? other : one;
}
