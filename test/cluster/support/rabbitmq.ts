import { apply } from './kubectl';
import { Namespace } from './namespaces';

/** Of RabbitMQ, when there is one on the nodes. */
export const RABBITMQ_IMAGE = process.env.RABBITMQ_IMAGE;

export const RABBITMQ_POD = 'rabbitmq';
export const RABBITMQ_LABELS = { 'app.kubernetes.io/name': 'rabbitmq' };
export const RABBITMQ_SECRET = 'rabbitmq-default-user';
export const VIRTUAL_HOST = 'polls';

const USERNAME = 'polls';
/** With characters that a URL has to quote. */
const PASSWORD = 'p/w@:%#';

/** Starts a server with a virtual host and a user, and the Secret of the user, as somebody else would have made them. */
export async function startRabbitMq(namespace: Namespace): Promise<void> {
  const host = RABBITMQ_POD;
  const objects = [
    {
      kind: 'Pod',
      metadata: { name: RABBITMQ_POD, labels: RABBITMQ_LABELS },
      spec: {
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 0,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 999,
          fsGroup: 999,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        containers: [
          {
            name: 'rabbitmq',
            image: RABBITMQ_IMAGE,
            // A node's name is that of its host, which a pod of a name of its own keeps.
            env: [{ name: 'HOME', value: '/var/lib/rabbitmq' }],
            readinessProbe: { tcpSocket: { port: 5672 }, periodSeconds: 2 },
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    },
    {
      kind: 'Service',
      metadata: { name: host },
      spec: { selector: RABBITMQ_LABELS, ports: [{ port: 5672 }] },
    },
    {
      kind: 'Secret',
      metadata: { name: RABBITMQ_SECRET },
      stringData: {
        username: USERNAME,
        password: PASSWORD,
        connection_string: `amqp://${USERNAME}:${encodeURIComponent(PASSWORD)}@${host}:5672/${VIRTUAL_HOST}`,
      },
    },
  ];
  await namespace.create();
  await apply(
    objects.map((object) => ({
      apiVersion: 'v1',
      ...object,
      metadata: { ...object.metadata, namespace: namespace.name },
    })),
  );
  await namespace.kubectl('wait', `pod/${RABBITMQ_POD}`, '--for=condition=Ready', '--timeout=120s');
  await rabbitMqCtl(namespace, 'add_vhost', VIRTUAL_HOST);
  await rabbitMqCtl(namespace, 'add_user', USERNAME, PASSWORD);
  await rabbitMqCtl(namespace, 'set_permissions', '--vhost', VIRTUAL_HOST, USERNAME, '.*', '.*', '.*');
}

/** Asks the server in its own pod. */
export function rabbitMqCtl(namespace: Namespace, ...command: string[]): Promise<string> {
  return namespace.exec(RABBITMQ_POD, 'rabbitmqctl', '--quiet', ...command);
}
