import { ContainerResources } from 'cdk8s-django';
import { djangoManifests, webContainer } from '../support/synth';

const resourcesOf = (resources?: ContainerResources) =>
  webContainer(djangoManifests({ resources })).resources;

describe('resources of a replica', () => {
  it('have requests, a memory limit and no CPU limit, which would throttle on an idle node', () => {
    expect(resourcesOf()).toEqual({
      requests: { cpu: '250m', memory: '256Mi' },
      limits: { memory: '512Mi' },
    });
  });

  it('keep the defaults of what is not given', () => {
    expect(resourcesOf({ cpuRequest: '1' })).toEqual({
      requests: { cpu: '1', memory: '256Mi' },
      limits: { memory: '512Mi' },
    });
  });

  it('request no more memory than a lower limit allows', () => {
    expect(resourcesOf({ memoryLimit: '128Mi' })).toEqual({
      requests: { cpu: '250m', memory: '128Mi' },
      limits: { memory: '128Mi' },
    });
  });

  it('request no more CPU than a lower limit allows', () => {
    expect(resourcesOf({ cpuLimit: '100m' })).toEqual({
      requests: { cpu: '100m', memory: '256Mi' },
      limits: { cpu: '100m', memory: '512Mi' },
    });
  });

  it('take a prop that is undefined as not given', () => {
    const given = { cpuRequest: undefined, memoryRequest: undefined, memoryLimit: undefined };
    expect(resourcesOf(given)).toEqual(resourcesOf());
  });

  it('are those of the waiting container too', () => {
    const manifests = djangoManifests({ migrate: true, resources: { memoryLimit: '1Gi' } });
    const { initContainers } = manifests.find(({ kind }) => kind === 'Deployment').spec.template.spec;
    expect(initContainers[0].resources.limits).toEqual({ memory: '1Gi' });
  });
});
