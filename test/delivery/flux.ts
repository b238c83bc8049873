import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FluxDelivery } from 'cdk8s-django/delivery';
import { IFleetDelivery } from 'cdk8s-django/fleet';
import { kubectl } from '../cluster/support/kubectl';
import { Engine, State } from './engine';

const KUSTOMIZATIONS = 'kustomizations.kustomize.toolkit.fluxcd.io';
const SOURCES = ['gitrepositories.source.toolkit.fluxcd.io', 'ocirepositories.source.toolkit.fluxcd.io'];

/** Flux' source-controller and kustomize-controller. */
export class Flux extends Engine {
  readonly title = 'Flux';
  readonly namespace = 'flux-system';
  readonly file = 'upstream-flux.k8s.yaml';
  readonly logOf = 'kustomize-controller';
  protected readonly definitions = [
    'kustomize-controller/config/crd/bases/kustomize.toolkit.fluxcd.io_kustomizations.yaml',
    ...[
      'buckets',
      'externalartifacts',
      'gitrepositories',
      'helmcharts',
      'helmrepositories',
      'ocirepositories',
    ].map((kind) => `source-controller/config/crd/bases/source.toolkit.fluxcd.io_${kind}.yaml`),
  ];

  delivery(url: string): IFleetDelivery {
    return new FluxDelivery({ url });
  }

  async state(namespace: string, commit: string): Promise<State> {
    const name = `upstream.${namespace}`;
    const { status = {} } = JSON.parse(
      await kubectl('-n', this.namespace, 'get', `${KUSTOMIZATIONS}/${name}`, '--output=json'),
    );
    const ready = (status.conditions ?? []).find(({ type }: any) => type === 'Ready') ?? {};
    const isOf = (status.lastAttemptedRevision ?? '').includes(commit);
    const state = isOf ? { True: 'Succeeded', False: 'Failed' }[ready.status as string] : undefined;
    return { state: state ?? 'Running', message: ready.message ?? '' };
  }

  /** Has it substitute variables, as `postBuild` is for. */
  override async prepared(): Promise<void> {
    const patch = JSON.stringify({ spec: { postBuild: { substitute: { GREETING: 'hello' } } } });
    const all = await kubectl('-n', this.namespace, 'get', KUSTOMIZATIONS, '--output=name');
    for (const one of all.trim().split('\n')) {
      await kubectl('-n', this.namespace, 'patch', one, '--type=merge', `--patch=${patch}`);
    }
  }

  async released(): Promise<void> {
    const now = `reconcile.fluxcd.io/requestedAt=${new Date().toISOString()}`;
    for (const kind of [SOURCES.join(), KUSTOMIZATIONS]) {
      const all = await kubectl('-n', this.namespace, 'get', kind, '--output=name');
      for (const one of all.trim().split('\n')) {
        await kubectl('-n', this.namespace, 'annotate', one, '--overwrite', now);
      }
    }
  }

  async removed(namespace: string): Promise<void> {
    await kubectl('-n', this.namespace, 'delete', KUSTOMIZATIONS, `upstream.${namespace}`, '--timeout=120s');
  }

  protected async run(): Promise<void> {
    const [storage, ...ports] = await Promise.all(Array.from({ length: 5 }, () => this.free()));
    const addresses = ports.map((port) => `127.0.0.1:${port}`);
    const environment = { RUNTIME_NAMESPACE: this.namespace };
    mkdirSync(join(this.folder, 'artifacts'));
    this.program(
      'source-controller',
      [
        ...[`--storage-path=${this.folder}/artifacts`, `--storage-addr=127.0.0.1:${storage}`],
        ...[`--storage-adv-addr=127.0.0.1:${storage}`, '--watch-all-namespaces'],
        ...[`--metrics-addr=${addresses[0]}`, `--health-addr=${addresses[1]}`],
      ],
      environment,
    );
    this.program(
      'kustomize-controller',
      ['--watch-all-namespaces', `--metrics-addr=${addresses[2]}`, `--health-addr=${addresses[3]}`],
      environment,
    );
  }

  protected async stopped(): Promise<void> {
    await kubectl(
      '-n',
      this.namespace,
      'delete',
      [KUSTOMIZATIONS, ...SOURCES].join(),
      '--all',
      '--timeout=120s',
    );
  }
}
