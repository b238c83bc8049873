import { SecretValue } from '../kubernetes/secret-values';

/**
 * The role that the application logs in as, beside the one that owns the tables. It may read and write rows, and change
 * no table.
 */
export interface ApplicationRole {
  /**
   * Its password: not that of the owner.
   *
   * @default - made once, inside the cluster, in the Secret of the server's name, as `application-password`. Beside
   * `password` it is needed
   */
  readonly password?: SecretValue;
}
