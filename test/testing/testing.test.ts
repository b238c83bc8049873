import { App, Chart } from 'cdk8s';
import { Distribution, IProgram } from 'cdk8s-django';
import {
  backendsOf,
  environmentOf,
  findManifest,
  Manifests,
  manifestsFor,
  snapshotOf,
} from 'cdk8s-django/testing';
import { django } from '../support/synth';

describe('manifestsFor', () => {
  const two = () =>
    manifestsFor(Distribution.upstream(), (app) => {
      django(new Chart(app, 'a', { namespace: 'a' }));
      django(new Chart(app, 'b', { namespace: 'b' }));
    });

  it('gives the manifests of all charts', () => {
    const deployments = two().filter(({ kind }) => kind === 'Deployment');
    expect(deployments.map(({ metadata }) => metadata.namespace)).toEqual(['a', 'b']);
  });

  it('gives plain objects, fit for a snapshot', () => {
    const manifests = two();
    expect(manifests.length).toBeGreaterThan(10);
    expect(JSON.parse(JSON.stringify(manifests))).toEqual(manifests);
  });

  it('runs the validations', () => {
    expect(() =>
      manifestsFor(Distribution.upstream(), (app) => {
        const chart = new Chart(app, 'a');
        django(chart);
        django(chart, {}, 'Again');
      }),
    ).toThrow(/^Validation failed/);
  });
});

describe('findManifest', () => {
  const manifests = [
    { kind: 'Service', metadata: { name: 'a' } },
    { kind: 'Service', metadata: { name: 'b' } },
  ];

  it('gives the manifest of a kind and name', () => {
    expect(findManifest(manifests, 'Service', 'b')).toBe(manifests[1]);
  });

  it('says which there are when there is none of the name', () => {
    expect(() => findManifest(manifests, 'Service', 'c')).toThrow(
      'There is no Service named "c" (there are: a, b).',
    );
    expect(() => findManifest(manifests, 'Route', 'a')).toThrow(
      'There is no Route named "a" (there are: none).',
    );
  });
});

describe('Manifests', () => {
  class Program implements IProgram {
    define(app: App): void {
      django(new Chart(app, 'a', { namespace: 'a' }));
    }
  }
  const manifests = Manifests.of(Distribution.upstream(), new Program());

  it('has what manifestsFor gives', () => {
    expect(manifests.all).toEqual(manifestsFor(Distribution.upstream(), (app) => new Program().define(app)));
  });

  it('finds the manifest of a kind and name, or says that there is none', () => {
    expect(manifests.find('Deployment', 'polls').metadata.namespace).toBe('a');
    expect(() => manifests.find('Route', 'web')).toThrow('There is no Route named "web" (there are: none).');
  });

  it('looks into them as the functions do', () => {
    expect(manifests.environment('Deployment', 'polls')).toEqual(
      environmentOf(manifests.all, 'Deployment', 'polls'),
    );
    expect(manifests.backends('polls')).toEqual(backendsOf(manifests.all, 'polls'));
    expect(manifests.backends('polls')).toHaveLength(1);
    expect(manifests.snapshot()).toBe(snapshotOf(manifests.all));
  });
});
