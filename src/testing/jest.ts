import { isDeepStrictEqual } from 'node:util';
import { Backend, backendsOf } from './backends';
import { environmentOf } from './environment';
import { snapshotOf } from './snapshot';

/*
 * For tests by Jest that import it: matchers of manifests, and snapshots by `snapshotOf`.
 */

/** What Jest has where tests run. The types of Jest are not a dependency. */
declare const expect: {
  extend(matchers: Record<string, (...parameters: any[]) => MatcherResult>): void;
  addSnapshotSerializer(serializer: { test(value: unknown): boolean; serialize(value: any[]): string }): void;
};

interface MatcherResult {
  pass: boolean;
  message(): string;
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- this is how Jest's types are extended
  namespace jest {
    // eslint-disable-next-line @typescript-eslint/no-unused-vars, @typescript-eslint/no-empty-object-type -- Jest names both
    interface Matchers<R, T = {}> {
      /**
       * Whether a container has these variables, as `environmentOf` shows them; `undefined` is for a variable that it does
       * not have. Other variables do not count.
       *
       * @param kind - such as `Deployment`
       * @param name - of the manifest
       * @param variables - value by name
       * @param container - name of the container; without it the first one that is not an init container
       */
      toHaveEnvironment(
        kind: string,
        name: string,
        variables: Record<string, string | undefined>,
        container?: string,
      ): R;

      /**
       * Whether a port of a Service has exactly one container that answers.
       *
       * @param service - name of the Service
       * @param backend - port of the Service, and kind and name of the workload, its container and the container's port
       */
      toServe(service: string, backend: Backend): R;
    }
  }
}

function result(pass: boolean, expected: unknown, found: unknown): MatcherResult {
  const text = (value: unknown) => JSON.stringify(value, (_key, one) => one ?? 'not there', 2);
  return {
    pass,
    message: () => `${pass ? 'Not expected' : 'Expected'}: ${text(expected)}\nFound: ${text(found)}`,
  };
}

expect.extend({
  toHaveEnvironment(
    manifests: any[],
    kind: string,
    name: string,
    variables: Record<string, string | undefined>,
    container?: string,
  ) {
    const environment = environmentOf(manifests, kind, name, container);
    const found = Object.fromEntries(Object.keys(variables).map((key) => [key, environment[key]]));
    return result(isDeepStrictEqual(found, variables), variables, found);
  },

  toServe(manifests: any[], service: string, backend: Backend) {
    const found = backendsOf(manifests, service).filter(
      ({ servicePort }) => servicePort === backend.servicePort,
    );
    return result(isDeepStrictEqual(found, [backend]), [backend], found);
  },
});

function isManifests(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((one) => one?.apiVersion && one.kind && one.metadata)
  );
}

expect.addSnapshotSerializer({ test: isManifests, serialize: snapshotOf });
