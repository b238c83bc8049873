import { Construct } from 'constructs';
import { partition } from '../../platform/aws-partition';
import { IImages, PullAccess } from '../../platform/images';

const ARTIFACT_REGISTRY =
  /^(?<location>[a-z0-9-]+)-docker\.pkg\.dev\/(?<project>(?:[a-z0-9.-]+\.[a-z]+\/)?[a-z0-9-]+)\/(?<repository>[a-z0-9-]+)\//;
const ECR = /^(?<account>\d{12})\.dkr\.ecr(?:-fips)?\.(?<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\//;
const ACR = /^(?<registry>[a-z0-9]+)(?:-[a-z0-9]+)?\.azurecr\.[a-z]+\//;

/**
 * Artifact Registry: the service account of the nodes pulls. With the default one and its default roles it may already.
 *
 * @see https://cloud.google.com/artifact-registry/docs/integrate-gke
 */
export class ArtifactRegistry implements IImages {
  allowPull(_scope: Construct, image: string): PullAccess {
    const found = ARTIFACT_REGISTRY.exec(image)?.groups;
    if (!found) return { setup: [], resources: [] };
    const project = found.project.replace('/', ':');
    const setup = [
      '# NODE_SERVICE_ACCOUNT is the Google service account of the nodes.',
      `gcloud artifacts repositories add-iam-policy-binding ${found.repository} --project="${project}" \\`,
      `  --location=${found.location} --role=roles/artifactregistry.reader \\`,
      '  --member="serviceAccount:${NODE_SERVICE_ACCOUNT:?}"',
    ];
    return { setup, resources: [] };
  }
}

/**
 * Elastic Container Registry: the role of the nodes pulls. Clusters of eksctl and of AWS' templates have the right
 * already.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/ECR_on_EKS.html
 * @see https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html
 */
export class ElasticContainerRegistry implements IImages {
  allowPull(_scope: Construct, image: string): PullAccess {
    const found = ECR.exec(image)?.groups;
    if (!found) return { setup: [], resources: [] };
    const policy = `arn:${partition(found.region)}:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly`;
    const setup = [
      `# NODE_ROLE is the IAM role of the nodes. If it is of another account than ${found.account}, the policy of the`,
      '# repository has to allow that account too.',
      `aws iam attach-role-policy --role-name "\${NODE_ROLE:?}" --policy-arn ${policy}`,
    ];
    return { setup, resources: [] };
  }
}

/**
 * Azure Container Registry: the identity of the kubelets pulls, with the role AcrPull.
 *
 * @see https://learn.microsoft.com/azure/aks/cluster-container-registry-integration
 */
export class AzureContainerRegistry implements IImages {
  allowPull(_scope: Construct, image: string): PullAccess {
    const found = ACR.exec(image)?.groups;
    if (!found) return { setup: [], resources: [] };
    const setup = [
      '# CLUSTER and CLUSTER_RESOURCE_GROUP are the names of the cluster and of its resource group.',
      'az aks update --name "${CLUSTER:?}" --resource-group "${CLUSTER_RESOURCE_GROUP:?}" \\',
      `  --attach-acr ${found.registry}`,
    ];
    return { setup, resources: [] };
  }
}
