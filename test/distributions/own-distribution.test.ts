import { Distribution } from 'cdk8s-django';
import { sample } from '../support/distributions';
import { selectorsIn } from '../support/manifests';
import { K3s, TraefikRouting } from '../support/own-distribution';
import { configOf, everything, find, synth, webContainer } from '../support/synth';

const manifests = () => synth((chart) => everything(chart), new K3s());

describe('a distribution that is written outside the library', () => {
  it('serves a PublicRoute', () => {
    expect(find(manifests(), 'IngressRoute', 'polls').spec.routes).toEqual([
      { match: 'Host(`polls.example.com`)', services: [{ name: 'polls', port: 8000 }] },
      { match: 'Host(`www.polls.example.com`)', services: [{ name: 'polls', port: 8000 }] },
    ]);
  });

  it('serves a DjangoApp, whose shutdown waits for its router', () => {
    expect(webContainer(manifests()).lifecycle.preStop.exec.command.at(-1)).toBe('7');
  });

  it('serves a PostgresBackend, with its StorageClass', () => {
    const [claim] = find(manifests(), 'StatefulSet', 'polls-db').spec.volumeClaimTemplates;
    expect(claim.spec.storageClassName).toBe('local-path');
  });

  it('serves HealthMonitoring', () => {
    expect(find(manifests(), 'ConfigMap', 'polls-scrape').data).toEqual({
      path: '/metrics',
      interval: 'PT30S',
    });
  });

  it('serves LeastPrivilegeAccess', () => {
    const made = manifests();
    const [router, scraper] = find(made, 'NetworkPolicy', 'polls').spec.ingress;
    expect(router.from).toEqual([
      {
        namespaceSelector: { matchLabels: { edge: 'traefik' } },
        podSelector: { matchLabels: { app: 'traefik' } },
      },
    ]);
    expect(scraper.from).toEqual([{ namespaceSelector: { matchLabels: { team: 'sre' } } }]);
    expect(find(made, 'Namespace', 'polls').metadata.labels).toMatchObject({ edge: 'traefik' });
  });

  it('serves the log lines of a DjangoApp', () => {
    expect(configOf(manifests()).CDK8S_DJANGO_LOG_FORMAT).toBe('keep');
  });

  it('selects the same pods as every distribution', () => {
    const own = (made: any[]) =>
      selectorsIn(made).filter(({ labels }) => 'app.kubernetes.io/component' in labels);
    const labels = (made: any[]) => new Set(own(made).map((selector) => JSON.stringify(selector.labels)));
    expect(labels(manifests()).size).toBeGreaterThanOrEqual(5);
    expect(labels(manifests())).toEqual(labels(synth((chart) => everything(chart), sample('upstream'))));
  });
});

describe('a capability that is written outside the library', () => {
  it('replaces one of a distribution, and leaves the others', () => {
    const distribution = Distribution.eks({ routing: new TraefikRouting() });
    const made = synth((chart) => everything(chart), distribution);
    expect(find(made, 'IngressRoute', 'polls')).toBeDefined();
    expect(made.filter(({ kind }) => kind === 'Ingress')).toEqual([]);
    const [claim] = find(made, 'StatefulSet', 'polls-db').spec.volumeClaimTemplates;
    expect(claim.spec.storageClassName).toBe('gp2');
  });
});
