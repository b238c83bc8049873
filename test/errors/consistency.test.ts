import { Chart, Duration } from 'cdk8s';
import { HealthMonitoring, LeastPrivilegeAccess, PublicRoute } from 'cdk8s-django';
import { django, postgres } from '../support/synth';
import { BadInput, eachGivesItsMessage } from './support';

/** A chart of another namespace, beside the one of the test. */
function elsewhere(chart: Chart): Chart {
  return new Chart(chart.node.scope as Chart, 'other', { namespace: 'other' });
}

describe('a database of another namespace', () => {
  eachGivesItsMessage([
    {
      what: 'for an application',
      define: (chart) => django(elsewhere(chart), { database: postgres(chart) }),
      message:
        'other/Polls: database "polls/Database" is in namespace "polls", and this is in "other". ' +
        'Make both in charts of one namespace.',
    },
  ]);
});

describe('an application of another namespace', () => {
  const message = (id: string) =>
    `other/${id}: app "polls/Polls" is in namespace "polls", and this is in "other". ` +
    'Make both in charts of one namespace.';
  eachGivesItsMessage([
    {
      what: 'for a route',
      define: (chart) =>
        new PublicRoute(elsewhere(chart), 'Route', { app: django(chart), hosts: ['polls.example.com'] }),
      message: message('Route'),
    },
    {
      what: 'for monitoring',
      define: (chart) => new HealthMonitoring(elsewhere(chart), 'Health', { app: django(chart) }),
      message: message('Health'),
    },
    {
      what: 'for access',
      define: (chart) => new LeastPrivilegeAccess(elsewhere(chart), 'Access', { app: django(chart) }),
      message: message('Access'),
    },
  ]);
});

describe('a construct without what it is for', () => {
  const needed = (id: string, property: string) =>
    `polls/${id}: ${property} (not given) is needed. Give the construct that this one is for.`;
  eachGivesItsMessage([
    {
      what: 'monitoring',
      define: (chart) => new HealthMonitoring(chart, 'Health', {} as any),
      message: needed('Health', 'app'),
    },
    {
      what: 'access',
      define: (chart) => new LeastPrivilegeAccess(chart, 'Access', {} as any),
      message: needed('Access', 'app'),
    },
  ]);
});

describe('options that would do nothing or too much', () => {
  const access = (what: string, changes: any, message: string): BadInput => ({
    what,
    define: (chart) => new LeastPrivilegeAccess(chart, 'Access', { app: django(chart), ...changes }),
    message: `polls/Access: ${message}`,
  });
  const app = (what: string, changes: any, message: string): BadInput => ({
    what,
    define: (chart) => django(chart, changes),
    message: `polls/Polls: ${message}`,
  });
  eachGivesItsMessage([
    access(
      'no port',
      { ingress: [{ ports: [] }] },
      'ingress.ports [] is empty. Name them, or leave it out to mean all.',
    ),
    access(
      'a protocol in lower case',
      { ingress: [{ ports: [{ port: 53, protocol: 'udp' }] }] },
      'ingress.ports "udp" is not a protocol that network policies know. Use one of TCP, UDP, SCTP.',
    ),
    access(
      'all service accounts',
      { viewers: ['system:serviceaccounts'] },
      'viewers "system:serviceaccounts" means everybody. ' +
        "Give the name of a group as the cluster's identity provider reports it.",
    ),
    app(
      'static files of other releases that are to be kept nowhere',
      { settingsOverlay: { keepStatic: true } },
      'settingsOverlay.keepStatic true needs a place that all replicas share. ' +
        'Give mediaBucket, or media with accessMode "ReadWriteMany".',
    ),
    app(
      'static files of other releases that are to be kept where one node alone can be',
      {
        settingsOverlay: { keepStatic: true },
        media: { mountPath: '/media', size: '1Gi', accessMode: 'ReadWriteOnce' },
      },
      'settingsOverlay.keepStatic true needs a place that all replicas share. ' +
        'Give mediaBucket, or media with accessMode "ReadWriteMany".',
    ),
    app(
      'static files of other releases that nobody serves',
      { settingsOverlay: { keepStatic: true, serveStatic: false } },
      'settingsOverlay.keepStatic true has no meaning with settingsOverlay.serveStatic false. Leave one of them out.',
    ),
    app(
      'an overlay that is off',
      { settingsOverlay: { enabled: false, keep: ['LOGGING'] } },
      'settingsOverlay.keep ["LOGGING"] has no meaning with settingsOverlay.enabled false. Leave one of them out.',
    ),
    app(
      'Celery without the overlay',
      { settingsOverlay: { enabled: false }, celery: { broker: { url: 'redis://queue:6379/0' } } },
      'settingsOverlay.enabled false turns off late acknowledgement and visibilityTimeout, which keep the tasks of a worker that is ' +
        'killed. Leave it out, and list in settingsOverlay.keep the settings that must stay, or leave ' +
        'celery out.',
    ),
    app(
      'a setting in lower case',
      { settingsOverlay: { keep: ['logging'] } },
      'settingsOverlay.keep "logging" is not the name of a setting. Give names in capitals, such as "LOGGING".',
    ),
    app(
      'a pull secret that there cannot be',
      { imagePullSecrets: ['My_Secret'] },
      'imagePullSecrets "My_Secret" is not a name that Kubernetes takes. ' +
        'Use lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit.',
    ),
    app(
      'no time to migrate',
      { migrationDeadline: Duration.seconds(0) },
      'migrationDeadline 0 is not a whole number of seconds from 1 on. Give a whole number of seconds from 1 on.',
    ),
    {
      what: 'a probe between two seconds',
      define: (chart) =>
        new HealthMonitoring(chart, 'Health', {
          app: django(chart),
          liveness: { period: Duration.millis(1500) },
        }),
      message:
        'polls/Polls: liveness.period 1.5 is not a whole number of seconds from 1 to 3600. Give a whole number of seconds from 1 to 3600.',
    },
  ]);
});
