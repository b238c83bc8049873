/** A catalog of images of CloudNativePG, which the cluster has. */
export interface CloudNativeImageCatalog {
  /** Its name. */
  readonly name: string;

  /** The major version of PostgreSQL whose image is taken from it. */
  readonly major: number;

  /**
   * Whether it is a ClusterImageCatalog, which all namespaces share, or an ImageCatalog of the chart's namespace.
   *
   * @default true
   */
  readonly clusterWide?: boolean;
}

/** What a new database is restored from: the backups of another one in an object store. */
export interface CloudNativeRestore {
  /**
   * Name of the PostgresBackend whose DatabaseBackup has made the backups, at the destination that the distribution's
   * backups have now. It may be gone.
   */
  readonly from: string;

  /**
   * The time to go back to, as RFC 3339 writes it: `2026-11-20T10:00:00Z`. Something was written after it.
   *
   * @default - as far as the archive goes
   */
  readonly at?: string;
}

/** What the clusters of CloudNativePG are to be. */
export interface CloudNativePostgresProps {
  /**
   * Number of servers of each cluster: a primary and its replicas.
   *
   * @default 3
   */
  readonly instances?: number;

  /**
   * Number of replicas that have a transaction before it is confirmed. No confirmed transaction is then lost when the
   * primary is, and the operator makes a replica the primary only if it knows that the replica has them all. Writing
   * waits while fewer replicas run. 0 confirms a transaction when the primary alone has it.
   *
   * @default - 1 with three servers or more, and 0 with fewer
   */
  readonly synchronousReplicas?: number;

  /**
   * The image of the servers, by a tag that begins with the version of PostgreSQL. It is an image of CloudNativePG, not
   * the official one.
   *
   * @default - that of `imageCatalog`, or the operator's, which stays what it was when the cluster was made
   */
  readonly image?: string;

  /**
   * A catalog that the operator takes the image from: those who change the catalog move all clusters to another minor
   * version.
   *
   * @default - `image`
   */
  readonly imageCatalog?: CloudNativeImageCatalog;

  /**
   * New databases that are restored from backups in an object store, by the name of their PostgresBackend. No database
   * had that name before. Such a database needs a DatabaseBackup of its own, which gives its servers the way to the
   * object store. A database that is there already stays as it is.
   *
   * @default - all databases begin empty
   */
  readonly restores?: { [backend: string]: CloudNativeRestore };

  /**
   * Labels of the operator's namespace. On OpenShift it was not verified: OperatorHub installs operators into
   * `openshift-operators`.
   *
   * @default - `kubernetes.io/metadata.name: cnpg-system`
   */
  readonly operatorNamespaceLabels?: { [label: string]: string };
}
