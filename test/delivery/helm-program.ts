import { App, Chart } from 'cdk8s';
import { synthesize } from 'cdk8s-django';
import { HelmAnnotations } from 'cdk8s-django/gitops';
import { hostIn, upstream } from '../cluster/support/manifests';
import { NamespaceName } from '../cluster/support/namespaces';
import { define, Release } from './application';

export const NAMESPACE: NamespaceName = 'polls-helm';

// As `cdk8s synth` runs it; the test itself only reads what is above.
if (require.main === module) {
  const release: Release = JSON.parse(process.env.RELEASE!);
  synthesize([upstream()], (app: App) => {
    define(new Chart(app, 'polls', { namespace: NAMESPACE }), hostIn(NAMESPACE), release);
    app.with(new HelmAnnotations());
  });
}
