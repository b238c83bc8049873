/** The platforms that a program can be written for. */
export const PLATFORMS = ['gke', 'eks', 'aks', 'openshift', 'upstream'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** The services that pipelines can be written for. */
export const PIPELINES = ['github', 'gitlab', 'none'] as const;
export type Pipeline = (typeof PIPELINES)[number];
