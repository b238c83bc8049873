import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { NetworkPeer } from '../../kubernetes/peers';
import { Resource } from '../../kubernetes/resource';

/** A public host with TLS that is wanted in front of a Service. */
export interface RouteRequest {
  /** Name of the resources. */
  readonly name: string;

  /** Labels of the resources. */
  readonly labels: { [label: string]: string };

  /** The public hosts, at least one. */
  readonly hosts: string[];

  /** Name of the Service, in the same namespace. */
  readonly serviceName: string;

  /** Port of the Service. */
  readonly servicePort: number;

  /** Name of that port. */
  readonly servicePortName: string;

  /** Path that answers 200 when a pod can serve: a token that synth resolves, to be put into a manifest as it is. */
  readonly healthPath: string;

  /** How long a request may take. */
  readonly timeout: Duration;

  /**
   * How long a WebSocket may last, or be silent, whichever the platform limits.
   *
   * @default - as the platform has it
   */
  readonly websocketTimeout?: Duration;

  /**
   * Name of a Secret of type `kubernetes.io/tls` with the hosts' certificate, in the same namespace.
   *
   * @default - the distribution's own certificate
   */
  readonly tlsSecretName?: string;
}

/** The one limit of a platform that does not tell requests from WebSockets. */
export function longestTimeout({ timeout, websocketTimeout }: RouteRequest): Duration {
  return websocketTimeout && websocketTimeout.toSeconds() > timeout.toSeconds() ? websocketTimeout : timeout;
}

/** How the public reaches a Service on a distribution: with TLS, and plain HTTP redirected to it. */
export interface IRouting {
  /** Makes the resources of a route. Throws if the platform cannot serve it. */
  route(scope: Construct, request: RouteRequest): Resource[];

  /**
   * Who connects to the pods: what a network policy must let in.
   *
   * @param scope - a construct of the route's chart
   */
  sources(scope: Construct): NetworkPeer[];

  /** How long requests still reach a pod after it began to terminate: what its shutdown has to wait for. */
  readonly deregistration: Duration;

  /**
   * Labels that the namespace of the pods must have.
   *
   * @default - none
   */
  readonly namespaceLabels?: { [label: string]: string };
}
