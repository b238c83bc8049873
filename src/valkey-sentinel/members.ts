import { Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import { spreadConstraints } from '../django-app/pods';
import * as k8s from '../kubernetes/api';
import { envVar } from '../kubernetes/environment';
import { resourceLabels, Selector, selectorLabels } from '../kubernetes/labels';
import { bytes } from '../kubernetes/quantities';
import { Resource, writtenHash } from '../kubernetes/resource';
import { ContainerResources, resourceRequirements } from '../kubernetes/resources';
import { SecretValue } from '../kubernetes/secret-values';
import { serviceAccount } from '../kubernetes/service-accounts';
import { program } from '../valkey-backend/passwords';
import { VALKEY_PORT, VALKEY_USER_ID } from '../valkey-backend/stateful-set';
import { TMP_MOUNT, TMP_VOLUME } from '../workloads/disk';
import { podTemplate, pullSecrets } from '../workloads/pods';
import { claimTemplate, ServerVolume } from '../workloads/single-server';
import {
  COMMON_SCRIPT,
  commonScript,
  DATA_PATH,
  HANDOVER_SCRIPT,
  handoverScript,
  MEMBERS,
  READY_SCRIPT,
  readyScript,
  SCRIPT_FOLDER,
  SENTINEL_PORT,
  SENTINEL_SCRIPT,
  sentinelScript,
  SERVER_CONFIGURATION,
  SERVER_SCRIPT,
  serverConfiguration,
  serverScript,
} from './scripts';

/** Until a primary has handed over and has ended: the sum of what its script waits for, and of what the server does. */
const GRACE_SECONDS = 90;
/** A Sentinel keeps a few names. */
const SENTINEL_RESOURCES: ContainerResources = {
  cpuRequest: '100m',
  memoryRequest: '128Mi',
  memoryLimit: '128Mi',
};
/** Rewriting the file takes a copy of the process, which needs memory for what is written meanwhile. */
const MEMORY_SHARE = 0.6;

/** What the pods are made of. */
export interface MembersOptions {
  readonly name: string;
  readonly selector: Selector;
  readonly image: string;
  readonly imagePullSecrets: string[];
  readonly password: SecretValue;
  readonly resources: ContainerResources;
  /** The fields of the pods' spec that say which nodes they run on. */
  readonly placement: any;
  readonly volume: ServerVolume;
}

/** The resources of the pods. */
export interface Members {
  readonly serviceAccount: Resource;
  readonly configMap: Resource;
  readonly statefulSet: Resource;
  readonly service: Resource;
}

/** Makes the StatefulSet, its Service, its ConfigMap and a ServiceAccount without rights. */
export function members(scope: Construct, options: MembersOptions): Members {
  const { name, selector } = options;
  const metadata = { name, labels: resourceLabels(selector) };
  const data = filesOf(scope, options);
  const configMap = new Resource(scope, 'ConfigMap', k8s.manifest('ConfigMap', { metadata, data }));
  return {
    serviceAccount: serviceAccount(scope, metadata),
    configMap,
    statefulSet: new Resource(scope, 'StatefulSet', {
      ...k8s.typeOf('StatefulSet'),
      metadata,
      // The library makes the spec at synth: a Secret that the servers read may come after it.
      spec: Lazy.any({ produce: () => statefulSetSpec(scope, options, writtenHash([configMap])) }),
    }),
    service: new Resource(
      scope,
      'Service',
      k8s.manifest('Service', { metadata, spec: serviceSpec(selector) }),
    ),
  };
}

function filesOf(scope: Construct, { name, resources }: MembersOptions): Record<string, string> {
  const limit = bytes(scope, 'resources.memoryLimit', resources.memoryLimit!);
  return {
    [SERVER_CONFIGURATION]: serverConfiguration(Math.floor(limit * MEMORY_SHARE)),
    [COMMON_SCRIPT]: commonScript(name),
    [SERVER_SCRIPT]: serverScript(),
    [SENTINEL_SCRIPT]: sentinelScript(),
    [READY_SCRIPT]: readyScript(),
    [HANDOVER_SCRIPT]: handoverScript(),
  };
}

/** Gives each pod a name. It has one before it is ready: servers find one another to become so. */
function serviceSpec(selector: Selector): k8s.ServiceSpec {
  return {
    clusterIP: 'None',
    publishNotReadyAddresses: true,
    selector: selectorLabels(selector),
    ports: [
      { name: 'valkey', port: VALKEY_PORT, targetPort: 'valkey' },
      { name: 'sentinel', port: SENTINEL_PORT, targetPort: 'sentinel' },
    ],
  };
}

function statefulSetSpec(scope: Construct, options: MembersOptions, checksum: string): any {
  const { name, selector, imagePullSecrets, placement, volume } = options;
  const { spec } = k8s.manifest('StatefulSet', {
    spec: {
      replicas: MEMBERS,
      // Otherwise no other pod would be made while the first is away with its node.
      podManagementPolicy: 'Parallel',
      serviceName: name,
      selector: { matchLabels: selectorLabels(selector) },
      template: podTemplate(scope, {
        selector,
        annotations: { 'checksum/config': checksum },
        user: { id: VALKEY_USER_ID, ownsVolumes: true },
        spec: {
          ...placement,
          serviceAccountName: name,
          imagePullSecrets: pullSecrets(imagePullSecrets),
          terminationGracePeriodSeconds: GRACE_SECONDS,
          topologySpreadConstraints: spread(selector),
          containers: [serverContainer(options), sentinelContainer(options)],
          volumes: [TMP_VOLUME, { name: 'config', configMap: { name } }],
        },
      }),
    },
  });
  return { ...spec, volumeClaimTemplates: [claimTemplate(selector, volume)] };
}

/** Over nodes and zones. A rollout replaces one pod after the other, so those of the last release count too. */
function spread(selector: Selector): k8s.TopologySpreadConstraint[] {
  return spreadConstraints(selector).map(({ matchLabelKeys: _, ...constraint }) => constraint);
}

/** What both containers of a pod have in common. */
function container({ image, password }: MembersOptions, script: string): Omit<k8s.Container, 'name'> {
  const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  return {
    image,
    command: ['sh', `${SCRIPT_FOLDER}/${script}`],
    env: [
      field('POD_NAME', 'metadata.name'),
      field('POD_NAMESPACE', 'metadata.namespace'),
      ...['REDISCLI_AUTH', 'VALKEYCLI_AUTH'].map((name) => envVar({ name, ...password })),
    ],
    volumeMounts: [
      { name: 'data', mountPath: DATA_PATH },
      { name: 'config', mountPath: SCRIPT_FOLDER, readOnly: true },
      TMP_MOUNT,
    ],
  };
}

function serverContainer(options: MembersOptions): k8s.Container {
  const probe = { exec: { command: ['sh', `${SCRIPT_FOLDER}/${READY_SCRIPT}`] } };
  const handover = { exec: { command: ['sh', `${SCRIPT_FOLDER}/${HANDOVER_SCRIPT}`] } };
  return {
    name: 'valkey',
    ...container(options, SERVER_SCRIPT),
    ports: [{ name: 'valkey', containerPort: VALKEY_PORT }],
    resources: resourceRequirements(options.resources),
    lifecycle: { preStop: handover },
    startupProbe: { ...probe, periodSeconds: 2, timeoutSeconds: 10, failureThreshold: 1800 },
    readinessProbe: { ...probe, periodSeconds: 5, timeoutSeconds: 10, failureThreshold: 6 },
    livenessProbe: alive('valkey'),
  };
}

function sentinelContainer(options: MembersOptions): k8s.Container {
  const ping = `[ "$(${program('cli')} -p ${SENTINEL_PORT} ping)" = PONG ]`;
  const probe = { exec: { command: ['sh', '-c', ping] } };
  return {
    name: 'sentinel',
    ...container(options, SENTINEL_SCRIPT),
    ports: [{ name: 'sentinel', containerPort: SENTINEL_PORT }],
    resources: resourceRequirements(SENTINEL_RESOURCES),
    startupProbe: { ...probe, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 1800 },
    readinessProbe: { ...probe, periodSeconds: 5, timeoutSeconds: 10, failureThreshold: 6 },
    livenessProbe: alive('sentinel'),
  };
}

/** No program: to start one takes many seconds on a node that is busy, and the server would be ended for it. */
function alive(port: string): k8s.Probe {
  return { tcpSocket: { port }, periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 6 };
}
