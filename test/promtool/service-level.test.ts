import { groupsOf, PROMTOOLS } from './promtool';
import { play, Series, Values } from './simulation';

const GROUPS = groupsOf('gke').filter(({ name }) => /-(availability|latency)$/.test(name));
const OURS = { namespace: 'polls', job: 'polls' };
const HOUR = 60;
const DAY = 24 * HOUR;

const AVAILABILITY = ['DjangoErrorBudgetBurnsFast', 'DjangoErrorBudgetBurnsSlowly'];
const LATENCY = ['DjangoLatencyBudgetBurnsFast', 'DjangoLatencyBudgetBurnsSlowly'];
const ALL = [...AVAILABILITY, ...LATENCY];
const [ERRORS_FAST, ERRORS_SLOWLY] = AVAILABILITY;
const [LATENCY_FAST, LATENCY_SLOWLY] = LATENCY;

const response = (status: string, pod = 'a') =>
  `django_http_responses_total{namespace="polls",job="polls",pod="${pod}",status="${status}"}`;
const LOST = 'django_http_requests_lost_total{namespace="polls",job="polls",pod="a"}';
const duration = (ending: string, le = '') =>
  `django_http_request_duration_seconds_${ending}{namespace="polls",job="polls",pod="a",view="home",method="GET"${le}}`;

/** An application where `good` requests a minute are answered fast, and `failed`, `lost` and `slow` ones are not. */
function traffic({
  good,
  failed = () => 0,
  lost = () => 0,
  slow = () => 0,
}: Record<'good', Values> & Partial<Record<'failed' | 'lost' | 'slow', Values>>): Series {
  const all: Values = (minute) => good(minute) + failed(minute) + slow(minute);
  return {
    [response('2xx')]: (minute) => good(minute) + slow(minute),
    [response('5xx')]: failed,
    [LOST]: lost,
    [duration('count')]: all,
    [duration('bucket', ',le="0.3"')]: (minute) => good(minute) + failed(minute),
    [duration('bucket', ',le="+Inf"')]: all,
  };
}

const every = (minutes: number, count = 1): Values => {
  return (minute) => (minute % minutes === 0 ? count : 0);
};

/** One of so many requests, at so many requests a minute; the others are good. */
function share(kind: 'failed' | 'lost' | 'slow', oneOf: number, rate: number, from = 0): Series {
  const bad: Values = (minute) => {
    if (minute <= from) return 0;
    return rate === 1 ? every(oneOf)(minute) : rate / oneOf;
  };
  return traffic({ good: (minute: number) => rate - bad(minute), [kind]: bad } as any);
}

const RATES = [
  ['1 request a minute', 1],
  ['1,000 requests a second', 60_000],
] as const;

describe.each(PROMTOOLS)('promtool %s', (_, path) => {
  describe.each(RATES)('at %s', (_, rate) => {
    it.each([
      ['failed', ERRORS_FAST, LATENCY],
      ['lost', ERRORS_FAST, LATENCY],
      ['slow', LATENCY_FAST, AVAILABILITY],
    ] as const)(
      'the fast alert fires when half of the requests are %s for 40 minutes',
      (kind, alert, others) => {
        const series = share(kind, 2, rate, DAY);
        expect(
          play(path, GROUPS, { minutes: DAY + 40, series, firing: { [alert]: OURS }, silent: [...others] }),
        ).toBe('');
      },
    );

    it.each([
      // Four times what is allowed: 1 of 1,000 may fail, and 1 of 100 may be slow.
      ['failed', 250, ERRORS_SLOWLY, ERRORS_FAST],
      ['slow', 25, LATENCY_SLOWLY, LATENCY_FAST],
    ] as const)(
      'the slow alert alone fires when too many requests are %s for days',
      (kind, oneOf, alert, other) => {
        const series = share(kind, oneOf, rate);
        expect(
          play(path, GROUPS, { minutes: 3 * DAY, series, firing: { [alert]: OURS }, silent: [other] }),
        ).toBe('');
      },
    );

    it.each([
      ['failed', 1500],
      ['slow', 150],
    ] as const)('all are silent when the service level is kept, with some requests %s', (kind, oneOf) => {
      expect(play(path, GROUPS, { minutes: 3 * DAY, series: share(kind, oneOf, rate), silent: ALL })).toBe(
        '',
      );
    });

    it('the fast alert ends within minutes of its cause', () => {
      const bad: Values = (minute) => (minute > 60 && minute <= 120 ? rate : 0);
      const series = traffic({ good: (minute) => rate - bad(minute), failed: bad });
      const alert = { [ERRORS_FAST]: OURS };
      expect(play(path, GROUPS, { minutes: 120, series, firing: alert })).toBe('');
      expect(play(path, GROUPS, { minutes: 155, series, silent: [ERRORS_FAST] })).toBe('');
    });
  });

  it.each(['failed', 'lost', 'slow'] as const)(
    'three requests a night that are all %s alert nobody',
    (kind) => {
      const night: Values = (minute) => ([10, 100, 200].includes(minute % DAY) ? 1 : 0);
      const series = traffic({ good: () => 0, [kind]: night });
      for (const minutes of [3 * DAY + 11, 3 * DAY + 201, 3 * DAY + 5 * HOUR]) {
        expect(play(path, GROUPS, { minutes, series, silent: ALL })).toBe('');
      }
    },
  );

  it('without requests nobody is alerted', () => {
    expect(play(path, GROUPS, { minutes: DAY, series: traffic({ good: () => 0 }), silent: ALL })).toBe('');
  });

  it('another application and another namespace change nothing', () => {
    const others = Object.entries(traffic({ good: () => 0, failed: () => 1000, slow: () => 1000 })).flatMap(
      ([name, values]) => [
        [name.replace('job="polls"', 'job="shop"'), values],
        [name.replace('namespace="polls"', 'namespace="other"'), values],
      ],
    );
    const series = { ...Object.fromEntries(others), ...traffic({ good: () => 100 }) };
    expect(play(path, GROUPS, { minutes: 2 * HOUR, series, silent: ALL })).toBe('');
  });

  it('recordings are the sums that are computed by hand', () => {
    const series = {
      ...traffic({ good: () => 90, failed: () => 4, lost: () => 1, slow: () => 6 }),
      [response('2xx', 'b')]: () => 97,
      [response('3xx', 'b')]: () => 1,
      [response('4xx', 'b')]: () => 1,
      [response('5xx', 'b')]: () => 1,
    };
    // By minute: 6 of 201 failed, 5 of them answered and 1 lost; 6 of 100 were slow.
    // In billionths, for floats have no exact ones.
    const exact = (name: string) => `round(1e9 * sum(${name}))`;
    const values = Object.fromEntries(
      [
        ['5m', 5],
        ['30m', 30],
        ['1h', 60],
        ['2h', 120],
        ['6h', 360],
        ['1d', 1440],
        ['3d', 4320],
      ].flatMap(([window, minutes]) => [
        [exact(`namespace_job:django_http_failures:ratio_increase${window}`), Math.round((6 / 201) * 1e9)],
        [exact(`namespace_job:django_http_slow_requests:ratio_increase${window}`), 6e7],
        ...(['1h', '6h', '1d', '3d'].includes(String(window))
          ? [
              [exact(`namespace_job:django_http_failures:increase${window}`), 6e9 * Number(minutes)],
              [exact(`namespace_job:django_http_slow_requests:increase${window}`), 6e9 * Number(minutes)],
            ]
          : []),
      ]),
    );
    expect(play(path, GROUPS, { minutes: 3 * DAY + 5, series, values })).toBe('');
  });
});
