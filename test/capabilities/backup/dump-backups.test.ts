import { spawnSync } from 'node:child_process';
import { Chart, Duration } from 'cdk8s';
import {
  DatabaseBackup,
  DatabaseBackupProps,
  Distribution,
  DjangoApp,
  IDistribution,
  LeastPrivilegeAccess,
  PostgresBackendProps,
} from 'cdk8s-django';
import { BackupDrill, DumpBackups, DumpBackupsProps } from 'cdk8s-django/backup';
import { RdsPostgres } from 'cdk8s-django/postgres';
import * as fc from 'fast-check';
import { MODES } from '../admission/modes';
import { django, errorOf, find, postgres, synth } from '../../support/synth';

const labels = (component: string) => ({
  'app.kubernetes.io/name': 'postgresql',
  'app.kubernetes.io/instance': 'polls-db',
  'app.kubernetes.io/component': component,
});

type Changes = Partial<Omit<DatabaseBackupProps, 'database'>>;

function backup(chart: Chart, changes: Changes = {}, server: Partial<PostgresBackendProps> = {}): DjangoApp {
  const database = postgres(chart, server);
  const app = django(chart, { database });
  new DatabaseBackup(chart, 'Backup', { database, ...changes });
  return app;
}

const on = (props: DumpBackupsProps) => Distribution.upstream({ backup: new DumpBackups(props) });
const manifests = (
  distribution: IDistribution,
  changes: Changes = {},
  server: Partial<PostgresBackendProps> = {},
) => synth((chart) => backup(chart, changes, server), distribution);
const podOf = (made: any[], name: string) => find(made, 'CronJob', name).spec.jobTemplate.spec.template.spec;
const commandOf = (made: any[], name: string): string[] => podOf(made, name).containers[0].command;
const server = (made: any[]) => find(made, 'StatefulSet', 'polls-db').spec.template.spec;

describe('dumps', () => {
  const made = manifests(on({}));

  it.each([
    [{ accepted: [1], used: 1 }, 'django', 'password'],
    [{ accepted: [1, 2], used: 2 }, 'django_alternate', 'password-2'],
  ])('log in with the password that %j says, which the server has in files', (passwords, user, key) => {
    const rotated = manifests(on({ drill: {} }), {}, { passwords });
    for (const name of ['polls-db-dump', 'polls-db-drill']) {
      const { env } = podOf(rotated, name).containers[0];
      expect(env.filter((one: any) => one.name === 'POSTGRES_PASSWORD')).toEqual([
        { name: 'POSTGRES_PASSWORD', valueFrom: { secretKeyRef: { name: 'polls-db', key } } },
      ]);
      expect(commandOf(rotated, name)).toContain(user);
    }
  });

  it('know no password but that of the application, as drills and copies do', () => {
    const copies = { claimName: 'copies', tables: { django_session: { withoutRows: true } } };
    const all = manifests(on({ drill: {}, copies }), {}, { archive: {} });
    const secrets = (name: string) =>
      podOf(all, name).containers[0].env.flatMap(({ valueFrom }: any) => valueFrom?.secretKeyRef.name ?? []);
    expect(secrets('polls-db-dump')).toEqual(['polls-db']);
    expect(secrets('polls-db-drill')).toEqual(['polls-db']);
    expect(secrets('polls-db-copy')).toEqual([]);
    expect(podOf(all, 'polls-db-copy').containers[0].env.map(({ name }: any) => name)).toEqual([
      ...['POSTGRES_DB', 'POSTGRES_USER', 'POSTGRES_INITDB_ARGS'],
    ]);
  });

  it('check the certificate of a server that has one, as drills do', () => {
    const certified = manifests(on({ drill: {} }), {}, { certificateSecretName: 'polls-db-tls' });
    for (const name of ['polls-db-dump', 'polls-db-drill']) {
      const { containers, volumes } = podOf(certified, name);
      const path = '/etc/cdk8s-django/polls-db';
      expect(containers[0].env).toEqual(
        expect.arrayContaining([
          { name: 'PGSSLMODE', value: 'verify-full' },
          { name: 'PGSSLROOTCERT', value: `${path}/ca.crt` },
        ]),
      );
      expect(containers[0].volumeMounts).toContainEqual({
        name: 'database-ca',
        mountPath: path,
        readOnly: true,
      });
      const items = [{ key: 'ca.crt', path: 'ca.crt' }];
      expect(volumes).toContainEqual({
        name: 'database-ca',
        secret: { secretName: 'polls-db-tls', items },
      });
      // A drill's own server has no certificate.
      expect(commandOf(certified, name).join(' ')).not.toContain('ssl');
    }
  });

  it('are made by the image of the server, as the role of the application, onto a claim', () => {
    const { metadata, spec } = find(made, 'CronJob', 'polls-db-dump');
    expect(metadata.labels).toMatchObject(labels('backup'));
    expect(spec).toMatchObject({
      schedule: '0 3 * * *',
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      jobTemplate: { spec: { backoffLimit: 0, activeDeadlineSeconds: 21_600 } },
    });
    expect(commandOf(made, 'polls-db-dump')).toEqual([
      ...['sh', '/etc/cdk8s-django/dump.sh', 'polls-db', '720', 'polls-db', 'django'],
    ]);
    const pod = podOf(made, 'polls-db-dump');
    const [container] = pod.containers;
    expect(container.image).toBe(server(made).containers[0].image);
    const env = server(made).containers[0].env.filter(({ name }: any) => name !== 'PGDATA');
    expect(container.env).toHaveLength(env.length);
    expect(container.env).toEqual(expect.arrayContaining(env));
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.volumes).toContainEqual({
      name: 'dumps',
      persistentVolumeClaim: { claimName: 'polls-db-dump' },
    });
    expect(find(made, 'PersistentVolumeClaim', 'polls-db-dump').spec).toEqual({
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '20Gi' } },
    });
    expect(made.filter(({ metadata }) => metadata.name === 'polls-db-drill')).toEqual([]);
    expect(Object.keys(find(made, 'ConfigMap', 'polls-db-dump').data)).toEqual(['dump.sh']);
  });

  it('and drills take all props', () => {
    const drill: Required<BackupDrill> = {
      schedule: '0 6 * * 1',
      maxAge: Duration.hours(30),
      tolerance: 0.25,
    };
    const props: Required<Omit<DumpBackupsProps, 'claimName' | 'copies' | 'bucket'>> = {
      storage: '100Gi',
      storageClassName: 'nfs',
      timeout: Duration.hours(2),
      drill,
    };
    const all = manifests(
      on(props),
      { schedule: '30 2 * * 1-5', timeZone: 'Europe/Vienna', retention: Duration.days(14) },
      { image: 'registry.example.com/postgis:17', imagePullSecrets: ['registry'], storageClassName: 'fast' },
    );
    const dumps = find(all, 'CronJob', 'polls-db-dump').spec;
    expect(dumps).toMatchObject({ schedule: '30 2 * * 1-5', timeZone: 'Europe/Vienna' });
    expect(dumps.jobTemplate.spec.activeDeadlineSeconds).toBe(7200);
    expect(commandOf(all, 'polls-db-dump')).toContain('336');
    expect(find(all, 'CronJob', 'polls-db-drill').spec).toMatchObject({
      schedule: '0 6 * * 1',
      timeZone: 'Europe/Vienna',
      // Each that stays has a copy of all data on a volume.
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 1,
      jobTemplate: { spec: { ttlSecondsAfterFinished: 3600 } },
    });
    expect(commandOf(all, 'polls-db-drill')).toEqual([
      ...['sh', '/etc/cdk8s-django/drill.sh', 'polls-db', '108000', '0.25', 'polls-db', 'django'],
    ]);
    for (const name of ['polls-db-dump', 'polls-db-drill']) {
      const { imagePullSecrets, containers } = podOf(all, name);
      expect(imagePullSecrets).toEqual([{ name: 'registry' }]);
      expect(containers[0].image).toBe('registry.example.com/postgis:17');
    }
    expect(find(all, 'PersistentVolumeClaim', 'polls-db-dump').spec).toEqual({
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'nfs',
      resources: { requests: { storage: '100Gi' } },
    });
    const [drillVolume] = podOf(all, 'polls-db-drill').volumes.filter(({ name }: any) => name === 'drill');
    expect(drillVolume.ephemeral.volumeClaimTemplate.spec).toEqual({
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'fast',
      resources: { requests: { storage: '20Gi' } },
    });
  });

  it('go to a claim that is given', () => {
    const given = manifests(on({ claimName: 'backups', drill: {} }));
    expect(given.filter(({ kind }) => kind === 'PersistentVolumeClaim')).toEqual([]);
    for (const name of ['polls-db-dump', 'polls-db-drill']) {
      expect(podOf(given, name).volumes).toContainEqual({
        name: 'dumps',
        persistentVolumeClaim: { claimName: 'backups' },
      });
    }
  });

  it('leave the server as it is', () => {
    const without = synth((chart) => django(chart, { database: postgres(chart) }));
    const own = ({ metadata }: any) => /^polls-db-(dump|drill)$/.test(metadata.name);
    expect(manifests(on({ drill: {} })).filter((one) => !own(one))).toEqual(without);
  });

  it('reach the database alone, which lets them in', () => {
    const all = synth(
      (chart) => {
        new LeastPrivilegeAccess(chart, 'Access', { app: backup(chart) });
      },
      on({ drill: {} }),
    );
    const own = find(all, 'NetworkPolicy', 'polls-db-dump').spec;
    expect(own.policyTypes).toEqual(['Ingress', 'Egress']);
    expect(own.ingress).toBeUndefined();
    const toServer = { to: [{ podSelector: { matchLabels: labels('database') } }] };
    expect(own.egress.filter(({ ports }: any) => ports?.[0].port === 5432)).toMatchObject([toServer]);
    expect(own.podSelector.matchExpressions).toEqual([
      { key: 'app.kubernetes.io/component', operator: 'In', values: ['backup', 'backup-drill'] },
    ]);
    const [{ from }] = find(all, 'NetworkPolicy', 'polls-db').spec.ingress;
    expect(from).toEqual(
      expect.arrayContaining(
        ['backup', 'backup-drill'].map((component) => ({ podSelector: { matchLabels: labels(component) } })),
      ),
    );
  });

  it('load what extensions of the server need into that of a drill', () => {
    const all = manifests(on({ drill: {} }), {}, { extensions: ['pg_stat_statements'] });
    expect(commandOf(all, 'polls-db-drill').slice(-1)).toEqual([
      '--shared_preload_libraries=pg_stat_statements',
    ]);
  });

  it.each(Object.keys(MODES))('are the same on %s, but for users and classes', (mode) => {
    const all = manifests({ ...MODES[mode].make(undefined, false), backup: new DumpBackups({ drill: {} }) });
    expect(commandOf(all, 'polls-db-dump')).toEqual(commandOf(made, 'polls-db-dump'));
    const { fsGroup, runAsUser } = podOf(all, 'polls-db-drill').securityContext;
    const chosen = server(all).securityContext;
    expect([fsGroup, runAsUser]).toEqual([chosen.fsGroup, chosen.runAsUser]);
  });

  it('have scripts that the shell reads, and that Flux leaves as they are', () => {
    const all = manifests(on({ drill: {} }), {}, { restoreFrom: 'polls-db-20261124-030000' });
    const scripts = ['polls-db', 'polls-db-dump'].flatMap((name) =>
      Object.entries<string>(find(all, 'ConfigMap', name).data),
    );
    expect(scripts.map(([name]) => name)).toEqual(
      expect.arrayContaining(['dump.sh', 'drill.sh', 'restore.sh']),
    );
    for (const [name, text] of scripts) {
      expect([name, /\$\{|\$\$/.exec(text)]).toEqual([name, null]);
      const { status, stderr } = spawnSync('sh', ['-n'], { input: text, encoding: 'utf8' });
      expect([name, status, stderr]).toEqual([name, 0, '']);
    }
  });

  it('keep to the hours and the share that are asked for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (hours, tolerance) => {
          const all = manifests(on({ drill: { tolerance, maxAge: Duration.hours(hours) } }), {
            retention: Duration.hours(hours),
          });
          expect(commandOf(all, 'polls-db-dump')[3]).toBe(`${hours}`);
          const [seconds, share] = commandOf(all, 'polls-db-drill').slice(3);
          expect([Number(seconds), Number(share)]).toEqual([hours * 3600, tolerance]);
        },
      ),
      { numRuns: 10 },
    );
  });

  it.each<[DumpBackupsProps, string]>([
    [
      { claimName: 'A' },
      'backup.claimName "A" is not a name that Kubernetes takes. Use lower-case letters, digits, "-" and ".", ' +
        'beginning and ending with a letter or digit.',
    ],
    [
      { claimName: 'data-polls-db-0' },
      'backup.claimName "data-polls-db-0" is the volume of the server "polls-db" itself, and would be lost with it. ' +
        'Give another claim, or leave it out to have one made.',
    ],
    [
      { claimName: 'a', storage: '1Gi' },
      'backup.storage "1Gi" is given together with claimName, and that claim is not made. Give claimName if the claim ' +
        'exists, or the others to have one made.',
    ],
    [
      { claimName: 'a', storageClassName: 'nfs' },
      'backup.storageClassName "nfs" is given together with claimName, and that claim is not made. Give claimName if ' +
        'the claim exists, or the others to have one made.',
    ],
    [
      { drill: { tolerance: 1.5 } },
      'backup.drill.tolerance 1.5 is not a share from 0 to 1. Give a share such as 0.5.',
    ],
    [
      { drill: { schedule: '@daily' } },
      'backup.drill.schedule "@daily" does not have the five fields of cron. Give minute, hour, day, month and ' +
        'weekday, such as "30 3 * * *".',
    ],
  ])('refuse %j', (props, message) => {
    expect(errorOf((chart) => backup(chart), on(props))).toBe(`polls/Backup: ${message}`);
  });

  it('refuse a size that is none, and a server that the library does not make', () => {
    expect(errorOf((chart) => backup(chart), on({ storage: 'much' }))).toMatch(
      /^polls\/Backup: backup\.storage "much" is not a /,
    );
    const rds = Distribution.eks({
      postgres: new RdsPostgres({
        servers: { 'polls-db': { host: 'polls.rds.example.com', password: { secret: 'polls' } } },
        certificatePath: '/etc/ssl/rds.pem',
      }),
      region: 'eu-west-1',
      backup: new DumpBackups(),
    });
    expect(errorOf((chart) => backup(chart), rds)).toMatch(
      /^polls\/Backup: database "polls-db" is not a server of the library, and its image is what dumps and restores it\. /,
    );
  });
});

describe('restoreFrom, where dumps are made', () => {
  const restored = (props: DumpBackupsProps, restoreFrom: string) =>
    server(synth((chart) => django(chart, { database: postgres(chart, { restoreFrom }) }), on(props)));

  it('restores a dump before the server first starts', () => {
    const { initContainers, containers, volumes } = restored({}, 'polls-db-20261124-030000');
    const [{ name, image, command, args, env, volumeMounts }] = initContainers;
    expect({ name, image, env }).toEqual({
      name: 'restore',
      image: containers[0].image,
      env: containers[0].env,
    });
    expect(command).toEqual(['sh', '/etc/cdk8s-django/restore.sh', 'polls-db-20261124-030000']);
    expect(args).toEqual(containers[0].args.slice(1));
    const mount = { name: 'dumps', mountPath: '/var/lib/cdk8s-django/dumps', readOnly: true };
    expect(volumeMounts).toEqual([...containers[0].volumeMounts, mount]);
    expect(volumes).toContainEqual({ name: 'dumps', persistentVolumeClaim: { claimName: 'polls-db-dump' } });
  });

  it.each(['20261124-030000', 'latest'])('takes a dump of another server, %s, from either claim', (which) => {
    const claim = (props: DumpBackupsProps) =>
      restored(props, `shop-${which}`).volumes.find(({ name }: any) => name === 'dumps');
    expect(claim({}).persistentVolumeClaim).toEqual({ claimName: 'shop-dump' });
    expect(claim({ claimName: 'backups' }).persistentVolumeClaim).toEqual({ claimName: 'backups' });
  });

  it('makes the volume of no snapshot', () => {
    const made = synth(
      (chart) => django(chart, { database: postgres(chart, { restoreFrom: 'polls-db-20261124-030000' }) }),
      on({}),
    );
    const [{ spec }] = find(made, 'StatefulSet', 'polls-db').spec.volumeClaimTemplates;
    expect(spec.dataSource).toBeUndefined();
  });

  it.each(['polls-db', 'polls-db-2026', 'polls-db-20261124-030000.dump'])('refuses %s', (restoreFrom) => {
    expect(errorOf((chart) => postgres(chart, { restoreFrom }), on({}))).toBe(
      `polls/Database: restoreFrom "${restoreFrom}" is not the name of a dump, which ends in its time. Give one that the ` +
        'log of a dump lists, such as "polls-db-20261124-030000", or "polls-db-latest".',
    );
  });
});
