import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import * as k8s from '../../kubernetes/api';
import { Resource } from '../../kubernetes/resource';
import { IStorage } from '../../platform/storage';
import { hasClusterResource } from '../../platform/binding';
import { MANAGED_BY } from '../../kubernetes/labels';
import { Problems } from '../../kubernetes/problems';
import { ebsDriver } from './ebs-drivers';

/** What becomes of a volume whose claim is deleted. */
export enum ReclaimPolicy {
  /** It is deleted too. */
  DELETE = 'Delete',

  /** It stays, with its data. */
  RETAIN = 'Retain',
}

/** The volumes of an EKS cluster. */
export interface EbsStorageProps {
  /**
   * Whether the cluster runs in Auto Mode, which has a driver of its own and no StorageClass at all.
   *
   * @default false
   */
  readonly autoMode?: boolean;

  /**
   * Name of the StorageClass that is made. A class of that name must not exist with other parameters, which can never
   * be changed.
   *
   * @default gp3
   */
  readonly storageClassName?: string;

  /**
   * The class of volumes that many nodes mount, on EFS, which must exist.
   *
   * @default - none: volumes must name their class
   */
  readonly sharedStorageClassName?: string;

  /**
   * What becomes of a volume when its claim is deleted: `Delete` or `Retain`.
   *
   * @default ReclaimPolicy.DELETE
   */
  readonly reclaimPolicy?: ReclaimPolicy;
}

/**
 * EBS volumes of type gp3, encrypted, by a StorageClass that is made with the first volume: EKS has none for them. It
 * needs the EBS CSI driver, or Auto Mode.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html
 * @see https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html
 * @example
 * Distribution.eks({ storage: new EbsStorage({ autoMode: true }) });
 */
export class EbsStorage implements IStorage {
  readonly storageClassName?: string;
  readonly sharedStorageClassName?: string;
  private readonly madeClass: string;

  constructor(private readonly props: EbsStorageProps = {}) {
    this.madeClass = props.storageClassName ?? 'gp3';
    this.storageClassName = this.madeClass;
    this.sharedStorageClassName = props.sharedStorageClassName;
  }

  makeStorageClass(scope: Construct): void {
    if (hasClusterResource(scope, 'StorageClass', this.madeClass)) return;
    const { reclaimPolicy = ReclaimPolicy.DELETE } = this.props;
    if (!Object.values(ReclaimPolicy).includes(reclaimPolicy)) {
      Problems.report(scope, {
        property: 'storage.reclaimPolicy',
        value: reclaimPolicy,
        reason: 'is not a policy',
        remedy: 'Use "Delete" or "Retain"',
      });
    }
    new Resource(
      Chart.of(scope),
      'StorageClass',
      k8s.manifest('StorageClass', {
        metadata: {
          name: this.madeClass,
          labels: MANAGED_BY,
        },
        provisioner: ebsDriver(this.props.autoMode),
        parameters: { type: 'gp3', encrypted: 'true' },
        reclaimPolicy,
        // In the zone where the pod is to run.
        volumeBindingMode: 'WaitForFirstConsumer',
        allowVolumeExpansion: true,
      }),
    );
  }
}
