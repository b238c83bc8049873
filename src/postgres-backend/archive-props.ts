import { Duration } from 'cdk8s';

/**
 * Continuous archiving: base backups and all that is written between them, on a volume of its own. Give `claimName`, or
 * `storage` and `storageClassName`. With `archiveBucket` of the distribution all of it is copied to a bucket too.
 *
 * @see https://www.postgresql.org/docs/current/continuous-archiving.html
 */
export interface PostgresArchive {
  /**
   * Name of a PersistentVolumeClaim that exists, such as one of a storage system elsewhere.
   *
   * @default - a claim is made: the name of the server and `-archive`
   */
  readonly claimName?: string;

  /**
   * Size of the claim that is made, in bytes with a unit: room for the base backups and the log of the retention, which
   * are compressed, and for one base backup more.
   *
   * @default - that of the volume of the server
   */
  readonly storage?: string;

  /**
   * StorageClass of the claim that is made: best one of another storage system than that of the server.
   *
   * @default - the distribution's
   */
  readonly storageClassName?: string;

  /**
   * When base backups are made, in UTC: the five fields of cron.
   *
   * @default 0 2 * * *
   */
  readonly schedule?: string;

  /**
   * How far back a time may be that data is restored to, in whole hours, at most a hundred years.
   *
   * @default Duration.days(7)
   */
  readonly retention?: Duration;
}

/**
 * A point in time that new data is brought to, from the archive of a server: its volume, or the bucket of the
 * distribution (`archiveBucket`) where the volume does not have what is needed.
 */
export interface PointInTimeRestore {
  /**
   * The time in UTC, such as `2026-11-20T10:00:00Z`. What was committed until then is restored.
   *
   * @default - the end of the archive
   */
  readonly at?: string;

  /**
   * Name of the server whose archive it is, with the same names of database and role.
   *
   * @default - the name of the server itself, whose volume was lost
   */
  readonly from?: string;

  /**
   * Name of the claim with the archive. It exists, and may be empty where a bucket has the archive.
   *
   * @default - the name of that server and `-archive`
   */
  readonly claimName?: string;
}
