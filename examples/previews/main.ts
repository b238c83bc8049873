import { App, Chart } from 'cdk8s';
import { Distribution, DjangoApp, PostgresBackend, PublicRoute, synthesize } from 'cdk8s-django';
import { Preview } from 'cdk8s-django/delivery';

class Polls extends Chart {
  constructor(app: App, { namespace, host, tag }: { namespace: string; host: string; tag: string }) {
    super(app, 'polls', { namespace });
    const polls = new DjangoApp(this, 'Polls', {
      name: 'polls',
      image: `registry.example.com/polls:${tag}`,
      settingsModule: 'mysite.settings',
      database: new PostgresBackend(this, 'Database', { name: 'polls-db', storage: '20Gi' }),
    });
    new PublicRoute(this, 'Route', { app: polls, hosts: [host] });
  }
}

const [branch, tag, until] = process.argv.slice(2);
const preview = new Preview({ name: 'polls', branch, parentHost: 'preview.example.com', until });
synthesize([Distribution.upstream({ clusterIssuer: 'letsencrypt', firstPriorityClassName: '' })], (app) => {
  new Polls(app, { ...preview, tag });
  app.with(preview);
});
console.log(preview.namespace);
