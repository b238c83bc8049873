export { ArgoCdAnnotations } from '../gitops/argo-cd';
export { FluxAnnotations } from '../gitops/flux';
