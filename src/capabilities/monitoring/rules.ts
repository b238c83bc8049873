import { Duration } from 'cdk8s';
import { AlertingRule, RecordingRule, RULE_INTERVAL, RuleGroup } from '../../platform/rules';

/** A group as both operators take it, those of Prometheus and of Google. They differ in the type of the query alone. */
export function groupsOf<Query>(groups: RuleGroup[], queryOf: (expression: string) => Query) {
  return groups.map(({ name, recordingRules, alertingRules }) => ({
    name,
    interval: shown(RULE_INTERVAL),
    rules: [
      ...recordingRules.map(({ record, expression, labels }: RecordingRule) => ({
        record,
        expr: queryOf(expression),
        labels,
      })),
      ...alertingRules.map((rule: AlertingRule) => ({
        alert: rule.alert,
        expr: queryOf(rule.expression),
        for: rule.pending && shown(rule.pending),
        labels: labelsOf(rule),
        annotations: rule.annotations,
      })),
    ],
  }));
}

export function labelsOf({ severity, labels }: AlertingRule): Record<string, string> {
  return { severity, ...labels };
}

const UNITS: [string, number][] = [
  ['h', 3600],
  ['m', 60],
  ['s', 1],
];

/**
 * One number and one unit, which every reader takes for the same time. Google lets `1.5h` in, which Prometheus cannot
 * read, and refuses `1y` and a number without a unit.
 */
function shown(duration: Duration): string {
  const seconds = duration.toSeconds();
  const [unit, length] = UNITS.find(([, length]) => seconds % length === 0)!;
  return `${seconds / length}${unit}`;
}
