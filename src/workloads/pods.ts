import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { demandsJobProbes } from '../platform/admission';
import { PodUser } from '../platform/security';
import { jobProbes } from '../kubernetes/job-probes';
import { podLabels, Selector } from '../kubernetes/labels';
import { withDisk } from './disk';
import { hostUsers } from './user-namespaces';
import { withSecretVolumes } from './secret-volumes';
import { distributionOf } from '../platform/binding';

/** What a pod of this library is made of. */
export interface PodOptions {
  readonly selector: Selector;
  readonly annotations?: { [name: string]: string };
  /** Labels beside those that the selector leads to. */
  readonly labels?: { [name: string]: string };
  readonly user: PodUser;
  /** Whether the pod talks to the API server. */
  readonly apiAccess?: boolean;
  /** The rest of the pod: its containers without security contexts, its volumes, … */
  readonly spec: k8s.PodSpec;
}

/** The user that pods run as, unless another one is given or the platform chooses it. */
export const DEFAULT_USER = 1000;

/**
 * A pod as every pod of this library is: restricted as its distribution wants it, without the API token and without
 * a variable for each Service of the namespace.
 */
export function podTemplate(scope: Construct, options: PodOptions): k8s.PodTemplateSpec {
  const { security, admission } = distributionOf(scope);
  const secured = (container: k8s.Container): k8s.Container => ({
    ...container,
    // A pod that does not start says why in its own status: its log may be gone with the container.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: security.containerSecurityContext(),
  });
  const spec = withDisk(scope, withSecretVolumes(scope, options.spec));
  // Pods of Jobs are those that say when they are restarted: others always are.
  const ends = spec.restartPolicy !== undefined;
  const probes = ends && demandsJobProbes(admission) ? jobProbes() : {};
  const securityContext = security.podSecurityContext(options.user);
  return {
    metadata: {
      labels: { ...podLabels(scope, options.selector), ...options.labels },
      annotations: options.annotations,
    },
    spec: {
      ...spec,
      automountServiceAccountToken: options.apiAccess ?? false,
      enableServiceLinks: false,
      ...hostUsers(scope, securityContext),
      securityContext,
      initContainers: spec.initContainers?.map(secured),
      containers: spec.containers.map((container) => ({ ...secured(container), ...probes })),
    },
  };
}

/** References to the Secrets with which an image is pulled. */
export function pullSecrets(names: string[]): k8s.LocalObjectReference[] | undefined {
  return names.length ? names.map((name) => ({ name })) : undefined;
}
