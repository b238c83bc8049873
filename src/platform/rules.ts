import { Duration } from 'cdk8s';
import { IConstruct } from 'constructs';

/** How urgent an alert is. Its value is that of the label `severity`. */
export enum AlertSeverity {
  /** Somebody has to act now. */
  CRITICAL = 'critical',

  /** Somebody has to act within a day. */
  WARNING = 'warning',

  /** Worth to know. */
  INFO = 'info',
}

/** A query whose result is kept under a name. */
export interface RecordingRule {
  /** Its name: `level:metric:operations`. */
  readonly record: string;

  /** The query, in PromQL. */
  readonly expression: string;

  /**
   * Labels that the series gets.
   *
   * @default - none
   */
  readonly labels?: { [label: string]: string };
}

/** A query that alerts for each series that it finds. */
export interface AlertingRule {
  /** Its name. */
  readonly alert: string;

  /** The query, in PromQL. */
  readonly expression: string;

  /**
   * How long the query must find a series before it alerts, in whole seconds: Prometheus' `for`.
   *
   * @default - it alerts at once
   */
  readonly pending?: Duration;

  /** How urgent it is. */
  readonly severity: AlertSeverity;

  /**
   * Labels that the alert gets beside `severity`.
   *
   * @default - none
   */
  readonly labels?: { [label: string]: string };

  /** What people read: `summary`, `runbook_url`. */
  readonly annotations: { [annotation: string]: string };
}

/** Rules that are evaluated together every minute: recording rules first, so that alerts may read them. */
export interface RuleGroup {
  /** Name of the group. */
  readonly name: string;

  /** Its recording rules. */
  readonly recordingRules: RecordingRule[];

  /** Its alerts. */
  readonly alertingRules: AlertingRule[];
}

/** Has groups of rules. */
export interface IRuleSource {
  /** The groups. They are known at synth, not before. */
  ruleGroups(): RuleGroup[];
}

/** Which rules are to be evaluated. */
export interface RulesRequest {
  /** Name of the resource. */
  readonly name: string;

  /** Labels of the resource. */
  readonly labels: { [label: string]: string };

  /** Where the groups come from. */
  readonly source: IRuleSource;
}

/** The interval at which every platform can evaluate a group; it is the shortest of Azure. */
export const RULE_INTERVAL = Duration.minutes(1);

const GROUPS = 'cdk8s-django:rule-groups-outside';

/** Notes rules that are evaluated outside the cluster: `synthesize` writes them to a file beside the manifests. */
export function addRulesOutside(scope: IConstruct, source: IRuleSource): void {
  scope.node.addMetadata(GROUPS, () => source.ruleGroups());
}

/** The groups below a scope that are evaluated outside the cluster. */
export function rulesOutside(scope: IConstruct): RuleGroup[] {
  const entries = scope.node.findAll().flatMap(({ node }) => node.metadata);
  return entries.filter(({ type }) => type === GROUPS).flatMap(({ data }): RuleGroup[] => data());
}
