import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { NetworkPeer } from '../../kubernetes/peers';
import { Resource } from '../../kubernetes/resource';
import {
  IRouting,
  MissingFeature,
  NO_SIGN_IN,
  RouteFeature,
  RouteRequest,
  RoutingProps,
} from '../../platform/routing';

/** Why a router does not have a feature, and what to do instead. */
export type Refusal = Omit<MissingFeature, 'feature'>;

/** What is true of a router wherever it runs. */
export interface RouterFacts {
  /** How long it goes on sending to a pod that terminates, unless a program says. */
  readonly deregistration: Duration;
  /** How long it keeps an unused connection, where that is known. */
  readonly idleTimeout?: Duration;
  /** How many addresses it adds to X-Forwarded-For, where that is not one. */
  readonly trustedProxies?: number;
  /** What to do so that routes share an address, where each has its own. */
  readonly sharedAddressRemedy?: string;
  /** What it does not have. One of the `RARE` features that it does have is undefined here. */
  readonly missing?: { readonly [feature in RouteFeature]?: Refusal };
}

/** What a router does not have unless it says so. */
const RARE: RouterFacts['missing'] = {
  [RouteFeature.REQUEST_BODY_LIMIT]: {
    reason: 'is a limit that this router does not take from a route',
    remedy:
      'Leave it out, or use an Ingress controller that has it: new IngressRouting({ requestBodySizeAnnotations: ["…"], … })',
  },
  [RouteFeature.SIGN_IN]: NO_SIGN_IN,
};

/**
 * What the routings of the library have in common.
 *
 * @internal
 */
export abstract class Router implements IRouting {
  readonly deregistration: Duration;
  readonly idleTimeout?: Duration;
  readonly trustedProxies?: number;
  readonly missingFeatures?: MissingFeature[];
  readonly hasSignIn?: boolean;
  readonly sharedAddressRemedy?: string;

  constructor(props: RoutingProps, facts: RouterFacts) {
    this.deregistration = props.deregistration ?? facts.deregistration;
    this.idleTimeout = facts.idleTimeout;
    this.trustedProxies = facts.trustedProxies;
    this.sharedAddressRemedy = facts.sharedAddressRemedy;
    const missing = { ...RARE, ...facts.missing };
    this.hasSignIn = !missing[RouteFeature.SIGN_IN];
    this.missingFeatures = Object.values(RouteFeature).flatMap((feature) => {
      const refusal = missing[feature];
      return refusal ? [{ feature, ...refusal }] : [];
    });
  }

  abstract route(scope: Construct, request: RouteRequest): Resource[];

  abstract sources(scope: Construct): NetworkPeer[];
}

/** What makes Gateways share an address: to be one. */
export function oneGateway(gateway: object | undefined, call: string): string | undefined {
  if (gateway) return undefined;
  return `Attach both to one Gateway with a listener for the host: ${call}({ gateway: { name: "…", namespace: "…" } })`;
}

/** What makes Ingresses share a load balancer of AWS. */
export function oneLoadBalancer(groupName: string | undefined): string | undefined {
  if (groupName !== undefined) return undefined;
  return 'Have both share a load balancer: Distribution.eks({ groupName: "…" })';
}
