import { ArgoCdDelivery, ArgoCdForm } from 'cdk8s-django/delivery';
import { IFleetDelivery } from 'cdk8s-django/fleet';
import { apply, kubectl } from '../cluster/support/kubectl';
import { Engine, State } from './engine';
import { PROGRAMS } from './programs';

const APPLICATIONS = 'applications.argoproj.io';
const SETS = 'applicationsets.argoproj.io';

/** Argo CD's controllers of Applications and ApplicationSets, its repository server and the Redis between them. */
export class ArgoCd extends Engine {
  readonly title: string = 'Argo CD';
  readonly namespace = 'argocd';
  readonly file = 'upstream-argo-cd.k8s.yaml';
  readonly logOf = 'argocd-application-controller';
  protected readonly form: ArgoCdForm = ArgoCdForm.LIST;
  protected readonly definitions = ['application', 'applicationset', 'appproject'].map(
    (kind) => `argo-cd/manifests/crds/${kind}-crd.yaml`,
  );

  delivery(repository: string): IFleetDelivery {
    return new ArgoCdDelivery({ repository, revision: 'main', form: this.form });
  }

  async state(namespace: string, commit: string): Promise<State> {
    const text = await kubectl(
      '-n',
      this.namespace,
      'get',
      APPLICATIONS,
      `upstream.${namespace}`,
      '--output=json',
    );
    const { operationState, health, conditions = [] } = JSON.parse(text).status ?? {};
    const said = [
      operationState?.phase,
      operationState?.message,
      health?.status,
      ...conditions.map(messageOf),
    ];
    return { state: stateOf(operationState ?? {}, health, commit), message: said.join('; ') };
  }

  async released(): Promise<void> {
    const all = await kubectl('-n', this.namespace, 'get', APPLICATIONS, '--output=name');
    for (const one of all.split('\n').filter(Boolean)) {
      const refresh = ['--overwrite', 'argocd.argoproj.io/refresh=hard'];
      await kubectl('-n', this.namespace, 'annotate', one, ...refresh);
    }
  }

  /** As its file does when a fleet does not have the namespace any more. */
  async removed(): Promise<void> {
    const patch = [{ op: 'replace', path: '/spec/generators/0/list/elements', value: [] }];
    await kubectl(
      ...['-n', this.namespace, 'patch', SETS, 'upstream', '--type=json'],
      `--patch=${JSON.stringify(patch)}`,
    );
  }

  protected async run(): Promise<void> {
    const labels = { 'app.kubernetes.io/part-of': 'argocd' };
    const metadata = { namespace: this.namespace, labels };
    await apply([
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, name: 'argocd-cm' } },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, name: 'argocd-rbac-cm' } },
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { ...metadata, name: 'argocd-secret' },
        stringData: { 'server.secretkey': 'of-the-test' },
      },
    ]);
    const ports = await Promise.all(Array.from({ length: 7 }, () => this.free()));
    const [redis, repositories, ...others] = ports.map((port) => `127.0.0.1:${port}`);
    const environment = {
      ARGOCD_FAKE_IN_CLUSTER: 'true',
      ARGOCD_GPG_ENABLED: 'false',
      ARGOCD_TLS_DATA_PATH: `${this.folder}/tls`,
      ARGOCD_SSH_DATA_PATH: `${this.folder}/ssh`,
      TMPDIR: this.folder,
      // The repository server runs a script of Argo CD by its name.
      PATH: `${PROGRAMS}:${process.env.PATH}`,
    };
    const namespace = `--namespace=${this.namespace}`;
    this.program('/usr/bin/redis-server', [`--port`, `${ports[0]}`, '--save', '', '--appendonly', 'no']);
    this.program(
      'argocd-repo-server',
      [
        ...['--address=127.0.0.1', `--port=${ports[1]}`, '--disable-tls', `--redis=${redis}`],
        // It refuses its own default for this when it has no TLS.
        '--client-ca-path=',
        ...['--metrics-address=127.0.0.1', `--metrics-port=${ports[2]}`],
      ],
      environment,
    );
    this.program(
      'argocd-application-controller',
      [
        ...[`--repo-server=${repositories}`, '--repo-server-plaintext', `--redis=${redis}`, namespace],
        ...[`--metrics-port=${ports[3]}`],
      ],
      environment,
    );
    this.program(
      'argocd-applicationset-controller',
      [
        ...[`--argocd-repo-server=${repositories}`, '--repo-server-plaintext', namespace],
        ...[`--metrics-addr=${others[2]}`, `--probe-addr=${others[3]}`, `--webhook-addr=${others[4]}`],
      ],
      environment,
    );
  }

  /** An Application stays until Argo CD has deleted what it applied, and Argo CD needs its project for that. */
  protected async stopped(): Promise<void> {
    for (const kind of [SETS, APPLICATIONS, 'appprojects.argoproj.io']) {
      await kubectl('-n', this.namespace, 'delete', kind, '--all', '--timeout=180s');
    }
  }
}

const messageOf = ({ message }: any): string => message;

function stateOf({ phase, message, syncResult }: any, health: any, commit: string): string {
  if (syncResult?.revision !== commit) return 'Running';
  // It tries again by itself what has failed, and the phase is `Running` meanwhile.
  const isTriedAgain = phase === 'Running' && /Retrying attempt/.test(message);
  if (['Failed', 'Error'].includes(phase) || isTriedAgain) return 'Failed';
  return phase === 'Succeeded' && health?.status === 'Healthy' ? 'Succeeded' : 'Running';
}
