import fc from 'fast-check';
import { checkHost, checkName } from '../../src/kubernetes/names';
import { containersOf, podsIn } from '../support/manifests';
import { chartOn, django, everything, postgres, synth } from '../support/synth';
import { HealthMonitoring, LeastPrivilegeAccess, PublicRoute } from 'cdk8s-django';

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;

const valid = fc.stringMatching(/^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/);
const chart = chartOn();

function accepts(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}

describe('names', () => {
  it('that are accepted are DNS labels, and all such of up to 40 characters are', () => {
    fc.assert(fc.property(valid, (name) => expect(checkName(chart, 'name', name)).toBe(name)));
    fc.assert(
      fc.property(fc.string({ maxLength: 50 }), (name) => {
        const expected = /^[a-z]/.test(name) && DNS_LABEL.test(name) && name.length <= 40;
        expect(accepts(() => checkName(chart, 'name', name))).toBe(expected);
      }),
    );
  });

  it('of over 40 characters are refused, however well they are formed', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][-a-z0-9]{36,58}[a-z0-9]$/), (name) => {
        expect(accepts(() => checkName(chart, 'name', name))).toBe(name.length <= 40);
      }),
    );
  });

  it('of 40 characters give resources whose names fit, with their Jobs and commands', () => {
    const manifests = synth((chart) => {
      const app = django(chart, {
        name: 'a'.repeat(40),
        database: postgres(chart, { name: 'b'.repeat(40) }),
      });
      app.addCommand({ name: 'c'.repeat(11), command: ['check'] });
      app.addSecretKeyRotation();
      app.addSuperuser({ username: 'admin', password: { secretName: 'admin', key: 'password' } });
    });
    const lengths = (kind: string) =>
      manifests.filter((one) => one.kind === kind).map(({ metadata }) => metadata.name.length);
    expect(lengths('Job').length).toBeGreaterThanOrEqual(5);
    expect(Math.max(...lengths('Job'))).toBe(63);
    expect(Math.max(...lengths('CronJob'))).toBeLessThanOrEqual(52);
  });

  it('give resources whose names and labels Kubernetes takes', () => {
    fc.assert(
      fc.property(valid, valid, (name, database) => {
        fc.pre(name !== database);
        const manifests = synth((chart) => {
          const backend = postgres(chart, { name: database });
          const media = { mountPath: '/media', size: '1Gi', storageClassName: 'nfs' };
          const app = django(chart, {
            name,
            database: backend,
            media,
            scaling: { minReplicas: 2, maxReplicas: 3 },
          });
          new PublicRoute(chart, 'Route', { app, hosts: ['a.example.com', 'b.example.com'] });
          new HealthMonitoring(chart, 'Health', { app, metrics: {} });
          new LeastPrivilegeAccess(chart, 'Access', { app, viewers: ['a'], operators: ['b'] });
        });
        expect(manifests.length).toBeGreaterThan(25);
        for (const { metadata } of manifests) {
          expect(metadata.name).toMatch(DNS_LABEL);
          expect(metadata.name.length).toBeLessThanOrEqual(63);
          for (const value of Object.values<string>(metadata.labels ?? {})) {
            expect(value).toMatch(LABEL_VALUE);
            expect(value.length).toBeLessThanOrEqual(63);
          }
        }
      }),
      { numRuns: 15 },
    );
  });

  it('of containers and volumes are DNS labels', () => {
    const pods = podsIn(synth((chart) => everything(chart)));
    expect(pods.length).toBeGreaterThan(3);
    for (const pod of pods) {
      for (const { name } of [...containersOf(pod), ...pod.spec.volumes]) {
        expect(name).toMatch(DNS_LABEL);
        expect(name.length).toBeLessThanOrEqual(63);
      }
    }
  });
});

describe('hosts', () => {
  it('are DNS names in lower case', () => {
    fc.assert(
      fc.property(fc.domain(), (host) => {
        expect(accepts(() => checkHost(chart, 'hosts', host))).toBe(host === host.toLowerCase());
      }),
    );
  });

  it.each([
    '',
    ' ',
    'a b.example.com',
    'https://a.example.com',
    'a.example.com:443',
    'a.example.com/',
    'A.com',
  ])('are not %j', (host) => {
    expect(() => checkHost(chart, 'hosts', host)).toThrow('is not a host name');
  });

  it.each(['example.com.', 'a..b', '-a.com', 'a-.com', 'a_b.com'])(
    'are no other spelling of a name: %j',
    (host) => {
      expect(() => checkHost(chart, 'hosts', host)).toThrow('is not a host name');
    },
  );

  it.each(['*', '*.example.com', '.example.com'])('are no patterns: %j', (host) => {
    expect(() => checkHost(chart, 'hosts', host)).toThrow('means several hosts');
  });
});
