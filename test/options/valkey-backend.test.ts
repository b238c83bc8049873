import { ValkeyBackend, ValkeyBackendProps } from 'cdk8s-django';
import {
  exporterRows,
  refused,
  row as plainRow,
  rowOnEach as plainRowOnEach,
  testOptions,
} from '../support/options';
import { serverScheduling } from '../support/scheduling';
import { configOf, django, find, startingWith, webContainer } from '../support/synth';

const row: typeof plainRow<ValkeyBackendProps> = plainRow;
const rowOnEach: typeof plainRowOnEach<ValkeyBackendProps> = plainRowOnEach;

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
    metrics: exporterRows(pod, 'docker.io/oliver006/redis_exporter:v1.69.0', 9121),
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
    passwords: [
      row(
        { passwords: { accepted: [1, 2], used: 2 } },
        (manifests) =>
          webContainer(manifests).env.find(({ name }: any) => name === 'CACHE_PASSWORD').valueFrom
            .secretKeyRef,
        { name: 'polls-cache', key: 'password-2' },
      ),
      row(
        { passwords: { accepted: [2], used: 2 } },
        (manifests) => find(manifests, 'ConfigMap', 'polls-cache-passwords').data,
        { accepted: '2\n' },
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
        {
          resources: {
            cpuRequest: '2',
            cpuLimit: '4',
            memoryRequest: '1Gi',
            memoryLimit: '2Gi',
            ephemeralStorage: '1Gi',
          },
        },
        (manifests) => pod(manifests).containers[0].resources,
        {
          requests: { cpu: '2', memory: '1Gi', 'ephemeral-storage': '1Gi' },
          limits: { cpu: '4', memory: '2Gi', 'ephemeral-storage': '1Gi' },
        },
      ),
      row({ resources: { memoryLimit: '1Gi' } }, line('maxmemory'), `maxmemory ${Math.floor(2 ** 30 * 0.8)}`),
    ],
    scheduling: serverScheduling('polls/Cache', pod, 'data'),
  },
);
