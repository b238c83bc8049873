import { Construct } from 'constructs';
import { checkNamespace, checkResourceName } from '../../kubernetes/names';
import { Problems } from '../../kubernetes/problems';
import { checkNames } from './facts';

/**
 * A Gateway that exists already and that several applications share. Its listeners must allow routes from the
 * application's namespace, and it brings the certificates.
 */
export interface SharedGateway {
  /** Name of the Gateway. */
  readonly name: string;

  /**
   * Namespace of the Gateway.
   *
   * @default - the application's
   */
  readonly namespace?: string;

  /**
   * Name of its listener for HTTPS.
   *
   * @default https
   */
  readonly httpsListener?: string;

  /**
   * Name of its listener for plain HTTP, which the route that leads to HTTPS is attached to. Contour's takes the route
   * when it has the hostname of the listener for HTTPS, and not when it has none.
   *
   * @default http
   */
  readonly httpListener?: string;
}

/**
 * Checks the names, and that no certificate is asked for in addition to those of a shared Gateway.
 *
 * @param certificates - what says where a certificate is, by the names of the properties
 */
export function checkSharedGateway(
  scope: Construct,
  gateway: SharedGateway,
  certificates: { [property: string]: string | undefined },
): void {
  checkGatewayNames(scope, gateway);
  for (const [property, value] of Object.entries(certificates)) {
    if (value === undefined) continue;
    Problems.report(scope, {
      property,
      value,
      reason: `is of no use with the Gateway "${gateway.name}", which brings its own certificates`,
      remedy: 'Leave it out, and have the certificate at the Gateway',
    });
  }
}

function checkGatewayNames(scope: Construct, gateway: SharedGateway): void {
  const { name, namespace, httpsListener, httpListener } = gateway;
  checkResourceName(scope, 'gateway.name', name);
  if (namespace !== undefined) checkNamespace(scope, 'gateway.namespace', namespace);
  checkNames(scope, { 'gateway.httpsListener': httpsListener, 'gateway.httpListener': httpListener });
}
