import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ApiObject } from 'cdk8s';
import { Fleet, FleetProps, IFleetApplication } from 'cdk8s-django/fleet';
import * as fc from 'fast-check';
import { sample } from '../support/distributions';
import { application, configMap, contents, failureOf, routed, small } from './support';
import { outputDirectory } from '../support/output-directory';

const folder = outputDirectory();
const distributions = () => [sample('openshift'), sample('upstream')];
const run = (props: Partial<FleetProps>) =>
  new Fleet({ distributions: distributions(), ...props }).synthesize();

beforeEach(() => void jest.spyOn(process.stderr, 'write').mockReturnValue(true));
afterEach(() => void jest.restoreAllMocks());

/** An application of a resource in its namespace, and of one without a namespace that others make too. */
function shared(name: string, namespace: string, text: string): IFleetApplication {
  return application(name, namespace, (chart) => {
    configMap(chart, name, text);
    new ApiObject(chart, 'Note', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `${namespace}-${name}`, namespace: 'notes' },
    });
  });
}

describe('a run of some namespaces', () => {
  it('writes what a run of all would write, when only these have changed', async () => {
    const applications = fc.dictionary(
      fc.constantFrom('a1', 'a2', 'b1', 'b2', 'c1', 'c2', 'd1'),
      fc.constantFrom('x', 'y'),
      {
        minKeys: 1,
      },
    );
    const made = (texts: { [name: string]: string }) =>
      Object.entries(texts).map(([name, text]) => shared(name, `team-${name[0]}`, text));
    const ofNamespace = (texts: { [name: string]: string }, letter: string) =>
      JSON.stringify(Object.entries(texts).filter(([name]) => name[0] === letter));
    await fc.assert(
      fc.asyncProperty(applications, applications, async (former, later) => {
        for (const file of Object.keys(contents(folder()))) rmSync(join(folder(), file));
        await run({ applications: made(later) });
        const expected = contents(folder());
        await run({ applications: made(former) });
        const changed = ['a', 'b', 'c', 'd'].filter(
          (one) => ofNamespace(former, one) !== ofNamespace(later, one),
        );
        await run({ applications: made(later), namespaces: changed.map((one) => `team-${one}`) });
        expect(contents(folder())).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  }, 60_000);

  it('makes nothing of the others', async () => {
    const made: string[] = [];
    const noting = (name: string, namespace: string) =>
      application(name, namespace, (chart) => {
        made.push(name);
        configMap(chart, name, 'text');
      });
    const applications = [noting('shop', 'sales'), noting('desk', 'support')];
    await run({ applications });
    const files = Object.keys(contents(folder()));
    const before = statSync(join(folder(), 'upstream/sales/shop.k8s.yaml')).ino;
    made.length = 0;
    await run({ applications, namespaces: ['support'] });
    expect(made).toEqual(['desk', 'desk']);
    expect(Object.keys(contents(folder()))).toEqual(files);
    expect(statSync(join(folder(), 'upstream/sales/shop.k8s.yaml')).ino).toBe(before);
  });

  it('removes the files of a namespace whose last application is gone', async () => {
    await run({ applications: [small('shop', 'sales'), small('desk', 'support')] });
    await run({ applications: [small('shop', 'sales')], namespaces: ['support'] });
    expect(readFileSync(join(folder(), 'fleet-files.txt'), 'utf8')).not.toContain('support');
    expect(Object.keys(contents(join(folder(), 'upstream')))).toEqual(['sales/shop.k8s.yaml']);
  });

  it('finds a host of a namespace that it does not make', async () => {
    const applications = [routed('shop', 'sales', 'www.example.com'), routed('desk', 'support')];
    await run({ applications });
    const changed = [applications[0], routed('desk', 'support', 'www.example.com')];
    const props = { distributions: distributions(), applications: changed, namespaces: ['support'] };
    expect(await failureOf(props)).toContain(
      '[support/desk/Route] hosts "www.example.com" leads elsewhere from "/" by the route at sales/shop/Route.',
    );
  });

  it('finds no host that a namespace had before it was made again', async () => {
    await run({ applications: [routed('shop', 'sales', 'www.example.com'), routed('desk', 'support')] });
    const applications = [routed('shop', 'sales'), routed('desk', 'support', 'www.example.com')];
    await run({ applications, namespaces: ['sales', 'support'] });
    expect(Object.values(contents(join(folder(), 'upstream/support'))).join()).toContain('www.example.com');
  });

  it('is refused for a namespace that has neither applications nor files', async () => {
    await run({ applications: [small('shop', 'sales')] });
    const props = {
      distributions: distributions(),
      applications: [small('shop', 'sales')],
      namespaces: ['slaes'],
    };
    expect(await failureOf(props)).toBe(
      'Fleet: namespaces "slaes" is the namespace of no application, and there are no files of it. ' +
        'Give namespaces of applications, or leave them out to make all.',
    );
  });
});
