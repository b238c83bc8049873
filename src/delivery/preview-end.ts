import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { resourceLabels } from '../kubernetes/labels';
import { Resource } from '../kubernetes/resource';
import { serviceAccountWith } from '../kubernetes/service-accounts';
import { IPythonImage } from '../platform/python-image';
import { apiServerPolicy } from '../workloads/network-policies';
import { pythonPodTemplate } from '../workloads/python-pod';
import { runtimeConfigMaps } from '../workloads/runtime-config-maps';

/** When a namespace is deleted, and by what. */
export interface PreviewEndProps {
  readonly namespace: string;
  /** Further namespaces, which are deleted first. */
  readonly others: string[];
  readonly python: IPythonImage;
  /** Schedule in UTC. */
  readonly schedule: string;
}

const NAME = 'preview-end';

const PROGRAM =
  'import sys; from cdk8s_django.api_server import ApiServer\n' +
  'for name in sys.argv[1:]: ApiServer().request("DELETE", "a namespace", f"/api/v1/namespaces/{name}")';

/**
 * A CronJob that deletes its own namespace. A Role of the namespace can allow that: the namespace of the request is the
 * one that it names.
 */
export class PreviewEnd extends Construct {
  constructor(scope: Construct, id: string, props: PreviewEndProps) {
    super(scope, id);
    const { namespace, others, python, schedule } = props;
    const selector = { name: NAME, instance: NAME, component: NAME };
    const metadata = { name: NAME, labels: resourceLabels(selector) };
    serviceAccountWith(this, metadata, [mayDelete(namespace)]);
    for (const other of others) this.allowIn(other, namespace, metadata.labels);
    apiServerPolicy(this, NAME, selector);
    const template = pythonPodTemplate(this, {
      selector,
      python,
      name: NAME,
      command: ['python', '-c', PROGRAM, ...others, namespace],
      serviceAccountName: NAME,
      runtime: runtimeConfigMaps(this, ['base']),
      restartPolicy: 'OnFailure',
    });
    new Resource(
      this,
      'CronJob',
      k8s.manifest('CronJob', {
        metadata,
        spec: {
          schedule,
          timeZone: 'Etc/UTC',
          concurrencyPolicy: 'Forbid',
          jobTemplate: { spec: { backoffLimit: 4, template } },
        },
      }),
    );
  }

  /** Lets the ServiceAccount delete one more namespace, by a Role that is in it. */
  private allowIn(other: string, namespace: string, labels: Record<string, string>): void {
    const metadata = { name: NAME, namespace: other, labels };
    new Resource(this, `Role-${other}`, k8s.manifest('Role', { metadata, rules: [mayDelete(other)] }));
    new Resource(
      this,
      `RoleBinding-${other}`,
      k8s.manifest('RoleBinding', {
        metadata,
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: NAME },
        subjects: [{ kind: 'ServiceAccount', name: NAME, namespace }],
      }),
    );
  }
}

function mayDelete(namespace: string): k8s.PolicyRule {
  return { apiGroups: [''], resources: ['namespaces'], resourceNames: [namespace], verbs: ['delete'] };
}
