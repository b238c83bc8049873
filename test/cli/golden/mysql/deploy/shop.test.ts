import { Distribution } from 'cdk8s-django';
import { manifestsFor } from 'cdk8s-django/testing';
import 'cdk8s-django/testing/jest';
import { ShopChart } from './shop-chart';

const distribution = Distribution.upstream({
  gatewayClassName: 'istio',
  clusterIssuer: 'letsencrypt',
  routerNamespaceLabels: { 'kubernetes.io/metadata.name': 'istio-system' },
});
const manifests = manifestsFor(distribution, (app) => {
  const image = 'docker.io/example/shop:1.0.0';
  new ShopChart(app, 'shop', { namespace: 'shop', image, host: 'shop.example.com' });
});

test('the Service leads to the web server', () => {
  expect(manifests).toServe('shop', {
    servicePort: 8000,
    workload: 'Deployment/shop',
    container: 'web',
    port: 8000,
  });
});

test('the replicas know their settings and servers', () => {
  expect(manifests).toHaveEnvironment('Deployment', 'shop', {
    CDK8S_DJANGO_SETTINGS_MODULE: 'shop.settings',
  });
});
