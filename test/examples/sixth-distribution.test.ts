import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StorageClasses } from 'cdk8s-django/storage';
import { k3s } from '../../examples/own-distribution/k3s';
import { everything, find, keepAliveOf, synth } from '../support/synth';
import { ROOT } from '../support/typescript';

const CODE = readFileSync(join(ROOT, 'examples/own-distribution/k3s.ts'), 'utf8');

describe('the sixth distribution of the documentation', () => {
  const manifests = () => synth((chart) => everything(chart), k3s({ clusterIssuer: 'letsencrypt' }));

  it('is one file of at most 90 lines', () => {
    expect(CODE.trimEnd().split('\n').length).toBeLessThanOrEqual(90);
  });

  it('takes what a program gives, as the others do', () => {
    const storage = new StorageClasses({ storageClassName: 'longhorn' });
    const distribution = k3s({ name: 'edge', storage });
    expect(distribution.name).toBe('edge');
    expect(distribution.storage).toBe(storage);
    expect(() => k3s({ kubernetesVersion: '1.29' })).toThrow(
      'Distribution.k3s: kubernetesVersion "1.29" is not a version from 1.30 on.',
    );
  });

  it('routes by Traefik, with a certificate, and plain HTTP to HTTPS', () => {
    const { metadata, spec } = find(manifests(), 'Ingress', 'polls');
    const hosts = ['polls.example.com', 'www.polls.example.com'];
    expect(metadata.annotations).toEqual({
      'cert-manager.io/cluster-issuer': 'letsencrypt',
      'traefik.ingress.kubernetes.io/router.middlewares': 'polls-polls-https@kubernetescrd',
    });
    expect(spec.ingressClassName).toBe('traefik');
    expect(spec.tls).toEqual([{ hosts, secretName: 'polls-tls' }]);
    expect(spec.rules.map(({ host }: any) => host)).toEqual(hosts);
    expect(spec.rules[0].http.paths[0].backend.service.name).toBe('polls');
    const middleware = find(manifests(), 'Middleware', 'polls-https');
    expect(middleware.metadata.namespace).toBe('polls');
    expect(middleware.spec).toEqual({ redirectScheme: { scheme: 'https', permanent: true } });
  });

  it('runs pods that are restricted and wait for Traefik to forget them', () => {
    const { spec } = find(manifests(), 'Deployment', 'polls').spec.template;
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
    expect(spec.containers[0].lifecycle.preStop.exec.command.at(-1)).toBe('5');
    expect(keepAliveOf(manifests())).toBe(95);
    const [claim] = find(manifests(), 'StatefulSet', 'polls-db').spec.volumeClaimTemplates;
    expect(claim.spec.storageClassName).toBe('local-path');
  });

  it("lets in Traefik's namespace and the scraper's", () => {
    const { ingress } = find(manifests(), 'NetworkPolicy', 'polls').spec;
    const namespaces = ingress.map(({ from }: any) => from[0].namespaceSelector.matchLabels);
    expect(namespaces).toEqual([
      { 'kubernetes.io/metadata.name': 'kube-system' },
      { 'kubernetes.io/metadata.name': 'monitoring' },
    ]);
  });
});
