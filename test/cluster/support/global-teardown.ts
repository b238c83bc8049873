import { removeNamespaces } from './namespaces';

/** Once, after all tests: nothing of them stays in the cluster. */
export default removeNamespaces;
