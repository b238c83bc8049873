import { builder } from '../cluster/support/image';
import { fail, requireCluster } from '../cluster/support/requirements';
import { run } from '../cluster/support/command';

/** Once, before all projects: what they need is there. Nothing of other suites is removed. */
export default async function setUp(): Promise<void> {
  await requireCluster();
  await builder().catch((error: Error) => fail(error.message));
  if (!process.env.IMAGE_LOADER) {
    fail(
      'IMAGE_LOADER is not set: the suite has no registry, and needs the command that copies an image to the nodes.',
    );
  }
  if ((await run('npm', ['--version']).catch(() => undefined))?.code !== 0) {
    fail('npm was not found: the suite packs the library and installs it as docs/begin.md says.');
  }
}
