import { Distribution } from 'cdk8s-django';
import { manifestsFor } from 'cdk8s-django/testing';
import 'cdk8s-django/testing/jest';
import { WebShopChart } from './web-shop-chart';

const distribution = Distribution.gke({ certificateMap: 'shop' });
const manifests = manifestsFor(distribution, (app) => {
  const image = 'docker.io/example/shop:1.0.0';
  new WebShopChart(app, 'web-shop', { namespace: 'web-shop', image, host: 'shop.example.com' });
});

test('the Service leads to the web server', () => {
  expect(manifests).toServe('web-shop', {
    servicePort: 8000,
    workload: 'Deployment/web-shop',
    container: 'web',
    port: 8000,
  });
});

test('the replicas know their settings and servers', () => {
  expect(manifests).toHaveEnvironment('Deployment', 'web-shop', {
    CDK8S_DJANGO_SETTINGS_MODULE: 'config.settings.production',
    DATABASE_HOST: 'web-shop-db',
  });
});
