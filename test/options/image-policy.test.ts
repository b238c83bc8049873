import { ImagePolicy, ImagePolicyProps } from 'cdk8s-django';
import { row, testOptions } from '../support/options';
import { find } from '../support/synth';

const conditions = (manifests: any[]) =>
  find(manifests, 'ValidatingAdmissionPolicy', 'polls-images').spec.validations.map(
    ({ expression }: any) => expression,
  );
const DIGESTS = "variables.newImages.all(image, image.matches('@sha256:[0-9a-f]{64}$'))";
const REGISTRIES =
  "variables.newImages.all(image, ['registry.example.com/polls/'].exists(registry, image.startsWith(registry)))";

const SIGNER = {
  issuer: 'https://token.actions.githubusercontent.com',
  subject: 'https://github.com/acme/polls/.github/workflows/build.yaml@refs/heads/main',
  registries: ['registry.example.com/polls'],
};

testOptions<ImagePolicyProps>((chart, changes) => new ImagePolicy(chart, 'Images', changes), {
  requireDigests: [
    row({ requireDigests: false, registries: ['registry.example.com/polls'] }, conditions, [REGISTRIES]),
  ],
  signer: [
    row(
      { signer: SIGNER },
      (manifests) => {
        const { spec } = find(manifests, 'NamespacedImageValidatingPolicy', 'polls-signed-images');
        const [{ cosign }] = spec.attestors;
        return [spec.matchImageReferences, cosign.keyless.identities];
      },
      [
        ['/*', ':*', '@*'].map((end) => ({ glob: `registry.example.com/polls${end}` })),
        [{ issuer: SIGNER.issuer, subject: SIGNER.subject }],
      ],
    ),
  ],
  registries: [row({ registries: ['registry.example.com/polls'] }, conditions, [DIGESTS, REGISTRIES])],
});
