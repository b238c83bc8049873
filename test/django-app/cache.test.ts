import { LeastPrivilegeAccess, RedisDatabase } from 'cdk8s-django';
import { configOf, django, djangoManifests, find, synth, webContainer } from '../support/synth';

const password = { secretName: 'cache', key: 'password' };

const egress = (cache: RedisDatabase) => {
  const manifests = synth(
    (chart) => new LeastPrivilegeAccess(chart, 'Access', { app: django(chart, { cache }) }),
  );
  return find(manifests, 'NetworkPolicy', 'polls').spec.egress.at(-1);
};

describe('a cache', () => {
  it.each(['redis://cache:6379/0', 'rediss://cache.example.com', 'valkey://cache.other.svc:6380'])(
    'is told by its URL %s',
    (url) => {
      expect(configOf(djangoManifests({ cache: { url } })).CACHE_URL).toBe(url);
    },
  );

  it('has its password in a Secret', () => {
    const manifests = djangoManifests({ cache: { url: 'redis://cache', password } });
    expect(webContainer(manifests).env).toContainEqual({
      name: 'CACHE_PASSWORD',
      valueFrom: { secretKeyRef: { name: 'cache', key: 'password' } },
    });
  });

  it('is let out to by the network policy, at its place and port', () => {
    expect(egress({ url: 'redis://cache:6380/1', peers: [{ podLabels: { app: 'redis' } }] })).toEqual({
      to: [{ podSelector: { matchLabels: { app: 'redis' } } }],
      ports: [{ port: 6380, protocol: 'TCP' }],
    });
  });

  it('is at the usual port when the URL has none, and anywhere when nobody says where', () => {
    expect(egress({ url: 'redis://cache' })).toEqual({ ports: [{ port: 6379, protocol: 'TCP' }] });
  });
});
