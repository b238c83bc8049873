import { filesOf } from '../support/files';

const sources = filesOf('src', '.ts');

/** The places of the sources that a pattern matches, without comments. */
function placesOf(pattern: RegExp, files = sources): string[] {
  return files.flatMap(({ path, text }) =>
    text
      .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ''))
      .split('\n')
      .map((line, index) => ({ line: line.replace(/\/\/.*$/, ''), place: `${path}:${index + 1}` }))
      .filter(({ line }) => pattern.test(line))
      .map(({ place }) => place),
  );
}

const outside = (...folders: string[]) =>
  sources.filter(({ path }) => !folders.some((folder) => path.startsWith(folder)));

/** What writes a program that reads the environment. */
const WRITES_PROGRAM = ['src/cli/init/write-laptop.ts', 'src/cli/init/write-program.ts'];

/** The commands that ask the cluster: by kubectl, for a time, and with Jobs that have names of their own. */
const CLUSTER_COMMANDS = 'src/cli/cluster/';

/** What starts processes and looks whether there is a terminal. */
const PROCESSES = [
  CLUSTER_COMMANDS,
  ...WRITES_PROGRAM,
  'src/fleet/fleet.ts',
  'src/fleet/progress.ts',
  'src/fleet/shards.ts',
  'src/cli/main.ts',
  'src/cli/terminal.ts',
];

describe('the sources', () => {
  it('are all looked at', () => {
    expect(sources.length).toBeGreaterThan(50);
    expect(placesOf(/^export class DjangoApp /)).toHaveLength(1);
  });

  it.each([
    ['the environment', /(?<![-\w'./])process\s*[.?[](?!stderr\.write)/, PROCESSES],
    ['chance', /\bMath\.random\b|\brandom(Bytes|UUID|Int)\b/, [CLUSTER_COMMANDS]],
    [
      'the time',
      /\bDate\.now\b|\bnew Date\b(?!\((Date\.UTC|BEGIN))|\bperformance\b|\bhrtime\b/,
      [CLUSTER_COMMANDS],
    ],
    ['the machine', /from '(node:)?(os|child_process|net\/.*|http|https|dns)'/, PROCESSES],
    ['the language of the machine', /\.toLocale|\bIntl\.(?!DateTimeFormat\('en',)|localeCompare/],
  ])('know nothing of %s', (_what, pattern, elsewhere: string[] = []) => {
    expect(placesOf(pattern, outside(...elsewhere))).toEqual([]);
  });

  it('read no variable of the environment', () => {
    const reads = /(?<![-\w'./])process\s*(\.\s*env\b|\[)|from '(node:)?process'/;
    expect(placesOf(reads, outside(...WRITES_PROGRAM))).toEqual([]);
  });

  it('ask nowhere but in distributions and capabilities which distribution it is', () => {
    const asks =
      /(===|!==|==|!=|case)\s*['"](gke|eks|aks|openshift|upstream)['"]|instanceof \w*Distribution\b/;
    expect(asks.test("if (distribution.name === 'gke') {")).toBe(true);
    expect(placesOf(asks, outside('src/distributions/', 'src/capabilities/'))).toEqual([]);
  });

  it('import no distribution but by the interface, outside their folder', () => {
    const imports = /from '.*distributions\/(gke|eks|aks|openshift|upstream)'/;
    expect(placesOf(imports, outside('src/distributions/', 'src/entry/'))).toEqual([]);
    expect(placesOf(imports)).toHaveLength(5);
  });

  it('write files nowhere but where synthesize does', () => {
    const writes = /\b(writeFile|appendFile|mkdir|rmSync|unlink|createWriteStream)/;
    expect(
      placesOf(
        writes,
        outside(
          'src/distributions/',
          'src/fleet/output.ts',
          'src/cli/init/write-files.ts',
          'src/cli/cluster/shell.ts',
          // Shell, for the pods of a server.
          'src/postgres-backend/archive-bucket-scripts.ts',
          'src/postgres-backend/archive-fetch-script.ts',
          'src/postgres-backend/archive-scripts.ts',
          'src/postgres-backend/upgrade-scripts.ts',
          'src/valkey-sentinel/scripts.ts',
        ),
      ),
    ).toEqual([]);
  });
});
