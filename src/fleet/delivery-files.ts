import { App, Chart, Names } from 'cdk8s';
import { InvalidInputError } from '../kubernetes/errors';
import { DeliveredNamespace, IFleetDelivery } from './delivery';
import { NotedFacts } from './facts';
import { Unit } from './plan';

/** What the files of a fleet's engine are made from. */
export interface DeliveryInput {
  readonly delivery: IFleetDelivery;
  /** Names of the distributions. */
  readonly distributions: string[];
  /** All units of the fleet, those that the run does not make too. */
  readonly units: Unit[];
  readonly facts: NotedFacts[];
  readonly staging: string;
}

/**
 * Writes the resources of a fleet's engine below the staging folder, a file for each distribution.
 *
 * @returns paths of the files below it
 */
export function writeDelivery(input: DeliveryInput): string[] {
  const { delivery, distributions, staging } = input;
  const all = deliveredNamespaces(input);
  const app = new App({ outdir: staging });
  for (const distribution of distributions) {
    const namespaces = all.filter((one) => one.distribution === distribution);
    if (!namespaces.length) continue;
    delivery.define(new Chart(app, `${distribution}-${delivery.name}`), namespaces);
  }
  app.synth();
  return app.charts.map((chart) => `${Names.toDnsLabel(chart)}${app.outputFileExtension}`);
}

function deliveredNamespaces({ units, facts }: DeliveryInput): DeliveredNamespace[] {
  const noted = facts.flatMap(({ namespace, distribution, kinds }) =>
    kinds ? [{ namespace, distribution, folder: `${distribution}/${namespace}`, kinds }] : [],
  );
  const unknown = units.find(
    (unit) =>
      !noted.some((one) => one.namespace === unit.namespace && one.distribution === unit.distribution),
  );
  if (!unknown) return noted;
  // An engine that does not hear about a namespace may delete what it has.
  throw new InvalidInputError('Fleet', {
    property: 'namespaces',
    value: unknown.namespace,
    reason: 'is not among them, and no run with a delivery has noted what it has',
    remedy: 'Make all namespaces once',
  });
}
