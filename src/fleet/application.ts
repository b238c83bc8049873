import { Chart } from 'cdk8s';
import { IDistribution } from '../platform/distribution';
import { IFleetDelivery } from './delivery';

/**
 * An application of a fleet: what a file of the fleet's folder exports by default.
 *
 * @example
 * const shop: IFleetApplication = {
 *   name: 'shop',
 *   namespace: 'sales',
 *   define(chart) {
 *     new DjangoApp(chart, 'Shop', {
 *       name: 'shop',
 *       image: 'registry.example.com/shop:2.3.1',
 *       settingsModule: 'shop.settings',
 *     });
 *   },
 * };
 */
export interface IFleetApplication {
  /** Name of its chart and so of its file: a DNS label of at most 40 characters, once in a namespace. */
  readonly name: string;

  /** The namespace of its owner. Its files are in a folder of that name. */
  readonly namespace: string;

  /**
   * Names of the distributions that it is for.
   *
   * @default - all of the fleet
   */
  readonly distributions?: string[];

  /**
   * Fills its chart. It is called once for each of its distributions.
   *
   * @param chart - a chart of the application's name and namespace
   */
  define(chart: Chart): void;
}

/** What a fleet is made of. */
export interface FleetProps {
  /** What to write manifests for, each with a name of its own. */
  readonly distributions: IDistribution[];

  /**
   * The applications.
   *
   * @default - those of the folder
   */
  readonly applications?: IFleetApplication[];

  /**
   * Folder of modules that each export an application by default, in JavaScript or in what Node was taught to load. It
   * is that of the working directory if it is relative. A file whose name has a second dot, such as `shop.test.ts`, is
   * none of them, and neither is what is in a folder of it.
   *
   * @default - none
   */
  readonly folder?: string;

  /**
   * How many processes make the manifests at the same time. With more than one, each starts the program again and makes
   * only its share. So a program with several must do nothing beside its fleet that may not happen several times.
   *
   * @default 1
   */
  readonly shards?: number;

  /**
   * Namespaces to make. The files of the others stay as they are, and what must be unique is compared with what the
   * run that wrote them noted in `fleet-facts.txt`. It is for what changed in applications themselves: a change of what
   * they share needs a run of all.
   *
   * @default - all
   */
  readonly namespaces?: string[];
  /**
   * The engine that applies the manifests. For each distribution there is one more file then, such as
   * `gke-argo-cd.k8s.yaml`, with the resources that tell the engine of them.
   *
   * @default - none
   */
  readonly delivery?: IFleetDelivery;
}
