import { Construct } from 'constructs';
import * as k8s from './api';
import { resourceLabels, Selector, selectorLabels } from './labels';
import { Resource } from './resource';

/** Lets one pod go at a time: a budget that allows none would stop every drain of a node. */
export function disruptionBudget(scope: Construct, id: string, name: string, selector: Selector): Resource {
  return new Resource(
    scope,
    id,
    k8s.manifest('PodDisruptionBudget', {
      metadata: { name, labels: resourceLabels(selector) },
      spec: {
        selector: { matchLabels: selectorLabels(selector) },
        maxUnavailable: 1,
        // Pods that are not healthy serve nobody: they must not keep a node from being drained.
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
      },
    }),
  );
}
