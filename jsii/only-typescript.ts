/**
 * What the package exports and the assembly of jsii cannot hold, with what users of other languages have instead. jsii
 * leaves functions out without a word, and refuses a class that extends Error: what is thrown reaches another language
 * as its text.
 */
export const ONLY_TYPESCRIPT: { readonly [name: string]: string | undefined } = {
  synthesize: 'Synthesis.run',
  explainAccess: 'AccessReport.of',
  manifestsFor: 'Manifests.of',
  findManifest: 'Manifests.find',
  environmentOf: 'Manifests.environment',
  backendsOf: 'Manifests.backends',
  snapshotOf: 'Manifests.snapshot',
  SynthesisError: 'Synthesis.problems',
  InvalidInputError: undefined,
  // cdk8s-cli calls it, whatever the language of the program.
  PolicyValidation: undefined,
  PolicyContext: undefined,
  PolicyException: undefined,
  IPolicyReport: undefined,
  PolicyValidationProps: undefined,
  PolicyViolation: undefined,
  ViolatingResource: undefined,
};
