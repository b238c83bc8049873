import { AdmissionRules } from './admission-rules';
import { ImageTagRule, ProbesRule, RequestsRule } from './containers';
import { FixedUserRule, HostAccessRule } from './privileges';
import { ReservedLabelsRule, ServiceSelectorsRule, SpreadRule, StorageRule } from './workloads';
import { AUTO_MODE_EBS_DRIVER, EBS_DRIVER } from '../storage/ebs-drivers';

const AUTOPILOT = 'https://cloud.google.com/kubernetes-engine/docs/concepts';
const SAFEGUARDS = 'https://learn.microsoft.com/azure/aks/deployment-safeguards';
const AUTO_MODE = 'https://docs.aws.amazon.com/eks/latest/userguide';
const SCC =
  'https://docs.openshift.com/container-platform/4.19/authentication/managing-security-context-constraints.html';

/**
 * What GKE Autopilot demands: requests, and pods that leave their node alone, except its logs. It raises requests of
 * a pod to the least of its compute class, and to a ratio of memory to CPU: that is not checked, because it depends
 * on the cluster. Not tried on a cluster.
 *
 * @see https://cloud.google.com/kubernetes-engine/docs/concepts/autopilot-resource-requests
 * @see https://cloud.google.com/kubernetes-engine/docs/concepts/autopilot-security
 */
export class GkeAutopilotAdmission extends AdmissionRules {
  constructor() {
    super('GKE Autopilot', [
      new RequestsRule(`${AUTOPILOT}/autopilot-resource-requests`),
      new HostAccessRule(`${AUTOPILOT}/autopilot-security`, ['/var/log']),
    ]);
  }
}

/**
 * What the deployment safeguards of AKS demand, which AKS Automatic enforces together with Pod Security `baseline`.
 * Probes are demanded of Jobs too, as clusters report whose safeguards look at the pods that a workload implies. Not
 * tried on a cluster.
 *
 * @see https://learn.microsoft.com/azure/aks/deployment-safeguards
 * @see https://github.com/temporalio/helm-charts/issues/759
 */
export class AksAutomaticAdmission extends AdmissionRules {
  constructor() {
    super('AKS Automatic', [
      new RequestsRule(SAFEGUARDS, { cpu: '100m', memory: '100Mi' }),
      new ProbesRule(SAFEGUARDS),
      new ImageTagRule(SAFEGUARDS),
      new ServiceSelectorsRule(SAFEGUARDS),
      new SpreadRule(SAFEGUARDS),
      new HostAccessRule(SAFEGUARDS),
      new StorageRule(
        SAFEGUARDS,
        ['azureDisk', 'azureFile'],
        ['kubernetes.io/azure-disk', 'kubernetes.io/azure-file'],
        'disk.csi.azure.com or file.csi.azure.com',
      ),
      new ReservedLabelsRule(SAFEGUARDS, 'kubernetes.azure.com'),
    ]);
  }
}

/**
 * What EKS Auto Mode needs: requests, by which it chooses nodes, and volumes of its own driver. It refuses nothing of
 * it, but such pods would be placed badly or wait for ever. Not tried on a cluster.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/automode.html
 * @see https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html
 */
export class EksAutoModeAdmission extends AdmissionRules {
  constructor() {
    super('EKS Auto Mode', [
      new RequestsRule(`${AUTO_MODE}/automode.html`),
      new StorageRule(
        `${AUTO_MODE}/create-storage-class.html`,
        ['awsElasticBlockStore'],
        ['kubernetes.io/aws-ebs', EBS_DRIVER],
        AUTO_MODE_EBS_DRIVER,
      ),
    ]);
  }
}

/**
 * What OpenShift's `restricted-v2` demands, the constraints of every ServiceAccount that was given no others: users
 * of the namespace's range, and pods that leave their node alone.
 *
 * @see https://docs.openshift.com/container-platform/4.19/authentication/managing-security-context-constraints.html
 */
export class OpenShiftAdmission extends AdmissionRules {
  constructor() {
    super('OpenShift', [new FixedUserRule(SCC), new HostAccessRule(SCC)]);
  }
}
