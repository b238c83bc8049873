import { Construct } from 'constructs';
import {
  NamespacedImageValidatingPolicy,
  NamespacedImageValidatingPolicySpecFailurePolicy as FailurePolicy,
  NamespacedImageValidatingPolicySpecValidationActions as Action,
} from '../../imports/policies.kyverno.io';
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
   * The registries, or folders of registries, whose images it has to have signed: `registry.example.com/shop`. Images
   * from elsewhere, such as that of a database, need no signature.
   */
  readonly registries: string[];
}

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
        matchImageReferences: registries.map((registry) => ({ glob: `${registry}/*` })),
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
