import { Construct } from 'constructs';
import { checkLabelValue, checkResourceName } from '../kubernetes/names';
import { Problems } from '../kubernetes/problems';
import { NodeLabelScheduling } from '../platform/node-labels';
import { Architecture, IScheduling, Scheduling } from '../platform/scheduling';
import { distributionOf } from '../platform/binding';

const ARCHITECTURES = Object.values(Architecture);

/** What a distribution without the capability knows: the labels of Kubernetes itself. */
const WELL_KNOWN_LABELS = new NodeLabelScheduling();

/** How the distribution of a construct finds nodes. */
export function schedulingOf(scope: Construct): IScheduling {
  return distributionOf(scope).scheduling ?? WELL_KNOWN_LABELS;
}

/** The fields of a pod's spec that say which nodes it runs on, and with what priority. */
export function placementFields(scope: Construct, scheduling: Scheduling = {}): any {
  checkScheduling(scope, scheduling);
  const { priorityClassName } = scheduling;
  return {
    ...schedulingOf(scope).place(scope, scheduling),
    ...(priorityClassName !== undefined && { priorityClassName }),
  };
}

function checkScheduling(scope: Construct, scheduling: Scheduling): void {
  const { architecture, zones, nodePool, priorityClassName } = scheduling;
  if (architecture !== undefined && !ARCHITECTURES.includes(architecture)) {
    Problems.report(scope, {
      property: 'scheduling.architecture',
      value: architecture,
      reason: 'is not an architecture that can be asked for',
      remedy: 'Use "amd64" or "arm64"',
    });
  }
  if (zones?.length === 0) {
    Problems.report(scope, {
      property: 'scheduling.zones',
      value: zones,
      reason: 'is empty',
      remedy: 'Name zones, or leave it out to mean all',
    });
  }
  zones?.forEach((zone) => checkLabelValue(scope, 'scheduling.zones', zone));
  if (nodePool !== undefined) checkLabelValue(scope, 'scheduling.nodePool', nodePool);
  if (priorityClassName !== undefined) {
    checkResourceName(scope, 'scheduling.priorityClassName', priorityClassName);
  }
}
