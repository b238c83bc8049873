import { Construct } from 'constructs';
import {
  NamespacedImageValidatingPolicy,
  NamespacedImageValidatingPolicySpecFailurePolicy as FailurePolicy,
  NamespacedImageValidatingPolicySpecValidationActions as Action,
} from '../../imports/policies.kyverno.io';
import { Problem } from '../kubernetes/errors';
import { MANAGED_BY } from '../kubernetes/labels';
import { Problems } from '../kubernetes/problems';
import { Resource } from '../kubernetes/resource';

/** Who has to have signed images. */
export interface ImageSigner {
  /**
   * Who vouches for the identity that signed, as an `https://` URL: `https://token.actions.githubusercontent.com` for a
   * workflow of GitHub.
   */
  readonly issuer: string;

  /**
   * The identity that signed, as its certificate has it:
   * `https://github.com/acme/shop/.github/workflows/build.yaml@refs/heads/main`.
   */
  readonly subject: string;

  /**
   * The registries, folders of registries, or names of images without tag, that it has to have signed:
   * `registry.example.com/shop` means `registry.example.com/shop:1.4.2` and `registry.example.com/shop/worker`. Images
   * from elsewhere, such as that of a database, need no signature.
   */
  readonly registries: string[];
}

/** What follows a registry in the references of its images: it may name one image, with its tag or digest. */
const AFTER_REGISTRY = ['/', ':', '@'];

/** Labels, finalizers and the like of pods that ran before the policy may change. */
const SPEC_IS_NEW = "request.operation == 'CREATE' || object.spec != oldObject.spec";

const ISSUER = /^https:\/\/[a-z0-9][-.a-z0-9]*(:\d+)?(\/[^\s"*?]*)?$/;

/** A policy of Kyverno by which pods of a namespace run images with a signature alone. */
export function signaturePolicy(
  scope: Construct,
  namespace: string,
  { issuer, subject, registries }: ImageSigner,
): Resource {
  check(scope, { issuer, subject, registries });
  const signed = ['containers', 'initContainers', 'ephemeralContainers'].map(
    (list) =>
      `images.${list}.map(image, verifyImageSignatures(image, [attestors.signer])).all(found, found > 0)`,
  );
  const pods = {
    apiGroups: [''],
    apiVersions: ['v1'],
    operations: ['CREATE', 'UPDATE'],
    resources: ['pods', 'pods/ephemeralcontainers'],
  };
  return new Resource(
    scope,
    'Signatures',
    NamespacedImageValidatingPolicy.manifest({
      metadata: { name: `${namespace}-signed-images`, labels: MANAGED_BY },
      spec: {
        failurePolicy: FailurePolicy.FAIL,
        validationActions: [Action.DENY],
        matchConstraints: { resourceRules: [pods] },
        matchConditions: [{ name: 'spec-is-new', expression: SPEC_IS_NEW }],
        matchImageReferences: registries.flatMap((registry) =>
          AFTER_REGISTRY.map((separator) => ({ glob: `${registry}${separator}*` })),
        ),
        attestors: [{ name: 'signer', cosign: { keyless: { identities: [{ issuer, subject }] } } }],
        // Kyverno would write the digest into pods otherwise, which GitOps engines see as a difference.
        validationConfigurations: { mutateDigest: false, required: true, verifyDigest: true },
        validations: signed.map((expression) => ({
          expression,
          message: `an image from ${registries.join(' or ')} is not signed by ${subject}`,
        })),
      },
    }),
  );
}

function check(scope: Construct, { issuer, subject, registries }: ImageSigner): void {
  if (!ISSUER.test(issuer)) {
    Problems.report(scope, {
      property: 'signer.issuer',
      value: issuer,
      reason: 'is not an https:// URL',
      remedy: 'Give that of the identity, such as "https://token.actions.githubusercontent.com"',
    });
  }
  if (!subject || /[\s*]/.test(subject)) {
    Problems.report(scope, {
      property: 'signer.subject',
      value: subject,
      reason: 'is not one identity',
      remedy:
        'Give what the certificate has, such as "https://github.com/acme/shop/.github/workflows/build.yaml@refs/heads/main"',
    });
  }
  if (!registries.length) {
    Problems.report(scope, {
      property: 'signer.registries',
      value: registries,
      reason: 'is empty, and no image would need a signature',
      remedy: 'Give where the images come from that it has signed, such as "registry.example.com/shop"',
    });
  }
}

/** What is wrong with a signer if it has signed none of the images of a namespace. */
export function signerProblems({ registries }: ImageSigner, images: string[]): Problem[] {
  const isSigned = (image: string): boolean =>
    registries.some((registry) => AFTER_REGISTRY.some((separator) => image.startsWith(registry + separator)));
  if (!images.length || images.some(isSigned)) return [];
  return [
    {
      property: 'signer.registries',
      value: registries,
      reason: 'have no image of the charts of the namespace, and none would need a signature',
      remedy:
        'Give where the images come from as the program names them, such as "registry.example.com/shop"',
    },
  ];
}
