import { Construct } from 'constructs';
import { Selector, selectorLabels } from './labels';
import { checkRemotePort } from './numbers';
import { checkPeers, NetworkPeer } from './peers';
import { Problems } from './problems';

/** The protocols that network policies know. */
export enum NetworkProtocol {
  /** TCP. */
  TCP = 'TCP',

  /** UDP. */
  UDP = 'UDP',

  /** SCTP. */
  SCTP = 'SCTP',
}

const PROTOCOLS = Object.values(NetworkProtocol);

/** Connections that a policy allows: with whom, on which ports. */
export interface Traffic {
  /**
   * Who is at the other end.
   *
   * @default - anybody
   */
  readonly peers?: NetworkPeer[];

  /**
   * The ports, of pods: a policy does not see those of a Service.
   *
   * @default - all
   */
  readonly ports?: NetworkPort[];
}

/** All connections that pods may have. */
export interface AllowedTraffic {
  /** Who connects to the pods. */
  readonly ingress: Traffic[];

  /** What the pods connect to. */
  readonly egress: Traffic[];
}

/** The pods of a selector, in the same namespace. */
export function podsOf(selector: Selector): NetworkPeer {
  return { podLabels: selectorLabels(selector) };
}

/** Checks connections that were written by hand. An empty list would mean everybody or everything to Kubernetes. */
export function checkTraffic(scope: Construct, property: string, traffic: Traffic[]): void {
  for (const { peers, ports } of traffic) {
    checkPeers(scope, `${property}.peers`, peers);
    if (ports) checkPorts(scope, `${property}.ports`, ports, 'Name them, or leave it out to mean all');
  }
}

/** Checks ports. There must be one. */
export function checkPorts(scope: Construct, property: string, ports: NetworkPort[], remedy: string): void {
  if (ports.length === 0) {
    Problems.report(scope, { property, value: ports, reason: 'is empty', remedy });
  }
  ports.forEach(({ port, protocol = NetworkProtocol.TCP }) => {
    checkRemotePort(scope, property, port);
    if (!PROTOCOLS.includes(protocol)) {
      Problems.report(scope, {
        property,
        value: protocol,
        reason: 'is not a protocol that network policies know',
        remedy: `Use one of ${PROTOCOLS.join(', ')}`,
      });
    }
  });
}

/** A port of TCP, UDP or SCTP. */
export interface NetworkPort {
  /** The number. */
  readonly port: number;

  /**
   * `TCP`, `UDP` or `SCTP`.
   *
   * @default NetworkProtocol.TCP
   */
  readonly protocol?: NetworkProtocol;
}
