import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Chart, Size } from 'cdk8s';
import { Distribution, IDistribution, PublicRoute, PublicRouteProps } from 'cdk8s-django';
import { RouteFeature } from 'cdk8s-django/platform';
import { K3s } from '../../support/own-distribution';
import { django, HOST } from '../../support/synth';
import { ROUTINGS } from './routings';

const maintenance = { maintenance: true };
const next = (chart: Chart) => {
  const app = django(chart, { name: 'next', secretKey: { secretName: 'key', key: 'key' } }, 'Next');
  return { canary: { app, weight: 10 } };
};

/** How a route asks for each feature. The compiler refuses it when one is missing. */
const ASKED: Record<RouteFeature, (chart: Chart) => Partial<PublicRouteProps>> = {
  [RouteFeature.TLS_SECRET]: () => ({ tlsSecretName: 'polls-tls' }),
  [RouteFeature.SESSION_AFFINITY]: () => ({ sessionAffinity: true }),
  [RouteFeature.MAINTENANCE_RESPONSE]: () => maintenance,
  [RouteFeature.MAINTENANCE_REDIRECT]: () => ({
    ...maintenance,
    maintenanceUrl: 'https://status.example.com',
  }),
  [RouteFeature.CANARY]: next,
  [RouteFeature.STICKY_CANARY]: (chart) => ({ ...next(chart), sessionAffinity: true }),
  [RouteFeature.REQUEST_BODY_LIMIT]: () => ({ maxRequestBodySize: Size.mebibytes(20) }),
  [RouteFeature.WILDCARD_HOST]: () => ({ hosts: ['*.shop.example.com'] }),
  [RouteFeature.SIGN_IN]: () => ({ signIn: true }),
};

/** What a feature is called in the documentation. */
const TITLES: Record<RouteFeature, string> = {
  [RouteFeature.TLS_SECRET]: '`tlsSecretName`',
  [RouteFeature.SESSION_AFFINITY]: '`sessionAffinity`',
  [RouteFeature.MAINTENANCE_RESPONSE]: '`maintenance`',
  [RouteFeature.MAINTENANCE_REDIRECT]: '`maintenance` with `maintenanceUrl`',
  [RouteFeature.CANARY]: '`canary`',
  [RouteFeature.STICKY_CANARY]: '`canary` with `sessionAffinity`',
  [RouteFeature.REQUEST_BODY_LIMIT]: '`maxRequestBodySize`',
  [RouteFeature.WILDCARD_HOST]: '`*.` in `hosts`',
  [RouteFeature.SIGN_IN]: '`signIn`',
};

const FEATURES = Object.values(RouteFeature);
const pairs = Object.entries(ROUTINGS).flatMap(([title, make]) =>
  FEATURES.map((feature) => ({ title, make, feature })),
);

function ask(distribution: IDistribution, feature: RouteFeature): PublicRoute {
  const chart = new Chart(new App(), 'polls', { namespace: 'polls' });
  Distribution.bind(chart, distribution);
  const app = django(chart, { secretKey: { secretName: 'key', key: 'key' } });
  return new PublicRoute(chart, 'Route', { app, hosts: [HOST], ...ASKED[feature](chart) });
}

/** What a routing lacks for what is asked: a sticky canary needs stickiness and a canary too. */
function missingFor({ routing }: IDistribution, feature: RouteFeature) {
  const needed =
    feature === RouteFeature.STICKY_CANARY
      ? [RouteFeature.SESSION_AFFINITY, RouteFeature.CANARY, feature]
      : [feature];
  return (routing.missingFeatures ?? []).find((missing) => needed.includes(missing.feature));
}

describe('the features of routers', () => {
  it.each(pairs)('$title has $feature, or refuses it by its own data', ({ make, feature }) => {
    const distribution = make();
    const missing = missingFor(distribution, feature);
    if (missing) {
      expect(() => ask(distribution, feature)).toThrow(` ${missing.reason}. ${missing.remedy}.`);
    } else {
      expect(ask(distribution, feature).resources.length).toBeGreaterThan(0);
    }
  });

  it('are some that each router has, and some that each is missing on one at least', () => {
    for (const feature of FEATURES) {
      const lacking = Object.values(ROUTINGS).filter((make) => missingFor(make(), feature));
      expect([feature, lacking.length > 0 && lacking.length < Object.keys(ROUTINGS).length]).toEqual([
        feature,
        true,
      ]);
    }
  });

  it('are not looked at for a router that says nothing of them', () => {
    expect(new K3s().routing).not.toHaveProperty('missingFeatures');
    expect(ask(new K3s(), RouteFeature.CANARY).resources).toHaveLength(1);
  });

  it('are not there for a router that says nothing of them, if a page would be open', () => {
    expect(() => ask(new K3s(), RouteFeature.SIGN_IN)).toThrow(
      'polls/Route: signIn true is not something that this router does by itself. Leave it out, and have a proxy such ' +
        'as oauth2-proxy in front, or close paths by settingsOverlay.restrictedPaths.',
    );
  });

  it('are in the table of the documentation', () => {
    const text = readFileSync(join(__dirname, '../../../docs/distributions.md'), 'utf8');
    const [, table] = /<!-- features:[^>]*-->([\s\S]*?)<!-- end -->/.exec(text)!;
    const shown = table
      .trim()
      .split('\n')
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      )
      .filter(([cell]) => !/^-+$/.test(cell));
    const rows = Object.entries(ROUTINGS).map(([title, make]) => [
      title,
      ...FEATURES.map((feature) => (missingFor(make(), feature) ? 'no' : 'yes')),
    ]);
    const expected = [['router', ...FEATURES.map((feature) => TITLES[feature])], ...rows];
    const markdown = expected.map((cells) => `| ${cells.join(' | ')} |`);
    markdown.splice(1, 0, `|${' --- |'.repeat(expected[0].length)}`);
    if (JSON.stringify(shown) !== JSON.stringify(expected)) {
      throw new Error(`The table should be:\n\n${markdown.join('\n')}\n`);
    }
  });
});
