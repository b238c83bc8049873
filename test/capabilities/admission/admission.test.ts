import { App, Chart, JsonPatch } from 'cdk8s';
import { Distribution, PostgresBackend } from 'cdk8s-django';
import { PollsChart } from '../../../examples/polls/deploy/polls-chart';
import { django, synth } from '../../support/synth';
import { allOptions, MODES } from './modes';
import { complaints, deployment, GOOD, own } from './own';

const modes = Object.entries(MODES).map(([name, mode]) => ({ name, ...mode }));
const hasIdentity = (name: string) => !['OpenShift', 'upstream'].includes(name);
// GKE's Gateway has nothing that answers with 503.
const canStop = (name: string) => name !== 'GKE Autopilot';

describe.each(modes)('$name', ({ name, make, managed }) => {
  it('refuses nothing of the polls example', () => {
    const app = new App();
    Distribution.bind(app, make());
    const chart = new PollsChart(app, 'polls', { image: 'registry.example.com/polls:1.4.2' });
    expect(chart.toJson().length).toBeGreaterThan(30);
  });

  it.each([
    ['in the cluster', undefined],
    ['of the platform', managed],
  ])('refuses nothing of a chart with all options and PostgreSQL %s', (_where, postgres) => {
    const made = synth(
      (chart) => allOptions(chart, { identity: hasIdentity(name), maintenance: canStop(name) }),
      make(postgres),
    );
    expect(made.length).toBeGreaterThan(40);
  });
});

const SAFEGUARDS = 'https://learn.microsoft.com/azure/aks/deployment-safeguards';
const SCC =
  'https://docs.openshift.com/container-platform/4.19/authentication/managing-security-context-constraints.html';
/** Where rules are looked at, by the message that follows when they are broken. */
const container = 'polls/Own: spec.template.spec.containers[0]';
const BROKEN: [string, string, (chart: Chart) => void, string][] = [
  [
    'GKE Autopilot',
    'a container without a request of memory',
    (chart) => deployment(chart, {}, { resources: { requests: { cpu: '1' } } }),
    `${container}.resources.requests.memory (not given) is needed, or the platform sets one of its own. ` +
      'Give container "web" requests of cpu and memory. GKE Autopilot demands it: rule "requests", ' +
      'https://cloud.google.com/kubernetes-engine/docs/concepts/autopilot-resource-requests',
  ],
  [
    'GKE Autopilot',
    'a folder of the node',
    (chart) =>
      deployment(chart, {
        volumes: [{ hostPath: { path: '/var/lib' } }, { hostPath: { path: '/var/log' } }],
      }),
    'polls/Own: spec.template.spec.volumes[0].hostPath.path "/var/lib" gives a pod access to its node. ' +
      'Leave it out. GKE Autopilot demands it: rule "host-access", ' +
      'https://cloud.google.com/kubernetes-engine/docs/concepts/autopilot-security',
  ],
  [
    'EKS Auto Mode',
    "a class of the driver that only other clusters' nodes have",
    (chart) =>
      own(chart, { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', provisioner: 'ebs.csi.aws.com' }),
    'polls/Own: provisioner "ebs.csi.aws.com" is of a driver that the platform does not have. Use the driver ' +
      'ebs.csi.eks.amazonaws.com, by a PersistentVolumeClaim of a class of it. EKS Auto Mode demands it: rule ' +
      '"csi-storage", https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html',
  ],
  [
    'EKS Auto Mode',
    'a container of a CronJob without a request of CPU',
    (chart) =>
      own(chart, {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        spec: {
          jobTemplate: {
            spec: {
              template: { spec: { containers: [{ name: 'a', resources: { limits: { memory: '1Gi' } } }] } },
            },
          },
        },
      }),
    'polls/Own: spec.jobTemplate.spec.template.spec.containers[0].resources.requests.cpu (not given) is needed, or ' +
      'the platform sets one of its own. Give container "a" requests of cpu and memory. EKS Auto Mode demands it: ' +
      'rule "requests", https://docs.aws.amazon.com/eks/latest/userguide/automode.html',
  ],
  [
    'AKS Automatic',
    'a container of a pod of its own without a request of CPU',
    (chart) => {
      const resources = { requests: { memory: '1Gi' } };
      own(chart, { kind: 'Pod', spec: { containers: [{ ...GOOD, resources }] } });
    },
    'polls/Own: spec.containers[0].resources.requests.cpu (not given) is needed, or the platform sets one of its own. ' +
      `Give container "web" requests of cpu and memory. AKS Automatic demands it: rule "requests", ${SAFEGUARDS}`,
  ],
  [
    'AKS Automatic',
    'a request of CPU that is raised',
    (chart) => deployment(chart, {}, { resources: { requests: { cpu: '0.05', memory: '100Mi' } } }),
    `${container}.resources.requests.cpu "0.05" is below 100m, to which the platform raises it. Give container "web" ` +
      `a request of at least 100m. AKS Automatic demands it: rule "requests", ${SAFEGUARDS}`,
  ],
  [
    'AKS Automatic',
    'a limit of memory, which is the request, that is raised',
    (chart) =>
      deployment(chart, {}, { resources: { requests: { cpu: '100m' }, limits: { memory: '64Mi' } } }),
    `${container}.resources.requests.memory "64Mi" is below 100Mi, to which the platform raises it. Give container ` +
      `"web" a request of at least 100Mi. AKS Automatic demands it: rule "requests", ${SAFEGUARDS}`,
  ],
  [
    'AKS Automatic',
    'a container without a liveness probe',
    (chart) => deployment(chart, {}, { livenessProbe: undefined }),
    `${container}.livenessProbe (not given) is needed of every container, those of Jobs too. Give container ` +
      `"web" a livenessProbe. AKS Automatic demands it: rule "probes", ${SAFEGUARDS}`,
  ],
  [
    'AKS Automatic',
    'a sidecar without a readiness probe',
    (chart) =>
      deployment(chart, {
        initContainers: [
          { ...GOOD, name: 'proxy', restartPolicy: 'Always', readinessProbe: undefined },
          { ...GOOD, name: 'first', readinessProbe: undefined, livenessProbe: undefined },
        ],
      }),
    'polls/Own: spec.template.spec.initContainers[0].readinessProbe (not given) is needed of every container, ' +
      `those of Jobs too. Give container "proxy" a readinessProbe. AKS Automatic demands it: rule "probes", ${SAFEGUARDS}`,
  ],
  [
    'AKS Automatic',
    'a container of a CronJob without a readiness probe',
    (chart) => {
      const template = {
        spec: { restartPolicy: 'Never', containers: [{ ...GOOD, readinessProbe: undefined }] },
      };
      own(chart, { apiVersion: 'batch/v1', kind: 'CronJob', spec: { jobTemplate: { spec: { template } } } });
    },
    'polls/Own: spec.jobTemplate.spec.template.spec.containers[0].readinessProbe (not given) is needed of every ' +
      'container, those of Jobs too. Give container "web" a readinessProbe. AKS Automatic demands it: rule ' +
      `"probes", ${SAFEGUARDS}`,
  ],
  [
    'AKS Automatic',
    'a container of a Job without a liveness probe',
    (chart) => {
      const template = {
        spec: { restartPolicy: 'Never', containers: [{ ...GOOD, livenessProbe: undefined }] },
      };
      own(chart, { apiVersion: 'batch/v1', kind: 'Job', spec: { template } });
    },
    `${container}.livenessProbe (not given) is needed of every container, those of Jobs too. Give container ` +
      `"web" a livenessProbe. AKS Automatic demands it: rule "probes", ${SAFEGUARDS}`,
  ],
  [
    'AKS Automatic',
    'a container of a pod of its own that ends, without a liveness probe',
    (chart) =>
      own(chart, {
        kind: 'Pod',
        spec: { restartPolicy: 'Never', containers: [{ ...GOOD, livenessProbe: undefined }] },
      }),
    'polls/Own: spec.containers[0].livenessProbe (not given) is needed of every container, those of Jobs too. Give ' +
      `container "web" a livenessProbe. AKS Automatic demands it: rule "probes", ${SAFEGUARDS}`,
  ],
  [
    'AKS Automatic',
    'an image without a tag',
    (chart) => deployment(chart, {}, { image: 'localhost:5000/proxy' }),
    `${container}.image "localhost:5000/proxy" has no tag, which means "latest". Give the image of container "web" ` +
      `a version tag or a digest. AKS Automatic demands it: rule "image-tag", ${SAFEGUARDS}`,
  ],
  [
    'AKS Automatic',
    'the image of the tag latest',
    (chart) => deployment(chart, {}, { image: 'proxy:latest' }),
    `${container}.image "proxy:latest" has the tag "latest". Give the image of container "web" a version tag or a ` +
      `digest. AKS Automatic demands it: rule "image-tag", ${SAFEGUARDS}`,
  ],
  [
    'AKS Automatic',
    'two Services of one selector',
    (chart) => {
      const spec = { selector: { app: 'a', tier: 'b' } };
      own(chart, { kind: 'Service', spec }, 'First');
      own(chart, { kind: 'Service', spec: { selector: { tier: 'b', app: 'a' } } });
      own(chart, { kind: 'Service', spec, metadata: { name: 'far', namespace: 'far' } }, 'Far');
    },
    'polls/Own: spec.selector {"app":"a","tier":"b"} is the selector of Service "first" too. Use one Service with ' +
      'several ports, or select by another label. AKS Automatic demands it: rule "service-selectors", ' +
      SAFEGUARDS,
  ],
  [
    'AKS Automatic',
    'replicas that may share a node',
    (chart) => deployment(chart, {}, {}, 2),
    'polls/Own: spec.template.spec.topologySpreadConstraints (not given) is needed of 2 replicas, or ' +
      'podAntiAffinity. Spread the pods over kubernetes.io/hostname and topology.kubernetes.io/zone. AKS Automatic ' +
      `demands it: rule "spread", ${SAFEGUARDS}`,
  ],
  [
    'AKS Automatic',
    'a Deployment of a user that a HorizontalPodAutoscaler of theirs scales',
    (chart) => {
      const scaled = deployment(chart);
      scaled.addJsonPatch(JsonPatch.remove('/spec/replicas'));
      const scaleTargetRef = { kind: 'Deployment', name: 'own' };
      const spec = { scaleTargetRef, minReplicas: 3, maxReplicas: 5 };
      own(chart, { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', spec }, 'Scaler');
    },
    'polls/Own: spec.template.spec.topologySpreadConstraints (not given) is needed of 3 replicas, or ' +
      'podAntiAffinity. Spread the pods over kubernetes.io/hostname and topology.kubernetes.io/zone. AKS Automatic ' +
      `demands it: rule "spread", ${SAFEGUARDS}`,
  ],
  [
    'AKS Automatic',
    'an application whose spread is taken away, and that is scaled',
    (chart) => {
      const app = django(chart, { scaling: { minReplicas: 4, maxReplicas: 9 } });
      app.deployment.override({ spec: { template: { spec: { topologySpreadConstraints: null } } } });
    },
    'polls/Polls/Deployment: spec.template.spec.topologySpreadConstraints (not given) is needed of 4 replicas, or ' +
      'podAntiAffinity. Spread the pods over kubernetes.io/hostname and topology.kubernetes.io/zone. AKS Automatic ' +
      `demands it: rule "spread", ${SAFEGUARDS}`,
  ],
  [
    'AKS Automatic',
    'a pod on the network of its node',
    (chart) => own(chart, { kind: 'Pod', spec: { hostNetwork: true, containers: [GOOD] } }),
    'polls/Own: spec.hostNetwork true gives a pod access to its node. Leave it out. AKS Automatic demands it: rule ' +
      `"host-access", ${SAFEGUARDS}`,
  ],
  [
    'AKS Automatic',
    'a volume without a driver',
    (chart) => deployment(chart, { volumes: [{ name: 'a', azureDisk: { diskName: 'd' } }] }),
    'polls/Own: spec.template.spec.volumes[0].azureDisk {"diskName":"d"} is of a driver that the platform does not ' +
      'have. Use the driver disk.csi.azure.com or file.csi.azure.com, by a PersistentVolumeClaim of a class of it. ' +
      `AKS Automatic demands it: rule "csi-storage", ${SAFEGUARDS}`,
  ],
  [
    'AKS Automatic',
    "a label of the platform's domain",
    (chart) => deployment(chart).metadata.addLabel('kubernetes.azure.com/mode', 'system'),
    'polls/Own: metadata.labels["kubernetes.azure.com/mode"] "system" is a label of kubernetes.azure.com, which the ' +
      'platform keeps for itself. Use a domain of your own. AKS Automatic demands it: rule "reserved-labels", ' +
      SAFEGUARDS,
  ],
  [
    'OpenShift',
    'a fixed user, which a construct was overridden with',
    (chart) => {
      const patch = { spec: { template: { spec: { securityContext: { fsGroup: 999 } } } } };
      new PostgresBackend(chart, 'Db', {
        name: 'db',
        storage: '1Gi',
        password: { secretName: 'db', key: 'password' },
      }).statefulSet!.override(patch);
    },
    "polls/Db/StatefulSet: spec.template.spec.securityContext.fsGroup 999 is not in the namespace's range, which the " +
      'platform chooses. Leave it out: the platform gives the pod a user and a group. OpenShift demands it: rule ' +
      `"fixed-user", ${SCC}`,
  ],
  [
    'OpenShift',
    'a privileged container',
    (chart) => deployment(chart, {}, { securityContext: { privileged: true } }),
    `${container}.securityContext.privileged true gives a pod access to its node. Leave it out. OpenShift demands ` +
      `it: rule "host-access", ${SCC}`,
  ],
];

describe('a rule', () => {
  const rules = modes.flatMap(({ name: mode, make }) =>
    (make().admission?.rules ?? []).map(({ name, source }) => ({ mode, name, source })),
  );

  it.each(BROKEN)('of %s refuses %s', (mode, _what, define, message) => {
    expect(complaints(mode, define)).toEqual([`[] ${message}`]);
  });

  it('is of every platform among those that the tests break', () => {
    const broken = new Set(
      BROKEN.map(([mode, , , message]) => `${mode} ${/rule "([-a-z]+)"/.exec(message)![1]}`),
    );
    expect([...broken].sort()).toEqual(rules.map(({ mode, name }) => `${mode} ${name}`).sort());
  });

  it.each(rules)('of $mode, $name, names the page that it is from', ({ source }) => {
    expect(source).toMatch(/^https:\/\/[^ ]+$/);
  });
});
