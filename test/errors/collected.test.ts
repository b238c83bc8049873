import { inspect } from 'node:util';
import { App, Chart, Duration } from 'cdk8s';
import {
  Distribution,
  DjangoApp,
  HealthMonitoring,
  InvalidInputError,
  PostgresBackend,
  Problems,
  PublicRoute,
  Synthesis,
  SynthesisError,
  synthesize,
} from 'cdk8s-django';
import { manifestsFor } from 'cdk8s-django/testing';
import * as fc from 'fast-check';
import { sample } from '../support/distributions';
import { django, IMAGE, NAMESPACE } from '../support/synth';
import { problemsOf } from './support';

const chartOf = (app: App) => new Chart(app, 'polls', { namespace: NAMESPACE });

/** Five mistakes in three constructs. */
function fiveMistakes(app: App): void {
  const chart = chartOf(app);
  const database = new PostgresBackend(chart, 'Database', { name: 'Polls_DB', storage: 'lots' });
  const polls = django(chart, { database, image: 'registry.example.com/polls:latest', runAsUser: 0 });
  new HealthMonitoring(chart, 'Health', { app: polls, metrics: { path: 'metrics' } });
}

const BOTH = ['openshift', 'upstream'];
const pair = () => BOTH.map((name) => sample(name));

describe('a program with five mistakes in three constructs, on two distributions', () => {
  it('gets all of them, with path, property and value, each once', () => {
    const problems = problemsOf(pair(), fiveMistakes);
    expect(problems.map(({ path, problem }) => [path, problem?.property, problem?.value])).toEqual([
      ['polls/Database', 'name', 'Polls_DB'],
      ['polls/Database', 'storage', 'lots'],
      ['polls/Polls', 'image', 'registry.example.com/polls:latest'],
      ['polls/Polls', 'runAsUser', 0],
      ['polls/Health', 'metrics.path', 'metrics'],
    ]);
    problems.forEach(({ distributions }) => expect(distributions).toEqual(BOTH));
  });

  it('gets them as text, under the names of the distributions', () => {
    expect(() => problemsOf([sample('upstream')], fiveMistakes)).not.toThrow();
    const error = new SynthesisError(problemsOf(pair(), fiveMistakes));
    expect(error.message.split('\n').slice(0, 2)).toEqual([
      'synthesize: errors for "openshift", "upstream":',
      '  [polls/Database] name "Polls_DB" is not a DNS label. ' +
        'Use lower-case letters, digits and "-", a letter first and no "-" at the end.',
    ]);
    expect(error.message.split('\n')).toHaveLength(6);
  });

  it('tells each once where Node writes an error that nobody caught', () => {
    const error = new SynthesisError(problemsOf(pair(), fiveMistakes));
    expect(inspect(error).split('Polls_DB')).toHaveLength(2);
  });

  it('is told that an async function makes what would be missing', () => {
    const later = async (app: App) => {
      await Promise.resolve();
      chartOf(app);
      throw new Error('later still');
    };
    const message = /define "async" returns a promise, and what it makes later would be missing\. Await/;
    expect(() => synthesize(pair(), later)).toThrow(message);
    expect(() => Synthesis.run(pair(), { define: later })).toThrow(message);
    expect(() => manifestsFor(sample('upstream'), later)).toThrow(message);
  });

  it('gets them as data for a program that is an object', () => {
    const program = { define: fiveMistakes };
    expect(Synthesis.problems(pair(), program)).toEqual(problemsOf(pair(), fiveMistakes));
  });

  it('throws the first one in an App of its own', () => {
    const app = new App();
    Distribution.bind(app, sample('upstream'));
    expect(() => fiveMistakes(app)).toThrow(/^polls\/Database: name "Polls_DB" is not a DNS label/);
  });
});

describe('what synthesize collects', () => {
  it('names a problem of one distribution under its name alone', () => {
    const problems = problemsOf(pair(), (app) => {
      const chart = chartOf(app);
      const isUpstream = Distribution.of(app).name === 'upstream';
      django(chart, { image: isUpstream ? 'polls' : IMAGE, runAsUser: -1 });
    });
    expect(problems.map(({ distributions, problem }) => [problem?.property, distributions])).toEqual([
      ['runAsUser', BOTH],
      ['image', ['upstream']],
    ]);
  });

  it('has what constructs refuse and what validations find', () => {
    const problems = problemsOf([sample('upstream')], (app) => {
      const chart = chartOf(app);
      django(chart, { runAsUser: 0 });
      django(chart, {}, 'Again');
    });
    expect(problems.map(({ path, problem }) => [path, problem?.property])).toEqual([
      ['polls/Polls', 'runAsUser'],
      ['polls/Again', 'name'],
    ]);
  });

  it('has the message alone of a validation that is not the library’s', () => {
    const problems = problemsOf([sample('upstream')], (app) => {
      chartOf(app).node.addValidation({ validate: () => ['has no owner', 'has no owner'] });
    });
    expect(problems).toEqual([{ distributions: ['upstream'], path: 'polls', message: 'has no owner' }]);
  });

  it('leaves out what comes of a problem: errors of other kinds, and validations of a tree with gaps', () => {
    const problems = problemsOf([sample('upstream')], (app) => {
      const chart = chartOf(app);
      const database = new PostgresBackend(chart, 'Database', { name: 'polls-db', storage: '20Gi' });
      new PublicRoute(chart, 'Route', { app: undefined as any, hosts: ['polls.example.com'] });
      django(chart, { database });
    });
    expect(problems.map(({ path, problem }) => [path, problem?.property])).toEqual([['polls/Route', 'app']]);
  });

  it('throws an error of the program itself as it is', () => {
    const own = new TypeError('of the program');
    const fail = (app: App) => {
      chartOf(app);
      throw own;
    };
    expect(() => problemsOf(pair(), fail)).toThrow(own);
  });

  it('throws an error of a validation itself as it is', () => {
    const own = new TypeError('of the validation');
    const fail = (app: App) =>
      chartOf(app).node.addValidation({
        validate: () => {
          throw own;
        },
      });
    expect(() => problemsOf(pair(), fail)).toThrow(own);
  });

  it('is every mistake of a program, whichever there are', () => {
    const mistakes = {
      image: 'polls',
      runAsUser: 0,
      port: 0,
      settingsModule: 'my site.settings',
      migrationDeadline: Duration.seconds(0),
      imagePullSecrets: ['My_Secret'],
    };
    const right = { name: 'polls', image: IMAGE, settingsModule: 'mysite.settings' };
    const names = Object.keys(mistakes) as (keyof typeof mistakes)[];
    fc.assert(
      fc.property(fc.subarray(names), fc.subarray(names), (first, second) => {
        const bad = (chosen: string[]) =>
          Object.fromEntries(Object.entries(mistakes).filter(([name]) => chosen.includes(name)));
        const problems = problemsOf([sample('openshift')], (app) => {
          const chart = chartOf(app);
          new DjangoApp(chart, 'One', { ...right, ...bad(first) });
          new DjangoApp(chart, 'Two', { ...right, ...bad(second), name: 'other' });
        });
        const expected = [
          ...first.map((name) => `polls/One ${name}`),
          ...second.map((name) => `polls/Two ${name}`),
        ];
        expect(problems.map(({ path, problem }) => `${path} ${problem?.property}`).sort()).toEqual(
          expected.sort(),
        );
      }),
      { numRuns: 40 },
    );
  });
});

describe('an InvalidInputError', () => {
  it('has path and problem as data', () => {
    const app = new App();
    Distribution.bind(app, sample('upstream'));
    try {
      django(chartOf(app), { runAsUser: 0 });
      throw new Error('It threw no error.');
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidInputError);
      expect((error as InvalidInputError).path).toBe('polls/Polls');
      expect((error as InvalidInputError).problem).toEqual({
        property: 'runAsUser',
        value: 0,
        reason: 'is not a whole number of at least 1',
        remedy: 'Give a whole number of at least 1',
      });
    }
  });

  it('has the name of a distribution as its path', () => {
    try {
      Distribution.eks({ name: 'My Cluster' });
      throw new Error('It threw no error.');
    } catch (error) {
      expect((error as InvalidInputError).path).toBe('Distribution.eks');
      expect((error as InvalidInputError).problem).toMatchObject({ property: 'name', value: 'My Cluster' });
    }
  });
});

describe('Problems.of', () => {
  it('gives what app.synth() throws, as data', () => {
    const app = new App();
    Distribution.bind(app, Distribution.gke({ autopilot: true }));
    const chart = chartOf(app);
    django(chart, { scheduling: { spot: true }, requestTimeout: Duration.minutes(5) });
    django(chart, {}, 'Again');
    const problems = Problems.of(app);
    expect(problems.map(({ path, problem }) => [path, problem?.property])).toEqual([
      ['polls/Again', 'name'],
      ['polls/Polls', 'scheduling.spot'],
    ]);
    problems.forEach(({ message }) => expect(() => app.synth()).toThrow(message));
  });

  it('has the rule of the platform that demands something', () => {
    const app = new App();
    Distribution.bind(app, Distribution.openshift());
    const polls = django(chartOf(app));
    polls.deployment.override({ spec: { template: { spec: { hostNetwork: true } } } });
    expect(Problems.of(app).map(({ path, problem }) => [path, problem?.property, problem?.demand])).toEqual([
      [
        'polls/Polls/Deployment',
        'spec.template.spec.hostNetwork',
        { platform: 'OpenShift', rule: 'host-access', source: expect.stringMatching(/^https:/) },
      ],
    ]);
  });
});
