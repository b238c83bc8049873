import { App } from 'cdk8s';
import fc from 'fast-check';
import { ContainerResources, DjangoApp, DjangoAppProps, VolumeSource } from 'cdk8s-django';
import { quantity } from '../../src/kubernetes/quantities';
import { TMP_VOLUME, withDisk } from '../../src/workloads/disk';
import { django, errorOf, find, findAll, postgres, synth } from '../support/synth';

const DISK = 'ephemeral-storage';

/** The pods of the replicas. */
function pods(props: Partial<DjangoAppProps>, add: (app: DjangoApp) => void = () => {}): any {
  const manifests = synth((chart) => add(django(chart, { database: postgres(chart), ...props })));
  return find(manifests, 'Deployment', 'polls').spec.template.spec;
}

const diskOf = ({ resources: { requests, limits } }: any) => {
  expect(requests[DISK]).toBe(limits[DISK]);
  return limits[DISK];
};
const sizes = ({ volumes }: any) =>
  Object.fromEntries(
    volumes.flatMap(({ name, emptyDir }: any) => (emptyDir ? [[name, emptyDir.sizeLimit]] : [])),
  );
const disks = ({ containers, initContainers }: any) =>
  Object.fromEntries([...containers, ...initContainers].map((one: any) => [one.name, diskOf(one)]));

describe('the disk of a pod', () => {
  const resources: ContainerResources = { ephemeralStorage: '3Gi' };

  it('is not requested, and /tmp holds 1Gi', () => {
    const spec = pods({});
    expect(sizes(spec)).toEqual({ tmp: '1Gi' });
    expect(JSON.stringify(spec)).not.toContain(DISK);
  });

  it('that is given is for the log and /tmp', () => {
    const spec = pods({ resources });
    expect(disks(spec)).toEqual({ web: '3Gi', 'wait-for-schema': '3Gi' });
    expect(sizes(spec)).toEqual({ tmp: '3008Mi' });
  });

  it('is also for the empty directories that are added', () => {
    const spec = pods({ resources }, (app) => {
      app.addVolume({ name: 'cache', source: VolumeSource.emptyDirectory('0.5Gi'), mountPath: '/cache' });
      app.addVolume({ name: 'other', source: VolumeSource.emptyDirectory(), mountPath: '/other' });
    });
    expect(sizes(spec)).toEqual({ cache: '512Mi', other: '1Gi', tmp: '1472Mi' });
  });

  it('of those that do not say is for a log: a container without a limit would fill what the others have', () => {
    const spec = pods({ resources }, (app) =>
      app.addSidecar({ name: 'agent', image: 'example.com/agent:1' }),
    );
    expect(disks(spec)).toEqual({ agent: '64Mi', web: '3Gi', 'wait-for-schema': '3Gi' });
  });

  it('of a sidecar alone gives the application what it has without', () => {
    const spec = pods({}, (app) => {
      app.addVolume({ name: 'cache', source: VolumeSource.emptyDirectory('256Mi'), mountPath: '/cache' });
      app.addSidecar({
        name: 'agent',
        image: 'example.com/agent:1',
        resources: { ephemeralStorage: '128Mi' },
      });
    });
    expect(disks(spec)).toEqual({ agent: '128Mi', web: '1344Mi', 'wait-for-schema': '64Mi' });
    expect(sizes(spec)).toEqual({ cache: '256Mi', tmp: '1024Mi' });
  });

  it('is that of Jobs too', () => {
    const manifests = synth((chart) => django(chart, { database: postgres(chart), resources }));
    const [migration] = findAll(manifests, 'Job').filter(({ metadata }) => /migrate/.test(metadata.name));
    expect(diskOf(migration.spec.template.spec.containers[0])).toBe('3Gi');
    expect(sizes(migration.spec.template.spec)).toEqual({ tmp: '3008Mi' });
  });

  it('has room for a log and for /tmp, or is refused', () => {
    const size = fc.integer({ min: 1, max: 3000 });
    fc.assert(
      fc.property(size, size, (disk, cache) => {
        const make = () =>
          pods({ resources: { ephemeralStorage: `${disk}Mi` } }, (app) =>
            app.addVolume({ name: 'cache', source: VolumeSource.emptyDirectory(`${cache}Mi`) }),
          );
        if (disk < 128 + cache) return expect(make).toThrow('resources.ephemeralStorage');
        const { tmp } = sizes(make());
        expect(quantity(tmp)! / 2 ** 20).toBe(disk - cache - 64);
      }),
      { numRuns: 25 },
    );
  });

  it('counts a directory of somebody else without a size as much as /tmp', () => {
    const requests = { [DISK]: '3Gi' as any };
    const volumes = [TMP_VOLUME, { name: 'ca', emptyDir: {} }];
    const container = { name: 'web', resources: { requests, limits: requests } };
    const spec = withDisk(new App(), { containers: [container], volumes });
    expect(sizes(spec)).toEqual({ ca: undefined, tmp: '1984Mi' });
  });

  it('is refused at synth where what is added needs more', () => {
    const message = errorOf((chart) => {
      const app = django(chart, { resources: { ephemeralStorage: '1Gi' } });
      app.addVolume({ name: 'cache', source: VolumeSource.emptyDirectory(), mountPath: '/cache' });
    });
    expect(message).toContain(
      'polls/Polls: resources.ephemeralStorage "1Gi" of container "web" leaves no 64Mi for /tmp, beside 64Mi for its' +
        ' log and 1024Mi for other empty directories. Give at least "1152Mi".',
    );
  });
});
