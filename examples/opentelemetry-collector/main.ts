import { Distribution, synthesize } from 'cdk8s-django';
import { CollectorChart } from './collector-chart';
import { ShopChart } from './shop-chart';

const distribution = Distribution.upstream({
  gatewayClassName: 'contour',
  clusterIssuer: 'letsencrypt',
  routerNamespaceLabels: { 'kubernetes.io/metadata.name': 'projectcontour' },
  // Network policies let the pods of the collector scrape, and nobody else.
  metricsSources: [CollectorChart.pods()],
});

synthesize([distribution], (app) => {
  new ShopChart(app, 'shop', { image: 'registry.example.com/shop:1.0.0' });
  // Its file comes after that of the application, whose namespace has a Role for it.
  new CollectorChart(app, 'telemetry', {
    apps: [{ namespace: 'shop', name: 'shop' }],
    endpoint: 'https://otlp.example.com',
  });
});
