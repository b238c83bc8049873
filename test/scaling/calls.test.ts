import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject, App, Chart } from 'cdk8s';
import {
  DatabaseBackup,
  Distribution,
  DjangoApp,
  HealthMonitoring,
  IDistribution,
  LeastPrivilegeAccess,
  PostgresBackend,
  PublicRoute,
  synthesize,
  ValkeyBackend,
} from 'cdk8s-django';
import { distributionOf } from '../../src/platform/binding';
import { PARTS } from '../every-option/parts';
import { PLATFORMS } from '../every-option/platforms';
import { moreThanLinear } from '../support/calls';
import { SAMPLES } from '../support/distributions';

type Part = (chart: Chart) => void;

const folder = mkdtempSync(join(tmpdir(), 'calls-'));
beforeAll(() => {
  process.env.CDK8S_OUTDIR = folder;
  jest.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterAll(() => {
  delete process.env.CDK8S_OUTDIR;
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** These have a host, or a server in a cloud, that is the same in each copy. */
const NOT_COPIED = [
  'route of two hosts',
  'route of the longest host',
  'server that an operator makes in a cloud',
];

/** The classes of constructs and the kinds of resources of a part; none where the platform refuses it. */
function sortsOf(distribution: IDistribution, define: Part): string[] {
  const app = new App();
  Distribution.bind(app, distribution);
  try {
    define(new Chart(app, 'polls', { namespace: 'polls' }));
    app.synthYaml();
  } catch {
    return [];
  }
  const all = app.node.findAll();
  return all.map((one) =>
    ApiObject.isApiObject(one) ? `${one.apiGroup}/${one.kind}` : one.constructor.name,
  );
}

/** What was there before, by the distribution. */
const known = new Set<string>();

/** Parts with a construct or a kind that no part before has, on this distribution with these or other capabilities. */
function newPartsOf(distribution: IDistribution): Part[] {
  return Object.entries(PARTS)
    .filter(([part]) => !NOT_COPIED.includes(part))
    .flatMap(([, define]) => {
      const sorts = sortsOf(distribution, define).map((sort) => `${distribution.name}: ${sort}`);
      const isNew = sorts.some((sort) => !known.has(sort));
      sorts.forEach((sort) => known.add(sort));
      return isNew ? [define] : [];
    });
}

function copies(distribution: IDistribution, parts: Part[]) {
  return (count: number) =>
    synthesize([distribution], (app) => {
      for (let copy = 0; copy < count; copy++) {
        parts.forEach((define, part) => {
          const name = `copy-${copy}-${part}`;
          define(new Chart(app, name, { namespace: name }));
        });
      }
    });
}

/**
 * Without the report of access, which compares who may what in all namespaces with each other: docs/performance.md has
 * what that costs. And without what decides on quotes: it is asked for texts that look like numbers, such as a hash may.
 */
function callsThatGrow(program: (count: number) => void): string[] {
  return moreThanLinear(program).filter(
    (place) => !place.startsWith('src/access-report/') && !place.includes('/yaml/dist/'),
  );
}

describe('no function is called more often for each application when there are more', () => {
  it.each(Object.keys(PLATFORMS))('in charts of their own: %s', (platform) => {
    const distribution = PLATFORMS[platform];
    expect(callsThatGrow(copies(distribution, newPartsOf(distribution)))).toEqual([]);
  });

  it('with a file for each resource', () => {
    const program = (count: number) =>
      synthesize(
        [PLATFORMS.openshift],
        (app) => {
          for (let copy = 0; copy < 5 * count; copy++) {
            define(new Chart(app, `copy-${copy}`, { namespace: `copy-${copy}` }), `polls-${copy}`);
          }
        },
        { filePerResource: true },
      );
    expect(callsThatGrow(program)).toEqual([]);
  });

  it.each(SAMPLES)('in one chart: $name', ({ make }) => {
    const program = (count: number) =>
      synthesize([make()], (app) => {
        const chart = new Chart(app, 'all', { namespace: 'all' });
        for (let copy = 0; copy < 5 * count; copy++) define(chart, `polls-${copy}`);
      });
    expect(callsThatGrow(program)).toEqual([]);
  });

  it.each(SAMPLES)('beside charts of somebody else: $name', ({ make }) => {
    const program = (count: number) =>
      synthesize([make()], (app) => {
        define(new Chart(app, 'all', { namespace: 'all' }), 'polls');
        for (let copy = 0; copy < 20 * count; copy++) {
          const chart = new Chart(app, `other-${copy}`);
          new ApiObject(chart, 'Settings', { apiVersion: 'v1', kind: 'ConfigMap' });
        }
      });
    expect(callsThatGrow(program)).toEqual([]);
  });
});

/** An application with all constructs that every platform has. */
function define(chart: Chart, name: string): void {
  const image = 'registry.example.com/polls:1.4.2';
  const database = new PostgresBackend(chart, `${name}-database`, { name: `${name}-db`, storage: '20Gi' });
  const queue = new ValkeyBackend(chart, `${name}-queue`, { name: `${name}-queue`, storage: '1Gi' });
  const app = new DjangoApp(chart, name, {
    name,
    image,
    settingsModule: 'mysite.settings',
    database,
    celery: { broker: queue.database(0) },
  });
  new PublicRoute(chart, `${name}-route`, { app, hosts: [`${name}.example.com`] });
  new HealthMonitoring(chart, `${name}-health`, { app, metrics: {}, slo: { availability: 0.999 } });
  new LeastPrivilegeAccess(chart, `${name}-access`, { app, operators: ['operators'] });
  if (distributionOf(chart).name !== 'eks') new DatabaseBackup(chart, `${name}-backup`, { database });
}
