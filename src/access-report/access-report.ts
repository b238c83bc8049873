import { Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { inOnePass } from '../kubernetes/synthesis-pass';
import { identityCommandsOf } from '../platform/identity-commands';
import { accessFacts } from './facts';
import { asMarkdown } from './markdown';
import { AccessFacts } from './structs';

/**
 * Who can read each Secret, enter which pods, connect to what, and use which rights of a cloud, derived from the objects
 * that a program emits: patches and objects of your own count.
 *
 * It is `explainAccess` for languages that do not have functions of a module.
 *
 * @example
 * const report = AccessReport.of(new PollsChart(new App(), 'polls'));
 * for (const { name, readers } of report.facts.secrets) {
 *   console.log(name, readers.map(({ subject }) => subject));
 * }
 */
export class AccessReport {
  /**
   * The report of all charts below a scope. Ask when the program is complete.
   *
   * @param scope - an App, a Chart, or a construct with charts below it
   */
  static of(scope: IConstruct): AccessReport {
    const charts = scope.node.findAll().filter((one): one is Chart => Chart.isChart(one));
    const manifests = inOnePass(scope.node.root, () => charts.flatMap((chart) => chart.toJson()));
    return new AccessReport(accessFacts(manifests, identityCommandsOf(scope)));
  }

  /** What the report says, as data. */
  readonly facts: AccessFacts;

  private constructor(facts: AccessFacts) {
    this.facts = facts;
  }

  /** The text of `access.md`: Markdown with Mermaid diagrams. It is the same each time for the same program. */
  get markdown(): string {
    return asMarkdown(this.facts);
  }

  /** The data as JSON text, of the schema `docs/access-report.schema.json` of this package. */
  get json(): string {
    return `${JSON.stringify(this.facts, undefined, 2)}\n`;
  }

  /** Whether the program has no Secrets, no pods and no bindings. */
  get isEmpty(): boolean {
    const { secrets, pods, rules } = this.facts;
    return !secrets.length && !pods.length && !rules.length;
  }
}

/**
 * Who can read each Secret, enter which pods, connect to what, and use which rights of a cloud.
 *
 * `synthesize` writes the Markdown of it beside the manifests, to `access.md`.
 *
 * @param scope - a Chart, an App, or a construct with charts below it
 *
 * @example
 * const chart = new Chart(new App(), 'polls', { namespace: 'polls' });
 * console.log(explainAccess(chart).markdown);
 */
export function explainAccess(scope: IConstruct): AccessReport {
  return AccessReport.of(scope);
}
