import { Construct } from 'constructs';
import { runningContainersIn } from '../../kubernetes/pod-manifests';
import { addProblems } from '../../kubernetes/problems';
import { AutoscaleRequest } from '../../platform/autoscaling';

/**
 * Checks at synth that the container whose use counts says what percentages are of. An autoscaler cannot compute them
 * otherwise, and then it stops working for the whole workload. Other containers do not count.
 *
 * @see https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
 */
export function checkMeasuredContainers(
  scope: Construct,
  { target, container, targetCpuUtilization, targetMemoryUtilization }: AutoscaleRequest,
  of: { limits: boolean } = { limits: false },
): void {
  const resources = [
    ...(targetCpuUtilization === undefined ? [] : ['cpu']),
    ...(targetMemoryUtilization === undefined ? [] : ['memory']),
  ];
  const list = of.limits ? 'limits' : 'requests';
  const says = ({ requests, limits }: any, name: string) =>
    limits?.[name] !== undefined || (!of.limits && requests?.[name] !== undefined);
  addProblems(scope, () =>
    runningContainersIn(target.toJson())
      .filter(({ value }) => value.name === container)
      .flatMap(({ path, value }) =>
        resources
          .filter((name) => !says(value.resources ?? {}, name))
          .map((name) => ({
            property: `${path}.resources.${list}.${name}`,
            value: undefined,
            reason: `is needed to scale Deployment "${target.name}" by percentages`,
            remedy: `Give container "${container}" ${list} of ${name}`,
          })),
      ),
  );
}
