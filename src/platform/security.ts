/** The users that a pod's processes run as, where the platform does not choose them. */
export interface PodUser {
  /** The numeric user and group id. */
  readonly id: number;

  /**
   * Whether the pod's volumes are made writable for that group.
   *
   * @default false
   */
  readonly ownsVolumes?: boolean;
}

/** Which security contexts the pods of a distribution get. Both must pass Pod Security `restricted`. */
export interface ISecurity {
  /**
   * The security context of a pod, as Kubernetes writes it.
   *
   * @param user - the user to run as, where the platform does not choose one
   */
  podSecurityContext(user: PodUser): any;

  /** The security context of each of its containers, as Kubernetes writes it. */
  containerSecurityContext(): any;
}
