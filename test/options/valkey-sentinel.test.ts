import { ValkeySentinel, ValkeySentinelProps } from 'cdk8s-django/valkey';
import { row as plainRow, rowOnEach as plainRowOnEach, testOptions } from '../support/options';
import { serverScheduling } from '../support/scheduling';
import { configOf, django, find, startingWith, webContainer } from '../support/synth';

const row: typeof plainRow<ValkeySentinelProps> = plainRow;
const rowOnEach: typeof plainRowOnEach<ValkeySentinelProps> = plainRowOnEach;

const server = (manifests: any[]) => find(manifests, 'StatefulSet', 'polls-queue').spec;
const pod = (manifests: any[]) => server(manifests).template.spec;
const claim = (manifests: any[]) => server(manifests).volumeClaimTemplates[0].spec;
const maxMemory = (manifests: any[]) =>
  /^maxmemory (\d+)$/m.exec(find(manifests, 'ConfigMap', 'polls-queue').data['valkey.conf'])![1];

testOptions<ValkeySentinelProps>(
  (chart, changes) => {
    const props = { name: 'polls-queue', storage: '1Gi', ...changes };
    const queue = new ValkeySentinel(chart, 'Queue', props);
    django(chart, { celery: { redisSentinel: queue.broker(3) } });
  },
  {
    name: [
      row(
        { name: 'votes' },
        (manifests) => find(manifests, 'StatefulSet', 'votes').spec.serviceName,
        'votes',
      ),
      row(
        { name: 'votes' },
        (manifests) => configOf(manifests).CDK8S_DJANGO_CELERY_TRANSPORT_OPTIONS,
        '{"master_name":"votes"}',
      ),
    ],
    storage: [row({ storage: '50Gi' }, (manifests) => claim(manifests).resources.requests.storage, '50Gi')],
    storageClassName: [
      rowOnEach({ storageClassName: 'fast' }, (manifests) => claim(manifests).storageClassName, {
        gke: 'fast',
        eks: 'fast',
        aks: 'fast',
        openshift: 'fast',
        upstream: 'fast',
      }),
    ],
    image: [
      row(
        { image: 'docker.io/library/redis:7-bookworm' },
        (manifests) => pod(manifests).containers.map(({ image }: any) => image),
        ['docker.io/library/redis:7-bookworm', 'docker.io/library/redis:7-bookworm'],
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
          [...pod(manifests).containers, webContainer(manifests)].flatMap(({ env }) =>
            env
              .filter(({ name }: any) => /^(VALKEYCLI_AUTH|CELERY_BROKER_.*PASSWORD)$/.test(name))
              .map(({ valueFrom }: any) => valueFrom.secretKeyRef),
          ),
        Array.from({ length: 4 }, () => ({ name: 'own', key: 'value' })),
      ),
    ],
    pythonImage: [
      row(
        { pythonImage: 'example.com/python:3.13' },
        (manifests) =>
          startingWith(manifests, 'Job', 'polls-queue-secret').spec.template.spec.containers[0].image,
        'example.com/python:3.13',
      ),
    ],
    resources: [
      row(
        { resources: { cpuRequest: '2', cpuLimit: '4', memoryRequest: '1Gi', memoryLimit: '2Gi' } },
        (manifests) => pod(manifests).containers[0].resources,
        { requests: { cpu: '2', memory: '1Gi' }, limits: { cpu: '4', memory: '2Gi' } },
      ),
      row({ resources: { memoryLimit: '1Gi' } }, maxMemory, `${Math.floor(2 ** 30 * 0.6)}`),
    ],
    scheduling: serverScheduling('polls/Queue', pod, 'data'),
  },
);
