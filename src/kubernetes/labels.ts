import { Chart } from 'cdk8s';
import { Construct } from 'constructs';

export const INSTANCE_LABEL = 'app.kubernetes.io/instance';
export const COMPONENT_LABEL = 'app.kubernetes.io/component';

/** The label of everything that the library makes. */
export const MANAGED_BY = { 'app.kubernetes.io/managed-by': 'cdk8s-django' };

/** What a set of pods is selected by. Frozen: a Deployment's selector can never be changed. */
export interface Selector {
  /** What the program is: the application's name, or `postgresql`. */
  readonly name: string;
  /** Which one of its kind it is: the name that the construct was given. */
  readonly instance: string;
  /** Its part: `web`, `migration`, `database`. */
  readonly component: string;
}

/** The labels that pods of all components have. */
export function instanceLabels({ name, instance }: Omit<Selector, 'component'>): Record<string, string> {
  return { 'app.kubernetes.io/name': name, [INSTANCE_LABEL]: instance };
}

/** The labels that select pods: these three and no others, regardless of tree, chart and distribution. */
export function selectorLabels(selector: Selector): Record<string, string> {
  return { ...instanceLabels(selector), [COMPONENT_LABEL]: selector.component };
}

/** The labels of every resource of a replica. */
export function resourceLabels(selector: Selector): Record<string, string> {
  return { ...selectorLabels(selector), ...MANAGED_BY };
}

/** The labels of what only an administrator applies: without a name, so that a pipeline selects the others by theirs. */
export const ADMINISTRATORS_LABELS = { [COMPONENT_LABEL]: 'access', ...MANAGED_BY };

/** Whether a label is one that resources have from the library. */
export function isOwnLabel(label: string): boolean {
  return Object.hasOwn(resourceLabels({ name: '', instance: '', component: '' }), label);
}

/** The labels of a pod: the chart's own too, which cdk8s puts on resources but not on their pods. */
export function podLabels(scope: Construct, selector: Selector): Record<string, string> {
  return { ...Chart.of(scope).labels, ...resourceLabels(selector) };
}

/** The label that every namespace has with its own name. */
export const NAME_LABEL = 'kubernetes.io/metadata.name';

/** That label, which selects a namespace. */
export function namespaceLabels(namespace: string): Record<string, string> {
  return { [NAME_LABEL]: namespace };
}
