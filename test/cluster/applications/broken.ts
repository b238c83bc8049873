import { Chart } from 'cdk8s';
import { DjangoApp, DjangoAppProps, PostgresBackend, SslMode } from 'cdk8s-django';
import { manifestsFor } from 'cdk8s-django/testing';
import { eventually } from '../support/eventually';
import { apply } from '../support/kubectl';
import { upstream } from '../support/manifests';
import { Namespace, NamespaceName } from '../support/namespaces';
import { secret, SMALL } from './application';

/** An application with a mistake in its program, its image or its surroundings. */
export interface BrokenProps extends Partial<DjangoAppProps> {
  readonly name: string;
  readonly image: string;
  /** @default - it has no database */
  readonly databaseHost?: string;
}

/** The keys of the one Secret that the applications have. */
const SECRET = 'values';
const VALUES = { password: 'no-server-asks', 'secret-key': 'k'.repeat(50), empty: '' };

/** A value of that Secret; without one of its keys, a key that it does not have. */
export function value(key: string): { secretName: string; key: string } {
  return { secretName: SECRET, key };
}

/** Applications that cannot start, side by side in one namespace. */
export class BrokenApplications {
  readonly namespace: Namespace;

  constructor(name: NamespaceName) {
    this.namespace = new Namespace(name);
  }

  async deploy(applications: BrokenProps[]): Promise<void> {
    const manifests = manifestsFor(upstream(), (app) => {
      const chart = new Chart(app, 'broken', { namespace: this.namespace.name });
      applications.forEach((props) => this.define(chart, props));
    });
    await apply([secret(this.namespace.name, SECRET, VALUES), ...manifests]);
  }

  /** A server that takes connections on PostgreSQL's port and never says a word. */
  async startSilentServer(name: string, image: string): Promise<void> {
    const { name: namespace } = this.namespace;
    const code = 'import signal, socket; server = socket.create_server(("", 5432)); signal.pause()';
    const container = { name: 'silent', image, command: ['python', '-c', code] };
    const spec = { containers: [container], terminationGracePeriodSeconds: 0 };
    const metadata = { name, namespace, labels: { app: name } };
    await apply([
      { apiVersion: 'v1', kind: 'Pod', metadata, spec },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata,
        spec: { selector: { app: name }, ports: [{ port: 5432 }] },
      },
    ]);
  }

  /** The container of an application's pod of a component, as the kubelet sees it. */
  async container(name: string, component: string, container: string): Promise<any> {
    const [pod] = await this.namespace.list('pods', this.selector(name, component));
    const { containerStatuses = [], initContainerStatuses = [] } = pod.status;
    return [...containerStatuses, ...initContainerStatuses].find((status) => status.name === container);
  }

  /** What a container wrote for people, at its last attempt: all lines but the JSON ones of the logs. */
  async lines(name: string, component: string, container: string): Promise<string[]> {
    return (await this.log(name, component, container)).filter((line) => !line.startsWith('{'));
  }

  /** The messages of the JSON lines. */
  async messages(name: string, component: string, container: string): Promise<string[]> {
    const lines = await this.log(name, component, container);
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line).message);
  }

  private async log(name: string, component: string, container: string): Promise<string[]> {
    const [pod] = await this.namespace.list('pods', this.selector(name, component));
    const log = await this.namespace.kubectl('logs', pod.metadata.name, `--container=${container}`);
    return log.trim().split('\n');
  }

  /** Until a condition holds; pods take their time, and are restarted in between. */
  eventually(what: string, attempt: () => Promise<void>): Promise<void> {
    return eventually(what, attempt, { namespace: this.namespace.name, seconds: 90 });
  }

  private selector(name: string, component: string): string {
    return `app.kubernetes.io/instance=${name},app.kubernetes.io/component=${component}`;
  }

  private define(chart: Chart, { databaseHost, ...props }: BrokenProps): void {
    const database =
      databaseHost === undefined
        ? undefined
        : PostgresBackend.fromHost(chart, `${props.name}-database`, {
            host: databaseHost,
            database: 'django',
            user: 'django',
            password: value('password'),
            sslMode: SslMode.DISABLE,
          });
    new DjangoApp(chart, props.name, {
      settingsModule: 'mysite.settings',
      wsgiModule: 'mysite.wsgi',
      secretKey: value('secret-key'),
      replicas: 1,
      resources: SMALL,
      database,
      ...props,
    });
  }
}
