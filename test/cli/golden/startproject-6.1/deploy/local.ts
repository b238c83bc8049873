import { Distribution, synthesize } from 'cdk8s-django';
import { IngressRouting } from 'cdk8s-django/routing';
import { MysiteChart } from './mysite-chart';

// A cluster on a laptop: the Tiltfile gives what differs between k3d, minikube and others.
const { IMAGE, INGRESS_CLASS = 'traefik', ROUTER_NAMESPACE = 'kube-system' } = process.env;
if (!IMAGE) throw new Error('IMAGE is not set: the Tiltfile gives the image that it has built.');
const image = IMAGE;

const local = Distribution.upstream({
  name: 'local',
  routing: new IngressRouting({
    ingressClassName: INGRESS_CLASS,
    routerNamespaceLabels: { 'kubernetes.io/metadata.name': ROUTER_NAMESPACE },
  }),
});

synthesize([local], (app) => {
  new MysiteChart(app, 'mysite', { namespace: 'mysite', image, host: 'mysite.localhost' });
});
