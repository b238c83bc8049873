import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { output, run } from './command';

/*
 * Hosts that are not of the cluster: addresses in a network namespace of this machine, to which the nodes' traffic is
 * routed. An address of the machine itself would not do, because it may be the node, which policies do not filter.
 */

const NAME = 'cdk8s-outside';
const NEAR = { device: 'cdk8s-out0', address: '198.18.0.1' };
const FAR = { device: 'cdk8s-out1', address: '198.18.0.2' };

const SERVE = `
const net = require("node:net");
const ports = process.argv.slice(1).map(Number);
let waiting = ports.length;
for (const port of ports)
  net.createServer((socket) => socket.on("error", () => 0).end()).listen(port, () => --waiting || console.log("ready"));
`;

let server: ChildProcess | undefined;

/** Starts hosts with these addresses, each of which listens on these ports. */
export async function startOutsideHosts(addresses: string[], ports: number[]): Promise<void> {
  await stopOutsideHosts();
  await root('ip', 'netns', 'add', NAME);
  await root('ip', 'link', 'add', NEAR.device, 'type', 'veth', 'peer', 'name', FAR.device, 'netns', NAME);
  await root('ip', 'address', 'add', `${NEAR.address}/30`, 'dev', NEAR.device);
  await root('ip', 'link', 'set', NEAR.device, 'up');
  await root('ip', '-n', NAME, 'address', 'add', `${FAR.address}/30`, 'dev', FAR.device);
  await root('ip', '-n', NAME, 'link', 'set', FAR.device, 'up');
  await root('ip', '-n', NAME, 'route', 'add', 'default', 'via', NEAR.address);
  for (const address of addresses) {
    await root('ip', '-n', NAME, 'address', 'add', `${address}/32`, 'dev', FAR.device);
    await root('ip', 'route', 'add', `${address}/32`, 'via', FAR.address);
  }
  const command = ['ip', 'netns', 'exec', NAME, process.execPath, '-e', SERVE, ...ports.map(String)];
  const [program, ...args] = asRoot(command);
  server = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(server.stdout!, 'data');
}

/** Removes them, also those of a run before. */
export async function stopOutsideHosts(): Promise<void> {
  server?.kill();
  server = undefined;
  const [program, ...args] = asRoot(['ip', 'netns', 'delete', NAME]);
  // Its end of the link goes with it, and so do the routes.
  await run(program, args);
}

async function root(...command: string[]): Promise<void> {
  const [program, ...args] = asRoot(command);
  await output(program, args);
}

function asRoot(command: string[]): string[] {
  return process.getuid?.() === 0 ? command : ['sudo', '--non-interactive', ...command];
}
