import { Chart } from 'cdk8s';
import { DatabaseBackup, Distribution, IDistribution } from 'cdk8s-django';
import { AksAutomaticAdmission } from 'cdk8s-django/admission';
import { django, postgres, synth } from '../../support/synth';

/** Every Job and CronJob that the library makes. */
function jobs(chart: Chart): void {
  const database = postgres(chart, { pythonImage: 'docker.io/library/python:3.13-slim' });
  const app = django(chart, { database });
  app.addCommand({ name: 'countries', command: ['loaddata', 'countries'] });
  app.addSessionClearing();
  app.addSecretKeyRotation();
  app.addSuperuser({ username: 'admin', password: { secretName: 'admin', key: 'password' } });
  new DatabaseBackup(chart, 'Backup', { database, schedule: '0 3 * * *' });
}

function jobsOn(distribution: IDistribution): { name: string; containers: any[] }[] {
  return synth(jobs, distribution)
    .filter(({ kind }) => ['Job', 'CronJob'].includes(kind))
    .map(({ kind, metadata, spec }) => {
      const { template } = kind === 'Job' ? spec : spec.jobTemplate.spec;
      return { name: metadata.name, containers: template.spec.containers };
    });
}

const PROBE = { exec: { command: ['true'] }, periodSeconds: 60, timeoutSeconds: 30, failureThreshold: 10 };
const automatic = () => Distribution.aks({ automatic: true });

describe('containers of Jobs', () => {
  it('have probes that say nothing where the platform demands some', () => {
    const made = jobsOn(automatic());
    expect(made).toHaveLength(9);
    for (const { containers } of made) {
      expect(containers).toEqual([expect.objectContaining({ readinessProbe: PROBE, livenessProbe: PROBE })]);
    }
  });

  it.each([
    ['AKS Standard', Distribution.aks()],
    ['GKE Autopilot', Distribution.gke({ autopilot: true })],
    [
      'a cluster that allows it',
      Distribution.aks({ automatic: true, admission: new AksAutomaticAdmission().without('probes') }),
    ],
  ])('have none on %s', (_name, distribution) => {
    for (const { containers } of jobsOn(distribution)) {
      expect(containers[0]).not.toHaveProperty('readinessProbe');
      expect(containers[0]).not.toHaveProperty('livenessProbe');
    }
  });

  it('leave the names of their Jobs as they are elsewhere', () => {
    // Migrations say to autoscalers that they are to be left alone: there are others on each.
    const names = (distribution: IDistribution) =>
      jobsOn(distribution)
        .map(({ name }) => name)
        .filter((name) => !name.startsWith('polls-migrate-'));
    expect(names(automatic())).toEqual(names(Distribution.aks()));
  });
});
