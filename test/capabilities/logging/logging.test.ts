import { Distribution, LogFormat } from 'cdk8s-django';
import { CloudLogging, JsonLogging } from 'cdk8s-django/logging';
import { SAMPLES } from '../../support/distributions';
import { configOf, djangoManifests } from '../../support/synth';

describe.each(SAMPLES)('log lines on $name', ({ name, make }) => {
  it('are written as the collector of the platform reads them', () => {
    const format = name === 'gke' ? 'gke' : 'json';
    expect(configOf(djangoManifests({}, make())).CDK8S_DJANGO_LOG_FORMAT).toBe(format);
  });

  it('are written as the program says when it does', () => {
    const settingsOverlay = { logFormat: LogFormat.KEEP };
    expect(configOf(djangoManifests({ settingsOverlay }, make())).CDK8S_DJANGO_LOG_FORMAT).toBe('keep');
  });

  it('are the settings module’s own without the overlay', () => {
    const data = configOf(djangoManifests({ settingsOverlay: { enabled: false } }, make()));
    expect(Object.keys(data).length).toBeGreaterThan(3);
    expect(data).not.toHaveProperty('CDK8S_DJANGO_LOG_FORMAT');
  });
});

describe('log collectors', () => {
  it('of Google Cloud are told the project, by which the lines of a request are found', () => {
    const data = configOf(djangoManifests({}, Distribution.gke({ projectId: 'acme' })));
    expect(data.CDK8S_DJANGO_GCP_PROJECT).toBe('acme');
    expect(new CloudLogging({}).variables).toEqual({ CDK8S_DJANGO_LOG_FORMAT: 'gke' });
  });

  it('can be replaced', () => {
    const distribution = Distribution.gke({ logging: new JsonLogging() });
    expect(configOf(djangoManifests({}, distribution)).CDK8S_DJANGO_LOG_FORMAT).toBe('json');
  });
});
