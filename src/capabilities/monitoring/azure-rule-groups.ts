import { IConstruct } from 'constructs';
import {
  AlertingRule,
  AlertSeverity,
  RecordingRule,
  RULE_INTERVAL,
  RuleGroup,
  rulesOutside,
} from '../../platform/rules';
import { labelsOf } from './rules';

/**
 * Azure takes so many rules in a group, and no more on request.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits#alert-and-recording-rules
 */
const MOST_RULES = 20;

/** From 0, critical, to 4, verbose. */
const SEVERITIES = { [AlertSeverity.CRITICAL]: 0, [AlertSeverity.WARNING]: 2, [AlertSeverity.INFO]: 3 };

const PARAMETERS = {
  workspaceId: {
    type: 'string',
    metadata: { description: 'Resource id of the Azure Monitor workspace that has the metrics' },
  },
  clusterName: { type: 'string', metadata: { description: 'Name of the AKS cluster' } },
  location: { type: 'string', defaultValue: '[resourceGroup().location]' },
  actionGroupIds: {
    type: 'array',
    defaultValue: [],
    metadata: { description: 'Resource ids of the action groups that alerts go to' },
  },
};

const ACTIONS =
  "[map(parameters('actionGroupIds'), lambda('id', createObject('actionGroupId', lambdaVariables('id'))))]";

/**
 * The template of Azure Resource Manager that makes the rules below a scope which Azure Monitor evaluates; none when
 * there are none.
 *
 * @see https://learn.microsoft.com/azure/templates/microsoft.alertsmanagement/prometheusrulegroups
 */
export function azureRules(scope: IConstruct): string | undefined {
  const groups = named(rulesOutside(scope).flatMap(small));
  if (!groups.length) return undefined;
  const template = {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    parameters: PARAMETERS,
    resources: groups.map(resourceOf),
  };
  return `${JSON.stringify(template, null, 2)}\n`;
}

/** A name and at most as many rules as a group may have, in their order. */
interface SmallGroup {
  readonly name: string;
  readonly rules: object[];
}

function small({ name, recordingRules, alertingRules }: RuleGroup): SmallGroup[] {
  const rules = [...recordingRules.map(recordingOf), ...alertingRules.map(alertingOf)];
  const starts = rules.flatMap((_, index) => (index % MOST_RULES === 0 ? [index] : []));
  return starts.map((start) => ({ name, rules: rules.slice(start, start + MOST_RULES) }));
}

/** Groups of one name are `name`, `name-2`, …: parts of a large one, and those of two applications, `b-c` in the namespace `a` and `c` in `a-b`. */
function named(groups: SmallGroup[]): SmallGroup[] {
  const counts = new Map<string, number>();
  return groups.map(({ name, rules }) => {
    const number = (counts.get(name) ?? 0) + 1;
    counts.set(name, number);
    return { name: number === 1 ? name : `${name}-${number}`, rules };
  });
}

function resourceOf({ name, rules }: SmallGroup) {
  return {
    type: 'Microsoft.AlertsManagement/prometheusRuleGroups',
    apiVersion: '2023-03-01',
    name: `[concat(parameters('clusterName'), '-${name}')]`,
    location: "[parameters('location')]",
    properties: {
      enabled: true,
      scopes: ["[parameters('workspaceId')]"],
      clusterName: "[parameters('clusterName')]",
      interval: RULE_INTERVAL.toIsoString(),
      rules,
    },
  };
}

function recordingOf({ record, expression, labels }: RecordingRule) {
  return { record, expression: plain(expression), labels: plainTexts(labels) };
}

function alertingOf(rule: AlertingRule) {
  const { alert, expression, pending, severity, annotations } = rule;
  return {
    alert: plain(alert),
    expression: plain(expression),
    for: pending?.toIsoString(),
    severity: SEVERITIES[severity],
    labels: plainTexts(labelsOf(rule)),
    annotations: plainTexts(annotations),
    resolveConfiguration: { autoResolved: true, timeToResolve: 'PT5M' },
    actions: ACTIONS,
  };
}

/** A text that begins with a bracket would be a function of the template. */
function plain(text: string): string {
  return text.startsWith('[') ? `[${text}` : text;
}

function plainTexts(texts: Record<string, string> = {}): Record<string, string> | undefined {
  const entries = Object.entries(texts).map(([key, text]) => [key, plain(text)]);
  return entries.length ? Object.fromEntries(entries) : undefined;
}
