/**
 * What the package exports and the assembly of jsii cannot hold, with what users of other languages have instead. jsii
 * leaves functions out without a word, and refuses a class that extends Error: what is thrown reaches another language
 * as its text.
 */
export const ONLY_TYPESCRIPT: { readonly [name: string]: string | undefined } = {
  synthesize: 'Synthesis.run',
  manifestsFor: 'Manifests.of',
  findManifest: 'Manifests.find',
  SynthesisError: 'Synthesis.problems',
  InvalidInputError: undefined,
};
