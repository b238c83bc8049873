import { Duration } from 'cdk8s';
import { IConstruct } from 'constructs';
import { checkSeconds } from '../kubernetes/durations';
import { Problem } from '../kubernetes/errors';
import { checkPattern, ONE_LINE } from '../kubernetes/names';
import { Problems } from '../kubernetes/problems';
import { AlertingRule, AlertSeverity, RecordingRule, RuleGroup } from '../platform/rules';

/** A query whose result is kept. */
export interface RecordingRuleProps {
  /** The query, in PromQL. The library does not read it: `promtool check rules` does. */
  readonly expression: string;

  /**
   * Labels that the series gets.
   *
   * @default - none
   */
  readonly labels?: { [label: string]: string };
}

/** A query that alerts for each series that it finds. */
export interface AlertProps {
  /** The query, in PromQL. The library does not read it: `promtool check rules` does. */
  readonly expression: string;

  /** What is wrong, in one line. */
  readonly summary: string;

  /**
   * How long the query must find a series before it alerts, in whole seconds: Prometheus' `for`.
   *
   * @default - it alerts at once
   */
  readonly pending?: Duration;

  /**
   * How urgent it is: the label `severity`.
   *
   * @default AlertSeverity.WARNING
   */
  readonly severity?: AlertSeverity;

  /**
   * Labels that the alert gets beside `severity`.
   *
   * @default - none
   */
  readonly labels?: { [label: string]: string };

  /**
   * A page that says what to do.
   *
   * @default - none
   */
  readonly runbookUrl?: string;
}

/** What every platform takes: Google refuses names with dots. */
const RECORD = /^[a-zA-Z_][a-zA-Z0-9_]*:[a-zA-Z_][a-zA-Z0-9_]*:[a-zA-Z_][a-zA-Z0-9_]*$/;
const ALERT = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const LABEL = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;

export function recordingRule(
  scope: IConstruct,
  record: string,
  { expression, labels }: RecordingRuleProps,
): RecordingRule {
  checkPattern(
    scope,
    'record',
    record,
    RECORD,
    'is not a name that every platform takes for a recording rule',
    {
      remedy: 'Give level, metric and operations, of letters, digits and "_": "job:shop_orders:rate5m"',
    },
  );
  checkExpression(scope, record, expression);
  checkRuleLabels(scope, record, labels, ['__name__']);
  return { record, expression, labels };
}

export function alertingRule(scope: IConstruct, alert: string, props: AlertProps): AlertingRule {
  const { expression, summary, pending, severity = AlertSeverity.WARNING, labels, runbookUrl } = props;
  checkPattern(scope, 'alert', alert, ALERT, 'is not the name of an alert', {
    remedy: 'Use letters, digits and "_": "ShopOrdersStopped"',
  });
  checkExpression(scope, alert, expression);
  checkPattern(scope, `${alert}.summary`, summary, ONE_LINE, 'is not one line of text', {
    remedy: 'Say in one line what is wrong',
  });
  if (runbookUrl !== undefined) {
    checkPattern(
      scope,
      `${alert}.runbookUrl`,
      runbookUrl,
      /^https?:\/\/\S+$/,
      'is not the address of a page',
      {
        remedy: 'Give one that begins with https://',
      },
    );
  }
  if (pending) checkSeconds(scope, `${alert}.pending`, pending);
  checkRuleLabels(scope, alert, labels, ['severity', 'alertname']);
  const annotations = { summary, ...(runbookUrl === undefined ? {} : { runbook_url: runbookUrl }) };
  return { alert, expression, pending, severity, labels, annotations };
}

/** Two rules of one name: one would hide the other, and Azure takes a name once. */
export function namesTwice(groups: RuleGroup[]): Problem[] {
  const records = groups.flatMap(({ recordingRules }) => recordingRules.map(({ record }) => record));
  const alerts = groups.flatMap(({ alertingRules }) => alertingRules.map(({ alert }) => alert));
  return [...problemsOf('record', records), ...problemsOf('alert', alerts)];
}

function problemsOf(property: string, names: string[]): Problem[] {
  const twice = names.filter((name, index) => names.indexOf(name) < index);
  return [...new Set(twice)].map((value) => ({
    property,
    value,
    reason: 'is the name of another rule',
    remedy: 'Give each rule a name of its own',
  }));
}

function checkExpression(scope: IConstruct, rule: string, expression: string): void {
  checkPattern(scope, `${rule}.expression`, expression, /\S/, 'is not a query', {
    remedy: 'Give a query in PromQL',
  });
}

function checkRuleLabels(
  scope: IConstruct,
  rule: string,
  labels: { [label: string]: string } = {},
  taken: string[],
): void {
  for (const label of Object.keys(labels)) {
    if (LABEL.test(label) && !taken.includes(label)) continue;
    Problems.report(scope, {
      property: `${rule}.labels`,
      value: label,
      reason: taken.includes(label)
        ? 'is set by the rule itself'
        : 'is not the name of a label in Prometheus',
      remedy: 'Use letters, digits and "_", and a name that no other property sets',
    });
  }
}
