/**
 * Something in the cluster that is referred to by its name: a ConfigMap, a Secret, a claim. It may be a construct of
 * cdk8s-plus.
 */
export interface INamedResource {
  /** Its name, in the namespace of the chart. */
  readonly name: string;
}
