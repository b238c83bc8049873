export { AzureBlobStorage, type AzureBlobStorageProps } from '../capabilities/storage/azure-blob-storage';
export { EbsStorage, type EbsStorageProps, ReclaimPolicy } from '../capabilities/storage/ebs-storage';
export { GoogleCloudStorage } from '../capabilities/storage/google-cloud-storage';
export { type S3Keys, S3Storage, type S3StorageProps } from '../capabilities/storage/s3-storage';
export { StorageClasses } from '../capabilities/storage/storage';
