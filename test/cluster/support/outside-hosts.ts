import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { output, run } from './command';

/*
 * Hosts that are not of the cluster: addresses in a network namespace of this machine, to which the nodes' traffic is
 * routed. An address of the machine itself would not do, because it may be the node, which policies do not filter.
 *
 * The namespace is that of a process and has no name: `ip netns add` mounts /run/netns anew, which hides the network
 * namespaces of pods there, and then their pods can never be removed.
 */

const NEAR = { device: 'cdk8s-out0', address: '198.18.0.1' };
const FAR = { device: 'cdk8s-out1', address: '198.18.0.2' };

const SERVE = `
const net = require("node:net");
const ports = process.argv.slice(1).map(Number);
let waiting = ports.length;
for (const port of ports)
  net.createServer((socket) => socket.on("error", () => 0).end()).listen(port, () => --waiting || console.log(process.pid));
`;

let server: ChildProcess | undefined;

/** Starts hosts with these addresses, each of which listens on these ports. */
export async function startOutsideHosts(addresses: string[], ports: number[]): Promise<void> {
  await stopOutsideHosts();
  const [program, ...args] = asRoot([
    'unshare',
    '--net',
    process.execPath,
    '-e',
    SERVE,
    ...ports.map(String),
  ]);
  server = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [pid] = await once(server.stdout!, 'data');
  const namespace = String(pid).trim();
  const inside = (...command: string[]) => root('nsenter', `--net=/proc/${namespace}/ns/net`, ...command);
  const peer = ['peer', 'name', FAR.device, 'netns', namespace];
  await root('ip', 'link', 'add', NEAR.device, 'type', 'veth', ...peer);
  await root('ip', 'address', 'add', `${NEAR.address}/30`, 'dev', NEAR.device);
  await root('ip', 'link', 'set', NEAR.device, 'up');
  await inside('ip', 'address', 'add', `${FAR.address}/30`, 'dev', FAR.device);
  await inside('ip', 'link', 'set', FAR.device, 'up');
  await inside('ip', 'route', 'add', 'default', 'via', NEAR.address);
  for (const address of addresses) {
    await inside('ip', 'address', 'add', `${address}/32`, 'dev', FAR.device);
    await root('ip', 'route', 'add', `${address}/32`, 'via', FAR.address);
  }
}

/** Removes them, also those of a run before. */
export async function stopOutsideHosts(): Promise<void> {
  server?.kill();
  server = undefined;
  const [program, ...args] = asRoot(['ip', 'link', 'delete', NEAR.device]);
  // The other end goes with it, and so do the routes. It may not be there.
  await run(program, args);
}

async function root(...command: string[]): Promise<void> {
  const [program, ...args] = asRoot(command);
  await output(program, args);
}

function asRoot(command: string[]): string[] {
  return process.getuid?.() === 0 ? command : ['sudo', '--non-interactive', ...command];
}
