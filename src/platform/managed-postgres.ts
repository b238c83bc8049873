import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { IResource } from '../kubernetes/resource';

/** A day of the week. */
export enum Weekday {
  /** It is Monday. */
  MONDAY = 'Monday',

  /** It is Tuesday. */
  TUESDAY = 'Tuesday',

  /** It is Wednesday. */
  WEDNESDAY = 'Wednesday',

  /** It is Thursday. */
  THURSDAY = 'Thursday',

  /** It is Friday. */
  FRIDAY = 'Friday',

  /** It is Saturday. */
  SATURDAY = 'Saturday',

  /** It is Sunday. */
  SUNDAY = 'Sunday',
}

/** The hour of a week in which a cloud may restart a server to maintain it. */
export interface MaintenanceWindow {
  /** The day, in UTC. */
  readonly day: Weekday;

  /** The hour of the day that it begins with, in UTC: 0 to 23. It lasts an hour. */
  readonly hour: number;
}

/** A server of a cloud that a ManagedPostgres asks its distribution for. */
export interface ManagedPostgresRequest {
  /** Name of the server: a DNS label. */
  readonly name: string;

  /** Labels of the resources. */
  readonly labels: { [label: string]: string };

  /** The major version of PostgreSQL. */
  readonly version: number;

  /** Size of its disk, in GiB. */
  readonly storageGibibytes: number;

  /** Name of the database that is made on it. */
  readonly database: string;

  /**
   * How far back each second can be restored, in whole days. The implementation checks it against the bounds of its
   * cloud.
   */
  readonly pointInTimeRecovery: Duration;

  /**
   * When the cloud may restart it.
   *
   * @default - the cloud chooses
   */
  readonly maintenanceWindow?: MaintenanceWindow;

  /** Whether the cloud refuses to delete it. */
  readonly deletionProtection: boolean;

  /** Whether a standby in another zone takes over when it is lost. */
  readonly highAvailability: boolean;
}

/** What makes servers of a cloud, by the claims of an operator in the cluster. */
export interface IManagedPostgres {
  /** Makes the claims of a server. Throws if the cloud has none that is as asked. */
  claim(scope: Construct, request: ManagedPostgresRequest): IResource[];
}
