import { FieldReason } from '../../kubernetes/field-reason';

/** Reasons for what lets pods act as an identity of the platform. */
export const IDENTITY_REASONS: FieldReason[] = [
  {
    fields: ['ServiceAccount.metadata.annotations.azure.workload.identity/client-id'],
    why: 'Pods with this ServiceAccount act as the managed identity that you gave, without a key.',
    source: 'https://learn.microsoft.com/azure/aks/workload-identity-overview',
  },
  {
    fields: ['ServiceAccount.metadata.annotations.eks.amazonaws.com/role-arn'],
    why: 'Pods with this ServiceAccount act as the IAM role that you gave, without a key.',
    source: 'https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html',
  },
  {
    fields: ['ServiceAccount.metadata.annotations.iam.gke.io/gcp-service-account'],
    why: 'Pods with this ServiceAccount act as the Google service account that you gave, without a key.',
    source: 'https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity',
  },
  {
    fields: ['ServiceAccount.metadata.annotations.*'],
    why: 'You gave it to `AnnotatedIdentity`, for the webhook of your platform.',
    source: 'docs/distributions.md',
  },
];
