import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { Problems } from '../../kubernetes/problems';
import { Resource } from '../../kubernetes/resource';
import { PROVIDER_CLASS, serviceAccountsReading } from '../../workloads/secret-volumes';
import { SecretRequest } from '../../platform/secrets';
import { addLazyIdentityCommands } from '../../platform/identity-commands';

/**
 * What the Secrets Store CSI driver has to know about a Secret. Its definition has no more to it than is written
 * here.
 */
interface SecretProviderClassSpec {
  readonly provider: string;
  /** What the provider reads, as it documents. */
  readonly parameters: { readonly [name: string]: string };
  readonly secretObjects: {
    readonly secretName: string;
    readonly type: string;
    readonly labels: { readonly [label: string]: string };
    /** Which file of the volume is the value of which key. */
    readonly data: { readonly objectName: string; readonly key: string }[];
  }[];
}

/** A provider, and what it reads for a request. */
export interface ProviderOptions {
  readonly provider: string;
  readonly parameters: { readonly [name: string]: string };
  /** The commands that let the pods of a ServiceAccount read the store. */
  readonly commands: (serviceAccountName: string) => string[];
}

/** The file that the value of a key is in. No name of a store has its first character: providers want all to differ. */
export function fileOf(key: string): string {
  return `~${key}`;
}

/**
 * The SecretProviderClass of a Secret, by whose name pods find it.
 *
 * @see https://secrets-store-csi-driver.sigs.k8s.io/topics/sync-as-kubernetes-secret
 */
export function secretProviderClass(
  scope: Construct,
  { name, labels, values, refreshInterval }: SecretRequest,
  { provider, parameters, commands }: ProviderOptions,
): Resource {
  if (refreshInterval) {
    Problems.report(scope, {
      property: 'refreshInterval',
      value: refreshInterval.toSeconds(),
      reason: 'is for the whole cluster with the Secrets Store CSI driver',
      remedy: 'Leave it out, and set the rotation of the driver or of its add-on',
    });
  }
  const spec: SecretProviderClassSpec = {
    provider,
    parameters,
    secretObjects: [
      {
        secretName: name,
        type: 'Opaque',
        labels,
        data: Object.keys(values).map((key) => ({ objectName: fileOf(key), key })),
      },
    ],
  };
  const namespace = Chart.of(scope).namespace ?? 'default';
  addLazyIdentityCommands(scope, () =>
    serviceAccountsReading(scope, name).map((account) => ({
      title: `ServiceAccount "${account}" of namespace "${namespace}" reads secrets`,
      commands: commands(account),
    })),
  );
  return new Resource(scope, PROVIDER_CLASS, {
    apiVersion: 'secrets-store.csi.x-k8s.io/v1',
    kind: PROVIDER_CLASS,
    metadata: { name, labels },
    spec,
  } as any);
}
