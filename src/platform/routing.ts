import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { NetworkPeer } from '../kubernetes/peers';
import { Resource } from '../kubernetes/resource';

/** Where visitors are sent. */
export interface RedirectTarget {
  /** The whole URL, as it was given. */
  readonly url: string;

  /** `http` or `https`. */
  readonly scheme: string;

  /** Its host. */
  readonly host: string;

  /**
   * Its port.
   *
   * @default - that of the scheme
   */
  readonly port?: number;

  /** Its path, at least `/`. */
  readonly path: string;
}

/** What answers instead of the application. */
export interface Maintenance {
  /**
   * Where visitors are sent, by status 302.
   *
   * @default - nowhere: they are answered with status 503
   */
  readonly redirect?: RedirectTarget;
}

/** Another release of the application, which gets a share of the requests. */
export interface CanaryRequest {
  /** Name of its Service, in the same namespace and with a port of the same name. */
  readonly serviceName: string;

  /** Port of that Service. */
  readonly servicePort: number;

  /** Its share of the requests, in percent: a whole number from 0 to 100. The Service of the route gets the others. */
  readonly weight: number;
}

/** A public host with TLS that is wanted in front of a Service. */
export interface RouteRequest {
  /** Name of the resources. */
  readonly name: string;

  /** Labels of the resources. */
  readonly labels: { [label: string]: string };

  /** The public hosts, at least one. */
  readonly hosts: string[];

  /** The paths that lead to the Service, each with all that is below it: at least one, and `/` means every path. */
  readonly paths: string[];

  /** The Service, in the same namespace: for annotations that a platform reads from it. */
  readonly service: Resource;

  /** Name of the Service. */
  readonly serviceName: string;

  /** Port of the Service. */
  readonly servicePort: number;

  /** Name of that port. */
  readonly servicePortName: string;

  /** Path that answers 200 when a pod can serve: a token that synth resolves, to be put into a manifest as it is. */
  readonly healthPath: string;

  /** How long a request may take, in whole seconds. */
  readonly timeout: Duration;

  /**
   * How long a WebSocket may last, or be silent, whichever the platform lets one limit, in whole seconds.
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

  /**
   * Whether the requests of a visitor go to the same pod.
   *
   * @default - as the platform has it
   */
  readonly sessionAffinity?: boolean;

  /**
   * What answers instead of the Service.
   *
   * @default - nothing: the Service answers
   */
  readonly maintenance?: Maintenance;

  /**
   * Another release of the application, which gets a share of the requests unless there is maintenance. It is healthy
   * at the same path.
   *
   * @default - none: the Service gets all of them
   */
  readonly canary?: CanaryRequest;
}

/** The one limit of a platform that does not tell requests from WebSockets. */
export function longestTimeout({ timeout, websocketTimeout }: RouteRequest): Duration {
  return websocketTimeout && websocketTimeout.toSeconds() > timeout.toSeconds() ? websocketTimeout : timeout;
}

/** What every routing can be told of its router. */
export interface RoutingProps {
  /**
   * How long the router goes on sending requests to a pod after that began to terminate, in whole seconds from 0. Pods
   * wait for it before they end, and where a load balancer drains, it drains for as long besides the time of a request.
   *
   * @default - 15 seconds for the load balancers of GKE and EKS and for Application Gateway for Containers, 5 seconds for
   * routers in the cluster: estimates, which were not measured on the platforms
   */
  readonly deregistration?: Duration;
}

/** How the public reaches a Service on a distribution: with TLS, and plain HTTP redirected to it. */
export interface IRouting {
  /** Makes the resources of a route. Throws if the platform cannot serve it, or one of its options. */
  route(scope: Construct, request: RouteRequest): Resource[];

  /**
   * Who connects to the pods: what a network policy must let in.
   *
   * @param scope - a construct of the route's chart
   */
  sources(scope: Construct): NetworkPeer[];

  /**
   * How long requests still reach a pod after it began to terminate, in whole seconds: what its shutdown has to wait
   * for.
   */
  readonly deregistration: Duration;

  /**
   * How long the router keeps an unused connection to a pod, in whole seconds. The server keeps it longer: if it closed
   * it first, a request that the router sends at that moment would be lost.
   *
   * @default Duration.minutes(1), and at least as long as a request or WebSocket may take
   */
  readonly idleTimeout?: Duration;

  /**
   * Whether the router's health check names a host of the route. One that cannot names the address of the pod, which
   * Django answers at its health endpoints alone.
   *
   * @default true
   */
  readonly healthCheckNamesHost?: boolean;

  /**
   * Whether a host can have one route alone, whatever the paths are.
   *
   * @default false
   */
  readonly oneRoutePerHost?: boolean;

  /**
   * Labels that the namespace of the pods must have.
   *
   * @default - none
   */
  readonly namespaceLabels?: { [label: string]: string };
}
