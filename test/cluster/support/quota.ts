import { Chart } from 'cdk8s';
import { DjangoApp } from 'cdk8s-django';
import { NamespaceLimits } from 'cdk8s-django/security';
import { Namespace } from './namespaces';

/** Bounds the namespace of an application by what its program needs, without a margin. */
export function limitNamespace(app: DjangoApp): void {
  new NamespaceLimits(Chart.of(app), 'Limits', { marginPercent: 0 });
}

/** What controllers could not make because of the quota. */
export async function refusedByQuota(namespace: Namespace): Promise<string[]> {
  const events = await namespace.list('events');
  return events.map(({ message }) => message ?? '').filter((message) => message.includes('exceeded quota'));
}
