import { Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { namespaceLabels, Selector } from '../kubernetes/labels';
import { NetworkPeer } from '../kubernetes/peers';
import { podsOf, Traffic } from '../kubernetes/traffic';
import { kindsOf, PerPods, PodKind, PodSelection } from './pod-kinds';

/** The pods of a Django application, as those see them who connect to them. */
export interface IApplicationPods extends IConstruct {
  /** Port of the Service and of its pods. */
  readonly port: number;

  /** The labels of the application's replicas. */
  readonly selector: Selector;

  /** The labels of the pods that migrate. */
  readonly migrationSelector: Selector;

  /** The labels of the pods that run management commands. */
  readonly commandSelector: Selector;

  /** The labels of the pods of its workers, of its beat, and of its processes in pods of their own. */
  readonly workerSelectors: Selector[];

  /** The pods of other applications that connect to the replicas by `allowEgressTo`. */
  readonly callers: Callers;
}

/** Pods of some kinds, as a policy of another application names them. */
export function peersOf(app: IApplicationPods, kinds: PodKind[], from: IConstruct): NetworkPeer[] {
  const selectors: Record<PodKind, Selector[]> = {
    [PodKind.WEB]: [app.selector],
    [PodKind.WORKERS]: app.workerSelectors,
    [PodKind.JOBS]: [app.migrationSelector, app.commandSelector],
  };
  const { namespace } = Chart.of(app);
  const isElsewhere = namespace !== undefined && namespace !== Chart.of(from).namespace;
  return kinds
    .flatMap((kind) => selectors[kind])
    .map((selector) => ({
      ...podsOf(selector),
      ...(isElsewhere && { namespaceLabels: namespaceLabels(namespace) }),
    }));
}

/** The pods of other applications that connect to the replicas of one. */
export class Callers {
  private readonly entries = new PerPods<IApplicationPods>();

  constructor(private readonly app: IApplicationPods) {}

  /**
   * Lets pods of another application connect.
   *
   * @param caller - the other application
   * @param selection - its pods; all of them by default
   */
  add(caller: IApplicationPods, selection: PodSelection = {}): void {
    this.entries.add(caller, kindsOf(this.app, selection));
  }

  /** None where nobody calls: no peers would mean anybody. */
  get traffic(): Traffic[] {
    const { app } = this;
    const peers = this.entries.each((caller, kinds) => peersOf(caller, kinds, app)).flat();
    return peers.length ? [{ peers, ports: [{ port: app.port }] }] : [];
  }
}
