import { ApiObject, JsonPatch, Lazy } from 'cdk8s';
import { Resource } from 'cdk8s-django';
import { HashedJob } from '../../src/kubernetes/resource';
import { chartOn, synth } from '../support/synth';

const job = (changes: object = {}, { id = 'Job', runAsUser = 10001 } = {}) => {
  const spec = { template: { spec: { containers: [{ name: 'a', image: 'b:1' }], ...changes } } };
  const props = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'job' }, spec };
  return new HashedJob(chartOn(), id, props as any, () => runAsUser);
};
const nameOf = (resource: Resource) => resource.toJson().metadata.name;

describe('a Resource', () => {
  const service = () =>
    new Resource(chartOn(), 'Service', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'polls' },
      spec: { ports: [{ name: 'http', port: 80 }], type: Lazy.any({ produce: () => 'ClusterIP' }) },
    } as any);

  it('is an instance of its own classes, and what somebody else made of none', () => {
    const other = new ApiObject(chartOn(), 'Other', { apiVersion: 'v1', kind: 'ConfigMap' });
    const isA = (one: ApiObject) => [ApiObject, Resource, HashedJob].map((type) => one instanceof type);
    expect(isA(other)).toEqual([true, false, false]);
    expect(isA(service())).toEqual([true, true, false]);
    expect(isA(job())).toEqual([true, true, true]);
  });

  it('keeps fields that no schema knows', () => {
    const resource = service();
    resource.override({ spec: { fieldOfTheFuture: { deep: true } } });
    expect(resource.toJson().spec.fieldOfTheFuture).toEqual({ deep: true });
  });

  it('applies overrides after patches, in their order', () => {
    const resource = service();
    resource.override({ spec: { type: 'LoadBalancer' } });
    resource.override({ spec: { type: 'NodePort' } });
    resource.addJsonPatch(JsonPatch.replace('/spec/type', 'ExternalName'));
    expect(resource.toJson().spec.type).toBe('NodePort');
  });

  it('loses a field by null', () => {
    const resource = service();
    resource.override({ spec: { type: null } });
    expect(resource.toJson().spec).toEqual({ ports: [{ name: 'http', port: 80 }] });
  });

  it('gives the same manifest each time it is asked', () => {
    const resource = service();
    resource.override({ spec: { ports: [{ name: 'admin', port: 81 }] } });
    expect(resource.toJson()).toEqual(resource.toJson());
    expect(resource.toJson().spec.ports).toHaveLength(2);
  });

  it('has the namespace of its chart, unless it is a Namespace', () => {
    const manifests = synth((chart) => {
      new Resource(chart, 'A', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } });
      new Resource(chart, 'B', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b' } });
    });
    expect(manifests.map(({ metadata }) => metadata.namespace)).toEqual([undefined, 'polls']);
  });
});

describe('a Job that is named by what it runs', () => {
  it('keeps its name while it runs the same', () => {
    expect(nameOf(job())).toMatch(/^job-[0-9a-f]{10}$/);
    expect(nameOf(job({}, { id: 'Other' }))).toBe(nameOf(job()));
  });

  it('has another name when it runs something else', () => {
    expect(nameOf(job({ restartPolicy: 'Never' }))).not.toBe(nameOf(job()));
  });

  it('has the same name under another security context, which the platform decides', () => {
    expect(nameOf(job({ securityContext: { runAsUser: 1 } }))).toBe(nameOf(job()));
  });

  it('has another name when a container of it gets a probe that the platform did not ask for', () => {
    const probed = job();
    const livenessProbe = { exec: { command: ['pgrep', 'python'] } };
    probed.override({ spec: { template: { spec: { containers: [{ name: 'a', livenessProbe }] } } } });
    expect(nameOf(probed)).not.toBe(nameOf(job()));
  });

  it('has another name for another user, which the program decides', () => {
    expect(nameOf(job({}, { runAsUser: 10002 }))).not.toBe(nameOf(job()));
  });

  it('has another name when an override changes what it runs', () => {
    const changed = job();
    changed.override({ spec: { template: { spec: { containers: [{ name: 'a', image: 'b:2' }] } } } });
    expect(nameOf(changed)).not.toBe(nameOf(job()));
  });
});
