import { Chart } from 'cdk8s';
import {
  Distribution,
  DjangoApp,
  DjangoAppProps,
  LeastPrivilegeAccess,
  PostgresBackend,
  PublicRoute,
} from 'cdk8s-django';
import { ISecurity } from 'cdk8s-django/platform';
import { manifestsFor } from 'cdk8s-django/testing';
import { eventually } from '../support/eventually';
import { apply } from '../support/kubectl';
import { POSTGRES_IMAGE, ROUTER } from '../support/manifests';
import { Namespace, NamespaceName } from '../support/namespaces';
import { Polls } from '../support/polls';
import { Session } from './session';

/** An application that knows nothing of the library, and where it runs. */
export interface ApplicationProps extends Partial<DjangoAppProps> {
  readonly namespace: NamespaceName;
  readonly image: string;
  readonly settingsModule: string;
  /** @default - users that the library names */
  readonly security?: ISecurity;
}

export const WEB_PODS = 'app.kubernetes.io/component=web';
export const ADMINISTRATOR = { username: 'admin', password: 'Tree%20:of/#life?' };

/** Several applications share the nodes of a test. */
export const SMALL = { cpuRequest: '50m', memoryRequest: '128Mi', memoryLimit: '512Mi' };

/** Name of the Secret with the administrator's password. */
const ADMINISTRATOR_SECRET = 'administrator';

/** An application that somebody else wrote, running in a namespace of its own with a database and an administrator. */
export class Application {
  readonly host: string;

  private constructor(readonly namespace: Namespace) {
    this.host = `${namespace.name}.example.com`;
  }

  /** Makes the application anew, and waits until it runs. */
  static async deploy(props: ApplicationProps): Promise<Application> {
    const application = new Application(new Namespace(props.namespace));
    await application.namespace.clear();
    await apply(application.manifests(props));
    await application.converged();
    return application;
  }

  /** Until all Jobs are complete and all pods are ready. */
  converged(): Promise<void> {
    return new Polls(this.namespace).converged(240);
  }

  /** Somebody who visits the site. */
  async visitor(): Promise<Session> {
    const [gateway] = await this.namespace.list('gateways.gateway.networking.k8s.io');
    const address = process.env.PUBLIC_ADDRESS ?? gateway.status.addresses[0].value;
    const session = new Session(address, this.host);
    await this.routed(session);
    return session;
  }

  /** Until the router knows of the host and of its newest replicas, which takes it a moment. */
  async routed(session: Session): Promise<void> {
    await eventually(`https://${this.host}/ is routed`, async () => {
      expect((await session.get('/admin/login/?next=/admin/')).status).toBeLessThan(400);
    });
  }

  /** The replicas that are not on their way out. */
  async webPods(): Promise<any[]> {
    const pods = await this.namespace.list('pods', WEB_PODS);
    return pods.filter(({ metadata }) => !metadata.deletionTimestamp);
  }

  /** The answer of PostgreSQL, asked in its own pod. */
  async sql(query: string): Promise<string> {
    const psql = ['psql', '--username=django', '--dbname=django', '--no-align', '--tuples-only'];
    return (await this.namespace.exec('db-0', ...psql, `--command=${query}`)).trim();
  }

  /** Removes it. The end of the suite waits, and frees its volumes. */
  remove(): Promise<void> {
    return this.namespace.remove();
  }

  private manifests({ namespace, security, ...props }: ApplicationProps): any[] {
    const distribution = Distribution.upstream({
      gatewayClassName: 'contour',
      clusterIssuer: 'letsencrypt',
      routerNamespaceLabels: ROUTER,
      security,
    });
    const [first, ...others] = manifestsFor(distribution, (app) => {
      const chart = new Chart(app, 'site', { namespace });
      const database = new PostgresBackend(chart, 'Database', {
        name: 'db',
        storage: '1Gi',
        image: POSTGRES_IMAGE,
        resources: SMALL,
      });
      const site = new DjangoApp(chart, 'Site', { name: 'site', database, resources: SMALL, ...props });
      site.addSuperuser({
        username: ADMINISTRATOR.username,
        email: 'admin@example.com',
        password: { secretName: ADMINISTRATOR_SECRET, key: 'password' },
      });
      new PublicRoute(chart, 'Route', { app: site, hosts: [this.host] });
      new LeastPrivilegeAccess(chart, 'Access', { app: site });
    });
    const { password } = ADMINISTRATOR;
    return [first, secret(namespace, ADMINISTRATOR_SECRET, { password }), ...others];
  }
}

/** A Secret that somebody else would have made. */
export function secret(namespace: string, name: string, stringData: Record<string, string>): any {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData };
}
