import { matches } from '../access-report/selectors';
import { POD_KINDS, podOf, runningContainersIn } from '../kubernetes/pod-manifests';
import { findManifest } from './find-manifest';

/** A container that answers at a port of a Service. */
export interface Backend {
  /** Port of the Service. */
  readonly servicePort: number;
  /** Kind and name of what makes the pods, such as `Deployment/polls`. */
  readonly workload: string;
  /** Name of the container. */
  readonly container: string;
  /** Port of the container. */
  readonly port: number;
}

/**
 * The containers that answer at the ports of a Service: those of pods that its selector matches, in its namespace,
 * which declare the port by its number or name. A port that nothing answers at is not in the list.
 *
 * Throws when there is no Service of that name.
 *
 * @param manifests - those of a program, as `manifestsFor` gives them
 * @param service - name of the Service
 *
 * @example
 * expect(backendsOf(manifests, 'polls')).toEqual([
 *   { servicePort: 8000, workload: 'Deployment/polls', container: 'web', port: 8000 },
 * ]);
 */
export function backendsOf(manifests: any[], service: string): Backend[] {
  const { metadata, spec } = findManifest(manifests, 'Service', service);
  const { selector: matchLabels = {} } = spec;
  const workloads = manifests.filter((manifest) => {
    if (!POD_KINDS.includes(manifest.kind)) return false;
    const labels = podOf(manifest).value?.metadata?.labels ?? {};
    // A Service without a selector selects nothing.
    const isSelected = Object.keys(matchLabels).length > 0 && matches({ matchLabels }, labels);
    return isSelected && manifest.metadata.namespace === metadata.namespace;
  });
  return (spec.ports ?? []).flatMap((servicePort: any) =>
    workloads.flatMap((workload) => backends(workload, servicePort)),
  );
}

function backends(workload: any, { port, targetPort = port }: any): Backend[] {
  return runningContainersIn(workload).flatMap(({ value: { name, ports = [] } }) =>
    ports
      .filter((one: any) => one.name === targetPort || one.containerPort === targetPort)
      .map((one: any) => ({
        servicePort: port,
        workload: `${workload.kind}/${workload.metadata.name}`,
        container: name,
        port: one.containerPort,
      })),
  );
}
