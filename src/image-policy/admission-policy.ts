import { watchedResources } from '../kubernetes/admission-policies';
import * as k8s from '../kubernetes/api';

/** What is held of each image. */
export interface ImageRules {
  readonly digests: boolean;
  /** Beginnings of references, without the slash that follows. */
  readonly registries: string[];
}

/** Where images stand in what the rules look at. */
const POD =
  "dyn(object).kind == 'Pod' ? dyn(object).spec : dyn(object).kind == 'CronJob' ? " +
  'dyn(object).spec.jobTemplate.spec.template.spec : dyn(object).spec.template.spec';

const LISTS = ['containers', 'initContainers', 'ephemeralContainers'];

/**
 * The policy of an API server that refuses images. It looks at pods, which everything ends in, and at what makes them,
 * so that those who apply a workload are told. Images that an object has already are left alone: the controllers of what
 * ran before the policy go on.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
export function policySpec({ digests, registries }: ImageRules): k8s.ValidatingAdmissionPolicySpec {
  return {
    failurePolicy: 'Fail',
    matchConstraints: {
      resourceRules: [
        watchedResources('', ['pods', 'pods/ephemeralcontainers', 'replicationcontrollers']),
        watchedResources('apps', ['deployments', 'statefulsets', 'daemonsets', 'replicasets']),
        watchedResources('batch', ['jobs', 'cronjobs']),
      ],
    },
    variables: [
      { name: 'pod', expression: POD },
      { name: 'images', expression: imagesIn('variables.pod') },
      { name: 'oldPod', expression: `oldObject == null ? {} : ${POD.replaceAll('(object)', '(oldObject)')}` },
      { name: 'oldImages', expression: imagesIn('variables.oldPod') },
      { name: 'newImages', expression: 'variables.images.filter(image, !(image in variables.oldImages))' },
    ],
    validations: [
      ...(digests ? [validation("image.matches('@sha256:[0-9a-f]{64}$')", 'without a digest')] : []),
      ...(registries.length ? [validation(comesFrom(registries), `not from ${registries.join(', ')}`)] : []),
    ],
  };
}

function imagesIn(pod: string): string {
  return LISTS.map((list) => `${pod}.?${list}.orValue([]).map(one, one.image)`).join(' + ');
}

function comesFrom(registries: string[]): string {
  const beginnings = registries.map((registry) => `'${registry}/'`).join(', ');
  return `[${beginnings}].exists(registry, image.startsWith(registry))`;
}

/** Names the images for which a condition does not hold. */
function validation(condition: string, what: string): k8s.Validation {
  return {
    expression: `variables.newImages.all(image, ${condition})`,
    messageExpression: `'images ${what}: ' + variables.newImages.filter(image, !(${condition})).join(', ')`,
  };
}
