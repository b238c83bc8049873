import { tryKubectl } from './kubectl';

/** Ends the suite in one sentence, unless there is a cluster that it may use. */
export async function requireCluster(): Promise<void> {
  const { KUBECONFIG } = process.env;
  if (!KUBECONFIG) {
    fail('KUBECONFIG is not set: it must name the cluster that the suite may use (test/cluster/README.md).');
  }
  const ready = await tryKubectl('get', '--raw=/readyz', '--request-timeout=10s').catch(() =>
    fail('kubectl was not found: the suite needs it on PATH.'),
  );
  if (ready.code !== 0) {
    fail(`The cluster of KUBECONFIG=${KUBECONFIG} does not answer: ${ready.stderr.trim().split('\n').pop()}`);
  }
}

/** The sentence alone, without a stack that says nothing. */
export function fail(sentence: string): never {
  const error = new Error(sentence);
  error.stack = sentence;
  throw error;
}
