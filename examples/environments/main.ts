import { Distribution, synthesize } from 'cdk8s-django';
import { ShopChart, ShopProps } from './shop-chart';

// Each environment is a cluster, so it is a distribution with a name of its own: dist/staging and dist/production.
const clusters = [
  Distribution.upstream({ name: 'staging', clusterIssuer: 'letsencrypt-staging' }),
  Distribution.gke({ name: 'production', certificateMap: 'shop' }),
];

// A release is a change of the tag: first in staging, then the same one in production.
const shops: Record<string, ShopProps> = {
  staging: {
    namespace: 'shop',
    host: 'staging.shop.example.com',
    tag: '2.4.0',
    storage: '5Gi',
  },
  production: {
    namespace: 'shop',
    host: 'shop.example.com',
    tag: '2.3.1',
    storage: '100Gi',
    scaling: { minReplicas: 3, maxReplicas: 10 },
  },
};

synthesize(clusters, (app) => {
  new ShopChart(app, shops[Distribution.of(app).name]);
});
