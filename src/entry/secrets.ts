export { AwsSecretsManager, type AwsSecretsManagerProps } from '../capabilities/secrets/aws-secrets-manager';
export {
  AwsSecretsManagerCsi,
  type AwsSecretsManagerCsiProps,
} from '../capabilities/secrets/aws-secrets-manager-csi';
export { AzureKeyVault, type AzureKeyVaultProps } from '../capabilities/secrets/azure-key-vault';
export { AzureKeyVaultCsi, type AzureKeyVaultCsiProps } from '../capabilities/secrets/azure-key-vault-csi';
export {
  ExistingSecretStore,
  type ExistingSecretStoreProps,
} from '../capabilities/secrets/existing-secret-store';
export { SecretStoreKind } from '../capabilities/secrets/external-secrets';
export {
  GoogleSecretManager,
  type GoogleSecretManagerProps,
} from '../capabilities/secrets/google-secret-manager';
export { type PasswordTurns } from '../secrets/server-passwords';
