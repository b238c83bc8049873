import { App, Chart } from 'cdk8s';
import { Distribution, ExistingSecret, PublicRoute, StoredSecret, ValkeyBackend } from 'cdk8s-django';
import { AwsSecretsManagerCsi } from 'cdk8s-django/secrets';
import { K3s } from '../support/own-distribution';
import { django, everything, IMAGE, postgres, synth } from '../support/synth';
import { atSynth, BadInput, eachGivesItsMessage } from './support';

const RESOURCE_NAME_REMEDY =
  'Use lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit.';

describe('a Secret', () => {
  eachGivesItsMessage([
    {
      what: 'a key that it does not have',
      define: (chart) => new ExistingSecret(chart, 'Stripe', { name: 'stripe', keys: ['a', 'b'] }).value('c'),
      message:
        'polls/Stripe: key "c" is not a key of Secret "stripe". Use one of its keys (a, b), or add it to them.',
    },
    {
      what: 'a name that there cannot be',
      define: (chart) => new ExistingSecret(chart, 'Stripe', { name: 'Stripe', keys: [] }),
      message: `polls/Stripe: name "Stripe" is not a name that Kubernetes takes. ${RESOURCE_NAME_REMEDY}`,
    },
    {
      what: 'a key that there cannot be',
      define: (chart) => new ExistingSecret(chart, 'Stripe', { name: 'stripe', keys: ['api key'] }),
      message:
        'polls/Stripe: keys "api key" is not a key that a Secret can have. ' +
        'Use letters, digits, "-", "_" and ".", and do not begin with "..".',
    },
    {
      what: 'a key that is a folder',
      define: (chart) => new ExistingSecret(chart, 'Stripe', { name: 'stripe', keys: ['..'] }),
      message:
        'polls/Stripe: keys ".." is not a key that a Secret can have. ' +
        'Use letters, digits, "-", "_" and ".", and do not begin with "..".',
    },
  ]);
});

describe('the namespace of a chart', () => {
  const REMEDY =
    'Use lower-case letters, digits and "-", beginning and ending with a letter or digit, at most 63.';
  const namespaces = ['Polls_X', 'polls.example', '-polls', 'polls\n', '', 'a'.repeat(64)];
  const constructs: [string, BadInput['define']][] = [
    ['an application', (chart) => django(chart)],
    ['a database', (chart) => postgres(chart)],
    ['a Redis server', (chart) => new ValkeyBackend(chart, 'Cache', { name: 'cache', pythonImage: IMAGE })],
  ];
  eachGivesItsMessage(
    namespaces.flatMap((namespace) =>
      constructs.map(([what, define]) => ({
        what: `${JSON.stringify(namespace)} for ${what}`,
        chart: { namespace },
        define,
        message: `polls: namespace ${JSON.stringify(namespace)} is not a name that a namespace can have. ${REMEDY}`,
      })),
    ),
  );

  it('may begin with a digit and be as long as a DNS label', () => {
    const namespace = '1'.repeat(63);
    const manifests = synth((chart) => everything(chart), undefined, { namespace });
    expect(manifests.find(({ kind }) => kind === 'Namespace').metadata.name).toBe(namespace);
  });
});

describe('the labels of a chart', () => {
  const labels: [{ [label: string]: any }, string][] = [
    [
      { team: 'bad value!' },
      'labels.team "bad value!" is not a value that a label can have. ' +
        'Use letters, digits, "-", "_" and ".", beginning and ending with a letter or digit.',
    ],
    [
      { version: 1 },
      'labels.version 1 is not a value that a label can have. ' +
        'Use letters, digits, "-", "_" and ".", beginning and ending with a letter or digit.',
    ],
    [
      { 'a b': 'x' },
      'labels "a b" is not the key of a label. ' +
        'Use letters, digits, "-", "_" and ".", at most 63, after a DNS name and "/" if it has one.',
    ],
  ];
  eachGivesItsMessage(
    labels.map(([given, message]) => ({
      what: JSON.stringify(given),
      chart: { labels: given },
      define: (chart) => django(chart),
      message: `polls: ${message}`,
    })),
  );
});

describe('resources that would overwrite one another', () => {
  const secretKey = { secretName: 'keys', key: 'django' };
  const taken = (name: string, kind: string, first: string, second: string) =>
    `[] polls/${second}: name "${name}" is already the name of the ${kind} at polls/${first}. ` +
    'Give one of them another name.';

  eachGivesItsMessage([
    {
      what: 'two applications of one name',
      define: (chart) => {
        django(chart);
        django(chart, {}, 'Again');
      },
      message: atSynth(taken('polls', 'Secret', 'Polls/SecretKey/Secret', 'Again')),
    },
    {
      what: 'three applications of one name in two charts',
      define: (chart) => {
        const elsewhere = new Chart(chart.node.scope!, 'elsewhere', { namespace: 'polls' });
        django(chart, { secretKey });
        django(chart, { secretKey }, 'Again');
        django(elsewhere, { secretKey });
      },
      message: atSynth(
        taken('polls', 'ServiceAccount', 'Polls/ServiceAccount', 'Again'),
        taken('polls', 'ServiceAccount', 'Polls/ServiceAccount', 'Again').replace(
          'polls/Again',
          'elsewhere/Polls',
        ),
      ),
    },
    ...[
      { kind: 'ExternalSecret', distribution: Distribution.gke({ projectId: 'acme' }) },
      {
        kind: 'SecretProviderClass',
        distribution: Distribution.eks({ secrets: new AwsSecretsManagerCsi({ region: 'eu-west-1' }) }),
      },
    ].map(({ kind, distribution }) => ({
      what: `a Secret of ${kind} and one that is generated`,
      define: (chart: Chart) => {
        new StoredSecret(chart, 'Stored', { name: 'polls', keys: { a: { secret: 'x' } } });
        django(chart);
      },
      distribution,
      message: atSynth(taken('polls', kind, `Stored/${kind}`, 'Polls/SecretKey/Secret')),
    })),
    {
      what: 'a second route of an application without a name',
      define: (chart) => {
        const app = django(chart);
        new PublicRoute(chart, 'One', { app, hosts: ['a.example.com'] });
        new PublicRoute(chart, 'Two', { app, hosts: ['b.example.com'] });
      },
      distribution: Distribution.openshift(),
      message: atSynth(taken('polls', 'Route', 'One/Route', 'Two')),
    },
  ]);
});

describe('a distribution', () => {
  it.each([
    [
      () => Distribution.gke({ name: 'My Cluster' }),
      'Distribution.gke: name "My Cluster" is not a DNS label. Use lower-case letters, digits and "-", at most 63.',
    ],
    [
      () => Distribution.eks({ name: '../x' }),
      'Distribution.eks: name "../x" is not a DNS label. Use lower-case letters, digits and "-", at most 63.',
    ],
    [
      () => Distribution.upstream({ kubernetesVersion: '1.29' }),
      'Distribution.upstream: kubernetesVersion "1.29" is not a version from 1.30 on. Give major and minor version, such as "1.34".',
    ],
    [
      () => Distribution.openshift({ kubernetesVersion: '4.19' }),
      'Distribution.openshift: kubernetesVersion "4.19" is not a version from 1.30 on. Give major and minor version, such as "1.34".',
    ],
    [
      () => Distribution.aks({ kubernetesVersion: 'v1.34.2' }),
      'Distribution.aks: kubernetesVersion "v1.34.2" is not a version from 1.30 on. Give major and minor version, such as "1.34".',
    ],
    [
      () => Distribution.gke({ firstPriorityClassName: 'Urgent' }),
      'Distribution.gke: firstPriorityClassName "Urgent" is not a name that a PriorityClass can have. Use lower-case ' +
        'letters, digits, "-" and ".", beginning and ending with a letter or digit, or "" for the default of the cluster.',
    ],
  ])('is refused with a bad name or version: %s', (make, message) => {
    expect(make).toThrow(message);
  });

  it('of somebody else is refused with such a version where it is bound', () => {
    const old = Object.assign(new K3s(), { kubernetesVersion: '1.29' });
    expect(() => Distribution.bind(new App(), old)).toThrow(
      'Distribution "k3s": kubernetesVersion "1.29" is not a version from 1.30 on. Give major and minor version, ' +
        'such as "1.34".',
    );
  });

  it('of somebody else is refused with a PriorityClass that cannot be where it is bound', () => {
    const long = Object.assign(new K3s(), { firstPriorityClassName: 'a'.repeat(254) });
    expect(() => Distribution.bind(new App(), long)).toThrow(
      'Distribution "k3s": firstPriorityClassName "aaa',
    );
  });
});
