import { Distribution, synthesize } from 'cdk8s-django';
import { WebShopChart } from './web-shop-chart';

// The facts of each cluster, once. Each distribution has a folder of its own in dist/.
const distributions = [Distribution.gke({ certificateMap: 'shop' }), Distribution.openshift()];

// The pipeline says which image it has built.
const image = process.env.IMAGE ?? 'docker.io/example/shop:1.0.0';

synthesize(distributions, (app) => {
  new WebShopChart(app, 'web-shop', { namespace: 'web-shop', image, host: 'shop.example.com' });
});
