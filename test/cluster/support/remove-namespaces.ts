import { removeNamespaces } from './namespaces';

// Between the files that run beside others and those that run alone: the volumes of the first are free again.
removeNamespaces().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
