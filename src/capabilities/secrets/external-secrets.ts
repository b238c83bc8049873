import { Chart, Duration } from 'cdk8s';
import { Construct } from 'constructs';
import {
  ExternalSecret,
  ExternalSecretSpecData,
  ExternalSecretSpecDataRemoteRefConversionStrategy as Conversion,
  ExternalSecretSpecDataRemoteRefDecodingStrategy as Decoding,
  ExternalSecretSpecDataRemoteRefMetadataPolicy as Metadata,
  ExternalSecretSpecSecretStoreRefKind as StoreKind,
  ExternalSecretSpecTargetCreationPolicy as Creation,
  ExternalSecretSpecTargetDeletionPolicy as Deletion,
  SecretStore,
  SecretStoreSpecProvider,
} from '../../../imports/external-secrets.io';
import * as k8s from '../../kubernetes/api';
import { resourceLabels } from '../../kubernetes/labels';
import { Problems } from '../../kubernetes/problems';
import { Resource } from '../../kubernetes/resource';
import { WorkloadIdentity } from '../../platform/identity';
import { SecretRequest, StoredValue } from '../../platform/secrets';
import { addIdentityCommands } from '../../platform/identity-commands';
import { distributionOf, resourcesOfCluster } from '../../platform/binding';

/** The kinds of stores of the External Secrets Operator. */
export enum SecretStoreKind {
  /** One for all namespaces. */
  CLUSTER_SECRET_STORE = 'ClusterSecretStore',

  /** One in each namespace. */
  SECRET_STORE = 'SecretStore',
}

/** Name of a namespace's SecretStore, and of the ServiceAccount with which the operator reads the platform's store. */
export const STORE_NAME = 'secret-store';

/** A store of the External Secrets Operator. */
export interface StoreReference {
  readonly kind: SecretStoreKind;
  readonly name: string;
}

/** Which names secrets can have in a store. */
export interface StoredNames {
  readonly pattern: RegExp;
  readonly store: string;
  readonly remedy: string;
}

/** The Secret that the operator fetches. What the API server would add to the list's items is written out. */
export function externalSecret(scope: Construct, request: SecretRequest, store: StoreReference): Resource {
  const { name, labels, values, refreshInterval = Duration.hours(1) } = request;
  return new Resource(
    scope,
    'ExternalSecret',
    ExternalSecret.manifest({
      metadata: { name, labels },
      spec: {
        refreshInterval: goDuration(refreshInterval),
        secretStoreRef: {
          kind:
            store.kind === SecretStoreKind.SECRET_STORE
              ? StoreKind.SECRET_STORE
              : StoreKind.CLUSTER_SECRET_STORE,
          name: store.name,
        },
        // Retain: pods go on when the store's secret was deleted by mistake.
        target: { name, creationPolicy: Creation.OWNER, deletionPolicy: Deletion.RETAIN },
        data: Object.entries(values).map(([key, value]) => secretData(key, value)),
      },
    }),
  );
}

function secretData(secretKey: string, { secret, property, version }: StoredValue): ExternalSecretSpecData {
  return {
    secretKey,
    remoteRef: {
      key: secret,
      property,
      version,
      conversionStrategy: Conversion.DEFAULT,
      decodingStrategy: Decoding.NONE,
      metadataPolicy: Metadata.NONE,
    },
  };
}

/** As the operator itself writes it back: `1h0m0s`. */
function goDuration(duration: Duration): string {
  const seconds = duration.toSeconds();
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  if (hours) return `${hours}h${minutes}m${seconds % 60}s`;
  return minutes ? `${minutes}m${seconds % 60}s` : `${seconds}s`;
}

/** Throws when the store cannot have secrets of these names. */
export function checkStoredNames(scope: Construct, { values }: SecretRequest, names: StoredNames): void {
  for (const [key, { secret }] of Object.entries(values)) {
    if (!names.pattern.test(secret)) {
      Problems.report(scope, {
        property: `keys.${key}.secret`,
        value: secret,
        reason: `is not a name that ${names.store} takes`,
        remedy: names.remedy,
      });
    }
  }
}

/** The identity of the ServiceAccount with which the operator reads the platform's store. */
export function storeIdentity(scope: Construct): WorkloadIdentity | undefined {
  return distributionOf(scope).identity?.identify(scope, STORE_NAME);
}

/** The platform's store as a namespace sees it. */
export interface NamespaceStore {
  readonly provider: SecretStoreSpecProvider;
  /** The identity of a ServiceAccount of its own; none when the operator reads with its own. */
  readonly identity?: WorkloadIdentity;
  /** Commands that let the identity, as `$PRINCIPAL`, read the store. */
  readonly grants: string[];
}

/** The SecretStore of the chart's namespace: made by the first Secret that is fetched, shared by the others. */
export function namespaceStore(scope: Construct, store: () => NamespaceStore): StoreReference {
  const key = { kind: StoreKind.SECRET_STORE, name: STORE_NAME, namespace: Chart.of(scope).namespace };
  if (!resourcesOfCluster(scope, key).length) makeStore(Chart.of(scope), store());
  return { kind: SecretStoreKind.SECRET_STORE, name: STORE_NAME };
}

function makeStore(chart: Chart, { provider, identity, grants }: NamespaceStore): void {
  const labels = resourceLabels({ name: STORE_NAME, instance: STORE_NAME, component: 'secrets' });
  const metadata = { name: STORE_NAME, labels };
  if (identity) {
    new Resource(
      chart,
      'SecretStoreServiceAccount',
      k8s.manifest('ServiceAccount', {
        metadata: { ...metadata, annotations: identity.serviceAccountAnnotations },
        automountServiceAccountToken: false,
      }),
    );
    const title = `ServiceAccount "${STORE_NAME}" of namespace "${chart.namespace ?? 'default'}" reads secrets`;
    addIdentityCommands(chart, title, [...identity.setup, ...grants]);
  }
  new Resource(chart, 'SecretStore', SecretStore.manifest({ metadata, spec: { provider } }));
}
