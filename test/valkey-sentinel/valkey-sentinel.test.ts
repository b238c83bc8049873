import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chart } from 'cdk8s';
import { Distribution, LeastPrivilegeAccess } from 'cdk8s-django';
import { KedaAutoscaling } from 'cdk8s-django/autoscaling';
import { ValkeySentinel, ValkeySentinelProps } from 'cdk8s-django/valkey';
import { SAMPLES, sample } from '../support/distributions';
import { namesOf } from '../support/manifests';
import { configOf, django, find, findAll, startingWith, synth, webContainer } from '../support/synth';

const PASSWORD = { secretName: 'queue-password', key: 'password' };
const PODS = ['polls-queue-0', 'polls-queue-1', 'polls-queue-2'];

const sentinel = (chart: Chart, changes: Partial<ValkeySentinelProps> = {}) =>
  new ValkeySentinel(chart, 'Queue', { name: 'polls-queue', storage: '1Gi', ...changes });
const servers = (changes: Partial<ValkeySentinelProps> = {}, distribution = sample('upstream')) =>
  synth((chart) => sentinel(chart, { password: PASSWORD, ...changes }), distribution);
const application = (distribution = sample('upstream')) =>
  synth((chart) => {
    const app = django(chart, { celery: { redisSentinel: sentinel(chart).broker(2) } });
    app.addCeleryWorker({ name: 'default' });
    new LeastPrivilegeAccess(chart, 'Access', { app });
  }, distribution);
const statefulSet = (manifests: any[]) => find(manifests, 'StatefulSet', 'polls-queue').spec;
const podOf = (manifests: any[]) => statefulSet(manifests).template.spec;
const files = (manifests: any[]): Record<string, string> => find(manifests, 'ConfigMap', 'polls-queue').data;

describe.each(SAMPLES)('ValkeySentinel with a name and a size, on $name', ({ make }) => {
  const manifests = servers({}, make());

  it('makes three servers, each with a volume and a name, and an account without rights', () => {
    expect(namesOf(manifests)).toEqual(
      expect.arrayContaining([
        'ConfigMap polls-queue',
        'PodDisruptionBudget polls-queue',
        'Service polls-queue',
        'ServiceAccount polls-queue',
        'StatefulSet polls-queue',
      ]),
    );
    expect(findAll(manifests, 'Role')).toEqual([]);
    const { replicas, volumeClaimTemplates, serviceName } = statefulSet(manifests);
    expect([replicas, serviceName]).toEqual([3, 'polls-queue']);
    expect(volumeClaimTemplates[0].spec.resources.requests.storage).toBe('1Gi');
    expect(find(manifests, 'Service', 'polls-queue').spec).toMatchObject({
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      ports: [{ port: 6379 }, { port: 26379 }],
    });
  });

  it('makes all pods at once, and lets one go at a time', () => {
    expect(statefulSet(manifests).podManagementPolicy).toBe('Parallel');
    const { maxUnavailable, selector } = find(manifests, 'PodDisruptionBudget', 'polls-queue').spec;
    expect(maxUnavailable).toBe(1);
    expect(selector).toEqual(statefulSet(manifests).selector);
    expect(podOf(manifests).topologySpreadConstraints.map(({ topologyKey }: any) => topologyKey)).toEqual([
      'kubernetes.io/hostname',
      'topology.kubernetes.io/zone',
    ]);
  });

  it('has no password in any manifest', () => {
    for (const { env, command } of podOf(manifests).containers) {
      expect(command[0]).toBe('sh');
      for (const variable of ['REDISCLI_AUTH', 'VALKEYCLI_AUTH']) {
        const secretKeyRef = { name: 'queue-password', key: 'password' };
        expect(env).toContainEqual({ name: variable, valueFrom: { secretKeyRef } });
      }
    }
  });
});

describe('the servers of a ValkeySentinel', () => {
  it('write to the disk before they acknowledge, and not without a replica', () => {
    const lines = files(servers())['valkey.conf'].split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'appendonly yes',
        'appendfsync always',
        'maxmemory-policy noeviction',
        'min-replicas-to-write 1',
      ]),
    );
  });

  it('hand over before they end, in the time that their pod has', () => {
    const pod = podOf(servers());
    const [server, beside] = pod.containers;
    expect([server.name, beside.name]).toEqual(['valkey', 'sentinel']);
    expect(server.lifecycle.preStop.exec.command).toEqual(['sh', '/etc/valkey/handover.sh']);
    expect(pod.terminationGracePeriodSeconds).toBe(90);
  });

  it('are replaced when their configuration changes', () => {
    const checksum = (changes: Partial<ValkeySentinelProps>) =>
      statefulSet(servers(changes)).template.metadata.annotations['checksum/config'];
    expect(checksum({})).toBe(checksum({}));
    expect(checksum({ resources: { memoryLimit: '1Gi' } })).not.toBe(checksum({}));
  });

  it('have a class of priority, unless they are given one', () => {
    expect(podOf(servers()).priorityClassName).toBe('polls-first');
    expect(podOf(servers({ scheduling: { priorityClassName: 'data' } })).priorityClassName).toBe('data');
  });
});

describe('the scripts of a ValkeySentinel', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sentinel-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are such as a shell reads', () => {
    for (const [name, text] of Object.entries(files(servers())).filter(([file]) => file.endsWith('.sh'))) {
      const file = join(folder, name);
      writeFileSync(file, text);
      expect(() => execFileSync('sh', ['-n', file])).not.toThrow();
    }
  });

  it.each(['plain', 'a"b\\c', "\\n$x`id`'%s"])('quote the password %j as the files take it', (password) => {
    // The program is looked for by its name.
    writeFileSync(join(folder, 'valkey-cli'), '', { mode: 0o755 });
    writeFileSync(join(folder, 'common.sh'), files(servers())['common.sh']);
    const env = {
      PATH: `${folder}:${process.env.PATH}`,
      POD_NAME: 'polls-queue-1',
      POD_NAMESPACE: 'polls',
      VALKEYCLI_AUTH: password,
    };
    const script = `. ${folder}/common.sh; line "$quoted"; echo $me; echo $others`;
    const lines = execFileSync('sh', ['-c', script], { env, encoding: 'utf8' }).split('\n');
    expect(lines.slice(0, 3)).toEqual([
      `"${password.replace(/[\\"]/g, '\\$&')}"`,
      'polls-queue-1.polls-queue.polls.svc',
      '0 2',
    ]);
  });
});

describe('a primary whose volume is empty', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sentinel-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const LOADING = 'LOADING Redis is loading the dataset in memory';

  it.each([
    ['starts while the others are empty', '# Keyspace\r\n', '0', 0],
    ['waits while another one has keys in database 0', '# Keyspace\r\ndb0:keys=3,expires=0\r\n', '3', 1],
    [
      'waits while another one has keys in another database',
      '# Keyspace\r\ndb3:keys=3,expires=0\r\n',
      '0',
      1,
    ],
    ['waits while another one does not answer', '', '', 1],
    ['waits while another one still reads its file', '# Keyspace\r\n', LOADING, 1],
    ['waits while another one refuses to answer', 'NOAUTH Authentication required.\n', '0', 1],
  ])('%s', (_, keyspace, size, status) => {
    const answers = { keyspace, size };
    for (const [name, answer] of Object.entries(answers)) writeFileSync(join(folder, name), answer);
    const client = `#!/bin/sh\ncase "$*" in *-2*keyspace) cat ${folder}/keyspace ;; *-2*dbsize) cat ${folder}/size ;;
      *keyspace) printf '# Keyspace\\r\\n' ;; *) echo 0 ;; esac\n`;
    writeFileSync(join(folder, 'valkey-cli'), client, { mode: 0o755 });
    const { 'common.sh': common, 'server.sh': script } = files(servers());
    const [asked] = /^others_are_empty\(\) \{\n[^]*?^\}$/m.exec(script)!;
    const env = {
      PATH: `${folder}:${process.env.PATH}`,
      POD_NAME: 'polls-queue-0',
      POD_NAMESPACE: 'polls',
      VALKEYCLI_AUTH: 'secret',
    };
    const lines = `${common}\n${asked}\nif others_are_empty; then exit 0; else exit 1; fi`;
    expect(spawnSync('sh', ['-c', lines], { env, encoding: 'utf8' })).toMatchObject({ status, stderr: '' });
  });
});

describe('a primary that is told to end', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sentinel-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const slave = (number: number, state: string) =>
    `slave${number}:ip=polls-queue-${number}.polls-queue.polls.svc,port=6379,state=${state},offset=7,lag=0`;

  it.each([
    ['goes on when both others follow', [slave(1, 'online'), slave(2, 'online')], 'PONG', 0],
    ['waits for one that answers and follows another', [slave(1, 'online')], 'PONG', 1],
    ['waits for one that still gets all data', [slave(1, 'online'), slave(2, 'send_bulk')], 'PONG', 1],
    ['waits for one that reads its file', [slave(1, 'online')], 'LOADING the dataset', 1],
    ['goes on without one that is away', [slave(1, 'online')], '', 0],
  ])('%s', (_, slaves, answer, status) => {
    writeFileSync(join(folder, 'info'), ['role:master', ...slaves, ''].join('\r\n'));
    const client = `#!/bin/sh\ncase "$*" in *replication) cat ${folder}/info ;; *-2.*ping) printf '${answer}' ;;
      *ping) echo PONG ;; esac\n`;
    writeFileSync(join(folder, 'valkey-cli'), client, { mode: 0o755 });
    const { 'common.sh': common, 'handover.sh': script } = files(servers());
    const [asked] = /^all_follow\(\) \{\n[^]*?^\}$/m.exec(script)!;
    const env = {
      PATH: `${folder}:${process.env.PATH}`,
      POD_NAME: 'polls-queue-0',
      POD_NAMESPACE: 'polls',
      VALKEYCLI_AUTH: 'secret',
    };
    const lines = `${common}\n${asked}\nif all_follow; then exit 0; else exit 1; fi`;
    expect(spawnSync('sh', ['-c', lines], { env, encoding: 'utf8' })).toMatchObject({ status, stderr: '' });
    // Before it takes no more writes.
    expect(script.indexOf('until all_follow')).toBeLessThan(script.indexOf('client pause'));
  });

  it('waits for twenty seconds by the clock, however long a server is silent', () => {
    const { 'handover.sh': script } = files(servers());
    const [wait] = /^end=[^]*?done$/m.exec(script)!;
    // Each question takes three seconds of this clock.
    const lines = `now=1000\nall_follow() { now=$((now + 3)); return 1; }\ndate() { echo "$now"; }\n${wait}\necho "$now"`;
    writeFileSync(join(folder, 'sleep'), '#!/bin/sh\n', { mode: 0o755 });
    const { stdout } = spawnSync('sh', ['-c', lines], {
      env: { PATH: `${folder}:${process.env.PATH}` },
      encoding: 'utf8',
    });
    expect(stdout).toBe('1021\n');
  });
});

describe('an application with a ValkeySentinel', () => {
  it('asks each Sentinel for the primary, with the password for both', () => {
    const manifests = application();
    expect(configOf(manifests).CDK8S_DJANGO_CELERY_TRANSPORT_OPTIONS).toBe('{"master_name":"polls-queue"}');
    const variable = (name: string) => webContainer(manifests).env.find((one: any) => one.name === name);
    expect(variable('CELERY_BROKER_URL').value).toBe(
      PODS.map((pod) => `sentinel://:$(CELERY_BROKER_PASSWORD)@${pod}.polls-queue:26379/2`).join(';'),
    );
    for (const name of ['CELERY_BROKER_PASSWORD', 'CELERY_BROKER_SENTINEL_PASSWORD']) {
      expect(variable(name).valueFrom.secretKeyRef).toEqual({ name: 'polls-queue', key: 'password' });
    }
  });

  it('mounts the transport that waits for another primary, and no other application does', () => {
    const part = (manifests: any[]) =>
      findAll(manifests, 'ConfigMap').filter(({ data }) => data?.['sentinels.py'] !== undefined);
    expect(part(application())).toHaveLength(1);
    expect(part(synth((chart) => django(chart)))).toEqual([]);
  });

  it('has its image make the password', () => {
    expect(startingWith(application(), 'Job', 'polls-queue-secret')).toBeDefined();
  });

  it('is let in with its pods alone, which reach servers and Sentinels; the servers reach one another', () => {
    const { ingress, egress } = find(application(), 'NetworkPolicy', 'polls-queue').spec;
    const ports = [
      { port: 6379, protocol: 'TCP' },
      { port: 26379, protocol: 'TCP' },
    ];
    const own = {
      podSelector: {
        matchLabels: {
          'app.kubernetes.io/component': 'broker',
          'app.kubernetes.io/instance': 'polls-queue',
          'app.kubernetes.io/name': 'valkey',
        },
      },
    };
    expect(ingress).toHaveLength(1);
    expect(ingress[0].ports).toEqual(ports);
    expect(ingress[0].from[0]).toEqual(own);
    expect(ingress[0].from.length).toBeGreaterThan(1);
    expect(egress[0]).toEqual({ to: [own], ports });
    const ofApplication = find(application(), 'NetworkPolicy', 'polls').spec.egress;
    const rule = ofApplication.find(({ to }: any) => JSON.stringify(to) === JSON.stringify([own]));
    expect(rule.ports.map(({ port }: any) => port).sort()).toEqual([26379, 6379]);
  });

  it('is scaled by KEDA, which asks by whole names and is let in', () => {
    const manifests = synth(
      (chart) => {
        const app = django(chart, { celery: { redisSentinel: sentinel(chart).broker(0) } });
        app.addCeleryWorker({
          name: 'default',
          scaling: { minReplicas: 0, maxReplicas: 5, targetQueueLength: 20 },
        });
        new LeastPrivilegeAccess(chart, 'Access', { app });
      },
      Distribution.upstream({ autoscaling: new KedaAutoscaling() }),
    );
    const [trigger] = find(manifests, 'ScaledObject', 'polls-worker-default').spec.triggers;
    expect(trigger).toMatchObject({
      type: 'redis-sentinel',
      metadata: {
        addresses: PODS.map((pod) => `${pod}.polls-queue.polls.svc:26379`).join(','),
        sentinelMaster: 'polls-queue',
      },
    });
    const { from } = find(manifests, 'NetworkPolicy', 'polls-queue').spec.ingress[0];
    expect(JSON.stringify(from)).toContain('keda');
  });
});
