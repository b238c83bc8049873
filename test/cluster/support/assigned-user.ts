import { ISecurity } from 'cdk8s-django/platform';

/** Every pod as a user of a namespace's range, in group 0: as OpenShift admits them. */
export const ASSIGNED_USER: ISecurity = {
  podSecurityContext: () => ({
    runAsNonRoot: true,
    runAsUser: 1000700000,
    runAsGroup: 0,
    fsGroup: 1000700000,
    seccompProfile: { type: 'RuntimeDefault' },
  }),
  containerSecurityContext: () => ({
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
  }),
};
