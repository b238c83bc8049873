export {
  ArtifactRegistry,
  AzureContainerRegistry,
  ElasticContainerRegistry,
} from '../capabilities/images/cloud-registries';
export { OpenShiftRegistry } from '../capabilities/images/openshift-registry';
export { type ImageSigner } from '../image-policy/signed-images';
