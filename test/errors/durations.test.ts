import { Chart, Duration } from 'cdk8s';
import {
  DatabaseBackup,
  Distribution,
  HealthMonitoring,
  LeastPrivilegeAccess,
  PostgresBackend,
  PublicRoute,
  StoredSecret,
} from 'cdk8s-django';
import { DumpBackups, VeleroBackups, VolumeSnapshotBackups } from 'cdk8s-django/backup';
import { AckPostgres, ManagedPostgres, PgBouncer, PgBouncerProps } from 'cdk8s-django/postgres';
import { IngressRouting } from 'cdk8s-django/routing';
import { NodeLabelScheduling } from 'cdk8s-django/scheduling';
import * as ts from 'typescript';
import { sample } from '../support/distributions';
import { chartOn, django, errorOf, HOST, postgres } from '../support/synth';
import { publicExports, programOf } from '../support/typescript';

/** A prop that takes a time, and what it may be. */
interface Case {
  /** `CommandProps.deadline` */
  readonly title: string;
  readonly define: (chart: Chart, time: Duration) => unknown;
  /** The beginning of the message: path and property. */
  readonly property: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** What it is counted in: seconds. */
  readonly unit?: 'hours' | 'days';
}

const command = { name: 'digest', command: ['send_digest'] };
const celery = { broker: { url: 'redis://queue:6379/0' } };
const scaling = { minReplicas: 1, maxReplicas: 2 };
const pooler = (chart: Chart, times: Partial<PgBouncerProps>) =>
  new PgBouncer(chart, 'Pooler', {
    name: 'polls-pooler',
    database: postgres(chart),
    image: 'registry.example.com/pgbouncer:1.24.1',
    ...times,
  });

const CASES: Case[] = [
  {
    title: 'BreakGlassAccess.duration',
    define: (chart, duration) =>
      new LeastPrivilegeAccess(chart, 'Access', {
        app: django(chart),
        breakGlass: { groups: ['on-call'], duration },
      }),
    property: 'polls/Access: breakGlass.duration',
    atLeast: 600,
    atMost: 12 * 3600,
  },
  {
    title: 'CommandProps.deadline',
    define: (chart, deadline) => django(chart).addCommand({ ...command, deadline }),
    property: 'polls/Polls: deadline',
  },
  {
    title: 'ScheduledCommandProps.startingDeadline',
    define: (chart, startingDeadline) =>
      django(chart).addScheduledCommand({ ...command, schedule: '@daily', startingDeadline }),
    property: 'polls/Polls: startingDeadline',
    atLeast: 10,
  },
  {
    title: 'CeleryOptions.visibilityTimeout',
    define: (chart, visibilityTimeout) => django(chart, { celery: { ...celery, visibilityTimeout } }),
    property: 'polls/Polls: celery.visibilityTimeout',
  },
  {
    title: 'CeleryWorkerProps.taskTimeLimit',
    define: (chart, taskTimeLimit) =>
      django(chart, { celery }).addCeleryWorker({ name: 'mail', taskTimeLimit }),
    property: 'polls/Polls: taskTimeLimit',
  },
  {
    title: 'TaskWorkerProps.taskTimeLimit',
    define: (chart, taskTimeLimit) =>
      django(chart, { database: postgres(chart) }).addTaskWorker({ name: 'mail', taskTimeLimit }),
    property: 'polls/Polls: taskTimeLimit',
  },
  {
    title: 'TaskWorkerProps.resultRetention',
    define: (chart, resultRetention) =>
      django(chart, { database: postgres(chart) }).addTaskWorker({ name: 'mail', resultRetention }),
    property: 'polls/Polls: resultRetention',
    unit: 'days',
    atLeast: 0,
    atMost: 3650,
  },
  {
    title: 'ProcessProps.stopTimeout',
    define: (chart, stopTimeout) =>
      django(chart).addProcess({ name: 'mail', command: ['mail'], stopTimeout }),
    property: 'polls/Polls: stopTimeout',
  },
  {
    title: 'ProcessProbe.maxAge',
    define: (chart, maxAge) =>
      django(chart).addProcess({ name: 'mail', command: ['mail'], probe: { file: '/tmp/alive', maxAge } }),
    property: 'polls/Polls: probe.maxAge',
    atLeast: 5,
  },
  {
    title: 'ProcessProbe.startupTime',
    define: (chart, startupTime) =>
      django(chart).addProcess({
        name: 'mail',
        command: ['mail'],
        probe: { file: '/tmp/alive', startupTime },
      }),
    property: 'polls/Polls: probe.startupTime',
    atLeast: 2,
  },
  ...(['stickiness', 'maxLag'] as const).map((prop) => ({
    title: `ReadReplicas.${prop}`,
    define: (chart: Chart, duration: Duration) =>
      PostgresBackend.fromHost(chart, 'Outside', {
        ...{ host: 'db.example.com', database: 'polls', user: 'polls', replicaHost: 'replica.example.com' },
        password: { secretName: 'polls', key: 'password' },
        readReplicas: { [prop]: duration },
      }),
    property: `polls/Outside: readReplicas.${prop}`,
    ...(prop === 'stickiness' && { atLeast: 0 }),
  })),
  {
    title: 'ReplicaScaling.scaleDownStabilization',
    define: (chart, scaleDownStabilization) =>
      django(chart, { scaling: { ...scaling, scaleDownStabilization } }),
    property: 'polls/Polls: scaling.scaleDownStabilization',
    atLeast: 0,
    atMost: 3600,
  },
  {
    title: 'SettingsOverlay.strictTransportSecurity',
    define: (chart, strictTransportSecurity) =>
      django(chart, { settingsOverlay: { strictTransportSecurity } }),
    property: 'polls/Polls: settingsOverlay.strictTransportSecurity',
    atLeast: 0,
  },
  {
    title: 'DjangoAppProps.migrationDeadline',
    define: (chart, migrationDeadline) => django(chart, { migrationDeadline }),
    property: 'polls/Polls: migrationDeadline',
  },
  {
    title: 'DjangoAppProps.requestTimeout',
    define: (chart, requestTimeout) => django(chart, { requestTimeout }),
    property: 'polls/Polls: requestTimeout',
  },
  {
    title: 'PgBouncerProps.connectionMaxAge',
    define: (chart, connectionMaxAge) => pooler(chart, { connectionMaxAge }),
    property: 'polls/Pooler: connectionMaxAge',
    atLeast: 0,
  },
  {
    title: 'PgBouncerProps.requestTimeout',
    define: (chart, requestTimeout) => pooler(chart, { requestTimeout }),
    property: 'polls/Pooler: requestTimeout',
  },
  {
    title: 'Probe.period',
    define: (chart, period) =>
      new HealthMonitoring(chart, 'Health', { app: django(chart), readiness: { period } }),
    property: 'polls/Polls: readiness.period',
    atMost: 3600,
  },
  {
    title: 'Probe.timeout',
    define: (chart, timeout) =>
      new HealthMonitoring(chart, 'Health', { app: django(chart), startup: { timeout } }),
    property: 'polls/Polls: startup.timeout',
    atMost: 3600,
  },
  {
    title: 'Metrics.interval',
    define: (chart, interval) =>
      new HealthMonitoring(chart, 'Health', { app: django(chart), metrics: { interval } }),
    property: 'polls/Health: metrics.interval',
  },
  {
    title: 'AlertProps.pending',
    define: (chart, pending) =>
      new HealthMonitoring(chart, 'Health', { app: django(chart) }).addAlert('OrdersStopped', {
        expression: 'absent(orders_total)',
        summary: 'No order was taken.',
        pending,
      }),
    property: 'polls/Health: OrdersStopped.pending',
  },
  {
    title: 'PublicRouteProps.timeout',
    define: (chart, timeout) =>
      new PublicRoute(chart, 'Route', { app: django(chart), hosts: [HOST], timeout }),
    property: 'polls/Route: timeout',
    atMost: 3600,
  },
  {
    title: 'RouteOptions.websocketTimeout',
    define: (chart, websocketTimeout) =>
      new PublicRoute(chart, 'Route', { app: django(chart), hosts: [HOST], websocketTimeout }),
    property: 'polls/Route: websocketTimeout',
    atMost: 3600,
  },
  {
    title: 'NodeLabelSchedulingProps.spotNotice',
    define: (_chart, spotNotice) => {
      const scheduling = new NodeLabelScheduling({ spotLabels: { spot: 'true' }, spotNotice });
      return django(chartOn(Distribution.upstream({ scheduling })), { scheduling: { spot: true } });
    },
    property: 'polls/Polls: scheduling.spotNotice',
  },
  {
    title: 'IngressRoutingProps.idleTimeout',
    define: (_chart, idleTimeout) => {
      const routing = new IngressRouting({
        ingressClassName: 'nginx',
        routerNamespaceLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' },
        idleTimeout,
      });
      const chart = chartOn(Distribution.upstream({ routing }));
      return new PublicRoute(chart, 'Route', { app: django(chart), hosts: [HOST] });
    },
    property: 'polls/Route: routing.idleTimeout',
  },
  {
    title: 'RoutingProps.deregistration',
    define: (_chart, deregistration) => django(chartOn(Distribution.gke({ deregistration }))),
    property: 'polls/Polls: routing.deregistration',
    atLeast: 0,
  },
  {
    title: 'StoredSecretProps.refreshInterval',
    define: (chart, refreshInterval) =>
      new StoredSecret(chart, 'Stripe', { name: 'stripe', keys: { key: { secret: 's' } }, refreshInterval }),
    property: 'polls/Stripe: refreshInterval',
  },
  {
    title: 'ConnectionOptions.connectionMaxAge',
    define: (chart, connectionMaxAge) => postgres(chart, { connectionMaxAge }),
    property: 'polls/Database: connectionMaxAge',
    atLeast: 0,
  },
  {
    title: 'DatabaseBackupProps.retention',
    define: (chart, retention) =>
      new DatabaseBackup(chart, 'Backup', { database: postgres(chart), retention }),
    property: 'polls/Backup: retention',
    atMost: 36_500 * 24,
    unit: 'hours',
  },
  {
    title: 'ManagedPostgresProps.pointInTimeRecovery',
    define: (_chart, pointInTimeRecovery) => {
      const server = {
        instanceClass: 'db.m7g.large',
        securityGroupIds: ['sg-0123456789abcdef0'],
        subnetGroupName: 'databases',
      };
      const managedPostgres = new AckPostgres({ servers: { polls: server } });
      return new ManagedPostgres(chartOn(Distribution.eks({ managedPostgres })), 'Server', {
        ...{ name: 'polls', version: 17, storage: '100Gi' },
        pointInTimeRecovery,
      });
    },
    property: 'polls/Server: pointInTimeRecovery',
    atMost: 35,
    unit: 'days',
  },
  {
    title: 'PostgresArchive.retention',
    define: (chart, retention) => postgres(chart, { archive: { retention } }),
    property: 'polls/Database: archive.retention',
    atMost: 36_500 * 24,
    unit: 'hours',
  },
  {
    title: 'VeleroBackupsProps.dumpTimeout',
    define: (_chart, dumpTimeout) => {
      const chart = chartOn(Distribution.upstream({ backup: new VeleroBackups({ dumpTimeout }) }));
      return new DatabaseBackup(chart, 'Backup', { database: postgres(chart) });
    },
    property: 'polls/Backup: backup.dumpTimeout',
  },
  {
    title: 'VolumeSnapshotBackupsProps.readyTimeout',
    define: (_chart, readyTimeout) => {
      const chart = chartOn(Distribution.upstream({ backup: new VolumeSnapshotBackups({ readyTimeout }) }));
      return new DatabaseBackup(chart, 'Backup', { database: postgres(chart) });
    },
    property: 'polls/Backup: backup.readyTimeout',
  },
  {
    title: 'DumpBackupsProps.timeout',
    define: (_chart, timeout) => {
      const chart = chartOn(Distribution.upstream({ backup: new DumpBackups({ timeout }) }));
      return new DatabaseBackup(chart, 'Backup', { database: postgres(chart) });
    },
    property: 'polls/Backup: backup.timeout',
  },
  {
    title: 'BackupDrill.maxAge',
    define: (_chart, maxAge) => {
      const chart = chartOn(Distribution.upstream({ backup: new DumpBackups({ drill: { maxAge } }) }));
      return new DatabaseBackup(chart, 'Backup', { database: postgres(chart) });
    },
    property: 'polls/Backup: backup.drill.maxAge',
  },
];

/** The methods of an application by which other constructs tell it of times. */
const METHODS: Case[] = [
  {
    title: 'DjangoApp.allowRequestTime',
    define: (chart, time) => django(chart).allowRequestTime(time),
    property: 'polls/Polls: timeout',
  },
  {
    title: 'DjangoApp.keepConnections',
    define: (chart, time) => django(chart).keepConnections(time),
    property: 'polls/Polls: idleTimeout',
  },
  {
    title: 'IRouting.deregistration',
    define: (_chart, deregistration) => {
      const distribution = Distribution.upstream();
      Object.assign(distribution.routing, { deregistration });
      return django(chartOn(distribution));
    },
    property: 'polls/Polls: routing.deregistration',
    atLeast: 0,
  },
];

const MILLISECONDS: Record<string, number> = { seconds: 1000, hours: 3_600_000, days: 86_400_000 };

/** What constructs hand on to capabilities: they have checked it, or a capability of the library has the value. */
const HANDED_ON = /^(\w+Request|AlertingRule|I[A-Z]\w+)\./;
/** One of a few times, which the tests of the rules hold. */
const ONE_OF_A_FEW = 'LatencyObjective.threshold';

/** The props of the public interface that are times. */
function times(): string[] {
  const program = programOf();
  const checker = program.getTypeChecker();
  return publicExports(program)
    .filter((symbol) => symbol.declarations?.some(ts.isInterfaceDeclaration))
    .flatMap((symbol) => checker.getDeclaredTypeOfSymbol(symbol).getProperties())
    .filter((member) => {
      const type = checker.getNonNullableType(checker.getTypeOfSymbol(member));
      return checker.typeToString(type) === 'Duration';
    })
    .map((member) => {
      const { parent } = member.declarations![0];
      return `${(parent as ts.InterfaceDeclaration).name.text}.${member.name}`;
    });
}

it('each prop that is a time is in the table', () => {
  const given = new Set(times().filter((title) => !HANDED_ON.test(title) && title !== ONE_OF_A_FEW));
  expect([...given].sort()).toEqual(CASES.map(({ title }) => title).sort());
});

describe.each([...CASES, ...METHODS])('$title', ({ define, property, ...test }) => {
  const { atLeast = 1, atMost, unit = 'seconds' } = test;
  const lasting = (count: number) => Duration.millis(count * MILLISECONDS[unit]);
  const refusal = (value: number, most = atMost) => {
    const bounds = most === undefined ? `from ${atLeast} on` : `from ${atLeast} to ${most}`;
    return `${property} ${value} is not a whole number of ${unit} ${bounds}. Give a whole number of ${unit} ${bounds}.`;
  };
  const error = (time: Duration) => errorOf((chart) => define(chart, time), sample('gke'));

  it('is whole', () => {
    expect(error(lasting(1.5))).toBe(refusal(1.5));
  });

  if (atLeast > 0) {
    it('is not too short', () => {
      expect(error(Duration.seconds(0))).toBe(refusal(0));
      if (atLeast > 1) expect(error(Duration.seconds(atLeast - 1))).toBe(refusal(atLeast - 1));
    });
  }

  it('is not too long', () => {
    const most = atMost ?? 3650 * 24 * 3600;
    expect(error(lasting(most + 1))).toBe(refusal(most + 1, most));
  });

  it('is a number', () => {
    expect(error(Duration.seconds(NaN))).toBe(refusal(NaN));
  });
});

it('no time is below zero: cdk8s makes none', () => {
  expect(() => Duration.seconds(-1)).toThrow('negative');
});
