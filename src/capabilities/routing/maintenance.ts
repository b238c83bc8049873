import { Construct } from 'constructs';
import * as k8s from '../../kubernetes/api';
import { COMPONENT_LABEL, selectorLabels } from '../../kubernetes/labels';
import { Resource } from '../../kubernetes/resource';
import { RouteRequest } from '../../platform/routing';
import { Refusal } from './router';

/** What visitors read where a router answers with a text of ours. */
export const MAINTENANCE_TEXT = 'This site is being maintained. Please come back later.';

/** Whether requests are answered with 503. */
export function isUnavailable({ maintenance }: RouteRequest): boolean {
  return maintenance !== undefined && !maintenance.redirect;
}

/**
 * A Service without pods: a router that has nobody to send a request to answers with 503. It selects labels of its
 * own, because admission policies want the selectors of two Services to differ.
 */
export function emptyService(scope: Construct, request: RouteRequest): Resource {
  const { labels, servicePort, servicePortName } = request;
  const selector = selectorLabels({
    name: labels['app.kubernetes.io/name'],
    instance: labels['app.kubernetes.io/instance'],
    component: 'maintenance',
  });
  return new Resource(
    scope,
    'Maintenance',
    k8s.manifest('Service', {
      metadata: {
        name: emptyServiceName(request),
        labels: { ...labels, [COMPONENT_LABEL]: 'maintenance' },
      },
      spec: {
        selector,
        ports: [
          {
            name: servicePortName,
            port: servicePort,
            targetPort: servicePortName,
          },
        ],
      },
    }),
  );
}

/** The name of that Service. */
export function emptyServiceName({ name }: RouteRequest): string {
  return `${name}-maintenance`;
}

/** Why no request is answered with status 503. */
export function noResponse(reason: string): Refusal {
  return {
    reason: `cannot answer with status 503: ${reason}`,
    remedy: 'Give maintenanceUrl, the page that visitors are sent to meanwhile',
  };
}

/** Why no request is redirected to another place. */
export function noRedirect(reason: string): Refusal {
  return {
    reason: `cannot be redirected to: ${reason}`,
    remedy: 'Leave it out: visitors are then answered with status 503',
  };
}
