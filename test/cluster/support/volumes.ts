import { eventually } from './eventually';
import { IMAGE } from './image';
import { apply, kubectl } from './kubectl';

const NAMESPACE = 'polls-volumes';

/**
 * Empties the volumes that namespaces which are gone have left behind, and gives them back.
 *
 * A volume whose class retains it keeps its files, and is not used again: the next database would find those of
 * another one. So a pod mounts them all and removes what is in them.
 */
export async function freeVolumes(namespaces: readonly string[]): Promise<void> {
  // A run that was stopped in the midst of this has left it behind.
  await kubectl('delete', 'namespace', NAMESPACE, '--ignore-not-found');
  const released = (await volumes()).filter(
    ({ status, spec }) =>
      status.phase === 'Released' && [...namespaces, NAMESPACE].includes(spec.claimRef.namespace),
  );
  if (released.length === 0) return;
  await kubectl('create', 'namespace', NAMESPACE);
  for (const { metadata } of released) {
    const claimRef = { namespace: NAMESPACE, name: metadata.name, uid: null, resourceVersion: null };
    await patch(metadata.name, { claimRef });
  }
  await apply([...released.map(claimOf), emptyingPod(released.map(({ metadata }) => metadata.name))]);
  await eventually(
    'the volumes are empty',
    async () => {
      const { status } = JSON.parse(await kubectl('get', 'pod', 'empty', `-n=${NAMESPACE}`, '--output=json'));
      if (status.phase !== 'Succeeded') throw new Error(`the pod is ${status.phase}`);
    },
    { namespace: NAMESPACE, seconds: 120 },
  );
  await kubectl('delete', 'namespace', NAMESPACE);
  for (const { metadata } of released) await patch(metadata.name, { claimRef: null });
}

async function volumes(): Promise<any[]> {
  return JSON.parse(await kubectl('get', 'persistentvolumes', '--output=json')).items;
}

async function patch(volume: string, spec: object): Promise<void> {
  await kubectl('patch', 'persistentvolume', volume, '--type=merge', `--patch=${JSON.stringify({ spec })}`);
}

/** A claim of this one volume. */
function claimOf({ metadata, spec }: any): any {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: metadata.name, namespace: NAMESPACE },
    spec: {
      volumeName: metadata.name,
      storageClassName: spec.storageClassName,
      accessModes: ['ReadWriteOnce'],
      resources: { requests: spec.capacity },
    },
  };
}

/** As root: the files belong to whoever the databases ran as. */
function emptyingPod(claims: string[]): any {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'empty', namespace: NAMESPACE },
    spec: {
      restartPolicy: 'Never',
      containers: [
        {
          name: 'empty',
          image: IMAGE,
          command: ['sh', '-c', 'rm -rf /volumes/*/*'],
          securityContext: { runAsUser: 0 },
          volumeMounts: claims.map((name) => ({ name, mountPath: `/volumes/${name}` })),
        },
      ],
      volumes: claims.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
    },
  };
}
