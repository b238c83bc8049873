import { OWN_POD_KINDS, podOf } from '../../src/kubernetes/pod-manifests';
import { quantity } from '../../src/kubernetes/quantities';
import { documentsOf } from './documents';
import { PLATFORMS } from './platforms';

const DISK = 'ephemeral-storage';
const MEBIBYTE = 2 ** 20;
/** Five files of 10Mi: https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-rotation */
const LOG = 50 * MEBIBYTE;

const bytes = (value: string) => quantity(value)!;
const sum = (numbers: number[]) => numbers.reduce((one, other) => one + other, 0);
const emptyDirectories = ({ volumes = [] }: any): any[] =>
  volumes.flatMap(({ emptyDir }: any) => emptyDir ?? []);

describe.each(Object.entries(PLATFORMS))(
  'no pod that any option leads to fills its node on %s',
  (_, platform) => {
    const pods = documentsOf(platform)
      .manifests.filter(({ kind }) => OWN_POD_KINDS.includes(kind))
      .map((manifest) => ({
        name: `${manifest.kind} ${manifest.metadata.name}`,
        spec: podOf(manifest).value.spec,
      }));

    test('each empty directory has a size', () => {
      const found = pods.flatMap(({ name, spec }) =>
        emptyDirectories(spec).map(({ sizeLimit }) => ({ name, size: quantity(sizeLimit) })),
      );
      expect(found.length).toBeGreaterThan(20);
      expect(found.filter(({ size }) => !(size! >= MEBIBYTE))).toEqual([]);
    });

    test('what a pod requests of the disk covers its empty directories and logs, and no container is without', () => {
      const requesting = pods.filter(({ spec }) => JSON.stringify(spec).includes(DISK));
      expect(requesting.length).toBeGreaterThan(5);
      for (const { name, spec } of requesting) {
        const { containers, initContainers = [] } = spec;
        for (const { resources } of [...containers, ...initContainers]) {
          expect({ name, limit: resources.limits[DISK] }).toEqual({ name, limit: resources.requests[DISK] });
          expect(bytes(resources.limits[DISK])).toBeGreaterThan(LOG);
        }
        const running = [
          ...containers,
          ...initContainers.filter(({ restartPolicy }: any) => restartPolicy === 'Always'),
        ];
        const onDisk = emptyDirectories(spec).filter(({ medium }) => medium !== 'Memory');
        const written = sum(onDisk.map(({ sizeLimit }) => bytes(sizeLimit))) + running.length * LOG;
        expect(sum(running.map(({ resources }) => bytes(resources.limits[DISK])))).toBeGreaterThan(written);
      }
    });
  },
);
