import { Yaml } from 'cdk8s';
import { findAll, django, postgres, synth } from '../support/synth';
import { SAMPLES } from '../support/distributions';
import { manifestsFor } from 'cdk8s-django/testing';
import { PollsChart } from '../../examples/polls/deploy/polls-chart';
import { IDistribution } from 'cdk8s-django';

/** What a person reads of the example: its chart, without the Python, which has a file of its own. */
function polls(distribution: IDistribution, tag: string): any[] {
  const manifests = manifestsFor(distribution, (app) => {
    new PollsChart(app, 'polls', { image: `docker.io/example/polls:${tag}` });
  });
  return manifests.filter(({ metadata }) => !metadata.name.startsWith('cdk8s-django-'));
}

/** How many lines of each manifest another one replaces, by kind and name without the hash of a Job. */
function replaced(before: any[], after: any[]): Record<string, number> {
  expect(after.length).toBe(before.length);
  const counts = before.map((manifest, index) => {
    const [old, now] = [manifest, after[index]].map((one) => Yaml.stringify(one).split('\n'));
    expect(now.length).toBe(old.length);
    const name = manifest.metadata.name.replace(/-[0-9a-f]{10}$/, '');
    return [`${manifest.kind} ${name}`, now.filter((line, number) => line !== old[number]).length] as const;
  });
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

describe('what a person reads of polls', () => {
  it.each(SAMPLES)('is at most 1,700 lines on $name', ({ make }) => {
    const lines = Yaml.stringify(...polls(make(), '1.4.2'))
      .trimEnd()
      .split('\n');
    expect(lines.length).toBeGreaterThan(1_000);
    expect(lines.length).toBeLessThanOrEqual(1_700);
  });
});

describe('another tag of the image', () => {
  it.each(SAMPLES)('replaces at most 4 lines of each workload of polls on $name', ({ make }) => {
    expect(replaced(polls(make(), '1.4.2'), polls(make(), '1.4.3'))).toEqual({
      // Its name, and the image.
      'Job polls-db-secret': 2,
      'Job polls-secret': 2,
      'Job polls-migrate': 2,
      // The name of the migration.
      'ConfigMap polls': 1,
      // The cause of the change, the checksum of the ConfigMap, and the images of the replica and of what waits before it.
      'Deployment polls': 4,
    });
  });

  it('replaces at most 4 lines of each worker and of each command, too', () => {
    const program = (tag: string) =>
      synth((chart) => {
        const image = `docker.io/example/polls:${tag}`;
        const app = django(chart, {
          image,
          database: postgres(chart),
          celery: { broker: { url: 'redis://queue:6379/0' } },
        });
        app.addCeleryWorker({ name: 'default' });
        app.addCeleryBeat();
        app.addProcess({ name: 'bot', command: ['python', 'bot.py'] });
        app.addSecretKeyRotation();
        app.addCommand({ name: 'seed', command: ['loaddata', 'seed'] });
        app.addScheduledCommand({ name: 'digest', command: ['send_digest'], schedule: '0 3 * * *' });
      });
    const before = program('1.4.2');
    const counts = replaced(before, program('1.4.3'));
    expect(findAll(before, 'Deployment').length).toBe(4);
    expect(findAll(before, 'CronJob').length).toBeGreaterThan(1);
    expect(Object.keys(counts).length).toBeGreaterThan(8);
    expect(Object.entries(counts).filter(([, count]) => count > 4)).toEqual([]);
  });
});
