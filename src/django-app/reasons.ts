import {
  ALL_PODS,
  APPLICATION_CONTAINERS,
  APPLICATION_PODS,
  ENDING_PODS,
  FieldReason,
  LASTING_PODS,
} from '../kubernetes/field-reason';

const DEPLOYMENT = 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/';
const PROBES =
  'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/';
const TERMINATION = 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination';
const SPREAD = 'https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/';
const DEPLOYMENTS_POD = 'Deployment.spec.template.spec';
const CONTAINERS = `${DEPLOYMENTS_POD}.containers`;
const SIDECARS = `${APPLICATION_PODS}.spec.initContainers`;

/** Reasons for Deployments, their probes and their pods. Those of Jobs are in `job-reasons.ts`. */
export const DJANGO_APP_REASONS: FieldReason[] = [
  {
    fields: ['Deployment.metadata.annotations.kubernetes.io/change-cause'],
    why: '`kubectl rollout history` shows it for each revision, so one sees which image a revision ran.',
    source: `${DEPLOYMENT}#checking-rollout-history-of-a-deployment`,
  },
  {
    fields: ['Deployment.spec.replicas'],
    why: 'It is what you gave, or 2, so that one replica serves while a node is drained. It is missing with an autoscaler, because each apply would undo what that decided. There is never more than one beat.',
    source: 'docs/guide/3-scaling.md',
  },
  {
    fields: ['Deployment.spec.strategy.type'],
    why: 'A rollout adds a pod before it takes one away. A beat, and pods with a volume that one node alone can mount, end before the next one starts.',
    source: `${DEPLOYMENT}#strategy`,
    values: ['RollingUpdate', 'Recreate'],
  },
  {
    fields: ['Deployment.spec.strategy.rollingUpdate.maxSurge'],
    why: 'One new pod starts at a time, so a rollout needs room for one more pod only.',
    source: `${DEPLOYMENT}#max-surge`,
    values: [1],
  },
  {
    fields: ['Deployment.spec.strategy.rollingUpdate.maxUnavailable'],
    why: 'No pod ends before a new one is ready, so a rollout never has fewer replicas than you asked for.',
    source: `${DEPLOYMENT}#max-unavailable`,
    values: [0],
  },
  {
    fields: ['Deployment.spec.minReadySeconds'],
    why: 'A pod that ends within this time of being ready never counts as available. So a rollout of such pods stops at the first.',
    source: `${DEPLOYMENT}#min-ready-seconds`,
    values: [5],
  },
  {
    fields: ['Deployment.spec.progressDeadlineSeconds'],
    why: 'A rollout that gets no further for this long is reported as failed. The time is enough to pull an image and to start, and for a longer `migrationDeadline` if you gave one.',
    source: `${DEPLOYMENT}#progress-deadline-seconds`,
  },
  {
    fields: ['Deployment.spec.revisionHistoryLimit'],
    why: 'One goes back by applying the manifests of a release. The ReplicaSets of former releases are only for looking at.',
    source: `${DEPLOYMENT}#clean-up-policy`,
    values: [3],
  },
  {
    fields: ['Deployment.spec.template.metadata.annotations.cdk8s-django/shutdown'],
    why: 'It is the sum that the grace period is made of, for those who read the manifest.',
    source: 'docs/architecture.md#shutdown',
  },
  {
    fields: ['Deployment.spec.template.metadata.annotations.*'],
    why: 'You added this annotation to the pods.',
    source: 'docs/guide/11-extending.md',
  },
  {
    fields: [`${LASTING_PODS}.spec.terminationGracePeriodSeconds`],
    why: 'It is the time in which a pod ends without losing anything: the router stops sending, and requests, tasks or writes come to their end. Kubernetes gives 30 seconds otherwise, and kills the pod then.',
    source: 'docs/architecture.md#shutdown',
  },
  {
    fields: [`${CONTAINERS}.lifecycle.preStop.exec.command`, `${CONTAINERS}.lifecycle.preStop.sleep.seconds`],
    why: 'The router still sends requests to a pod that terminates. So the pod turns unready and serves for this long before the server is told to stop. A process of yours gets the signal that you chose.',
    source: TERMINATION,
  },
  {
    fields: [`${LASTING_PODS}.spec.topologySpreadConstraints.topologyKey`],
    why: 'Replicas, and servers with Sentinels, spread over nodes and over zones, so that losing one of them does not end all.',
    source: SPREAD,
    values: ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'],
  },
  {
    fields: [`${LASTING_PODS}.spec.topologySpreadConstraints.maxSkew`],
    why: 'It is the evenest spread that Kubernetes can be asked for.',
    source: SPREAD,
    values: [1],
  },
  {
    fields: [`${LASTING_PODS}.spec.topologySpreadConstraints.whenUnsatisfiable`],
    why: 'Pods that cannot spread run all the same: a cluster of one node is a cluster too.',
    source: SPREAD,
    values: ['ScheduleAnyway'],
  },
  {
    fields: [`${DEPLOYMENTS_POD}.topologySpreadConstraints.matchLabelKeys`],
    why: 'Pods of one release are compared with one another. Otherwise the old pods of a rollout would decide where the new ones run.',
    source: SPREAD,
    values: ['pod-template-hash'],
  },
  {
    fields: [
      `${DEPLOYMENTS_POD}.hostAliases.{ip,hostnames}`,
      '{Deployment,Job}.spec.template.spec.dnsConfig.{nameservers,searches,options.name,options.value}',
    ],
    why: 'You added it: how these pods look up names.',
    source: 'docs/guide/11-extending.md',
  },
  {
    fields: [
      `${CONTAINERS}.startupProbe.{exec.command,httpGet.path,httpGet.port,tcpSocket.port}`,
      `${CONTAINERS}.startupProbe.{httpGet.httpHeaders.name,httpGet.httpHeaders.value}`,
    ],
    why: 'It holds the other probes back until the program has started. Headers name a host that the application allows, and HTTPS: the kubelet would name the address of the pod, and Django would answer 400 or redirect.',
    source: PROBES,
  },
  {
    fields: [`${CONTAINERS}.startupProbe.{periodSeconds,timeoutSeconds,failureThreshold}`],
    why: 'Together they give a program about five minutes to start, because it takes many times as long on a busy node. Short periods notice soon that it has started. A process of yours has two minutes, or what you gave.',
    source: 'docs/guide/8-health.md',
  },
  {
    fields: [
      `${CONTAINERS}.readinessProbe.{httpGet.path,httpGet.port,tcpSocket.port}`,
      `${CONTAINERS}.readinessProbe.{httpGet.httpHeaders.name,httpGet.httpHeaders.value}`,
    ],
    why: 'A pod that cannot reach its database or broker gets no requests while that lasts. A pooler is asked by its port only, because a query would wait behind those of a busy pool.',
    source: 'docs/guide/8-health.md',
  },
  {
    fields: [`${CONTAINERS}.readinessProbe.{periodSeconds,timeoutSeconds,failureThreshold}`],
    why: 'A pod that fails is out of its Service within about 15 seconds. One slow answer does not count.',
    source: PROBES,
  },
  {
    fields: [
      `${CONTAINERS}.livenessProbe.{exec.command,httpGet.path,httpGet.port,tcpSocket.port}`,
      `${CONTAINERS}.livenessProbe.{httpGet.httpHeaders.name,httpGet.httpHeaders.value}`,
    ],
    why: 'It asks the process alone, and never the database or the broker: a restart would not bring those back. A probe of the library starts no interpreter, which takes many seconds on a busy node.',
    source: 'docs/guide/8-health.md',
  },
  {
    fields: [`${CONTAINERS}.livenessProbe.{periodSeconds,timeoutSeconds,failureThreshold}`],
    why: 'A program that hangs is restarted after about a minute. It is slower than the readiness probe, so that a busy pod first gets no more requests.',
    source: PROBES,
  },
  {
    fields: [`${CONTAINERS}.livenessProbe.terminationGracePeriodSeconds`],
    why: 'A process that hangs does not end by itself, and waiting for its tasks helps nobody.',
    source: `${PROBES}#probe-level-terminationgraceperiodseconds`,
    values: [10],
  },
  {
    fields: [
      `${LASTING_PODS}.spec.containers.ports.{name,containerPort}`,
      `${SIDECARS}.ports.{name,containerPort}`,
    ],
    why: 'Services, probes and monitoring find a port by its name. The number is yours, or that of the program by default.',
    source: 'docs/guide/2-service.md',
  },
  {
    fields: [`${APPLICATION_CONTAINERS}.envFrom.configMapRef.name`],
    why: 'The ConfigMap has the variables that are not secret, for all pods of the application.',
    source: 'docs/guide/13-variables.md',
  },
  {
    fields: [`${APPLICATION_CONTAINERS}.env.valueFrom.secretKeyRef.optional`],
    why: 'The key is there only while a SECRET_KEY is rotated, or once somebody has put it there. Pods start without it.',
    source: 'docs/guide/7-lifecycle.md',
    values: [true],
  },
  {
    fields: [`${APPLICATION_CONTAINERS}.workingDir`],
    why: 'You gave the folder of the project in the image.',
    source: 'docs/guide/6-images.md',
  },
  {
    fields: [
      `${SIDECARS}.args`,
      `${SIDECARS}.{startupProbe,readinessProbe,livenessProbe}.{httpGet.path,httpGet.port,periodSeconds,timeoutSeconds,failureThreshold}`,
    ],
    why: 'The sidecar is one that you added, or the proxy of Cloud SQL, whose options and probes follow its own examples. The application starts once the sidecar is ready.',
    source: 'https://github.com/GoogleCloudPlatform/cloud-sql-proxy/tree/main/examples/k8s-health-check',
  },
  {
    fields: [`${SIDECARS}.restartPolicy`],
    why: 'It makes the container a native sidecar: it starts before the application, ends after it, and does not keep a Job from ending.',
    source: 'https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/',
    values: ['Always'],
  },
  {
    fields: [
      `${LASTING_PODS}.spec.volumes.configMap.name`,
      `${ENDING_PODS}.spec.volumes.configMap.name`,
      `${APPLICATION_PODS}.spec.volumes.secret.{secretName,items.key,items.path}`,
      '{Deployment,Job}.spec.template.spec.volumes.persistentVolumeClaim.claimName',
    ],
    why: 'The volume has files that the program needs: its configuration, the certificate of the server that it connects to, uploaded files, or what you added.',
    source: 'docs/guide/11-extending.md',
  },
  {
    fields: [
      `${APPLICATION_PODS}.spec.volumes.projected.sources.secret.{name,optional,items.key,items.path}`,
    ],
    why: 'You gave `secretsAsFiles`. The container reads these keys, and no other, from files that have the names of the variables. So its environment does not have them.',
    source: 'docs/guide/9-security.md',
  },
  {
    fields: ['ConfigMap.data.*'],
    why: 'These are the variables of the application that are not secret, the files of a server, a dashboard, or the Python of the library.',
    source: 'docs/guide/13-variables.md',
  },
  {
    fields: ['PersistentVolumeClaim.spec.{accessModes,resources.requests.storage,storageClassName}'],
    why: 'The volume of uploaded files is what you gave: its size, its class, and how many nodes may mount it.',
    source: 'docs/guide/12-settings.md#uploaded-files',
  },
  {
    fields: [`${ALL_PODS}.metadata.annotations.checksum/config`],
    why: 'It is a hash of what the pods read from ConfigMaps. When that changes, the pods are replaced.',
    source: 'docs/guide/7-lifecycle.md',
  },
  {
    fields: ['Job.spec.template.spec.containers.env.valueFrom.fieldRef.fieldPath'],
    why: 'A migration compares the name of its own Job with that in the ConfigMap. It ends when another release was applied.',
    source: 'docs/architecture.md#scaling-and-order',
  },
  {
    fields: ['Deployment.spec.template.spec.containers.env.valueFrom.fieldRef.fieldPath'],
    why: 'Traces say which pod they are of, and in which namespace it is.',
    source: 'docs/traces.md',
    values: ['metadata.name', 'metadata.namespace'],
  },
];
