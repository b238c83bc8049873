import { Construct } from 'constructs';
import { bytes, millicores } from '../kubernetes/quantities';
import { ContainerResources } from '../kubernetes/resources';

/** Memory that a process of an ordinary Django application stays within. */
const PROCESS_MEMORY = 160 * 2 ** 20;
const MOST_PROCESSES = 64;

/** Beside the processes that do the work. */
interface Others {
  /** Processes more than twice the processors. */
  readonly beyondProcessors: number;
  /** Processes that need memory too. */
  readonly inMemory: number;
}

/**
 * Processes by the container's own limits, not by the node's processors, which a program sees but may not use: twice
 * the processors, because processes wait for databases and other servers. The memory limit caps it.
 */
export function processesWithin(
  scope: Construct,
  { cpuLimit, cpuRequest, memoryLimit }: ContainerResources,
  { beyondProcessors, inMemory }: Others,
): number {
  const cores = millicores(scope, 'resources.cpuLimit', cpuLimit ?? cpuRequest ?? '1') / 1000;
  const byCpu = Math.ceil(2 * cores + beyondProcessors);
  const byMemory = memoryLimit
    ? Math.floor(bytes(scope, 'resources.memoryLimit', memoryLimit) / PROCESS_MEMORY) - inMemory
    : byCpu;
  return Math.max(1, Math.min(byCpu, byMemory, MOST_PROCESSES));
}
