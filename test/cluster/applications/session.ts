import * as https from 'node:https';
import { IncomingHttpHeaders } from 'node:http';

/** An answer, with its redirects not followed. */
export interface Page {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly body: string;
}

/** Somebody who uses a site through its public address, over HTTPS: cookies are kept, files can be uploaded. */
export class Session {
  private readonly cookies = new Map<string, string>();

  constructor(
    private readonly address: string,
    readonly host: string,
  ) {}

  get(path: string): Promise<Page> {
    return this.send(path, 'GET', {});
  }

  /**
   * Fills in the form of a page and sends it back to that page, as a browser does: with the token that the page has,
   * and with the page as the referrer. A form with a file is sent as multipart.
   */
  async submit(path: string, fields: Record<string, string | File>): Promise<Page> {
    const page = await this.get(path);
    const token = found(/name="csrfmiddlewaretoken" value="([^"]+)"/, page);
    const form = Object.entries({ csrfmiddlewaretoken: token, ...fields });
    return this.post(path, form);
  }

  /** Sends the fields as they are. */
  async post(path: string, fields: [string, string | File][]): Promise<Page> {
    const form = fields.some(([, value]) => typeof value !== 'string')
      ? new FormData()
      : new URLSearchParams();
    for (const [name, value] of fields) form.append(name, value as string);
    const encoded = new Response(form);
    const origin = `https://${this.host}`;
    const headers = {
      'Content-Type': encoded.headers.get('content-type')!,
      Origin: origin,
      Referer: origin + path,
    };
    return this.send(path, 'POST', headers, Buffer.from(await encoded.arrayBuffer()));
  }

  private async send(path: string, method: string, own: Record<string, string>, body = Buffer.alloc(0)) {
    const cookies = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = {
      Host: this.host,
      'Content-Length': String(body.length),
      ...(cookies && { Cookie: cookies }),
      ...own,
    };
    const page = await request(this.address, { path, method, headers, servername: this.host }, body);
    for (const cookie of page.headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      this.cookies.set(name, value);
    }
    return page;
  }
}

/** The first group of a pattern that a page must have. */
export function found(pattern: RegExp, { status, body }: Page): string {
  const match = pattern.exec(body);
  if (!match) throw new Error(`${pattern} is not in the page (status ${status}): ${body.slice(0, 2000)}`);
  return match[1];
}

/** One request over a connection of its own. Certificates are not checked: the router may have made its own. */
function request(address: string, options: https.RequestOptions, body: Buffer): Promise<Page> {
  const all = { ...options, host: address, rejectUnauthorized: false, agent: false, timeout: 30_000 };
  return new Promise((resolve, reject) => {
    const sent = https.request(all, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part) => parts.push(part)).on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(parts);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          bytes,
          body: bytes.toString(),
        });
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`${options.path}: no answer within 30 seconds`)));
    sent.on('error', reject);
    sent.end(body);
  });
}
