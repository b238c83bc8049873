export { backendsOf, type Backend } from './backends';
export { environmentOf } from './environment';
export { findManifest } from './find-manifest';
export { Manifests, manifestsFor } from './manifests';
export { snapshotOf } from './snapshot';
