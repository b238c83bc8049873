import { Duration } from 'cdk8s';
import { Construct, IConstruct } from 'constructs';
import { InvalidInputError } from '../kubernetes/errors';
import { Selector } from '../kubernetes/labels';
import { NetworkPeer } from '../kubernetes/peers';
import { IResource, Resource } from '../kubernetes/resource';
import { Traffic } from '../kubernetes/traffic';
import { BackupBucket } from './backup-bucket';
import { DatabaseConnector } from './database-connector';
import { DatabaseConnection } from './postgres';
import { IPythonImage } from './python-image';

/** A database that is to be backed up. */
export interface BackupRequest {
  /** Name of the backend. */
  readonly name: string;

  /** Labels of the resources. */
  readonly labels: { [label: string]: string };

  /** What selects the pods of a server in the cluster. */
  readonly selector: Selector;

  /**
   * The StatefulSet of a server that the library makes.
   *
   * @default - it makes none
   */
  readonly statefulSet?: IResource;

  /** What the distribution has made of a server that it runs. */
  readonly managedResources: IResource[];

  /** When backups are made: the five fields of cron. */
  readonly schedule: string;

  /**
   * The time zone of the schedule, such as `Europe/Vienna`.
   *
   * @default - the platform's, mostly UTC
   */
  readonly timeZone?: string;

  /**
   * How long a backup is kept, in whole hours.
   *
   * @default - the platform decides
   */
  readonly retention?: Duration;

  /** The database itself: to learn how it is connected to, and to let pods connect to it. */
  readonly database: IBackedUpDatabase;

  /** An image that has Python, for what runs a program of the library. Asking for it makes it needed. */
  readonly python: IPythonImage;
}

/** A database whose backups a construct makes. */
export interface IBackedUpDatabase extends IConstruct {
  /** The labels of the pods of a server in the cluster. */
  readonly selector: Selector;

  /**
   * The StatefulSet of a server that the library makes.
   *
   * @default - it makes none
   */
  readonly statefulSet?: IResource;

  /** What the distribution has made of a server that it runs. */
  readonly managedResources: IResource[];

  /**
   * How it is connected to.
   *
   * @default - unknown
   */
  readonly connection?: DatabaseConnection;

  /**
   * What pods need to connect to it.
   *
   * @default - nothing
   */
  readonly connector?: DatabaseConnector;

  /** Lets pods that back it up connect to it. */
  addBackupPeers(peers: NetworkPeer[]): void;

  /** Lets its own servers connect to what they keep backups in. */
  addBackupEgress(traffic: Traffic[]): void;

  /** An image that has Python. It is an error at synth when there is none by then. */
  backupPython(): IPythonImage;
}

/** The volume that has the dumps of databases. */
export interface DumpVolume {
  /**
   * Name of the PersistentVolumeClaim.
   *
   * @default - one for each database: its name and `-dump`
   */
  readonly claimName?: string;

  /**
   * The bucket that has the dumps too.
   *
   * @default - none
   */
  readonly bucket?: BackupBucket;
}

/** The bucket that has the anonymized copies of a namespace. */
export interface CopiesPlace {
  /** The namespace whose databases were copied, such as that of production. */
  readonly namespace: string;

  /**
   * The bucket that the copies are in, as `copies` of DumpBackups has it. Nothing is written to it, so give keys that
   * read it alone.
   */
  readonly bucket: BackupBucket;
}

/** How a distribution makes backups of the databases that it has in the cluster. */
export interface IBackup {
  /**
   * The volume with the dumps that it makes: `restoreFrom` of a PostgresBackend then names one of them.
   *
   * @default - it makes no dumps, and `restoreFrom` names a VolumeSnapshot
   */
  readonly dumps?: DumpVolume;

  /**
   * The anonymized copies that databases begin with: `restoreFrom` of a PostgresBackend then names one of them.
   *
   * @default - they begin with what `dumps` has, or with a VolumeSnapshot
   */
  readonly copies?: CopiesPlace;

  /** Makes what backs a database up on a schedule. Throws if it cannot be backed up as asked. */
  backup(scope: Construct, request: BackupRequest): Resource[];
}

/** How long a backup is kept where nobody says otherwise. */
export const DEFAULT_RETENTION = Duration.days(30);

/** The StatefulSet of a server that the library makes. Throws for another, with the reason why that is needed. */
export function serverOf(scope: Construct, { name, statefulSet }: BackupRequest, why: string): IResource {
  if (statefulSet) return statefulSet;
  throw new InvalidInputError(scope, {
    property: 'database',
    value: name,
    reason: `is not a server of the library, and ${why}`,
    remedy:
      'Use the backups of the service that runs it, or give the distribution ' +
      'backup: new CloudNativePostgresBackups() if that is CloudNativePG',
  });
}
