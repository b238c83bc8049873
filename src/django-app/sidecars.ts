import { Construct } from 'constructs';
import { envVar } from '../kubernetes/environment';
import { completeResources, resourceRequirements } from '../kubernetes/resources';
import { distributionOf } from '../platform/binding';
import { withDisk } from '../workloads/disk';
import { withSecretVolumes } from '../workloads/secret-volumes';
import { SidecarHealthCheck, SidecarProps, VolumeProps } from './addition-props';

const DEFAULT_RESOURCES = { cpuRequest: '100m', memoryRequest: '64Mi', memoryLimit: '128Mi' };

/**
 * A pod template, as Kubernetes writes it, with native sidecars. They come before the container that waits for the
 * schema, which may need them. A container's `restartPolicy` is newer than the API types that the rest is built on,
 * which would drop it.
 *
 * @param sidecars - the containers, as Kubernetes writes them
 * @see https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
 */
export function withSidecars(scope: Construct, template: any, sidecars: any[]): any {
  if (!sidecars.length) return template;
  const { security } = distributionOf(scope);
  const initContainers = sidecars.map((container) => ({
    ...container,
    restartPolicy: 'Always',
    securityContext: security.containerSecurityContext(),
  }));
  const { spec } = template;
  // The containers of the template have the volumes of their Secrets already.
  const own = withSecretVolumes(scope, { containers: [], initContainers });
  const isNew = ({ name }: any) => !spec.volumes.some((volume: any) => volume.name === name);
  return {
    ...template,
    spec: withDisk(scope, {
      ...spec,
      initContainers: [...own.initContainers!, ...(spec.initContainers ?? [])],
      volumes: [...spec.volumes, ...(own.volumes ?? []).filter(isNew)],
    }),
  };
}

/** The container of a sidecar, as Kubernetes writes it. */
export function sidecarContainer(scope: Construct, sidecar: SidecarProps, volumes: VolumeProps[]): any {
  const { name, image, command, args, environment = {}, secretEnvironment = {}, ports } = sidecar;
  const resources = completeResources(scope, sidecar.resources, DEFAULT_RESOURCES);
  const env = [
    ...Object.entries(environment).map(([variable, value]) => ({ name: variable, value })),
    ...Object.entries(secretEnvironment).map(([variable, value]) => envVar({ name: variable, ...value })),
  ].sort((one, other) => (one.name < other.name ? -1 : 1));
  const volumeMounts = Object.entries(sidecar.volumeMounts ?? {}).map(([volume, mountPath]) => {
    const isReadOnly = volumes.find((one) => one.name === volume)?.source.isReadOnly;
    return { name: volume, mountPath, ...(isReadOnly && { readOnly: true }) };
  });
  return {
    name,
    image,
    ...(command && { command }),
    ...(args && { args }),
    ...(env.length && { env }),
    ...(ports?.length && { ports: ports.map((containerPort) => ({ containerPort })) }),
    ...(volumeMounts.length && { volumeMounts }),
    resources: resourceRequirements(resources),
    // As all containers have it: its log may be gone with the container.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    ...(sidecar.healthCheck && probesOf(sidecar.healthCheck)),
  };
}

/** A minute to start, ten seconds out of order until it counts as unready, and a minute until it is restarted. */
function probesOf({ port, path }: SidecarHealthCheck): any {
  const check = path === undefined ? { tcpSocket: { port } } : { httpGet: { path, port } };
  return {
    startupProbe: { ...check, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 60 },
    readinessProbe: { ...check, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 2 },
    livenessProbe: { ...check, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
  };
}
