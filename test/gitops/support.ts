import { Chart } from 'cdk8s';
import { HealthMonitoring, LeastPrivilegeAccess, PublicRoute, VolumeAccessMode } from 'cdk8s-django';
import { IMixin } from 'constructs';
import { django, HOST, postgres } from '../support/synth';

/** A chart with whatever a sync may trip over: Jobs of each kind, claims, generated and stored Secrets, autoscalers. */
export function busyChart(chart: Chart): void {
  const database = postgres(chart);
  const app = django(chart, {
    database,
    scaling: { minReplicas: 2, maxReplicas: 9 },
    media: {
      mountPath: '/media',
      size: '1Gi',
      accessMode: VolumeAccessMode.READ_WRITE_MANY,
      storageClassName: 'shared',
    },
  });
  app.addCommand({ name: 'countries', command: ['loaddata', 'countries'] });
  app.addSessionClearing();
  app.addSecretKeyRotation();
  app.addSuperuser({ username: 'admin', password: { secretName: 'admin', key: 'password' } });
  new PublicRoute(chart, 'Route', { app, hosts: [HOST] });
  new HealthMonitoring(chart, 'Health', { app, metrics: {} });
  new LeastPrivilegeAccess(chart, 'Access', { app, viewers: ['developers'], operators: ['operators'] });
  // An application without a database, whose media nothing mounts but its own replicas.
  const media = { mountPath: '/media', size: '1Gi', accessMode: VolumeAccessMode.READ_WRITE_ONCE };
  django(chart, { name: 'shop', media, replicas: 1 }, 'Shop');
}

/** The same with a mixin. */
export function mixedIn(mixin: IMixin): (chart: Chart) => void {
  return (chart) => {
    busyChart(chart);
    chart.with(mixin);
  };
}

/** Manifests without the annotations of a prefix, and whether they had any. */
export function without(prefix: string, manifests: any[]): any[] {
  return manifests.map((manifest) => {
    const { annotations = {}, ...metadata } = manifest.metadata;
    const kept = Object.entries(annotations).filter(([name]) => !name.startsWith(prefix));
    return {
      ...manifest,
      metadata: kept.length ? { ...metadata, annotations: Object.fromEntries(kept) } : metadata,
    };
  });
}

/** A manifest as it is with the annotations: a Job stays after its end. */
export function asKept(manifest: any): any {
  if (manifest.kind === 'Job') delete manifest.spec.ttlSecondsAfterFinished;
  return manifest;
}
