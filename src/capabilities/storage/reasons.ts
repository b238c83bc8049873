import { FieldReason } from '../../kubernetes/field-reason';

const EBS = 'https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html';
const CLASSES = 'https://kubernetes.io/docs/concepts/storage/storage-classes/';

/** Reasons for StorageClasses. */
export const STORAGE_REASONS: FieldReason[] = [
  {
    fields: ['StorageClass.{provisioner,parameters.type}'],
    why: 'EKS has no class for volumes of type gp3, which is the current general type. Auto Mode has a driver of its own.',
    source: EBS,
  },
  {
    fields: ['StorageClass.parameters.encrypted'],
    why: 'The volumes are encrypted, with the key of the account for EBS.',
    source: EBS,
    values: ['true'],
  },
  {
    fields: ['StorageClass.reclaimPolicy'],
    why: 'It is your `reclaimPolicy`, or `Delete`: a volume goes with its claim.',
    source: `${CLASSES}#reclaim-policy`,
    values: ['Delete', 'Retain'],
  },
  {
    fields: ['StorageClass.volumeBindingMode'],
    why: 'The volume is made in the zone where its pod is to run.',
    source: `${CLASSES}#volume-binding-mode`,
    values: ['WaitForFirstConsumer'],
  },
  {
    fields: ['StorageClass.allowVolumeExpansion'],
    why: 'A volume that is full can grow without a move of its data.',
    source: `${CLASSES}#allow-volume-expansion`,
    values: [true],
  },
];
