import { ApiObject } from 'cdk8s';
import { NamespaceLimits, NamespaceLimitsProps } from 'cdk8s-django/security';
import { row, testOptions } from '../support/options';
import { find } from '../support/synth';

const resources = { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '1Gi' } };
const hard = (manifests: any[]) => find(manifests, 'ResourceQuota', 'polls-limits').spec.hard;

testOptions<NamespaceLimitsProps>(
  (chart, changes) => {
    new NamespaceLimits(chart, 'Limits', changes);
    new ApiObject(chart, 'Pod', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'one' },
      spec: { containers: [{ name: 'one', image: 'one', resources }] },
    });
  },
  {
    marginPercent: [
      row({ marginPercent: 50 }, hard, {
        'limits.memory': '1536Mi',
        persistentvolumeclaims: '0',
        pods: '2',
        'requests.cpu': '1500m',
        'requests.memory': '1536Mi',
        'requests.storage': '0',
      }),
    ],
    otherPods: [
      row(
        {
          marginPercent: 0,
          otherPods: [
            {
              madeBy: 'Cluster/polls-db',
              pods: 3,
              resources: { cpuRequest: '500m', memoryRequest: '512Mi', memoryLimit: '1Gi' },
              storage: '20Gi',
            },
          ],
        },
        hard,
        {
          'limits.memory': '4Gi',
          persistentvolumeclaims: '3',
          pods: '4',
          'requests.cpu': '2500m',
          'requests.memory': '2560Mi',
          'requests.storage': '60Gi',
        },
      ),
    ],
  },
);
