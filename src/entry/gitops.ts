export { ArgoCdAnnotations } from '../gitops/argo-cd';
export { FluxAnnotations } from '../gitops/flux';
export { HelmAnnotations } from '../gitops/helm';
