import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Source } from './git-server';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIGURATION = 'application/vnd.cncf.flux.config.v1+json';
const LAYER = 'application/vnd.cncf.flux.content.v1.tar+gzip';

/** A registry that serves one artifact over HTTP, as `flux push artifact` makes it of a program's output directory. */
export class Registry implements Source {
  readonly tree = mkdtempSync(join(tmpdir(), 'registry-'));
  /** By digest; the manifest that is tagged `latest` by that too. */
  private readonly contents = new Map<string, Buffer>();
  private readonly server: Server;

  constructor() {
    this.server = createServer(({ method, url = '' }, response) => {
      const reference = /^\/v2\/fleet\/(?:manifests|blobs)\/(.+)$/.exec(url)?.[1];
      const content = url === '/v2/' ? Buffer.from('{}') : this.contents.get(reference ?? '');
      if (!content) return response.writeHead(404).end();
      const headers = {
        'Content-Type': url.includes('/manifests/') ? MANIFEST : 'application/octet-stream',
        'Content-Length': content.length,
        'Docker-Content-Digest': digestOf(content),
      };
      return response.writeHead(200, headers).end(method === 'HEAD' ? undefined : content);
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `oci://127.0.0.1:${(this.server.address() as AddressInfo).port}/fleet`;
  }

  /** Tags it `latest`, and returns its digest. */
  commit(message: string): string {
    const layer = execFileSync('tar', ['-czf', '-', '-C', join(this.tree, 'dist'), '.'], {
      maxBuffer: 2 ** 26,
    });
    const created = new Date().toISOString();
    const annotations = {
      'org.opencontainers.image.created': created,
      'org.opencontainers.image.title': message,
    };
    const config = Buffer.from(JSON.stringify({ created, rootfs: { type: 'layers', diff_ids: [] } }));
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MANIFEST,
        config: this.put(CONFIGURATION, config),
        layers: [this.put(LAYER, layer)],
        annotations,
      }),
    );
    this.contents.set('latest', manifest);
    return this.put(MANIFEST, manifest).digest;
  }

  stop(): void {
    this.server.close();
    rmSync(this.tree, { recursive: true });
  }

  private put(mediaType: string, content: Buffer): { mediaType: string; size: number; digest: string } {
    const digest = digestOf(content);
    this.contents.set(digest, content);
    return { mediaType, size: content.length, digest };
  }
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
