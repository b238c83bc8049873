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

  /**
   * Disk of the node that is set aside for its log, `/tmp` and the pod's empty directories, and that is the most that
   * these may use, in bytes with a unit: at least `128Mi`. The log has 64Mi of it, the empty directories have the sizes
   * that they were given, and `/tmp` has the rest. A pod that writes more is ended, and another one takes its place. If
   * one container of a pod has it, the others have it too, for their logs. Nodes that do not report their disk take no
   * pod with it. On Autopilot the sum of a pod has a least and a greatest value.
   *
   * @default - nothing is set aside, and `/tmp` has 1Gi. Autopilot sets 1Gi aside for each container
   * @see https://cloud.google.com/kubernetes-engine/docs/concepts/autopilot-resource-requests
   */
  readonly ephemeralStorage?: string;
}

/**
 * What a log takes of the disk. A node keeps five files of 10Mi, unless it is configured otherwise.
 *
 * @see https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-rotation
 */
export const LOG_MEBIBYTES = 64;
const LEAST_DISK = 2 * LOG_MEBIBYTES;

/** Resources of a container with all that is not given filled in. Throws when a request is above its limit. */
export function completeResources(
  scope: Construct,
  given: ContainerResources = {},
  defaults: Required<Omit<ContainerResources, 'cpuLimit' | 'ephemeralStorage'>>,
  option = 'resources',
): ContainerResources {
  const { cpuLimit, memoryLimit = defaults.memoryLimit, ephemeralStorage } = given;
  const resources = {
    cpuRequest: given.cpuRequest ?? atMost(scope, `${option}.cpu`, millicores, defaults.cpuRequest, cpuLimit),
    cpuLimit,
    memoryRequest:
      given.memoryRequest ?? atMost(scope, `${option}.memory`, size, defaults.memoryRequest, memoryLimit),
    memoryLimit,
    ephemeralStorage,
  };
  checkDisk(scope, `${option}.ephemeralStorage`, ephemeralStorage);
  checkPair(scope, `${option}.cpu`, millicores, resources.cpuRequest, resources.cpuLimit);
  checkPair(scope, `${option}.memory`, size, resources.memoryRequest, resources.memoryLimit);
  return resources;
}

type Parse = (scope: Construct, property: string, value: string) => number;

/** The default request, or a limit that is below it: those who give a low limit mean that the request is as low. */
function atMost(scope: Construct, what: string, parse: Parse, request: string, limit?: string): string {
  if (limit === undefined) return request;
  const property = `${what}Limit`;
  return parse(scope, property, limit) < parse(scope, property, request) ? limit : request;
}

function checkPair(scope: Construct, what: string, parse: Parse, request: string, limit?: string): void {
  const requested = parse(scope, `${what}Request`, request);
  if (limit === undefined) return;
  if (requested > parse(scope, `${what}Limit`, limit)) {
    Problems.report(scope, {
      property: `${what}Request`,
      value: request,
      reason: `is above ${what}Limit "${limit}"`,
      remedy: 'Lower the request or raise the limit',
    });
  }
}

function checkDisk(scope: Construct, property: string, value?: string): void {
  if (value === undefined || size(scope, property, value) >= LEAST_DISK * 2 ** 20) return;
  Problems.report(scope, {
    property,
    value,
    reason: `is less than ${LEAST_DISK}Mi, of which a log may take ${LOG_MEBIBYTES}Mi`,
    remedy: 'Give more, or leave it out',
  });
}

/** The resources as a container writes them. */
export function resourceRequirements(resources: ContainerResources): k8s.ResourceRequirements {
  return {
    requests: quantities(resources.cpuRequest, resources.memoryRequest, resources.ephemeralStorage),
    limits: quantities(resources.cpuLimit, resources.memoryLimit, resources.ephemeralStorage),
  };
}

function quantities(cpu?: string, memory?: string, disk?: string): Record<string, k8s.Quantity> {
  return {
    ...(cpu && { cpu: cpu }),
    ...(memory && { memory: wholeSize(memory) }),
    ...(disk && { 'ephemeral-storage': wholeSize(disk) }),
  };
}
