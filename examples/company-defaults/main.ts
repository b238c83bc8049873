import { Chart } from 'cdk8s';
import { Distribution, synthesize } from 'cdk8s-django';
import { CompanyApp } from './company-app';
import { CostCenter } from './cost-center';

synthesize([Distribution.gke({ certificateMap: 'company' }), Distribution.openshift()], (app) => {
  const chart = new Chart(app, 'shop', { namespace: 'shop' });
  new CompanyApp(chart, 'Shop', {
    name: 'shop',
    image: 'registry.example.com/shop:2.3.1',
    settingsModule: 'shop.settings',
    team: 'sales',
  });
  // When everything is made: a mixin is applied to what is there.
  app.with(new CostCenter('4711'));
});
