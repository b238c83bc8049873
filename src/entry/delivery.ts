export { ArgoCdDelivery, ArgoCdForm, type ArgoCdDeliveryProps } from '../delivery/argo-cd';
export { ArgoCdPreviews, type ArgoCdPreviewsProps } from '../delivery/argo-cd-previews';
export { FluxDelivery, type FluxDeliveryProps } from '../delivery/flux';
export { Preview, type PreviewProps } from '../delivery/preview';
export {
  GithubPullRequests,
  GitlabMergeRequests,
  type GithubPullRequestsProps,
  type GitlabMergeRequestsProps,
  type IPullRequests,
} from '../delivery/pull-requests';
