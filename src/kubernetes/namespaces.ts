import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { InvalidInputError } from './errors';
import { Problems } from './problems';

/**
 * Throws when:
 *
 * - the construct that another is to work on is missing;
 * - it is in another namespace: names there mean other resources.
 */
export function checkSameNamespace(scope: Construct, property: string, other: Construct): void {
  if (!other) {
    Problems.report(scope, {
      property,
      value: other,
      reason: 'is needed',
      remedy: 'Give the construct that this one is for',
    });
  }
  const { namespace } = Chart.of(scope);
  const { namespace: otherNamespace } = Chart.of(other);
  if (namespace !== otherNamespace) {
    Problems.report(scope, {
      property,
      value: other.node.path,
      reason: `is in namespace "${otherNamespace}", and this is in "${namespace}"`,
      remedy: 'Make both in charts of one namespace',
    });
  }
}

/** The namespace of a construct's chart, for what cannot do without. */
export function namespaceOf(scope: Construct, reason: string): string {
  const { namespace } = Chart.of(scope);
  if (namespace) return namespace;
  throw new InvalidInputError(scope, {
    property: 'namespace',
    value: namespace,
    reason,
    remedy: 'Give the Chart a namespace: new Chart(app, "polls", { namespace: "polls" })',
  });
}
