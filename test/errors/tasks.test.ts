import { Duration } from 'cdk8s';
import {
  DjangoAppProps,
  PostgresBackend,
  ProcessPlacement,
  ProcessProps,
  SslMode,
  TaskWorkerProps,
} from 'cdk8s-django';
import { KedaAutoscaling } from 'cdk8s-django/autoscaling';
import { Distribution } from 'cdk8s-django';
import { django, postgres } from '../support/synth';
import { BadInput, eachGivesItsMessage } from './support';

type Bad<Props> = { [prop in keyof Props]?: any };

const keda = () =>
  Distribution.upstream({ clusterIssuer: 'letsencrypt', autoscaling: new KedaAutoscaling() });
const BY_TASKS = { scaling: { minReplicas: 0, maxReplicas: 3, targetQueueLength: 5 } };

describe("a worker of Django's Tasks", () => {
  const worker = (
    what: string,
    changes: Bad<TaskWorkerProps>,
    message: string,
    app: Bad<DjangoAppProps> = {},
  ): BadInput => ({
    what,
    define: (chart) =>
      django(chart, { database: postgres(chart), ...app }).addTaskWorker({ name: 'mail', ...changes }),
    message: `polls/Polls: ${message}`,
  });
  eachGivesItsMessage([
    worker(
      'without a database',
      {},
      'database (not given) is needed for addTaskWorker, because tasks wait in it. Give the application a PostgresBackend.',
      { database: undefined },
    ),
    worker(
      'no queue',
      { queues: [] },
      'queues [] is empty. Use up to 32 characters, no blanks, quotes, commas and "*", or leave queues out to mean all.',
    ),
    worker(
      'a queue that is two',
      { queues: ['a,b'] },
      'queues "a,b" is not the name of a queue that a worker can be given. ' +
        'Use up to 32 characters, no blanks, quotes, commas and "*", or leave queues out to mean all.',
    ),
    worker(
      'no attempt',
      { maxAttempts: 0 },
      'maxAttempts 0 is not a whole number from 1 to 100. Give a whole number from 1 to 100.',
    ),
    worker(
      'a part of a day',
      { resultRetention: Duration.hours(12) },
      'resultRetention 0.5 is not a whole number of days from 0 to 3650. Give a whole number of days from 0 to 3650.',
    ),
    worker(
      'a part of a second',
      { taskTimeLimit: Duration.millis(1500) },
      'taskTimeLimit 1.5 is not a whole number of seconds from 1 on. Give a whole number of seconds from 1 on.',
    ),
    worker(
      'no process',
      { concurrency: 0 },
      'concurrency 0 is not a whole number from 1 to 64. Give a whole number from 1 to 64.',
    ),
    {
      what: 'a second one of the name',
      define: (chart) => {
        const app = django(chart, { database: postgres(chart) });
        app.addTaskWorker({ name: 'mail' });
        app.addTaskWorker({ name: 'mail' });
      },
      message:
        'polls/Polls: taskWorker "polls-tasks-mail" is there already. Give each task worker a name of its own.',
    },
    {
      what: 'none at first without anything that counts tasks',
      define: (chart) =>
        django(chart, { database: postgres(chart) }).addTaskWorker({
          name: 'mail',
          scaling: { minReplicas: 0, maxReplicas: 3 },
        }),
      message:
        'polls/Polls: scaling.minReplicas 0 is not a whole number of at least 1. Give a whole number of at least 1.',
    },
    {
      what: 'tasks that KEDA cannot count, because it cannot check the certificate',
      distribution: keda(),
      define: (chart) =>
        django(chart, {
          database: PostgresBackend.fromHost(chart, 'Database', {
            host: 'db.example.com',
            database: 'polls',
            user: 'polls',
            password: { secretName: 'db', key: 'password' },
            sslMode: SslMode.VERIFY_FULL,
            certificatePath: '/certificates/ca.pem',
          }),
        }).addTaskWorker({ name: 'mail', ...BY_TASKS }),
      message:
        'polls/Polls: scaling.targetQueueLength 5 has the autoscaler ask the database, and KEDA cannot be given the ' +
        'authority of its certificate. Leave it out, and scale by targetCpuUtilization or schedules.',
    },
  ]);
});

describe('a process', () => {
  const process = (what: string, changes: Bad<ProcessProps>, message: string): BadInput => ({
    what,
    define: (chart) => django(chart).addProcess({ name: 'queue', command: ['work'], ...changes }),
    message: `polls/Polls: ${message}`,
  });
  eachGivesItsMessage([
    process(
      'no command',
      { command: [] },
      'command [] is not a program with its arguments. Give a list of strings, such as ["python", "manage.py", "rqworker"].',
    ),
    process(
      'a command as one text',
      { command: 'rqworker default' },
      'command "rqworker default" is not a program with its arguments. ' +
        'Give a list of strings, such as ["python", "manage.py", "rqworker"].',
    ),
    process(
      'another place',
      { placement: 'nowhere' },
      'placement "nowhere" is not a place where a process runs. Use a member of ProcessPlacement.',
    ),
    process(
      'a signal that cannot be caught',
      { stopSignal: 'SIGKILL' },
      'stopSignal "SIGKILL" is not a signal that a process is told to stop by. Use a member of StopSignal.',
    ),
    process(
      'a number of pods beside replicas',
      { placement: ProcessPlacement.WEB_PODS, replicas: 3 },
      'replicas 3 has no meaning for a process that runs in the pod of each replica. ' +
        'Leave it out, or let the process have pods of its own.',
    ),
    process(
      'a probe of nothing',
      { probe: {} },
      'probe {} says neither a file nor a command. Give one of the two, or leave probe out.',
    ),
    process(
      'a probe of both',
      { probe: { file: '/tmp/alive', command: ['true'] } },
      'probe {"file":"/tmp/alive","command":["true"]} says a file and a command. ' +
        'Give one of the two, or leave probe out.',
    ),
    process(
      'a file that the shell would read otherwise',
      { probe: { file: '/tmp/a b' } },
      'probe.file "/tmp/a b" is not the absolute path of a file. ' +
        'Give one of letters, digits, "-", "_", "." and "/", such as "/tmp/alive".',
    ),
    process(
      'an age without a file',
      { probe: { command: ['true'], maxAge: Duration.minutes(1) } },
      'probe.maxAge 60 has no meaning without probe.file. Give the file, or leave it out.',
    ),
    process(
      'negative connections',
      { databaseConnections: -1 },
      'databaseConnections -1 is not a whole number of at least 0. Give a whole number of at least 0.',
    ),
    ...[ProcessPlacement.OWN_PODS, ProcessPlacement.WEB_PODS].map((placement) => ({
      what: `a second one of the name, ${placement}`,
      define: (chart: any) => {
        const app = django(chart);
        app.addProcess({ name: 'queue', command: ['work'], placement });
        app.addProcess({ name: 'queue', command: ['work'], placement });
      },
      message:
        'polls/Polls: process "polls-process-queue" is there already. Give each process a name of its own.',
    })),
  ]);
});
