import { Construct } from 'constructs';
import { Selector } from '../kubernetes/labels';
import { Traffic } from '../kubernetes/traffic';
import { distributionOf } from '../platform/binding';
import { NamedTraffic } from '../platform/egress-names';
import { egressNamesPolicy } from '../workloads/egress-names';
import { networkPolicy } from '../workloads/network-policies';
import { peersOf } from './application-pods';
import { checkEgressTarget, checkNamesOfPlatform } from './egress-checks';
import { EgressTarget } from './egress-target';
import { BEAT, kindsOf, PerPods, PodKind, PodSelection } from './pod-kinds';

/** The pods of an application that share one network policy, as far as a connection is not for some of them alone. */
interface NetworkedPods {
  readonly selector: Selector;
  readonly migrationSelector: Selector;
  readonly commandSelector: Selector;
  readonly workerSelectors: Selector[];
}

/** What other constructs let the pods of an application connect to. */
export class AllowedEgress {
  private readonly traffic = new PerPods<Traffic>();
  private readonly names = new PerPods<NamedTraffic>();
  /** Whether policies restrict what the pods connect to. */
  isRestricted = false;

  constructor(
    private readonly scope: Construct,
    private readonly pods: NetworkedPods,
  ) {}

  allow(target: EgressTarget, selection: PodSelection): void {
    checkEgressTarget(this.scope, 'target', target);
    const { app, traffic, named } = target;
    if (traffic) this.add(traffic, selection);
    if (app) {
      const peers = peersOf(app, [PodKind.WEB], this.scope);
      this.add({ peers, ports: [{ port: app.port }] }, selection);
    }
    if (named) {
      this.names.add(named, kindsOf(this.scope, selection));
      if (this.isRestricted) checkNamesOfPlatform(this.scope, named);
      this.ensurePolicies();
    }
  }

  add(traffic: Traffic, selection: PodSelection): void {
    this.traffic.add(traffic, kindsOf(this.scope, selection));
    this.ensurePolicies();
  }

  /** The connections of all pods of these kinds. */
  of(...kinds: PodKind[]): Traffic[] {
    return this.traffic.of(...kinds);
  }

  /** Once the network is restricted, what is added needs a policy. */
  restrict(): void {
    this.isRestricted = true;
    this.names.all.forEach((named) => checkNamesOfPlatform(this.scope, named));
    this.ensurePolicies();
  }

  /**
   * Workers and Jobs share a policy. What is for one of the two has a policy beside it: together they allow what
   * either does.
   */
  private ensurePolicies(): void {
    if (!this.isRestricted) return;
    const { pods } = this;
    const { WORKERS, JOBS } = PodKind;
    this.ensurePolicy(WORKERS, JOBS, this.beat, () => pods.workerSelectors);
    this.ensurePolicy(JOBS, WORKERS, pods.migrationSelector, () => [pods.commandSelector]);
    this.names.each((_, kinds) => this.ensureNamesPolicy(kinds));
  }

  /** Workers may be added later, so policies of workers name a beat, whether there is one or not. */
  private get beat(): Selector {
    return { ...this.pods.selector, component: BEAT };
  }

  private ensurePolicy(kind: PodKind, other: PodKind, selector: Selector, others: () => Selector[]): void {
    const id = `EgressPolicy-${kind}`;
    const allowed = () => ({ ingress: [], egress: this.traffic.without(kind, other) });
    if (!allowed().egress.length || this.scope.node.tryFindChild(id)) return;
    networkPolicy(this.scope, id, {
      name: `${selector.instance}-${kind}-egress`,
      selector,
      otherComponents: () => otherComponents(selector, others()),
      allowed,
    });
  }

  /** A policy for each set of kinds that names are for. */
  private ensureNamesPolicy(kinds: PodKind[]): void {
    const { scope, pods, names } = this;
    const { egressNames } = distributionOf(scope).network;
    const id = ['EgressNames', ...kinds].join('-');
    if (!egressNames || scope.node.tryFindChild(id)) return;
    const selectorsOf: Record<PodKind, () => Selector[]> = {
      [PodKind.WEB]: () => [pods.selector],
      [PodKind.WORKERS]: () => [this.beat, ...pods.workerSelectors],
      [PodKind.JOBS]: () => [pods.migrationSelector, pods.commandSelector],
    };
    const selectors = () => kinds.flatMap((kind) => selectorsOf[kind]());
    const [selector] = selectors();
    egressNamesPolicy(scope, id, egressNames, {
      name: [selector.instance, ...(kinds.length < 3 ? kinds : []), 'names'].join('-'),
      selector,
      otherComponents: () => otherComponents(selector, selectors()),
      traffic: () => names.each((named, own) => (own.join() === kinds.join() ? [named] : [])).flat(),
    });
  }
}

function otherComponents({ component }: Selector, selectors: Selector[]): string[] {
  return selectors.map((one) => one.component).filter((one) => one !== component);
}
