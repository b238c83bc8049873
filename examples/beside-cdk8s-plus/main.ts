import { Distribution, synthesize } from 'cdk8s-django';
import { ShopChart } from './shop-chart';

synthesize([Distribution.upstream({ clusterIssuer: 'letsencrypt' })], (app) => {
  new ShopChart(app, 'shop');
});
