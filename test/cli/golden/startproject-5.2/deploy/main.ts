import { Distribution, synthesize } from 'cdk8s-django';
import { MysiteChart } from './mysite-chart';

// The facts of each cluster, once. Each distribution has a folder of its own in dist/.
// Network policies let in the pods of the router: with another namespace than theirs, visitors get 503.
const distributions = [
  Distribution.upstream({
    gatewayClassName: 'contour',
    clusterIssuer: 'letsencrypt',
    routerNamespaceLabels: { 'kubernetes.io/metadata.name': 'projectcontour' },
  }),
];

// The pipeline says which image it has built.
const image = process.env.IMAGE ?? 'docker.io/example/shop:1.0.0';

synthesize(distributions, (app) => {
  new MysiteChart(app, 'mysite', { namespace: 'mysite', image, host: 'shop.example.com' });
});
