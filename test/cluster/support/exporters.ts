import { setTimeout as pause } from 'node:timers/promises';
import { provideImage } from '../applications/images';
import { Namespace } from './namespaces';

/** The exporters that the library names by default, in Debian's packages. */
export function provideExporter(program: string, version: string): Promise<string> {
  return provideImage({
    name: `docker.io/example/${program}-exporter:${version}`,
    folder: 'exporters',
    buildArguments: { PROGRAM: program },
  });
}

/** What one exporter says: its pod, its port, and the line that is to be on its page. */
export type Expected = readonly [pod: string, port: number, line: string];

/** Asks exporters every two seconds while something is done. Returns what was asked and each page without its line. */
export async function watchingExporters(
  namespace: Namespace,
  expected: readonly Expected[],
  action: () => Promise<void>,
): Promise<{ asked: number; missing: string[] }> {
  const missing: string[] = [];
  let [acting, asked] = [true, 0];
  const ask = async ([pod, port, line]: Expected) => {
    const { status } = await namespace.get('pod', pod);
    const page = await fetch(`http://${status.podIP}:${port}/metrics`).then((answer) => answer.text());
    asked++;
    if (!page.split('\n').includes(line)) missing.push(`${new Date().toISOString()} ${pod} without ${line}`);
  };
  const watch = (async () => {
    while (acting) {
      await Promise.all(expected.map(ask));
      await pause(2000);
    }
  })();
  try {
    await action();
  } finally {
    acting = false;
    await watch;
  }
  return { asked, missing };
}
