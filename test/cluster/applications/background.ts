import { Chart } from 'cdk8s';
import { DjangoApp, LeastPrivilegeAccess, PostgresBackend, ValkeyBackend } from 'cdk8s-django';
import { manifestsFor } from 'cdk8s-django/testing';
import { apply } from '../support/kubectl';
import { POSTGRES_IMAGE, REDIS_IMAGE, upstream } from '../support/manifests';
import { Namespace, NamespaceName } from '../support/namespaces';
import { Polls } from '../support/polls';
import { provideImage } from './images';

const RESOURCES = { cpuRequest: '20m', memoryRequest: '64Mi', memoryLimit: '400Mi' };

/** What a task has written to the database. */
export interface Step {
  readonly task: string;
  readonly name: string;
  /** The pod that the task ran in. */
  readonly host: string;
}

/** A project that has six packages for work in the background, in a namespace of its own. */
export class Background {
  readonly namespace: Namespace;
  private readonly polls: Polls;

  private constructor(name: NamespaceName) {
    this.namespace = new Namespace(name);
    this.polls = new Polls(this.namespace);
  }

  /** Makes it anew, with what it has in the background, and waits until all of it runs. */
  static async deploy(name: NamespaceName, extend: (app: DjangoApp) => void): Promise<Background> {
    const image = await provideImage({ name: 'docker.io/example/background:1', folder: 'background' });
    const background = new Background(name);
    await background.namespace.clear();
    await apply(
      manifestsFor(upstream(), (app) => {
        const chart = new Chart(app, 'jobs', { namespace: name });
        const storage = '1Gi';
        const database = new PostgresBackend(chart, 'Database', {
          name: 'polls-db',
          storage,
          image: POSTGRES_IMAGE,
        });
        const redis = new ValkeyBackend(chart, 'Redis', { name: 'queue', storage, image: REDIS_IMAGE });
        const jobs = new DjangoApp(chart, 'Jobs', {
          name: 'jobs',
          image,
          settingsModule: 'mysite.settings',
          database,
          cache: redis.database(0),
          replicas: 1,
          resources: RESOURCES,
        });
        extend(jobs);
        new LeastPrivilegeAccess(chart, 'Access', { app: jobs });
      }),
    );
    await background.polls.converged(240);
    return background;
  }

  /** Until all of it runs again. */
  converged(): Promise<void> {
    return this.polls.converged(120);
  }

  /** Runs statements in a replica, to which `send` of the project is known. */
  send(statements: string): Promise<string> {
    const program = `import django\ndjango.setup()\nfrom jobs.tasks import send\n${statements}`;
    return this.namespace.exec('deployment/jobs', 'python', '-c', program);
  }

  sql(query: string): Promise<string> {
    return this.polls.sql(query);
  }

  /** All that tasks have written, in the order in which they did. */
  async steps(): Promise<Step[]> {
    const rows = await this.sql('SELECT task, name, host FROM jobs_step ORDER BY id');
    return rows
      .split('\n')
      .filter(Boolean)
      .map((row) => row.split('|'))
      .map(([task, name, host]) => ({ task, name, host }));
  }
}
