import { RouteRequest } from '../../platform/routing';
import { Refusal } from './router';

/** A Service that requests are sent to. */
export interface Backend {
  /** What the ids of resources begin with that are attached to it. */
  readonly id: string;
  /** Name of such resources. */
  readonly name: string;
  readonly serviceName: string;
  readonly servicePort: number;
  /** Its share in percent; none when it is the only one. */
  readonly weight?: number;
}

/** The Service of the application, and that of its canary. */
export function backendsOf({ name, serviceName, servicePort, canary }: RouteRequest): Backend[] {
  const app = { id: '', name, serviceName, servicePort };
  if (!canary) return [app];
  return [
    { ...app, weight: 100 - canary.weight },
    {
      id: 'Canary',
      name: `${name}-canary`,
      serviceName: canary.serviceName,
      servicePort: canary.servicePort,
      weight: canary.weight,
    },
  ];
}

/** Why a visitor is kept to a replica, but not to one of two Services. */
export function notSticky(reason: string): Refusal {
  return {
    reason: `does not go with canary: ${reason}`,
    remedy: 'Leave it out while there is a canary',
  };
}
