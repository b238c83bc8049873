import { Construct } from 'constructs';
import { Selector } from '../kubernetes/labels';
import { checkTraffic, Traffic } from '../kubernetes/traffic';
import { networkPolicy } from '../workloads/network-policies';
import { BEAT, kindsOf, PerPods, PodKind, PodSelection } from './pod-kinds';

/** The pods of an application that share one network policy, as far as a connection is not for some of them alone. */
interface NetworkedPods {
  readonly selector: Selector;
  readonly migrationSelector: Selector;
  readonly commandSelector: Selector;
  readonly workerSelectors: Selector[];
}

/** What other constructs let the pods of an application connect to. */
export class AddedEgress {
  private readonly traffic = new PerPods<Traffic>();
  private isRestricted = false;

  constructor(
    private readonly scope: Construct,
    private readonly pods: NetworkedPods,
  ) {}

  add(traffic: Traffic, selection: PodSelection): void {
    const kinds = kindsOf(this.scope, selection);
    checkTraffic(this.scope, 'traffic', [traffic]);
    this.traffic.add(traffic, kinds);
    this.ensurePolicies();
  }

  /** The connections of all pods of these kinds. */
  of(...kinds: PodKind[]): Traffic[] {
    return this.traffic.of(...kinds);
  }

  /** Once the network is restricted, what is added needs a policy. */
  restrict(): void {
    this.isRestricted = true;
    this.ensurePolicies();
  }

  /**
   * Workers and Jobs share a policy. What is for one of the two has a policy beside it: together they allow what
   * either does.
   */
  private ensurePolicies(): void {
    const { pods } = this;
    const { WORKERS, JOBS } = PodKind;
    // Workers may be added later, so the policy names a beat, whether there is one or not.
    const beat = { ...pods.selector, component: BEAT };
    this.ensurePolicy(WORKERS, JOBS, beat, () => pods.workerSelectors);
    this.ensurePolicy(JOBS, WORKERS, pods.migrationSelector, () => [pods.commandSelector]);
  }

  private ensurePolicy(kind: PodKind, other: PodKind, selector: Selector, others: () => Selector[]): void {
    const id = `EgressPolicy-${kind}`;
    const allowed = () => ({ ingress: [], egress: this.traffic.without(kind, other) });
    if (!this.isRestricted || !allowed().egress.length || this.scope.node.tryFindChild(id)) return;
    const components = () => others().map(({ component }) => component);
    networkPolicy(this.scope, id, {
      name: `${selector.instance}-${kind}-egress`,
      selector,
      otherComponents: () => components().filter((component) => component !== selector.component),
      allowed,
    });
  }
}
