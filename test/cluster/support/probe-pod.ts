import { eventually } from './eventually';
import { apply } from './kubectl';
import { IMAGE } from './image';
import { Namespace } from './namespaces';

/** The port on which a probe pod answers HTTP. */
export const PROBE_PORT = 8080;

const SERVE = `
import functools, sys, threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
handler = functools.partial(SimpleHTTPRequestHandler, directory="/tmp")
for port in sys.argv[1:]:
    threading.Thread(target=ThreadingHTTPServer(("", int(port)), handler).serve_forever).start()
`;

/** Starts a pod that belongs to nobody: it serves HTTP, and programs can be run in it. Returns its address. */
export async function startProbePod(
  namespace: Namespace,
  name: string,
  labels: Record<string, string> = {},
  ports = [PROBE_PORT],
): Promise<string> {
  await apply([
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: namespace.name, labels },
      spec: {
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 0,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 1000,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        containers: [
          {
            name: 'probe',
            image: IMAGE,
            command: ['python', '-c', SERVE, ...ports.map(String)],
            readinessProbe: { httpGet: { path: '/', port: ports[0] }, periodSeconds: 1 },
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    },
  ]);
  return eventually(
    `probe pod ${name} is ready`,
    async () => {
      const { status } = await namespace.get('pod', name);
      expect(status.containerStatuses?.[0].ready).toBe(true);
      return status.podIP;
    },
    { namespace: namespace.name },
  );
}

const CONNECT = `
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), 3).close()
    print("open")
except OSError:
    print("closed")
`;

/** Whether a pod that has Python gets a TCP connection: `open` or `closed`. */
export async function connection(
  namespace: Namespace,
  pod: string,
  host: string,
  port: number,
): Promise<string> {
  return (await namespace.exec(pod, 'python', '-c', CONNECT, host, String(port))).trim();
}

const CONNECT_TO_ALL = `
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor
def is_open(target):
    try:
        socket.create_connection(tuple(target), 3).close()
        return True
    except OSError:
        return False
with ThreadPoolExecutor(32) as pool:
    print(json.dumps(list(pool.map(is_open, json.loads(sys.argv[1])))))
`;

/** Whether a pod that has Python gets each of several TCP connections. */
export async function connections(
  namespace: Namespace,
  pod: string,
  targets: [host: string, port: number][],
): Promise<boolean[]> {
  return JSON.parse(await namespace.exec(pod, 'python', '-c', CONNECT_TO_ALL, JSON.stringify(targets)));
}

const FETCH = `
import http.client, json, sys
connection = http.client.HTTPConnection(sys.argv[1], int(sys.argv[2]), timeout=10)
connection.request("GET", sys.argv[3], headers=json.loads(sys.argv[4]))
answer = connection.getresponse()
print(json.dumps({"status": answer.status, "body": answer.read().decode()}))
`;

/** What a pod that has Python gets over plain HTTP. The Host that it names is the address, unless `headers` say another. */
export async function fetchFrom(
  namespace: Namespace,
  pod: string,
  address: string,
  port: number,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string }> {
  const args = [address, String(port), path, JSON.stringify(headers)];
  return JSON.parse(await namespace.exec(pod, 'python', '-c', FETCH, ...args));
}
