import { Architecture } from './scheduling';

/** An image that has Python: any Django application's. */
export interface IPythonImage {
  /** The image. */
  readonly image: string;

  /** Names of the Secrets with which it is pulled. */
  readonly imagePullSecrets: string[];

  /** Numeric user to run as, where the platform does not choose one. */
  readonly runAsUser: number;

  /**
   * Architecture of the nodes that it runs on.
   *
   * @default - any
   */
  readonly architecture?: Architecture;
}
