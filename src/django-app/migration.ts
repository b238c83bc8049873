import { Duration } from 'cdk8s';
import * as k8s from 'cdk8s-plus-27/lib/imports/k8s';
import { Construct } from 'constructs';
import { PodUser } from '../capabilities/security/security';
import { contentHash } from '../kubernetes/hash';
import { Selector } from '../kubernetes/labels';
import { podTemplate, pullSecrets } from '../kubernetes/pods';
import { runtimeCommand } from '../runtime/runtime';
import { djangoContainer, DjangoContainers, djangoVolumes } from './pods';

/** What the migration of a release is made of. */
export interface MigrationOptions {
  readonly selector: Selector;
  readonly user: PodUser;
  readonly containers: DjangoContainers;
  readonly serviceAccountName: string;
  readonly imagePullSecrets: string[];
  readonly deadline: Duration;
  /** The configuration that the migration depends on: another one means another migration. */
  readonly configuration: Record<string, string>;
}

/**
 * The Job that migrates the database, once a release.
 *
 * A failed one is tried again from the start: migrations that were applied are skipped. It is kept after its end, so
 * that applying the manifests again finds it and runs nothing.
 */
export function migrationJobSpec(scope: Construct, options: MigrationOptions): any {
  const { containers, deadline } = options;
  const template = podTemplate(scope, {
    selector: options.selector,
    annotations: { 'checksum/config': contentHash(options.configuration) },
    user: options.user,
    spec: {
      serviceAccountName: options.serviceAccountName,
      imagePullSecrets: pullSecrets(options.imagePullSecrets),
      restartPolicy: 'Never',
      containers: [djangoContainer(containers, { name: 'migrate', command: runtimeCommand('migrate') })],
      volumes: djangoVolumes(containers),
    },
  });
  return k8s.KubeJob.manifest({
    spec: { backoffLimit: 4, activeDeadlineSeconds: deadline.toSeconds(), template },
  }).spec;
}
