import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const GOLDEN = join(ROOT, 'dist');

/** All files of a folder and those below it, by their paths. */
function filesIn(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    paths.sort().map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]),
  );
}

describe('dist', () => {
  let folder: string;
  const before = process.env.CDK8S_OUTDIR;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dist-'));
    process.env.CDK8S_OUTDIR = folder;
    // The program that `cdk8s synth` runs writes its files when it is loaded.
    jest.requireActual('../../examples/polls/deploy/main');
  });

  afterAll(() => {
    if (before === undefined) delete process.env.CDK8S_OUTDIR;
    else process.env.CDK8S_OUTDIR = before;
    rmSync(folder, { recursive: true });
  });

  it('has the manifests of five distributions', () => {
    const manifests = Object.keys(filesIn(GOLDEN)).filter((path) => path.endsWith('.yaml'));
    expect(manifests).toEqual(
      ['aks', 'eks', 'gke', 'openshift', 'upstream'].flatMap((name) =>
        ['polls.k8s.yaml', 'zz-polls-runtime.k8s.yaml'].map((file) => join(name, file)),
      ),
    );
  });

  it('has side files that `kubectl apply -f` of a folder leaves alone', () => {
    const applied = Object.keys(filesIn(GOLDEN)).filter((path) => /\.(ya?ml|json)$/.test(path));
    expect(applied).toHaveLength(10);
  });

  it('is what examples/polls/deploy makes now', () => {
    const [golden, now] = [filesIn(GOLDEN), filesIn(folder)];
    expect(Object.keys(now)).toEqual(Object.keys(golden));
    const differing = Object.keys(now).filter((path) => now[path] !== golden[path]);
    if (differing.length > 0) {
      throw new Error(
        `dist is not what the sources make: ${differing.join(', ')} differ, at first in ` +
          `${firstDifference(golden[differing[0]], now[differing[0]])}. ` +
          'Run `npm run synth`, read its changes and commit them.',
      );
    }
  });
});

/** The first line that differs, with its number: the files are too long for a comparison of all. */
function firstDifference(golden: string, now: string): string {
  const [before, after] = [golden.split('\n'), now.split('\n')];
  const line = after.findIndex((text, index) => text !== before[index]);
  const number = line === -1 ? after.length : line;
  return `line ${number + 1}: "${before[number] ?? ''}" is now "${after[number] ?? ''}"`;
}
