import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { InvalidInputError } from '../../kubernetes/errors';

/** The host of a Service for KEDA, which asks from a namespace of its own, where the name means another one. */
export function hostForKeda(scope: Construct, property: string, value: string, host: string): string {
  const { namespace } = Chart.of(scope);
  if (namespace) return `${host}.${namespace}.svc`;
  throw new InvalidInputError(scope, {
    property,
    value,
    reason: 'names a Service without its namespace, in which KEDA does not run',
    remedy: 'Give the chart a namespace, or the whole name of the host',
  });
}
