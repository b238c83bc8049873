export { AnnotatedIdentity, type AnnotatedIdentityProps } from '../capabilities/identity/annotated-identity';
export { AwsIdentity, type AwsIdentityProps } from '../capabilities/identity/aws-identity';
export { AzureIdentity, type AzureIdentityProps } from '../capabilities/identity/azure-identity';
export { GoogleIdentity, type GoogleIdentityProps } from '../capabilities/identity/google-identity';
