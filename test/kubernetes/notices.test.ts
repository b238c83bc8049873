import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject, App, Chart } from 'cdk8s';
import {
  DatabaseBackup,
  Distribution,
  IDistribution,
  LeastPrivilegeAccess,
  PublicRoute,
  synthesize,
} from 'cdk8s-django';
import { KedaAutoscaling } from 'cdk8s-django/autoscaling';
import { ContourRouting } from 'cdk8s-django/routing';
import { django, find, findAll, HOST, postgres, synth } from '../support/synth';

/** What `synthesize` says on standard error. */
function noticesOf(distribution: IDistribution, define: (chart: Chart) => unknown): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'notices-'));
  const before = process.env.CDK8S_OUTDIR;
  process.env.CDK8S_OUTDIR = folder;
  const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    synthesize([distribution], (app: App) => {
      define(new Chart(app, 'polls', { namespace: 'polls' }));
    });
    return write.mock.calls.map(([text]) => String(text));
  } finally {
    write.mockRestore();
    if (before === undefined) delete process.env.CDK8S_OUTDIR;
    else process.env.CDK8S_OUTDIR = before;
    rmSync(folder, { recursive: true });
  }
}

describe('[F55] a router that is assumed to be somewhere', () => {
  const define = (chart: Chart) => {
    const app = django(chart);
    new PublicRoute(chart, 'Route', { app, hosts: [HOST], tlsSecretName: 'polls-tls' });
    new LeastPrivilegeAccess(chart, 'Access', { app });
  };

  test('is told at synth, once, with what happens when it is elsewhere', () => {
    const notices = noticesOf(Distribution.upstream(), define);
    expect(notices).toEqual([
      'synthesize: notice for "upstream": [polls/Access] routerNamespaceLabels (not given) means a router in the ' +
        'namespace "projectcontour": the network policy refuses one that runs elsewhere, and every visitor gets ' +
        'status 503. Give the labels of their namespace: Distribution.upstream({ routerNamespaceLabels: ' +
        '{ "kubernetes.io/metadata.name": "…" } }), also when they are those.\n',
    ]);
  });

  test('is told of a ContourRouting too', () => {
    const [notice] = noticesOf(Distribution.upstream({ routing: new ContourRouting({}) }), define);
    expect(notice).toContain('means a router in the namespace "projectcontour"');
  });

  test('is not told where the program says it, nor without a policy, nor on platforms that know', () => {
    const routerNamespaceLabels = { 'kubernetes.io/metadata.name': 'projectcontour' };
    expect(noticesOf(Distribution.upstream({ routerNamespaceLabels }), define)).toEqual([]);
    expect(noticesOf(Distribution.openshift(), define)).toEqual([]);
    expect(noticesOf(Distribution.upstream(), (chart) => django(chart))).toEqual([]);
  });
});

describe('[schedules] a time at which clocks are changed', () => {
  const command = (schedule: string, timeZone?: string) =>
    noticesOf(Distribution.upstream(), (chart) =>
      django(chart).addScheduledCommand({ name: 'digest', command: ['digest'], schedule, timeZone }),
    );

  test('is told at synth, with what happens', () => {
    expect(command('30 2 * * *', 'Europe/Berlin')).toEqual([
      'synthesize: notice for "upstream": [polls/Polls] schedule "30 2 * * *" is at a time that may be missing in ' +
        '"Europe/Berlin" one night of spring, and there twice one night of autumn: Kubernetes then leaves the run ' +
        'out, and runs it twice. Give a time before 1:00 or from 4:00 on, or the time zone "Etc/UTC".\n',
    ]);
  });

  test.each([
    ['0 1 * * *', 'America/New_York'],
    ['59 3 * * 0', 'Europe/Vienna'],
    ['0 0,2 * * *', 'Europe/Vienna'],
    ['0 0-5 * * *', 'Australia/Sydney'],
    ['0 1-23/2 * * *', 'America/Santiago'],
  ])('is that of %s in %s', (schedule, timeZone) => {
    expect(command(schedule, timeZone)).toHaveLength(1);
  });

  test.each([
    ['30 2 * * *', undefined],
    ['30 2 * * *', 'Etc/UTC'],
    ['30 2 * * *', 'Asia/Tokyo'],
    ['30 4 * * *', 'Europe/Berlin'],
    ['59 0 * * *', 'Europe/Berlin'],
    ['30 12 * * *', 'Europe/Berlin'],
    ['30 * * * *', 'Europe/Berlin'],
    ['30 */2 * * *', 'Europe/Berlin'],
    ['@daily', 'Europe/Berlin'],
  ])('is not that of %s in %s', (schedule, timeZone) => {
    expect(command(schedule, timeZone)).toEqual([]);
  });

  test('is told of backups and of what scales too', () => {
    const backup = noticesOf(Distribution.gke({ certificateMap: 'polls' }), (chart) => {
      const database = postgres(chart, { pythonImage: 'python:3.13' });
      new DatabaseBackup(chart, 'Backup', { database, schedule: '0 2 * * *', timeZone: 'Europe/Berlin' });
    });
    expect(backup).toEqual([
      expect.stringContaining('schedule "0 2 * * *" is at a time that may be missing'),
    ]);
    const scaled = noticesOf(Distribution.upstream({ autoscaling: new KedaAutoscaling({}) }), (chart) => {
      const window = { start: '0 3 * * *', end: '0 18 * * *', timeZone: 'Europe/Vienna', replicas: 5 };
      django(chart, { scaling: { minReplicas: 2, maxReplicas: 9, schedules: [window] } });
    });
    expect(scaled).toEqual([expect.stringContaining('scaling.schedules.start "0 3 * * *"')]);
  });

  test('does not come of what runs each night unless a program says otherwise', () => {
    const manifests = synth(
      (chart) => {
        const database = postgres(chart);
        django(chart, { database }).addSessionClearing();
        new DatabaseBackup(chart, 'Backup', { database });
      },
      Distribution.gke({ certificateMap: 'polls' }),
    );
    const nightly = findAll(manifests, 'CronJob').filter(({ spec }) => / \* \* \*$/.test(spec.schedule));
    expect(nightly.map(({ spec }) => spec.timeZone)).toEqual(['Etc/UTC', 'Etc/UTC']);
    expect(find(manifests, 'CronJob', 'polls-clearsessions').spec.schedule).toBe('30 3 * * *');
  });
});

describe('[first try] Secrets that somebody has to make', () => {
  test('are told at synth, with their namespace, and none that the program makes', () => {
    const notices = noticesOf(Distribution.openshift(), (chart) => {
      const app = django(chart, {
        database: postgres(chart),
        secretEnvironment: { STRIPE: { secretName: 'stripe', key: 'key' } },
      });
      app.addSuperuser({ username: 'admin', password: { secretName: 'admin', key: 'password' } });
    });
    expect(notices).toEqual([
      'synthesize: notice for "openshift": pods wait for Secrets that nothing in the manifests makes, ' +
        'in namespace "polls": "admin", "stripe"\n',
    ]);
    expect(noticesOf(Distribution.openshift(), (chart) => django(chart))).toEqual([]);
  });

  test('are not told where an object of somebody else makes them', () => {
    const notices = noticesOf(Distribution.openshift(), (chart) => {
      django(chart, { secretEnvironment: { STRIPE: { secretName: 'stripe', key: 'key' } } });
      new ApiObject(chart, 'Stripe', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'stripe' } });
    });
    expect(notices).toEqual([]);
  });
});
