import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { checkPlatformName } from '../../kubernetes/names';
import { Problems } from '../../kubernetes/problems';
import { IdentityCloud, IIdentity, WorkloadIdentity } from '../../platform/identity';
import { checkTraffic, Traffic } from '../../kubernetes/traffic';

/** Who is who between a GKE cluster and Google Cloud. */
export interface GoogleIdentityProps {
  /**
   * ID of the cluster's project.
   *
   * @default - the commands of `identity.txt` take it from the shell variable PROJECT_ID
   */
  readonly projectId?: string;

  /**
   * The Google service accounts that ServiceAccounts act as, by the name of the ServiceAccount: an application's is
   * the application's name, and `secret-store` fetches secrets. Signed URLs of Cloud Storage and passwordless Cloud
   * SQL need one.
   *
   * @default - IAM gives rights to the ServiceAccounts themselves, and no annotation is needed
   */
  readonly googleServiceAccounts?: { [serviceAccount: string]: string };

  /**
   * How network policies see the metadata server that hands out tokens. The default was not verified on GKE: it is
   * what several projects quote from its documentation for both kinds of clusters.
   *
   * @default - 169.254.169.254 on 80 and 8080 (Dataplane V2), 169.254.169.252 on 987 and 988 (Calico)
   * @see https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity
   */
  readonly metadataServer?: Traffic[];
}

/** A project of a domain has one too: `polls@acme.example.com.iam.gserviceaccount.com`. */
const SERVICE_ACCOUNT = /^[-a-z0-9.]+@[-a-z0-9.]+\.gserviceaccount\.com$/;

const METADATA_SERVER: Traffic[] = [
  { peers: [{ cidr: '169.254.169.254/32' }], ports: [{ port: 80 }, { port: 8080 }] },
  { peers: [{ cidr: '169.254.169.252/32' }], ports: [{ port: 987 }, { port: 988 }] },
];

/**
 * Workload Identity Federation for GKE.
 *
 * Without a Google service account nothing of it is in a manifest: IAM knows each ServiceAccount as a principal.
 *
 * @see https://cloud.google.com/kubernetes-engine/docs/concepts/workload-identity
 * @example
 * Distribution.gke({ projectId: 'acme', googleServiceAccounts: { polls: 'polls@acme.iam.gserviceaccount.com' } });
 */
export class GoogleIdentity implements IIdentity {
  constructor(private readonly props: GoogleIdentityProps) {}

  identify(scope: Construct, serviceAccountName: string): WorkloadIdentity {
    const { projectId, googleServiceAccounts = {}, metadataServer } = this.props;
    if (projectId !== undefined) checkPlatformName(scope, 'projectId', projectId);
    if (metadataServer) checkTraffic(scope, 'metadataServer', metadataServer);
    const namespace = Chart.of(scope).namespace ?? 'default';
    const account = googleServiceAccounts[serviceAccountName];
    const project = projectId ?? '${PROJECT_ID:?}';
    // The tokens are exchanged at Google's own addresses.
    const egress = [...(metadataServer ?? METADATA_SERVER), { ports: [{ port: 443 }] }];
    const cloud = IdentityCloud.GOOGLE;
    if (account === undefined)
      return { cloud, egress, setup: principal(project, namespace, serviceAccountName) };
    checkServiceAccount(scope, `googleServiceAccounts.${serviceAccountName}`, account);
    return {
      serviceAccountAnnotations: { 'iam.gke.io/gcp-service-account': account },
      cloud,
      egress,
      account,
      setup: [
        `gcloud iam service-accounts add-iam-policy-binding ${account} --role=roles/iam.workloadIdentityUser \\`,
        `  --member="serviceAccount:${project}.svc.id.goog[${namespace}/${serviceAccountName}]"`,
        `PRINCIPAL="serviceAccount:${account}"`,
      ],
    };
  }
}

function checkServiceAccount(scope: Construct, property: string, value: string): void {
  if (SERVICE_ACCOUNT.test(value)) return;
  Problems.report(scope, {
    property,
    value,
    reason: 'is not the e-mail address of a Google service account',
    remedy: 'Give it as "polls@acme.iam.gserviceaccount.com"',
  });
}

function principal(project: string, namespace: string, serviceAccountName: string): string[] {
  return [
    `PROJECT_NUMBER=$(gcloud projects describe "${project}" --format="value(projectNumber)")`,
    'PRINCIPAL="principal://iam.googleapis.com/projects/$PROJECT_NUMBER/locations/global/workloadIdentityPools/' +
      `${project}.svc.id.goog/subject/ns/${namespace}/sa/${serviceAccountName}"`,
  ];
}
