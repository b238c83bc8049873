import { Lazy } from 'cdk8s';
import * as k8s from '../../src/kubernetes/api';
import { filesOf } from '../support/files';

describe('a manifest of the Kubernetes API', () => {
  it('begins with the kind and the version of its group', () => {
    expect(k8s.manifest('ConfigMap', { data: { a: 'b' } })).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      data: { a: 'b' },
    });
    expect(k8s.typeOf('Role')).toEqual({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role' });
    expect(k8s.typeOf('Ingress')).toEqual({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' });
    expect(k8s.typeOf('HorizontalPodAutoscaler').apiVersion).toBe('autoscaling/v2');
  });

  it('leaves out what is undefined at any depth, and keeps what is empty, false or null', () => {
    const container: k8s.Container = { name: 'web', command: [], stdin: false, image: undefined };
    const spec = { containers: [container], nodeName: undefined, nodeSelector: {} };
    const manifest = k8s.manifest('Deployment', { spec: { selector: {}, template: { spec } } });
    expect(Object.keys(manifest.spec.template.spec)).toEqual(['containers', 'nodeSelector']);
    expect(Object.entries(manifest.spec.template.spec.containers[0])).toEqual([
      ['name', 'web'],
      ['command', []],
      ['stdin', false],
    ]);
  });

  it('keeps a field that the types do not know: a patch may be newer than they are', () => {
    const spec: any = { selector: {}, template: {}, fieldOfTomorrow: 1 };
    expect(k8s.manifest('Deployment', { spec }).spec.fieldOfTomorrow).toBe(1);
  });

  it('keeps what is resolved at synth, and changes nothing that it is given', () => {
    const data: any = Lazy.any({ produce: () => ({ a: 'b' }) });
    const labels = { a: 'b' };
    const manifest = k8s.manifest('ConfigMap', { metadata: { labels }, data });
    expect(manifest.data).toBe(data);
    manifest.metadata.labels.a = 'c';
    expect(labels).toEqual({ a: 'b' });
  });
});

describe('the types of the Kubernetes API', () => {
  const importers = (module: RegExp) =>
    filesOf('src', '.ts')
      .filter(({ text }) => module.test(text))
      .map(({ path }) => path);

  it('come in by one door', () => {
    expect(importers(/imports\/kubernetes'/)).toEqual(['src/kubernetes/api.ts']);
    expect(importers(/kubernetes\/api'/).length).toBeGreaterThan(30);
  });

  it('are not those of cdk8s-plus-27, which are of 1.27 and cost their loading', () => {
    expect(importers(/from 'cdk8s-plus-27\/lib/)).toEqual([]);
  });
});
