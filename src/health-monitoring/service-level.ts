import { Duration } from 'cdk8s';
import { IConstruct } from 'constructs';
import { Problems } from '../kubernetes/problems';
import { AlertSeverity, RecordingRule, RuleGroup } from '../platform/rules';
import { alertOf } from './alerts';

/** How many of the requests have to be answered fast enough. */
export interface LatencyObjective {
  /**
   * The time from a request to the start of its response, in milliseconds. It is one of the thresholds that the library
   * counts by: 10, 25, 50, 100, 200, 300, 500, 750, 1500, 2500, 7500 or 15500.
   */
  readonly threshold: Duration;

  /** The share of requests that take no longer: at least 0.94, below 1. */
  readonly ratio: number;
}

/** What an application promises its users. */
export interface ServiceLevel {
  /**
   * The share of requests that do not fail: at least 0.94, below 1. A request fails when its answer has a status from
   * 500 on, and when its process ended before it was answered.
   *
   * @default - no objective
   */
  readonly availability?: number;

  /**
   * How many requests are answered fast enough.
   *
   * @default - no objective
   */
  readonly latency?: LatencyObjective;
}

/**
 * The thresholds of the histogram of requests, in milliseconds. No one is a whole number of seconds, which Prometheus 2
 * would write `1` and Prometheus 3 `1.0`.
 */
export const THRESHOLDS = [10, 25, 50, 100, 200, 300, 500, 750, 1500, 2500, 7500, 15_500];

/** The budget of the fastest alert burns 14.4 times too fast: with a lower share it could not burn so fast. */
const LEAST_SHARE = 0.94;

/**
 * So many requests must have been bad in the longer window. A night with three requests says nothing, also when all of
 * them failed and the nights before were the same: three nights are in the longest window.
 */
const LEAST_BAD = 10;

/** A window of the last hours and a short one, so that the alert ends soon after its cause. */
interface Burn {
  readonly rate: number;
  readonly long: string;
  readonly short: string;
}

/**
 * How fast the budget of thirty days burns: 2 % in an hour, 5 % in six hours; 10 % in a day, 10 % in three days.
 *
 * @see https://sre.google/workbook/alerting-on-slos/#6-multiwindow-multi-burn-rate-alerts
 */
const FAST: Burn[] = [
  { rate: 14.4, long: '1h', short: '5m' },
  { rate: 6, long: '6h', short: '30m' },
];
const SLOW: Burn[] = [
  { rate: 3, long: '1d', short: '2h' },
  { rate: 1, long: '3d', short: '6h' },
];
const WINDOWS = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'];
const LONG_WINDOWS = [...FAST, ...SLOW].map(({ long }) => long);

/** Checks the objectives. */
export function checkServiceLevel(scope: IConstruct, { availability, latency }: ServiceLevel): void {
  if (availability !== undefined) checkShare(scope, 'slo.availability', availability);
  if (!latency) return;
  checkShare(scope, 'slo.latency.ratio', latency.ratio);
  const milliseconds = latency.threshold.toMilliseconds();
  if (THRESHOLDS.includes(milliseconds)) return;
  Problems.report(scope, {
    property: 'slo.latency.threshold',
    value: `${milliseconds} ms`,
    reason: 'is not one of the thresholds that requests are counted by',
    remedy: `Give one of ${THRESHOLDS.join(', ')} milliseconds`,
  });
}

function checkShare(scope: IConstruct, property: string, value: number): void {
  if (value >= LEAST_SHARE && value < 1) return;
  Problems.report(scope, {
    property,
    value,
    reason: `is not a share from ${LEAST_SHARE} to below 1`,
    remedy: `Give a share such as 0.999. For less than ${LEAST_SHARE} the fast alert could never fire`,
  });
}

/** A promise as queries ask for it. */
export interface Objective {
  readonly title: string;
  /** What the names of its recordings begin with. */
  readonly level: string;
  /** The share of requests that keep the promise. */
  readonly share: number;
  /** The requests of a window that broke it. */
  bad(window: string): string;
  /** All requests of a window. */
  all(window: string): string;
}

/** The objectives that there are. */
export function objectivesOf(selector: string, { availability, latency }: ServiceLevel): Objective[] {
  return [
    ...(availability === undefined ? [] : [availabilityObjective(selector, availability)]),
    ...(latency === undefined ? [] : [latencyObjective(selector, latency)]),
  ];
}

function availabilityObjective(selector: string, share: number): Objective {
  const responses = (window: string, more = '') =>
    increase('django_http_responses_total', selector + more, window);
  const lost = (window: string) => increase('django_http_requests_lost_total', selector, window);
  return {
    title: 'Availability',
    level: 'namespace_job:django_http_failures',
    share,
    bad: (window) => `${responses(window, ',status="5xx"')} + ${lost(window)}`,
    all: (window) => `${responses(window)} + ${lost(window)}`,
  };
}

function latencyObjective(selector: string, { threshold, ratio }: LatencyObjective): Objective {
  const histogram = 'django_http_request_duration_seconds';
  const le = threshold.toMilliseconds() / 1000;
  const all = (window: string) => increase(`${histogram}_count`, selector, window);
  return {
    title: 'Latency',
    level: 'namespace_job:django_http_slow_requests',
    share: ratio,
    bad: (window) => `${all(window)} - ${increase(`${histogram}_bucket`, `${selector},le="${le}"`, window)}`,
    all,
  };
}

/** The groups of the objectives that there are. */
export function serviceLevelGroups(
  prefix: string,
  selector: string,
  { availability, latency }: ServiceLevel,
): RuleGroup[] {
  return [
    ...(availability === undefined ? [] : [availabilityGroup(prefix, selector, availability)]),
    ...(latency === undefined ? [] : [latencyGroup(prefix, selector, latency)]),
  ];
}

function availabilityGroup(prefix: string, selector: string, availability: number): RuleGroup {
  const objective = availabilityObjective(selector, availability);
  return {
    name: `${prefix}-availability`,
    recordingRules: recordings(objective),
    alertingRules: [
      alertOf({
        name: 'DjangoErrorBudgetBurnsFast',
        expression: burning(objective, selector, FAST),
        severity: AlertSeverity.CRITICAL,
        summary: 'So many requests fail that the error budget of the month ends within days',
      }),
      alertOf({
        name: 'DjangoErrorBudgetBurnsSlowly',
        expression: burning(objective, selector, SLOW),
        severity: AlertSeverity.WARNING,
        summary: 'More requests fail than the service level allows',
      }),
    ],
  };
}

function latencyGroup(prefix: string, selector: string, latency: LatencyObjective): RuleGroup {
  const objective = latencyObjective(selector, latency);
  const bound = latency.threshold.toMilliseconds() / 1000;
  return {
    name: `${prefix}-latency`,
    recordingRules: recordings(objective),
    alertingRules: [
      alertOf({
        name: 'DjangoLatencyBudgetBurnsFast',
        expression: burning(objective, selector, FAST),
        severity: AlertSeverity.CRITICAL,
        summary: `Far too many requests take longer than ${bound} seconds`,
      }),
      alertOf({
        name: 'DjangoLatencyBudgetBurnsSlowly',
        expression: burning(objective, selector, SLOW),
        severity: AlertSeverity.WARNING,
        summary: `More requests take longer than ${bound} seconds than the service level allows`,
      }),
    ],
  };
}

function increase(metric: string, selector: string, window: string): string {
  return `sum by (namespace, job) (increase(${metric}{${selector}}[${window}]))`;
}

/** The share of bad requests in each window, and their number in the longer ones. */
function recordings({ level, bad, all }: Objective): RecordingRule[] {
  return [
    ...WINDOWS.map((window) => ({
      record: `${level}:ratio_increase${window}`,
      expression: `(${bad(window)}) / (${all(window)})`,
    })),
    ...LONG_WINDOWS.map((window) => ({
      record: `${level}:increase${window}`,
      expression: bad(window),
    })),
  ];
}

function burning({ level, share }: Objective, selector: string, burns: Burn[]): string {
  const conditions = burns.map(({ rate, long, short }) => {
    const bound = `${rate} * (1 - ${share})`;
    return [
      `(${level}:ratio_increase${long}{${selector}} > ${bound}`,
      `and ${level}:ratio_increase${short}{${selector}} > ${bound}`,
      `and ${level}:increase${long}{${selector}} >= ${LEAST_BAD})`,
    ].join('\n');
  });
  return conditions.join('\nor\n');
}
