import { Distribution, IDistribution } from 'cdk8s-django';
import { IdentityAwareProxyClient, OpenIdConnectSignIn } from 'cdk8s-django/routing';

/** A distribution of the library with the facts that its cluster needs so that every construct works. */
export interface Sample {
  readonly name: string;
  make(): IDistribution;
}

export const CERTIFICATE_ARN =
  'arn:aws:acm:eu-west-1:111122223333:certificate/00000000-0000-0000-0000-000000000000';

/** Where visitors of GKE and of EKS sign in. */
export const OAUTH_CLIENT: IdentityAwareProxyClient = {
  clientId: '123-abc.apps.googleusercontent.com',
  clientSecretName: 'oauth-client',
};
export const PROVIDER: OpenIdConnectSignIn = {
  issuer: 'https://login.example.com',
  authorizationEndpoint: 'https://login.example.com/authorize',
  tokenEndpoint: 'https://login.example.com/token',
  userInfoEndpoint: 'https://login.example.com/userinfo',
  clientSecretName: 'oauth-client',
};

export const SAMPLES: Sample[] = [
  { name: 'gke', make: () => Distribution.gke({ certificateMap: 'polls', signIn: OAUTH_CLIENT }) },
  {
    name: 'eks',
    make: () =>
      Distribution.eks({
        certificateArn: CERTIFICATE_ARN,
        loadBalancerCidrs: ['10.0.0.0/20'],
        signIn: PROVIDER,
      }),
  },
  {
    name: 'aks',
    make: () =>
      Distribution.aks({
        keyVaultCertificateUri: 'https://acme.vault.azure.net/certificates/polls',
        certificateClientId: '00000000-0000-0000-0000-000000000000',
      }),
  },
  { name: 'openshift', make: () => Distribution.openshift() },
  { name: 'upstream', make: () => Distribution.upstream({ clusterIssuer: 'letsencrypt' }) },
];

/** One of the samples, made anew. */
export function sample(name: string): IDistribution {
  const found = SAMPLES.find((one) => one.name === name);
  if (!found) throw new Error(`There is no sample distribution "${name}".`);
  return found.make();
}
