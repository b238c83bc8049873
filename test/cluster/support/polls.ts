import { Answer, Browser } from './browser';
import { eventually } from './eventually';
import { apply } from './kubectl';
import { hostIn, pollsManifests, Variant } from './manifests';
import { Namespace } from './namespaces';

export const WEB_PODS = 'app.kubernetes.io/component=web';
export const MIGRATION = 'app.kubernetes.io/component=migration';
export const DATABASE_POD = 'polls-db-0';

/** The polls application, running in a namespace of its own. */
export class Polls {
  constructor(
    readonly namespace: Namespace,
    readonly host = hostIn(namespace.name),
  ) {}

  /** Makes the application anew, and waits until it runs. */
  async deploy(variant: Variant = {}): Promise<void> {
    await this.namespace.clear();
    await apply(this.manifests(variant));
    await this.converged();
  }

  /** What `deploy` applies. */
  manifests(variant: Variant = {}): any[] {
    return pollsManifests(this.namespace.name, variant);
  }

  /** Until everything that was applied has come to rest: Jobs complete, every pod ready, nothing left of a rollout. */
  async converged(seconds = 180): Promise<void> {
    const { namespace } = this;
    await eventually(
      `everything in namespace ${namespace.name} is ready`,
      async () => {
        const found = await namespace.list(
          'jobs,deployments,statefulsets,horizontalpodautoscalers.autoscaling,pods',
        );
        expect(found.filter((object) => !isAtRest(object)).map(nameOf)).toEqual([]);
      },
      { namespace: namespace.name, seconds },
    );
  }

  /** The replicas that are not on their way out. */
  async webPods(): Promise<any[]> {
    const pods = await this.namespace.list('pods', WEB_PODS);
    return pods.filter(({ metadata }) => !metadata.deletionTimestamp);
  }

  /** Somebody who visits the site through its public address. */
  async visitor(host = this.host): Promise<Browser> {
    return new Browser(await publicAddress(this.namespace), host);
  }

  /** Until the router has learnt of the host. */
  async answers(): Promise<void> {
    const visitor = await this.visitor();
    await eventually(`https://${this.host}/ answers`, async () =>
      expect((await visitor.get('/')).status).toBe(200),
    );
  }

  /** What one does by hand after the first deployment, to have something to vote on. */
  async createSamplePolls(): Promise<void> {
    await this.namespace.exec('deployment/polls', 'python', 'manage.py', 'create_sample_polls');
  }

  /** A question with many answers, the first of the list: votes for different ones can be told apart. */
  async createQuestion(choices: number): Promise<void> {
    await this.sql(`
      WITH question AS (
        INSERT INTO polls_question (text, published_at) VALUES ('Which number is best?', now()) RETURNING id
      )
      INSERT INTO polls_choice (question_id, text, votes)
      SELECT id, number::text, 0 FROM question, generate_series(1, ${choices}) AS number`);
  }

  /** Somebody who may do everything in the admin. */
  async createSuperuser({ username, password }: Account): Promise<void> {
    const account = ['--username', username, '--email', `${username}@example.com`];
    await this.namespace.exec(
      'deployment/polls',
      ...['env', `DJANGO_SUPERUSER_PASSWORD=${password}`],
      ...['python', 'manage.py', 'createsuperuser', '--no-input', ...account],
    );
  }

  /** The answer of PostgreSQL, asked in its own pod. */
  async sql(query: string): Promise<string> {
    const psql = ['psql', '--username=django', '--dbname=django', '--no-align', '--tuples-only'];
    const answer = await this.namespace.exec(DATABASE_POD, ...psql, `--command=${query}`);
    return answer.trim();
  }

  /** The answer of a server to its superuser, who logs in within the pod alone. */
  async ask(pod: string, query: string): Promise<string> {
    const psql = ['psql', '--username=postgres', '--dbname=django', '--no-align', '--tuples-only', '--quiet'];
    return (await this.namespace.exec(pod, ...psql, `--command=${query}`)).trim();
  }

  /** All votes that PostgreSQL has stored. */
  async storedVotes(): Promise<number> {
    return Number(await this.sql('SELECT coalesce(sum(votes), 0) FROM polls_choice'));
  }

  /** How many ballots PostgreSQL has stored for each choice that has any. */
  async ballots(): Promise<Map<string, number>> {
    const rows = await this.sql('SELECT choice_id, count(*) FROM polls_ballot GROUP BY choice_id');
    return new Map(
      rows
        .split('\n')
        .filter(Boolean)
        .map((row) => row.split('|'))
        .map(([choice, count]) => [choice, Number(count)]),
    );
  }

  /** The values of a Secret, as they are stored. */
  async secret(name: string): Promise<Record<string, string>> {
    return (await this.namespace.get('secret', name)).data ?? {};
  }
}

/** Who may log in to the admin. */
export interface Account {
  readonly username: string;
  readonly password: string;
}

/** The form of a question, as the page has it. */
export interface Ballot {
  readonly path: string;
  readonly token: string;
  readonly choices: string[];
}

/** Opens the first question of the list. The router may need a moment to learn of a new host. */
export async function openBallot(visitor: Browser): Promise<Ballot> {
  const question = await eventually(`the list of questions is at https://${visitor.host}/`, async () => {
    const list = await visitor.get('/');
    expect(list.status).toBe(200);
    return found(/href="(\/\d+\/)"/, list);
  });
  const page = await visitor.get(question);
  return {
    path: found(/action="([^"]+)"/, page),
    token: found(/name="csrfmiddlewaretoken" value="([^"]+)"/, page),
    choices: [...page.body.matchAll(/name="choice" value="(\d+)"/g)].map(([, id]) => id),
  };
}

/** Votes as a browser does, and returns the page with the results. */
export async function vote(visitor: Browser): Promise<Answer> {
  const { path, token, choices } = await openBallot(visitor);
  const posted = await visitor.post(path, { csrfmiddlewaretoken: token, choice: choices[0] });
  expect(posted.status).toBe(302);
  return visitor.get(posted.headers.location ?? '');
}

/** Logs in to the admin as a browser does, and returns the page that follows. */
export async function logIn(visitor: Browser, account: Account): Promise<Answer> {
  const path = '/admin/login/?next=/admin/';
  const token = found(/name="csrfmiddlewaretoken" value="([^"]+)"/, await visitor.get(path));
  const posted = await visitor.post(path, { csrfmiddlewaretoken: token, next: '/admin/', ...account });
  expect([posted.status, posted.headers.location]).toEqual([302, '/admin/']);
  expect(posted.headers['set-cookie']?.join('\n')).toMatch(/^sessionid=.*; HttpOnly;.*; Secure$/m);
  return visitor.get('/admin/');
}

function found(pattern: RegExp, { status, body }: Answer): string {
  const match = pattern.exec(body);
  if (!match) throw new Error(`${pattern} is not in the page (status ${status}): ${body.slice(0, 2000)}`);
  return match[1];
}

/**
 * Where the public reaches the hosts of a namespace: PUBLIC_ADDRESS, or the address that the router wrote into the
 * status of a Gateway. A router of Routes and Ingresses writes it nowhere, so it is given a Gateway to write it into.
 */
async function publicAddress(namespace: Namespace): Promise<string> {
  const { PUBLIC_ADDRESS } = process.env;
  if (PUBLIC_ADDRESS) return PUBLIC_ADDRESS;
  if ((await namespace.list('gateways.gateway.networking.k8s.io')).length === 0) {
    await apply([
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'Gateway',
        metadata: { name: 'address', namespace: namespace.name },
        spec: {
          gatewayClassName: 'contour',
          listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }],
        },
      },
    ]);
  }
  return eventually(`the Gateway of namespace ${namespace.name} has an address`, async () => {
    const [gateway] = await namespace.list('gateways.gateway.networking.k8s.io');
    return gateway.status.addresses[0].value;
  });
}

function nameOf({ kind, metadata }: any): string {
  return `${kind} ${metadata.name}`;
}

/** Whether there is nothing left to do for an object. */
function isAtRest(object: any): boolean {
  switch (object.kind) {
    case 'Job':
      return Boolean(object.status.succeeded);
    case 'HorizontalPodAutoscaler':
      return isReached(object);
    case 'Pod':
      return isReadyPod(object);
    default:
      return isReady(object);
  }
}

/** A Deployment or StatefulSet all of whose pods are of its newest template and ready, with none of an older one. */
function isReady({ metadata, spec, status }: any): boolean {
  return (
    status.observedGeneration === metadata.generation &&
    [status.replicas, status.readyReplicas, status.updatedReplicas].every(
      (count = 0) => count === spec.replicas,
    )
  );
}

/** An autoscaler whose target has as many pods as it wants, and enough; or none, which KEDA alone brings about. */
function isReached({ metadata, spec, status }: any): boolean {
  const fewest = metadata.ownerReferences?.[0].kind === 'ScaledObject' ? 0 : spec.minReplicas;
  const { currentReplicas = 0, desiredReplicas } = status;
  return currentReplicas >= fewest && currentReplicas === desiredReplicas;
}

/** A pod that serves, or one of a Job that has done its work. */
function isReadyPod({ status, metadata }: any): boolean {
  if (metadata.deletionTimestamp) return false;
  const ready = status.conditions?.some(
    (condition: any) => condition.type === 'Ready' && condition.status === 'True',
  );
  return ready || status.phase === 'Succeeded';
}
