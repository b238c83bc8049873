import { join } from 'node:path';
import { App } from 'cdk8s';
import { writeIdentityCommands } from './side-files';
import { IDistribution } from '../platform/distribution';
import { distributionOf, bindDistribution } from '../platform/binding';

/**
 * Makes one cdk8s App for each distribution and writes its manifests to a folder of the distribution's name, below
 * the output directory that cdk8s itself would use (`dist`, or what `cdk8s synth` says). Where pods use the platform,
 * the commands that its access control needs are beside them, in `identity.txt`. Nothing is written before the program
 * was found right for all of them.
 *
 * @param distributions - what to write manifests for, each with a name of its own
 * @param define - adds the charts to an App; it is called once for each distribution
 *
 * @example
 * synthesize([Distribution.gke(), Distribution.openshift()], (app) => {
 *   new PollsChart(app, 'polls');
 * });
 */
export function synthesize(distributions: IDistribution[], define: (app: App) => void): void {
  const names = distributions.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated) {
    throw new Error(
      `synthesize: two distributions are named "${repeated}", and one would overwrite the manifests of the other. ` +
        'Give one of them a name.',
    );
  }
  const outputDirectory = new App().outdir;
  const apps = distributions.map((distribution) => {
    const app = new App({ outdir: join(outputDirectory, distribution.name) });
    bindDistribution(app, distribution);
    define(app);
    return app;
  });
  // All of them, although cdk8s does it too: it writes each App before it looks at the next.
  apps.forEach((app) => validate(app, distributionOf(app)));
  for (const app of apps) {
    app.synth();
    writeIdentityCommands(app);
  }
}

function validate(app: App, { name }: IDistribution): void {
  const errors = app.node
    .findAll()
    .flatMap(({ node }) => node.validate().map((error) => `[${node.path}] ${error}`));
  if (errors.length) throw new Error(`synthesize: errors for "${name}":\n  ${errors.join('\n  ')}`);
}
