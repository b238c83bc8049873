import { Distribution, synthesize } from 'cdk8s-django';
import { PollsChart } from './polls-chart';

// The facts of each platform, once.
const distributions = [
  Distribution.gke({ certificateMap: 'polls' }),
  Distribution.eks({
    certificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/00000000-0000-0000-0000-000000000000',
    loadBalancerCidrs: ['10.0.0.0/20', '10.0.16.0/20'],
  }),
  Distribution.aks({
    keyVaultCertificateUri: 'https://acme.vault.azure.net/certificates/polls',
    certificateClientId: '00000000-0000-0000-0000-000000000000',
  }),
  Distribution.openshift(),
  Distribution.upstream({
    gatewayClassName: 'contour',
    clusterIssuer: 'letsencrypt',
    // The label that the operators of this cluster give to the namespace of their router.
    routerNamespaceLabels: { 'network.openshift.io/policy-group': 'ingress' },
  }),
];

synthesize(distributions, (app) => {
  new PollsChart(app, 'polls', { image: 'docker.io/example/polls:1.4.2' });
});
