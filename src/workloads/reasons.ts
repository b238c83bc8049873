import {
  ALL_CONTAINERS,
  ALL_PODS,
  APPLICATION_PODS,
  podsOf,
  FieldReason,
  LASTING_PODS,
} from '../kubernetes/field-reason';

const TOKENS =
  'https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting';
const POLICIES = 'https://kubernetes.io/docs/concepts/services-networking/network-policies/';
const PRIORITY = 'https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/';
const STATEFUL_SET = 'https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/';
const SECRETS_STORE = 'https://secrets-store-csi-driver.sigs.k8s.io/topics/sync-as-kubernetes-secret';
const CLAIM = 'StatefulSet.spec.volumeClaimTemplates';

/** Reasons for what all pods of the library have, for network policies, and for servers of one pod. */
export const WORKLOAD_REASONS: FieldReason[] = [
  {
    fields: [`${ALL_PODS}.spec.enableServiceLinks`],
    why: 'Otherwise each Service of the namespace adds variables such as POLLS_PORT to the container. They would collide with those that settings read.',
    source:
      'https://kubernetes.io/docs/tutorials/services/connect-applications-service/#accessing-the-service',
    values: [false],
  },
  {
    fields: [`${LASTING_PODS}.spec.automountServiceAccountToken`],
    why: 'No such pod asks the API server, so none has a token that somebody could steal.',
    source: TOKENS,
    values: [false],
  },
  {
    fields: [`${podsOf('Job')}.spec.automountServiceAccountToken`],
    why: 'Each asks the API server itself: it fills a Secret, or it asks which release is the present one before it changes the database.',
    source: TOKENS,
    values: [true],
  },
  {
    fields: [`${podsOf('CronJob')}.spec.automountServiceAccountToken`],
    why: 'Only a pod that asks the API server itself has a token, such as one that takes a snapshot.',
    source: TOKENS,
    values: [false, true],
  },
  {
    fields: [`${ALL_CONTAINERS}.terminationMessagePolicy`],
    why: 'A container that ends with an error leaves the end of its log in the status of the pod. The log itself may be gone with the container.',
    source: 'https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/',
    values: ['FallbackToLogsOnError'],
  },
  {
    fields: [`${ALL_PODS}.spec.volumes.name`, `${ALL_CONTAINERS}.volumeMounts.{name,mountPath}`],
    why: 'The root file system is read-only, so all that a container reads or writes is a volume: `tmp` for temporary files, `runtime` for the Python of the library, and those that you gave.',
    source: 'docs/guide/1-containers-and-pods.md',
  },
  {
    fields: [`${ALL_PODS}.spec.volumes.emptyDir.sizeLimit`],
    why: 'No pod can fill the disk of its node, or the memory: the kubelet ends a pod that writes more. `/tmp` has 1Gi, or what your `ephemeralStorage` leaves beside the log and other folders.',
    source: 'docs/architecture.md#the-disk-of-a-node',
  },
  {
    fields: [
      `${ALL_CONTAINERS}.resources.{limits,requests}.ephemeral-storage`,
      'Cluster.spec.resources.{limits,requests}.ephemeral-storage',
    ],
    why: 'You gave `ephemeralStorage` for a container of the pod. The scheduler reserves that much disk, and the other containers get what their logs need.',
    source: 'docs/architecture.md#the-disk-of-a-node',
  },
  {
    fields: [`${ALL_CONTAINERS}.volumeMounts.readOnly`],
    why: 'The container does not write there.',
    source: 'https://kubernetes.io/docs/concepts/storage/volumes/#read-only-mounts',
    values: [true],
  },
  {
    fields: [`${APPLICATION_PODS}.spec.volumes.projected.sources.configMap.name`],
    why: 'These ConfigMaps have the Python of the library, in parts, so that no image needs it. Their names end in a hash, so pods get the version that they were made for.',
    source: 'docs/guide/1-containers-and-pods.md',
  },
  {
    fields: [`${ALL_PODS}.spec.imagePullSecrets.name`],
    why: 'You named this Secret. The kubelet logs in to the registry with it.',
    source: 'https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/',
  },
  {
    fields: [`${ALL_PODS}.spec.serviceAccountName`],
    why: 'Each program has a ServiceAccount of its own, so that it has only the rights and the identity that it needs.',
    source: 'https://kubernetes.io/docs/concepts/security/service-accounts/',
  },
  {
    fields: [`${ALL_PODS}.spec.priorityClassName`],
    why: 'Others wait for a pod that migrates, fills a Secret or serves data. On a full cluster its priority gets it the place of a pod that waits. Other pods have the class that you gave.',
    source: PRIORITY,
  },
  {
    fields: ['PriorityClass.value'],
    why: 'It is above what applications usually give their own classes, and far below the classes of the system, which begin at 2000000000.',
    source: PRIORITY,
    values: [1_000_000],
  },
  {
    fields: ['PriorityClass.description'],
    why: 'It tells those who list the classes what this one is for.',
    source: PRIORITY,
    values: ['For pods for which others wait: those that fill Secrets, servers of data, and migrations.'],
  },
  {
    fields: [
      'Deployment.spec.template.spec.volumes.csi.{driver,readOnly,volumeAttributes.secretProviderClass}',
    ],
    why: 'The Secrets Store CSI driver makes the Secret, and keeps it only while a pod mounts its class.',
    source: SECRETS_STORE,
  },
  {
    fields: ['NetworkPolicy.spec.policyTypes'],
    why: 'Both directions are listed, so that what no rule allows is refused in both.',
    source: POLICIES,
    values: ['Ingress', 'Egress'],
  },
  {
    fields: ['NetworkPolicy.spec.podSelector.matchExpressions.{key,operator,values}'],
    why: 'These components of one application have the same connections. No policy selects all pods of a namespace, where pods of others may be.',
    source: 'docs/architecture.md#network-policies',
  },
  {
    fields: ['NetworkPolicy.spec.{ingress,egress}.ports.{port,protocol}'],
    why: 'The pods connect on these ports only. A port is that of the pod, which may differ from that of its Service. An API server has 443 or 6443, and name servers have both UDP and TCP.',
    source: 'docs/architecture.md#network-policies',
  },
  {
    fields: ['StatefulSet.spec.replicas'],
    why: 'A server of one pod is one process with one volume: a second pod would be another, empty database. With Sentinels there are three, of which two still agree when one is away.',
    source: 'docs/guide/4-recovery.md',
    values: [1, 3],
  },
  {
    fields: ['StatefulSet.spec.serviceName'],
    why: 'The Service of the pods has the name of the server.',
    source: STATEFUL_SET,
  },
  {
    fields: [`${CLAIM}.{apiVersion,kind,metadata.name,metadata.labels.*}`],
    why: 'The volume `data` outlives the pod, and has the labels of its server.',
    source: STATEFUL_SET,
  },
  {
    fields: [`${CLAIM}.spec.accessModes`],
    why: 'One node mounts the volume at a time. Two servers on the same files would destroy them.',
    source: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes',
    values: ['ReadWriteOnce'],
  },
  {
    fields: [`${CLAIM}.spec.volumeMode`],
    why: 'The API server adds it to each item of the list. It is written out, so that applying again changes nothing.',
    source: 'docs/architecture.md#resources',
    values: ['Filesystem'],
  },
  {
    fields: [`${CLAIM}.status.phase`],
    why: 'The API server adds it to each item of the list. It is written out, so that applying again changes nothing.',
    source: 'docs/architecture.md#resources',
    values: ['Pending'],
  },
  {
    fields: [`${CLAIM}.spec.resources.requests.storage`],
    why: 'It is the size that you gave. A StatefulSet cannot change it later.',
    source: 'docs/guide/4-recovery.md',
  },
  {
    fields: [`${CLAIM}.spec.storageClassName`],
    why: 'It is the class that you gave, or the one of the distribution.',
    source: 'docs/distributions.md',
  },
  {
    fields: [`${CLAIM}.spec.dataSource.{apiGroup,kind,name}`],
    why: 'You gave the snapshot from which the volume is made.',
    source: 'https://kubernetes.io/docs/concepts/storage/volume-snapshots/#provision-volume-from-snapshot',
  },
  {
    fields: ['Service.spec.ports.{name,port,targetPort}'],
    why: 'The port of the Service has the number of the pod’s port, as the network policies of EKS need it, and finds it by its name.',
    source: 'https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html',
  },
  {
    fields: [`${ALL_CONTAINERS}.name`],
    why: 'It says what the container does. Patches and autoscalers find the container by it.',
    source: 'docs/guide/11-extending.md',
  },
  {
    fields: [`${ALL_CONTAINERS}.image`],
    why: 'It is the image that you gave. A server or a proxy that you gave none for has one that the library is tested with.',
    source: 'docs/guide/6-images.md',
  },
  {
    fields: [`${ALL_CONTAINERS}.command`],
    why: 'It runs what the construct is for: the server, a worker or a command of your application, or a program of the library’s own Python.',
    source: 'docs/guide/1-containers-and-pods.md',
  },
  {
    fields: [`${ALL_CONTAINERS}.env.{name,value}`],
    why: 'These are variables that you gave, and those by which the library tells the settings and its own programs what they need.',
    source: 'docs/guide/13-variables.md',
  },
  {
    fields: [`${ALL_CONTAINERS}.env.valueFrom.secretKeyRef.{name,key}`],
    why: 'The value is in a Secret, and no manifest has it.',
    source: 'https://kubernetes.io/docs/concepts/configuration/secret/',
  },
  {
    fields: [
      `${ALL_CONTAINERS}.resources.limits.memory`,
      `${ALL_CONTAINERS}.resources.requests.{cpu,memory}`,
      `${ALL_CONTAINERS}.resources.limits.cpu`,
    ],
    why: 'It is what you gave, or a default. A limit of memory keeps one container from taking that of others. There is no limit of CPU unless you give one, because it would slow the program down even on an idle node.',
    source: 'docs/guide/1-containers-and-pods.md',
  },
  {
    fields: [`${ALL_PODS}.metadata.labels.*`],
    why: 'The three labels of the selector, those of the chart, and those by which the platform knows pods that act as one of its identities.',
    source: 'docs/architecture.md#resources',
  },
  {
    fields: [
      '{FQDNNetworkPolicy,ApplicationNetworkPolicy}.spec.podSelector.matchExpressions.{key,operator,values}',
      'CiliumNetworkPolicy.spec.endpointSelector.matchExpressions.{key,operator,values}',
    ],
    why: 'These are the pods that you let connect to names.',
    source: 'docs/guide/9-security.md',
  },
  {
    fields: ['CronJob.spec.jobTemplate.spec.ttlSecondsAfterFinished'],
    why: 'The pod of a drill has a copy of all data on its volume, which goes with it. Its log stays as long.',
    source:
      'https://kubernetes.io/docs/concepts/storage/ephemeral-volumes/#lifecycle-and-persistentvolumeclaim',
    values: [3600],
  },
];
