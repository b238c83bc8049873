import { Group, promtool, Rule } from './promtool';

/** What a series has at each minute. */
export type Values = (minute: number) => number;
/** Series by the text by which Prometheus selects them. */
export type Series = Record<string, Values | string>;

/** What is asked once all minutes are over. */
export interface Scenario {
  readonly minutes: number;
  readonly series: Series;
  /**
   * How often rules are evaluated, in minutes.
   *
   * @default - once at the end, which is enough for alerts that wait for nothing
   */
  readonly interval?: number;
  /** The alerts that must fire, each with the labels that it takes from its series; the others of `alerts` must not. */
  readonly firing?: Record<string, Record<string, string>>;
  readonly silent?: string[];
  /** Values of recordings or of any query. */
  readonly values?: Record<string, number>;
}

/** A counter of what a function says happens in each minute. */
export function counter(happens: Values, minutes: number): string {
  let sum = 0;
  const values = [0];
  for (let minute = 1; minute <= minutes; minute += 1) values.push((sum += happens(minute)));
  return values.join(' ');
}

/** What promtool complains of; nothing when all is as the scenario says. */
export function play(path: string, groups: Group[], scenario: Scenario): string {
  const { minutes, interval = minutes, series, firing = {}, silent = [], values = {} } = scenario;
  const rules = groups.flatMap((group) => group.rules);
  const eval_time = `${minutes}m`;
  const test = {
    interval: '1m',
    input_series: Object.entries(series).map(([name, given]) => ({
      series: name,
      values: typeof given === 'string' ? given : counter(given, minutes),
    })),
    alert_rule_test: [
      ...Object.entries(firing).map(([alertname, labels]) => ({
        eval_time,
        alertname,
        exp_alerts: [
          expected(
            rules.find(({ alert }) => alert === alertname)!,
            labels,
          ),
        ],
      })),
      ...silent.map((alertname) => ({ eval_time, alertname, exp_alerts: [] })),
    ],
    promql_expr_test: Object.entries(values).map(([expr, value]) => ({
      expr,
      eval_time,
      exp_samples: [{ labels: '{}', value }],
    })),
  };
  return promtool(path, ['test', 'rules', 'tests.yaml'], {
    'rules.yaml': { groups },
    'tests.yaml': { rule_files: ['rules.yaml'], evaluation_interval: `${interval}m`, tests: [test] },
  });
}

function expected({ labels, annotations }: Rule, own: Record<string, string>) {
  return { exp_labels: { ...own, ...labels }, exp_annotations: annotations };
}
