import { Construct } from 'constructs';
import { InvalidInputError } from '../../kubernetes/errors';
import { Resource } from '../../kubernetes/resource';
import { BackupRequest, CopiesPlace, IBackup } from '../../platform/backup';

/**
 * What databases of previews begin with: anonymized copies that DumpBackups of another namespace have taken to a bucket.
 * It is the `backup` of the distribution of previews.
 *
 * `restoreFrom: 'polls-db-copy-latest'` of a PostgresBackend then names the latest copy of the server `polls-db`. An init
 * container fetches it onto the volume of the new server, by rclone. The next one restores it and deletes the file. A
 * server that has data stays as it is. Previews read the bucket and never write to it. They need no claim, Secret or
 * right of the other namespace. Pods reach the bucket with the keys that you give, or as the identity of the
 * ServiceAccount with the name of the database.
 *
 * Throws when:
 * - a DatabaseBackup is made: previews back nothing up;
 * - the namespace or `restoreFrom` is not a name that copies can have;
 * - the bucket is not a folder of a bucket, or is of another cloud than the identity of the pods, or they have no identity.
 *
 * @example
 * const bucket: BackupBucket = {
 *   destination: 's3://copies',
 *   endpoint: 'https://minio.example.com:9000',
 *   keys: {
 *     accessKeyId: { secretName: 'copies', key: 'id' },
 *     secretAccessKey: { secretName: 'copies', key: 'secret' },
 *   },
 * };
 * Distribution.upstream({ backup: new PreviewCopies({ namespace: 'polls', bucket }) });
 */
export class PreviewCopies implements IBackup {
  constructor(private readonly props: CopiesPlace) {}

  /** The bucket that has the copies. */
  get copies(): CopiesPlace | undefined {
    return this.props;
  }

  backup(scope: Construct, { name }: BackupRequest): Resource[] {
    throw new InvalidInputError(scope, {
      property: 'database',
      value: name,
      reason: 'has a distribution with PreviewCopies, which make no backups',
      remedy: 'Leave the DatabaseBackup out of previews',
    });
  }
}
