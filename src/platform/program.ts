import { App } from 'cdk8s';

/** A program as an object: what `synthesize` and `manifestsFor` take as a function. */
export interface IProgram {
  /**
   * Adds the charts to an App. It is called once for each distribution.
   *
   * @param app - the App of a distribution
   */
  define(app: App): void;
}
