import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ApiObject, Chart } from 'cdk8s';
import { DjangoApp, DjangoAppProps, PublicRoute } from 'cdk8s-django';
import { Fleet, FleetProps, IFleetApplication } from 'cdk8s-django/fleet';

/** The contents of all files below a folder by their paths. */
export function contents(folder: string): { [path: string]: string } {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = paths.filter((path) => statSync(join(folder, path)).isFile());
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

export function application(
  name: string,
  namespace: string,
  define: (chart: Chart) => void,
  distributions?: string[],
): IFleetApplication {
  return { name, namespace, define, distributions };
}

/** An application with a ConfigMap alone, which is made quickly. */
export function small(
  name: string,
  namespace: string,
  text = name,
  distributions?: string[],
): IFleetApplication {
  return application(name, namespace, (chart) => void configMap(chart, name, text), distributions);
}

export function configMap(chart: Chart, name: string, text: string, namespace = chart.namespace): ApiObject {
  return new ApiObject(chart, `ConfigMap-${name}`, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace },
    data: { text },
  } as any);
}

/** An application with a route. */
export function routed(name: string, namespace: string, host = `${name}.example.com`): IFleetApplication {
  return application(name, namespace, (chart) => {
    const app = django(chart, name);
    new PublicRoute(chart, 'Route', { app, hosts: [host] });
  });
}

export function django(
  chart: Chart,
  name: string,
  image = 'registry.example.com/shop:1.0.0',
  props: Partial<DjangoAppProps> = {},
): DjangoApp {
  return new DjangoApp(chart, 'App', { name, image, settingsModule: 'shop.settings', ...props });
}

/** The message that a fleet fails with. */
export async function failureOf(props: FleetProps): Promise<string> {
  try {
    await new Fleet(props).synthesize();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('It threw no error.');
}
