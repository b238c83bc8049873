import { Scheduling, ValkeyBackend, ValkeyBackendProps } from 'cdk8s-django';
import { refused, row as plainRow, rowOnEach as plainRowOnEach, testOptions } from '../support/options';
import { configOf, django, find, startingWith, webContainer } from '../support/synth';

const row: typeof plainRow<ValkeyBackendProps> = plainRow;
const rowOnEach: typeof plainRowOnEach<ValkeyBackendProps> = plainRowOnEach;

const POOL_IS_UNKNOWN = refused(
  'polls/Cache: scheduling.nodePool "data" asks for nodes by a label that the distribution does not know. Leave it ' +
    'out, or give the distribution scheduling: new NodeLabelScheduling({ nodePoolLabel: "…" }).',
);
const server = (manifests: any[]) => find(manifests, 'StatefulSet', 'polls-cache').spec;
const pod = (manifests: any[]) => server(manifests).template.spec;
const claim = (manifests: any[]) => server(manifests).volumeClaimTemplates[0].spec;
const line = (name: string) => (manifests: any[]) =>
  find(manifests, 'ConfigMap', 'polls-cache')
    .data['valkey.conf'].split('\n')
    .find((one: string) => one.startsWith(`${name} `));

testOptions<ValkeyBackendProps>(
  (chart, changes) => {
    const valkey = new ValkeyBackend(chart, 'Cache', { name: 'polls-cache', ...changes });
    django(chart, { cache: valkey.database(3) });
  },
  {
    name: [
      row(
        { name: 'votes' },
        (manifests) => find(manifests, 'StatefulSet', 'votes').spec.serviceName,
        'votes',
      ),
      row({ name: 'votes' }, (manifests) => configOf(manifests).CACHE_URL, 'redis://votes:6379/3'),
    ],
    storage: [
      row({ storage: '50Gi' }, (manifests) => claim(manifests).resources.requests.storage, '50Gi'),
      row({ storage: '50Gi' }, line('appendonly'), 'appendonly yes'),
      row({ storage: '50Gi' }, line('maxmemory-policy'), 'maxmemory-policy noeviction'),
      rowOnEach({ storage: '50Gi' }, (manifests) => [claim(manifests).storageClassName], {
        gke: ['standard-rwo'],
        eks: ['gp2'],
        aks: ['managed-csi'],
        openshift: [undefined],
        upstream: [undefined],
      }),
    ],
    storageClassName: [
      row(
        { storage: '50Gi', storageClassName: 'fast' },
        (manifests) => claim(manifests).storageClassName,
        'fast',
      ),
      row(
        { storageClassName: 'fast' },
        server,
        refused(
          'polls/Cache: storageClassName "fast" has no meaning without storage. Give storage, or leave it out.',
        ),
      ),
    ],
    image: [
      row(
        { image: 'docker.io/library/redis:7-bookworm' },
        (manifests) => pod(manifests).containers[0].image,
        'docker.io/library/redis:7-bookworm',
      ),
    ],
    imagePullSecrets: [
      row({ imagePullSecrets: ['registry'] }, (manifests) => pod(manifests).imagePullSecrets, [
        { name: 'registry' },
      ]),
    ],
    password: [
      row(
        { password: { secretName: 'own', key: 'value' } },
        (manifests) =>
          [pod(manifests).containers[0], webContainer(manifests)].flatMap(({ env }) =>
            env
              .filter(({ name }: any) => ['VALKEYCLI_AUTH', 'CACHE_PASSWORD'].includes(name))
              .map(({ valueFrom }: any) => valueFrom.secretKeyRef),
          ),
        [
          { name: 'own', key: 'value' },
          { name: 'own', key: 'value' },
        ],
      ),
    ],
    pythonImage: [
      row(
        { pythonImage: 'example.com/python:3.13' },
        (manifests) =>
          startingWith(manifests, 'Job', 'polls-cache-secret').spec.template.spec.containers[0].image,
        'example.com/python:3.13',
      ),
    ],
    resources: [
      row(
        { resources: { cpuRequest: '2', cpuLimit: '4', memoryRequest: '1Gi', memoryLimit: '2Gi' } },
        (manifests) => pod(manifests).containers[0].resources,
        { requests: { cpu: '2', memory: '1Gi' }, limits: { cpu: '4', memory: '2Gi' } },
      ),
      row({ resources: { memoryLimit: '1Gi' } }, line('maxmemory'), `maxmemory ${Math.floor(2 ** 30 * 0.8)}`),
    ],
    scheduling: [
      row({ scheduling: { architecture: 'arm64' } }, (manifests) => pod(manifests).nodeSelector, {
        'kubernetes.io/arch': 'arm64',
      }),
      row(
        { scheduling: { zones: ['zone-a'] } },
        (manifests) =>
          pod(manifests).affinity?.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution
            .nodeSelectorTerms,
        [{ matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: ['zone-a'] }] }],
      ),
      row(
        { scheduling: { priorityClassName: 'data' } },
        (manifests) => pod(manifests).priorityClassName,
        'data',
      ),
      rowOnEach({ scheduling: { nodePool: 'data' } }, (manifests) => pod(manifests).nodeSelector, {
        gke: { 'cloud.google.com/compute-class': 'data' },
        eks: { 'eks.amazonaws.com/nodegroup': 'data' },
        aks: { 'kubernetes.azure.com/agentpool': 'data' },
        openshift: POOL_IS_UNKNOWN,
        upstream: POOL_IS_UNKNOWN,
      }),
      row(
        { scheduling: { spot: true } as Scheduling },
        server,
        refused(
          'polls/Cache: scheduling.spot true would end the server whenever the platform takes the node away. ' +
            'Leave it out: it is for the instances and workers of an application.',
        ),
      ),
    ],
  },
);
