import { provideImages } from './image';
import { removeNamespaces } from './namespaces';
import { fail, requireCluster } from './requirements';

/** Once, before all tests: a cluster that answers, without leftovers, with the image on its nodes. */
export default async function setUp(): Promise<void> {
  await requireCluster();
  await provideImages().catch((error: Error) => fail(error.message));
  await removeNamespaces();
}
