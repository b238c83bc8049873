import { Chart } from 'cdk8s';
import { DjangoApp, HealthMonitoring, LeastPrivilegeAccess, PublicRoute } from 'cdk8s-django';
import { EgressTarget } from 'cdk8s-django/network';
import { Construct } from 'constructs';
import { CollectorChart } from './collector-chart';

/** An application whose traces, metrics and logs go to the collector alone. */
export class ShopChart extends Chart {
  constructor(scope: Construct, id: string, { image }: { image: string }) {
    super(scope, id, { namespace: 'shop' });
    const shop = new DjangoApp(this, 'Shop', { name: 'shop', image, settingsModule: 'shop.settings' });
    // It shows its metrics. `metrics` of HealthMonitoring would have a Prometheus scrape them too.
    shop.addMetrics();
    new HealthMonitoring(this, 'Health', {
      app: shop,
      telemetry: {
        endpoint: CollectorChart.endpoint(),
        target: EgressTarget.pods(CollectorChart.pods(), [{ port: CollectorChart.PORT }]),
      },
    });
    new PublicRoute(this, 'Route', { app: shop, hosts: ['shop.example.com'] });
    new LeastPrivilegeAccess(this, 'Access', { app: shop });
  }
}
