import { FieldReason } from '../../kubernetes/field-reason';

const OPERATOR = 'https://external-secrets.io/latest/api/externalsecret/';
const DRIVER = 'https://secrets-store-csi-driver.sigs.k8s.io/topics/sync-as-kubernetes-secret';
const REMOTE = 'ExternalSecret.spec.data.remoteRef';
const PROVIDER = 'SecretStore.spec.provider';

/** Reasons for what fetches Secrets from a store of the platform. */
export const SECRET_REASONS: FieldReason[] = [
  {
    fields: ['ExternalSecret.spec.data.secretKey', `${REMOTE}.{key,property,version}`],
    why: 'You gave the keys of the Secret, and where the store has their values.',
    source: OPERATOR,
  },
  {
    fields: [`${REMOTE}.{conversionStrategy,decodingStrategy,metadataPolicy}`],
    why: 'The API server adds these defaults to each item of the list. They are written out, so that applying again changes nothing.',
    source: OPERATOR,
  },
  {
    fields: ['ExternalSecret.spec.refreshInterval'],
    why: 'The operator looks for a new value each hour, or as often as you gave.',
    source: OPERATOR,
  },
  {
    fields: ['ExternalSecret.spec.secretStoreRef.{kind,name}'],
    why: 'It is the SecretStore of the namespace, or the one that you named.',
    source: OPERATOR,
  },
  {
    fields: ['ExternalSecret.spec.target.name', 'SecretProviderClass.spec.secretObjects.secretName'],
    why: 'It is the Secret that pods read.',
    source: OPERATOR,
  },
  {
    fields: ['ExternalSecret.spec.target.creationPolicy'],
    why: 'The Secret belongs to the ExternalSecret, and goes with it.',
    source: OPERATOR,
    values: ['Owner'],
  },
  {
    fields: ['ExternalSecret.spec.target.deletionPolicy'],
    why: 'Pods go on when somebody has deleted the secret of the store by mistake.',
    source: OPERATOR,
    values: ['Retain'],
  },
  {
    fields: [
      `${PROVIDER}.aws.{region,service,auth.jwt.serviceAccountRef.name}`,
      `${PROVIDER}.azurekv.{authType,tenantId,vaultUrl,serviceAccountRef.name}`,
      `${PROVIDER}.gcpsm.{projectID,auth.workloadIdentity.serviceAccountRef.name}`,
    ],
    why: 'You gave the distribution the store of your cloud. The operator reads it as the identity of this ServiceAccount, so no key of the cloud is in the cluster.',
    source: 'https://external-secrets.io/latest/api/secretstore/',
  },
  {
    fields: ['SecretProviderClass.spec.{provider,parameters.*}'],
    why: 'The provider of your cloud reads these secrets of the store, as the identity of the pod.',
    source: DRIVER,
  },
  {
    fields: ['SecretProviderClass.spec.secretObjects.data.{key,objectName}'],
    why: 'The value of each key is in a file of this name. No name of a store begins with `~`, and providers want all names to differ.',
    source: DRIVER,
  },
  {
    fields: ['SecretProviderClass.spec.secretObjects.type'],
    why: 'It is the general type of Secrets.',
    source: 'https://kubernetes.io/docs/concepts/configuration/secret/#secret-types',
    values: ['Opaque'],
  },
  {
    fields: ['SecretProviderClass.spec.secretObjects.labels.*'],
    why: 'The Secret that the driver makes has the same labels as one that the library makes.',
    source: DRIVER,
  },
];
