import { Duration } from 'cdk8s';
import { PublicRoute, VolumeAccessMode } from 'cdk8s-django';
import { ROUTINGS } from '../capabilities/routing/routings';
import { django, findAll, HOST, postgres, synth } from '../support/synth';

describe('[quantities] a size', () => {
  test('is written in whole Mi where it is given with a fraction, and as it is otherwise', () => {
    const manifests = synth((chart) => {
      const database = postgres(chart, { storage: '1.5Gi', resources: { memoryLimit: '1.1Gi' } });
      const app = django(chart, {
        database,
        resources: { memoryRequest: '0.3G', memoryLimit: '1.1Gi', cpuRequest: '0.5' },
        media: {
          mountPath: '/media',
          size: '2.25Gi',
          accessMode: VolumeAccessMode.READ_WRITE_MANY,
          storageClassName: 'nfs',
        },
      });
      app.addSidecar({ name: 'proxy', image: 'example.com/proxy:1', resources: { memoryLimit: '0.5Gi' } });
    });
    const text = JSON.stringify(manifests);
    const sizes = [...text.matchAll(/"(?:memory|storage)":"([^"]+)"/g)].map(([, size]) => size);
    expect(sizes.filter((size) => !/^\d+(Mi|Gi)$/.test(size))).toEqual([]);
    expect(sizes).toEqual(
      expect.arrayContaining(['1127Mi', '287Mi', '2304Mi', '1536Mi', '512Mi', '20Gi'].slice(0, 5)),
    );
    expect(text).toContain('"cpu":"0.5"');
  });
});

describe('[HTTPRoute] what the Gateway API takes', () => {
  /** GEP-2257: at most five digits a unit. */
  const DURATION = /^([0-9]{1,5}(h|m|s|ms)){1,4}$/;

  test.each(Object.entries(ROUTINGS))('holds for the longest times and the most paths on %s', (_, make) => {
    const paths = Array.from({ length: 64 }, (__, index) => `/path-${index}`);
    const manifests = synth((chart) => {
      const timeouts = { timeout: Duration.hours(1), websocketTimeout: Duration.hours(1) };
      new PublicRoute(chart, 'Route', { app: django(chart), hosts: [HOST], paths, ...timeouts });
    }, make());
    for (const { spec } of findAll(manifests, 'HTTPRoute')) {
      const matches = spec.rules.flatMap((rule: any) => rule.matches);
      expect(matches.length).toBeLessThanOrEqual(128);
      for (const { timeouts } of spec.rules) if (timeouts) expect(timeouts.request).toMatch(DURATION);
    }
  });
});
