import { KustomizationSpecHealthCheckExprs } from '../../imports/kustomize.toolkit.fluxcd.io';
import { DeliveredKind } from '../fleet/delivery';

/** What Flux takes for healthy at once, because it has no condition `Ready`: expressions in CEL. */
const EXPRESSIONS: KustomizationSpecHealthCheckExprs[] = [
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    current:
      "has(status.conditions) && status.conditions.exists(c, c.type == 'Programmed' && c.status == 'True')",
    failed:
      "has(status.conditions) && status.conditions.exists(c, c.type == 'Accepted' && c.status == 'False')",
  },
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    current:
      "has(status.parents) && status.parents.size() > 0 && status.parents.all(p, p.conditions.exists(c, c.type == 'Accepted' && c.status == 'True'))",
  },
  {
    apiVersion: 'projectcontour.io/v1',
    kind: 'HTTPProxy',
    current: "has(status.currentStatus) && status.currentStatus == 'valid'",
    failed: "has(status.currentStatus) && status.currentStatus == 'invalid'",
  },
];

/** The expressions for what a namespace has; undefined if Flux knows all of it. */
export function healthOf(kinds: DeliveredKind[]): KustomizationSpecHealthCheckExprs[] | undefined {
  const found = EXPRESSIONS.filter(({ apiVersion, kind }) =>
    kinds.some((one) => one.kind === kind && apiVersion.startsWith(`${one.group}/`)),
  );
  return found.length ? found : undefined;
}
