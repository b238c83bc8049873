import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { namespacePolicy } from '../kubernetes/admission-policies';
import { groupedBy } from '../kubernetes/collections';
import { InvalidInputError } from '../kubernetes/errors';
import { MANAGED_BY } from '../kubernetes/labels';
import { namespaceOf } from '../kubernetes/namespaces';
import { containersIn, POD_KINDS } from '../kubernetes/pod-manifests';
import { addProblems, LocatedProblem, Problems } from '../kubernetes/problems';
import { Resource } from '../kubernetes/resource';
import { constructsOfCluster, oncePerCluster } from '../platform/binding';
import { ImageRules, policySpec } from './admission-policy';
import { ImageSigner, signaturePolicy, signerProblems } from './signed-images';

/** Which images the pods of a namespace may run. */
export interface ImagePolicyProps {
  /**
   * Whether each image is named by the digest of its content, as in `registry.example.com/polls@sha256:…`. A tag before
   * it is allowed: `polls:1.4.2@sha256:…`.
   *
   * @default true
   */
  readonly requireDigests?: boolean;

  /**
   * The registries, or folders of registries, that images come from: `registry.example.com` or
   * `registry.example.com/team`. A reference without a host, such as `postgres:18`, comes from none of them.
   *
   * @default - any
   */
  readonly registries?: string[];

  /**
   * Who has to have signed images, by Cosign without a key. Kyverno 1.17 or newer checks it in the cluster; without
   * Kyverno the manifest cannot be applied.
   *
   * @default - no signature is asked for
   * @see https://kyverno.io/docs/policy-types/image-validating-policy/
   */
  readonly signer?: ImageSigner;
}

/** A host, with a dot or a port so that it is not a folder of the default registry, and folders. */
const REGISTRY =
  /^(?=[^/]*[.:]|localhost(?:\/|$))[a-z0-9](?:[-.a-z0-9]*[a-z0-9])?(?::\d+)?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/;
const DIGEST = /@sha256:[0-9a-f]{64}$/;

/** What is searched for once a synthesis. */
const WORKLOADS = {};

/**
 * Holds the pods of a namespace to images of known content and origin. It is for all charts of the namespace: synth
 * refuses the images that they name, and the API server refuses those of anybody else.
 *
 * It makes a ValidatingAdmissionPolicy and its ValidatingAdmissionPolicyBinding on each distribution. They have no
 * namespace of their own, and are named after the one that they are for. The API server looks at workloads and at pods,
 * also at containers that were injected into these. Images that an object had before stay allowed. Which images an
 * operator uses for a custom resource is known to the API server alone. With `signer` there is a
 * NamespacedImageValidatingPolicy of Kyverno too, which asks the registry of an image for its signature when a pod is
 * made. It was never run.
 *
 * Throws when:
 * - the chart does not have a namespace;
 * - a registry is not a host with folders;
 * - nothing is held: digests are not required, and there are no registries;
 * - an image of the namespace is not allowed;
 * - there is a `signer`, and no image of the namespace is from its registries.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 * @example
 * new ImagePolicy(this, 'Images', { registries: ['registry.example.com/polls'] });
 */
export class ImagePolicy extends Construct {
  /** The rules, for the API server. */
  readonly policy: Resource;

  /** What makes the rules count in the namespace. */
  readonly binding: Resource;

  /**
   * The policy of Kyverno for signatures.
   *
   * @default - no signature is asked for
   */
  readonly signaturePolicy?: Resource;

  constructor(scope: Construct, id: string, props: ImagePolicyProps = {}) {
    super(scope, id);
    const { requireDigests: digests = true, registries = [], signer } = props;
    const namespace = namespaceOf(this, 'is needed for an ImagePolicy, which is for one namespace');
    registries.forEach((registry) => checkRegistry(this, 'registries', registry));
    signer?.registries.forEach((registry) => checkRegistry(this, 'signer.registries', registry));
    if (!digests && !registries.length) {
      throw new InvalidInputError(this, {
        property: 'registries',
        value: props.registries,
        reason: 'are needed without requireDigests, because nothing would be held',
        remedy: 'Give the registries that images come from, or leave requireDigests out',
      });
    }
    const { policy, binding } = namespacePolicy(this, 'Policy', {
      metadata: { name: `${namespace}-images`, labels: MANAGED_BY },
      namespace,
      spec: policySpec({ digests, registries }),
      actions: ['Deny'],
    });
    this.policy = policy;
    this.binding = binding;
    this.signaturePolicy = signer && signaturePolicy(this, namespace, signer);
    addProblems(this, () =>
      workloadsIn(this, namespace).flatMap((workload) => imageProblems(workload, { digests, registries })),
    );
    if (signer) addProblems(this, () => signerProblems(signer, imagesIn(this, namespace)));
  }
}

function checkRegistry(scope: Construct, property: string, registry: string): void {
  if (typeof registry === 'string' && REGISTRY.test(registry)) return;
  Problems.report(scope, {
    property,
    value: registry,
    reason: 'is not a registry',
    remedy: 'Give a host and perhaps folders, such as "registry.example.com/polls", without "/" at the end',
  });
}

/** What makes pods in a namespace, in all charts of the program for the same cluster. */
function workloadsIn(scope: Construct, namespace: string): ApiObject[] {
  const byNamespace = oncePerCluster(scope, WORKLOADS, () => {
    const workloads = constructsOfCluster(scope)
      .filter((one): one is ApiObject => ApiObject.isApiObject(one))
      .filter(({ kind }) => POD_KINDS.includes(kind));
    return groupedBy(workloads, ({ metadata }) => metadata.namespace ?? '');
  });
  return byNamespace.get(namespace) ?? [];
}

function imagesIn(scope: Construct, namespace: string): string[] {
  return workloadsIn(scope, namespace)
    .flatMap((workload) => containersIn(workload.toJson()))
    .map(({ value: { image = '' } }) => image);
}

function imageProblems(workload: ApiObject, { digests, registries }: ImageRules): LocatedProblem[] {
  return containersIn(workload.toJson()).flatMap(({ path, value: { image = '' } }) => {
    const problem = (reason: string, remedy: string): LocatedProblem => ({
      path: workload.node.path,
      property: `${path}.image`,
      value: image,
      reason: `${reason} an ImagePolicy of its namespace`,
      remedy,
    });
    const found: LocatedProblem[] = [];
    if (digests && !DIGEST.test(image)) {
      found.push(
        problem('has no digest, against', 'Give it with the digest that its registry shows: name@sha256:…'),
      );
    }
    if (registries.length && !registries.some((registry) => image.startsWith(`${registry}/`))) {
      const known = registries.map((registry) => `"${registry}/"`).join(' or ');
      found.push(problem('comes from elsewhere than allowed by', `Give an image that begins with ${known}`));
    }
    return found;
  });
}
