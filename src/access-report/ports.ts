/*
 * Sets of ports, as network policies name them.
 */

export const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];
const LAST_PORT = 65_535;

/** Ports of a protocol from one to another. */
export interface PortRange {
  readonly protocol: string;
  readonly first: number;
  readonly last: number;
}

/** Every port of every protocol, in words. */
const EVERY_PORT = 'all';

/** Every port of every protocol. */
export const ALL_PORTS: PortRange[] = PROTOCOLS.map((protocol) => ({ protocol, first: 1, last: LAST_PORT }));

/** A port of a rule: a number, a range, or the name of a container's port. */
export interface RulePort {
  readonly protocol?: string;
  readonly port?: number | string;
  readonly endPort?: number;
}

/** A port of a container. */
export interface ContainerPort {
  readonly name?: string;
  readonly containerPort: number;
  readonly protocol?: string;
}

/**
 * The ports of a rule.
 *
 * @param rulePorts - none means all
 * @param containerPorts - those of the pods at the receiving end, which names are of
 */
export function portsOf(rulePorts: RulePort[] | undefined, containerPorts: ContainerPort[]): PortRange[] {
  if (!rulePorts?.length) return ALL_PORTS;
  return rulePorts.flatMap(({ protocol = 'TCP', port, endPort }): PortRange[] => {
    if (port === undefined) return [{ protocol, first: 1, last: LAST_PORT }];
    if (typeof port === 'number') return [{ protocol, first: port, last: endPort ?? port }];
    return containerPorts
      .filter((one) => one.name === port && (one.protocol ?? 'TCP') === protocol)
      .map(({ containerPort }) => ({ protocol, first: containerPort, last: containerPort }));
  });
}

/** The ports that are in both. */
export function intersection(some: PortRange[], others: PortRange[]): PortRange[] {
  return some.flatMap((one) =>
    others
      .filter((other) => other.protocol === one.protocol)
      .map((other) => ({
        protocol: one.protocol,
        first: Math.max(one.first, other.first),
        last: Math.min(one.last, other.last),
      }))
      .filter(({ first, last }) => first <= last),
  );
}

/** The ranges as texts, in order; those that touch are one, and all ports of all protocols are `all`. */
export function shownPorts(ranges: PortRange[]): string[] {
  const shown = joinedPorts(ranges);
  return shown.join() === ALL_SHOWN ? [EVERY_PORT] : shown;
}

const ALL_SHOWN = joinedPorts(ALL_PORTS).join();

function joinedPorts(ranges: PortRange[]): string[] {
  return PROTOCOLS.flatMap((protocol) => {
    const sorted = ranges
      .filter((one) => one.protocol === protocol)
      .sort((one, other) => one.first - other.first);
    const joined: { first: number; last: number }[] = [];
    for (const { first, last } of sorted) {
      const before = joined.at(-1);
      if (before && first <= before.last + 1) before.last = Math.max(before.last, last);
      else joined.push({ first, last });
    }
    return joined.map(({ first, last }) => `${protocol} ${first === last ? first : `${first}-${last}`}`);
  });
}

/** The ports of a rule as texts, where those of names are not known. */
export function shownRulePorts(rulePorts: RulePort[] | undefined): string[] {
  const named = (rulePorts ?? []).filter(({ port }) => typeof port === 'string');
  const numbered = (rulePorts ?? []).filter(({ port }) => typeof port !== 'string');
  const known = rulePorts?.length && !numbered.length ? [] : shownPorts(portsOf(numbered, []));
  return [...known, ...named.map(({ protocol = 'TCP', port }) => `${protocol} "${port}"`)];
}
