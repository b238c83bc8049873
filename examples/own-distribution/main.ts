import { Chart } from 'cdk8s';
import { DjangoApp, PublicRoute, synthesize } from 'cdk8s-django';
import { k3s } from './k3s';

// The constructs are those of every program: they find what k3s has in its table.
synthesize([k3s({ clusterIssuer: 'letsencrypt' })], (app) => {
  const chart = new Chart(app, 'blog', { namespace: 'blog' });
  const blog = new DjangoApp(chart, 'Blog', {
    name: 'blog',
    image: 'registry.example.com/blog:3.1.0',
    settingsModule: 'blog.settings',
  });
  new PublicRoute(chart, 'Route', { app: blog, hosts: ['blog.example.com'] });
});
