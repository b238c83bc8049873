import { ChildProcess, fork } from 'node:child_process';
import { Unit } from './plan';
import { UnitResult } from './unit';

/*
 * Distributions and applications are objects with code, which no message can hold. So a shard is the program itself,
 * started again as it was started, with this module before it: its fleet then does what the first process asks for.
 */

/** What the first process tells a shard first: which fleet of the program it is for, by its number. */
interface Role {
  readonly fleet: number;
}

/** A unit to make, and where to write it. */
export interface UnitRequest extends Unit {
  readonly staging: string;
}

/** What a shard says when it is ready for its first unit. */
const READY = 'ready';

let role: Promise<Role> | undefined;

/** Makes this process a shard, before its program begins. */
export function becomeShard(): void {
  role = new Promise((resolve) => {
    process.once('message', (message) => {
      // A program that ends without its fleet ends the process.
      process.channel?.unref();
      resolve(message as Role);
    });
  });
}

/**
 * In a shard: makes units until the first process has no more, if this is its fleet. It then does not return.
 *
 * @returns whether this process is a shard
 */
export async function serveAsShard(
  fleet: number,
  make: (request: UnitRequest) => UnitResult,
): Promise<boolean> {
  if (!role) return false;
  if ((await role).fleet !== fleet) return true;
  process.channel?.ref();
  process.on('message', (request) => process.send!(make(request as UnitRequest)));
  process.on('disconnect', () => process.exit());
  process.send!(READY);
  return new Promise(() => {});
}

/** In the first process: has units made by shards, each the next one as soon as it has none. */
export async function makeInShards(
  requests: UnitRequest[],
  { shards, fleet, onMade }: { shards: number; fleet: number; onMade: (request: UnitRequest) => void },
): Promise<UnitResult[]> {
  const results: UnitResult[] = [];
  const numbers = requests.keys();
  const run = (child: ChildProcess) =>
    new Promise<void>((resolve, reject) => {
      let current: number | undefined;
      child.on('error', reject);
      child.on('exit', (code, signal) => reject(endedEarly(signal ?? code, requests[current ?? -1])));
      child.on('message', (message) => {
        if (current !== undefined) {
          results[current] = message as UnitResult;
          onMade(requests[current]);
        }
        current = numbers.next().value;
        if (current === undefined) return resolve();
        child.send(requests[current]);
      });
      child.send({ fleet });
    });
  const children = Array.from({ length: Math.min(shards, requests.length) }, startShard);
  try {
    await Promise.all(children.map(run));
  } finally {
    children.forEach((child) => child.kill());
  }
  return results;
}

function startShard(): ChildProcess {
  const [, program, ...words] = process.argv;
  return fork(program, words, {
    execArgv: [...process.execArgv, '--require', require.resolve('./shard')],
    // What the program writes is written once. Nobody types into a shard.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

function endedEarly(how: string | number | null, request?: UnitRequest): Error {
  const done = request
    ? `while it made namespace "${request.namespace}" for "${request.distribution}"`
    : 'before it made anything: started again, the program came to no such fleet';
  return new Error(`Fleet: a shard ended (${how}) ${done}.`);
}
