import { Construct } from 'constructs';
import * as k8s from './api';
import { Problems } from './problems';
import { millicores, size, wholeSize } from './quantities';

/** What a container is given of a node. */
export interface ContainerResources {
  /**
   * CPU that is set aside, in cores or millicores.
   *
   * @default - as the construct says
   */
  readonly cpuRequest?: string;

  /**
   * CPU that is the most it may use, in cores or millicores.
   *
   * @default - no limit: a limit throttles a container although its node is idle
   */
  readonly cpuLimit?: string;

  /**
   * Memory that is set aside, in bytes with a unit.
   *
   * @default - as the construct says
   */
  readonly memoryRequest?: string;

  /**
   * Memory at which the container is killed, in bytes with a unit.
   *
   * @default - as the construct says
   */
  readonly memoryLimit?: string;
}

/** Resources of a container with all that is not given filled in. Throws when a request is above its limit. */
export function completeResources(
  scope: Construct,
  given: ContainerResources = {},
  defaults: Required<Omit<ContainerResources, 'cpuLimit'>>,
): ContainerResources {
  const { cpuLimit, memoryLimit = defaults.memoryLimit } = given;
  const resources = {
    cpuRequest: given.cpuRequest ?? atMost(scope, 'cpu', millicores, defaults.cpuRequest, cpuLimit),
    cpuLimit,
    memoryRequest: given.memoryRequest ?? atMost(scope, 'memory', size, defaults.memoryRequest, memoryLimit),
    memoryLimit,
  };
  checkPair(scope, 'cpu', millicores, resources.cpuRequest, resources.cpuLimit);
  checkPair(scope, 'memory', size, resources.memoryRequest, resources.memoryLimit);
  return resources;
}

type Parse = (scope: Construct, property: string, value: string) => number;

/** The default request, or a limit that is below it: those who give a low limit mean that the request is as low. */
function atMost(
  scope: Construct,
  what: 'cpu' | 'memory',
  parse: Parse,
  request: string,
  limit?: string,
): string {
  if (limit === undefined) return request;
  const property = `resources.${what}Limit`;
  return parse(scope, property, limit) < parse(scope, property, request) ? limit : request;
}

function checkPair(
  scope: Construct,
  what: 'cpu' | 'memory',
  parse: Parse,
  request: string,
  limit?: string,
): void {
  const requested = parse(scope, `resources.${what}Request`, request);
  if (limit === undefined) return;
  if (requested > parse(scope, `resources.${what}Limit`, limit)) {
    Problems.report(scope, {
      property: `resources.${what}Request`,
      value: request,
      reason: `is above resources.${what}Limit "${limit}"`,
      remedy: 'Lower the request or raise the limit',
    });
  }
}

/** The resources as a container writes them. */
export function resourceRequirements(resources: ContainerResources): k8s.ResourceRequirements {
  return {
    requests: quantities(resources.cpuRequest, resources.memoryRequest),
    limits: quantities(resources.cpuLimit, resources.memoryLimit),
  };
}

function quantities(cpu?: string, memory?: string): Record<string, k8s.Quantity> {
  return {
    ...(cpu && { cpu: cpu }),
    ...(memory && { memory: wholeSize(memory) }),
  };
}
