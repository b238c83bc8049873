import { Chart } from 'cdk8s';
import { ValkeyBackend } from 'cdk8s-django';
import { SAMPLES } from '../support/distributions';
import { django, findAll, postgres, synth } from '../support/synth';

const PYTHON = 'docker.io/library/python:3.13-slim';

/** A program with each kind of Job; its Secrets are filled by the application's image, or by another one. */
const release = (tag: string, pythonImage?: string) => (chart: Chart) => {
  const queue = new ValkeyBackend(chart, 'Queue', { name: 'queue', storage: '1Gi', pythonImage });
  const app = django(chart, {
    image: `registry.example.com/polls:${tag}`,
    database: postgres(chart, { pythonImage }),
    celery: { broker: queue.database(0) },
    pythonImage,
  });
  app.addSuperuser({ username: 'admin', password: { secretName: 'admin', key: 'password' } });
};

const jobsOf = (manifests: any[]): string[] => findAll(manifests, 'Job').map(({ metadata }) => metadata.name);
const withoutHash = (name: string) => name.replace(/-[0-9a-f]{10}$/, '');

describe.each(SAMPLES)('Jobs of releases, on $name [F56]', ({ make }) => {
  it('that fill Secrets are the same for each image of the application, if an image for them is given', () => {
    const before = jobsOf(synth(release('1.0.0', PYTHON), make()));
    const after = jobsOf(synth(release('1.0.1', PYTHON), make()));
    const made = after.filter((name) => !before.includes(name));
    expect(made.map(withoutHash).sort()).toEqual(['polls-migrate', 'polls-superuser']);
    expect(
      after
        .filter((name) => before.includes(name))
        .map(withoutHash)
        .sort(),
    ).toEqual(['polls-db-secret', 'polls-secret', 'queue-secret']);
  });

  it('have bounded tries, and go after their end', () => {
    const jobs = findAll(synth(release('1.0.0'), make()), 'Job');
    expect(jobs).toHaveLength(5);
    for (const { metadata, spec } of jobs) {
      const isMigration = withoutHash(metadata.name) === 'polls-migrate';
      expect([metadata.name, spec.ttlSecondsAfterFinished]).toEqual([
        metadata.name,
        isMigration ? 24 * 3600 : 3600,
      ]);
      // Containers that are restarted leave one pod; pods that failed stay, each with its log.
      const pods = spec.template.spec.restartPolicy === 'OnFailure' ? 1 : spec.backoffLimit + 1;
      expect(pods).toBeLessThanOrEqual(5);
      expect(spec.backoffLimit).toBeLessThanOrEqual(10);
    }
  });
});
