import { Distribution } from 'cdk8s-django';
import { manifestsFor } from 'cdk8s-django/testing';
import 'cdk8s-django/testing/jest';
import { MysiteChart } from './mysite-chart';

const distribution = Distribution.upstream({
  gatewayClassName: 'contour',
  clusterIssuer: 'letsencrypt',
  routerNamespaceLabels: { 'kubernetes.io/metadata.name': 'projectcontour' },
});
const manifests = manifestsFor(distribution, (app) => {
  const image = 'docker.io/example/shop:1.0.0';
  new MysiteChart(app, 'mysite', { namespace: 'mysite', image, host: 'shop.example.com' });
});

test('the Service leads to the web server', () => {
  expect(manifests).toServe('mysite', {
    servicePort: 8000,
    workload: 'Deployment/mysite',
    container: 'web',
    port: 8000,
  });
});

test('the replicas know their settings and servers', () => {
  expect(manifests).toHaveEnvironment('Deployment', 'mysite', {
    CDK8S_DJANGO_SETTINGS_MODULE: 'mysite.settings',
    DATABASE_HOST: 'mysite-db',
  });
});
