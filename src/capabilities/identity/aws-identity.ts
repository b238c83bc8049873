import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { checkPlatformName } from '../../kubernetes/names';
import { Problems } from '../../kubernetes/problems';
import { IdentityCloud, IIdentity, WorkloadIdentity } from '../../platform/identity';

/** Who is who between an EKS cluster and AWS. */
export interface AwsIdentityProps {
  /**
   * Name of the cluster.
   *
   * @default - the commands of `identity.txt` take it from the shell variable CLUSTER
   */
  readonly clusterName?: string;

  /**
   * ARNs of the IAM roles that ServiceAccounts assume by IRSA, by the name of the ServiceAccount: an application's is
   * the application's name, and `secret-store` fetches secrets.
   *
   * @default - EKS Pod Identity, of which nothing is in a manifest
   */
  readonly roleArns?: { [serviceAccount: string]: string };
}

const ROLE_ARN = /^arn:aws[-a-z]*:iam::\d{12}:role\/(?:.*\/)?(?<name>[\w+=,.@-]+)$/;

/**
 * IAM roles of EKS: Pod Identity, or IAM roles for service accounts (IRSA) where a role is given.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/service-accounts.html
 * @example
 * Distribution.eks({ roleArns: { polls: 'arn:aws:iam::111122223333:role/polls' } });
 */
export class AwsIdentity implements IIdentity {
  constructor(private readonly props: AwsIdentityProps) {}

  identify(scope: Construct, serviceAccountName: string): WorkloadIdentity {
    const namespace = Chart.of(scope).namespace ?? 'default';
    const roleArn = this.props.roleArns?.[serviceAccountName];
    if (roleArn) return irsa(scope, { roleArn, namespace, serviceAccountName });
    const { clusterName } = this.props;
    if (clusterName !== undefined) checkPlatformName(scope, 'clusterName', clusterName);
    const cluster = clusterName ?? '${CLUSTER:?}';
    return {
      cloud: IdentityCloud.AWS,
      egress: [
        // The agent on the node, https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
        { peers: [{ cidr: '169.254.170.23/32' }], ports: [{ port: 80 }] },
        { ports: [{ port: 443 }] },
      ],
      setup: [
        '# ROLE_ARN is the role that these pods are to have.',
        `aws eks create-pod-identity-association --cluster-name "${cluster}" --namespace ${namespace} \\`,
        `  --service-account ${serviceAccountName} --role-arn "\${ROLE_ARN:?}"`,
        'PRINCIPAL="${ROLE_ARN##*/}"',
      ],
    };
  }
}

interface RoleLink {
  readonly roleArn: string;
  readonly namespace: string;
  readonly serviceAccountName: string;
}

/** The token is exchanged at the regional endpoint of STS. */
function irsa(scope: Construct, { roleArn, namespace, serviceAccountName }: RoleLink): WorkloadIdentity {
  const name = ROLE_ARN.exec(roleArn)?.groups?.name;
  if (!name) {
    Problems.report(scope, {
      property: `roleArns.${serviceAccountName}`,
      value: roleArn,
      reason: 'is not the ARN of an IAM role',
      remedy: `Give Distribution.eks({ roleArns: { ${JSON.stringify(serviceAccountName)}: "arn:aws:iam::111122223333:role/polls" } })`,
    });
  }
  return {
    serviceAccountAnnotations: { 'eks.amazonaws.com/role-arn': roleArn },
    cloud: IdentityCloud.AWS,
    egress: [{ ports: [{ port: 443 }] }],
    account: roleArn,
    setup: [
      `# The role's trust policy names the cluster's OIDC provider and the subject`,
      `# system:serviceaccount:${namespace}:${serviceAccountName}`,
      `PRINCIPAL="${name}"`,
    ],
  };
}
