import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { IDjangoApp } from '../django-app/application';
import { METRICS_PATH } from '../django-app/metrics';
import { resourceLabels, selectorLabels } from '../kubernetes/labels';
import { Resource } from '../kubernetes/resource';
import { distributionOf } from '../platform/binding';
import { IMeasuredServer } from '../platform/measured-server';
import { EXPORTER_PORT_NAME } from '../workloads/exporter';
import { Replica } from './server-alerts';

/** The servers of an application that show their metrics: of its database, its caches and its broker. */
export function serversOf({ database, redisServers }: IDjangoApp): IMeasuredServer[] {
  const all = [database, ...redisServers].flatMap((one) => one?.measuredServers ?? []);
  return [...new Set(all)];
}

/** The jobs by which Prometheus knows those servers, by the name of their software. */
export function jobsOf(servers: IMeasuredServer[]): Record<string, string[]> {
  const jobs: Record<string, string[]> = {};
  for (const { selector, metricsOf = selector.name } of servers) {
    (jobs[metricsOf] ??= []).push(selector.instance);
  }
  return jobs;
}

/** The jobs of replicas, each with that of the server which it repeats. */
export function replicasOf(servers: IMeasuredServer[]): Replica[] {
  return servers.flatMap(({ selector, replicaOf }) =>
    replicaOf === undefined ? [] : [{ job: selector.instance, primary: replicaOf }],
  );
}

const SCRAPE_ID = 'Scrape';

/** Has a server scraped: applications that share it share the resource too, which the first of them makes. */
export function scrapeOfServer(server: IMeasuredServer, interval: Duration): Resource {
  const { node, selector } = server;
  const made = node.tryFindChild(SCRAPE_ID)?.node.children[0];
  if (made) return made as Resource;
  return distributionOf(server).monitoring.scrape(new Construct(server, SCRAPE_ID), {
    name: selector.instance,
    labels: resourceLabels(selector),
    selectorLabels: selectorLabels(selector),
    portName: EXPORTER_PORT_NAME,
    podPort: true,
    path: METRICS_PATH,
    interval,
  });
}
