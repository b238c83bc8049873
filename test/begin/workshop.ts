import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { output } from '../cluster/support/command';
import { builder } from '../cluster/support/image';
import { documentedPackage, ROOT } from './documented';

/** What projects are made with: an official image, whose Python all of them support. */
const PYTHON = 'docker.io/library/python:3.13-slim-trixie';

/** A folder with projects, beside which the packed library is where docs/begin.md has it. */
export class Workshop {
  private readonly path = mkdtempSync(join(tmpdir(), 'begin-'));
  private environment: NodeJS.ProcessEnv = process.env;

  /** Packs the library, as `npm pack` of a clone does, and gives `docker` a stand-in. */
  async open(): Promise<void> {
    // From the folder of any project.
    const folder = dirname(join(this.path, 'project', documentedPackage()));
    mkdirSync(folder);
    await output('npm', ['pack', ROOT, '--silent', '--ignore-scripts', `--pack-destination=${folder}`]);
    const docker = join(this.path, 'bin/docker');
    mkdirSync(dirname(docker));
    writeFileSync(docker, dockerText(await builder()));
    chmodSync(docker, 0o755);
    this.environment = { ...process.env, PATH: `${dirname(docker)}:${process.env.PATH}` };
  }

  /** Makes a project by the lines of a shell, in a container, and returns its folder. */
  async make(name: string, lines: string[]): Promise<string> {
    const context = mkdtempSync(join(this.path, 'context-'));
    writeFileSync(
      join(context, 'Containerfile'),
      [
        `FROM ${PYTHON} AS made`,
        'WORKDIR /made',
        // A Python of Debian has packages that pip cannot replace.
        'RUN python -m venv /tools',
        'ENV PATH=/tools/bin:$PATH',
        `RUN ${lines.join(' && ')}`,
        'FROM scratch',
        'COPY --from=made /made /',
        '',
      ].join('\n'),
    );
    await this.run(`docker build --output=../${name} -f Containerfile .`, context);
    rmSync(context, { recursive: true });
    return join(this.path, name);
  }

  /** Runs a command as somebody at a shell would, without a terminal, and returns what it printed. */
  run(command: string, folder: string): Promise<string> {
    const assignments = `cd '${folder}' && PATH='${this.environment.PATH}'`;
    return output('bash', ['-c', `${assignments}\n${command}`]);
  }

  close(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/**
 * `docker` of docs/begin.md: what it builds is built by the program that there is, and instead of a push to a registry
 * the image is copied to the nodes.
 */
function dockerText(program: string): string {
  return `#!/bin/sh
set -e
command=$1
shift
case $command in
  build) exec ${program} build ${process.env.IMAGE_BUILD_ARGS ?? ''} "$@" ;;
  push) exec ${process.env.IMAGE_LOADER} "$@" ;;
esac
`;
}

/** The files of a project by their paths, without those that commands bring along. */
export function filesOf(folder: string): Map<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !/^deploy\/(node_modules|dist)\/|^deploy\/package-lock\.json$/.test(path));
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path), 'base64')]));
}
