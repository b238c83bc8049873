import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where an engine finds what a program wrote. */
export interface Source {
  /** The folder whose `dist` has it. */
  readonly tree: string;
  readonly url: string;
  start(): Promise<void>;

  /** Publishes all that is in the folder, and returns what the engine calls it. */
  commit(message: string): string;
  stop(): void;
}

/** A Git repository that is served over HTTP, with a working tree to commit from. */
export class GitServer implements Source {
  /** The working tree. */
  tree = '';
  private root = '';
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      const [path, query = ''] = request.url!.split('?');
      const program = spawn('git', ['http-backend'], {
        env: {
          ...process.env,
          GIT_PROJECT_ROOT: this.root,
          GIT_HTTP_EXPORT_ALL: '1',
          PATH_INFO: path.replace('/fleet.git', '/tree/.git'),
          QUERY_STRING: query,
          REQUEST_METHOD: request.method,
          CONTENT_TYPE: request.headers['content-type'] ?? '',
          HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
          GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        },
      });
      request.pipe(program.stdin);
      const chunks: Buffer[] = [];
      program.stdout.on('data', (chunk) => chunks.push(chunk));
      program.on('close', () => {
        const answer = Buffer.concat(chunks);
        const end = answer.indexOf('\r\n\r\n');
        for (const line of answer.subarray(0, end).toString().split('\r\n')) {
          const [name, value] = line.split(': ');
          if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
          else response.setHeader(name, value);
        }
        response.end(answer.subarray(end + 4));
      });
    });
  }

  async start(): Promise<void> {
    this.root = mkdtempSync(join(tmpdir(), 'git-'));
    this.tree = join(this.root, 'tree');
    execFileSync('git', ['init', '--quiet', '--initial-branch=main', this.tree]);
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/fleet.git`;
  }

  /** Commits all that is in the working tree, and returns the commit. */
  commit(message: string): string {
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args], {
        cwd: this.tree,
        encoding: 'utf8',
      }).trim();
    git('add', '--all');
    git('commit', '--quiet', '--allow-empty', '--message', message);
    return git('rev-parse', 'HEAD');
  }

  stop(): void {
    this.server.close();
    rmSync(this.root, { recursive: true });
  }
}
