import * as http from 'node:http';
import * as https from 'node:https';
import { Socket } from './web-socket';

/** An answer, with its redirects not followed. */
export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** A request to a host behind an address. */
export interface Request {
  readonly address: string;
  readonly host: string;
  readonly path: string;
  readonly secure?: boolean;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Sends one request over a connection of its own, to the address but for the host. Certificates are not checked. */
export function send(request: Request): Promise<Answer> {
  const { address, host, path, secure = true, method, body = '' } = request;
  const options: https.RequestOptions = {
    host: address,
    path,
    method,
    servername: host,
    rejectUnauthorized: false,
    agent: false,
    timeout: 20_000,
    headers: { Host: host, 'Content-Length': Buffer.byteLength(body), ...request.headers },
  };
  return new Promise((resolve, reject) => {
    const sent = (secure ? https : http).request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
    });
    sent.on('timeout', () => sent.destroy(new Error(`${host}${path}: no answer within 20 seconds`)));
    sent.on('error', reject);
    sent.end(body);
  });
}

/** A browser as far as a site notices: it keeps cookies, and names its origin when it posts a form. */
export class Browser {
  private readonly cookies = new Map<string, string>();

  constructor(
    readonly address: string,
    readonly host: string,
  ) {}

  get(path: string): Promise<Answer> {
    return this.send({ path });
  }

  /** Posts a form; `headers` come last. */
  post(path: string, form: Record<string, string>, headers: Record<string, string> = {}): Promise<Answer> {
    const origin = `https://${this.host}`;
    return this.send({
      path,
      method: 'POST',
      body: new URLSearchParams(form).toString(),
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        Origin: origin,
        Referer: `${origin}${path}`,
        ...headers,
      },
    });
  }

  /** The same page without TLS. */
  getPlain(path: string): Promise<Answer> {
    return this.send({ path, secure: false });
  }

  /** A WebSocket, as a page of the site opens it, or one of another origin. */
  webSocket(path: string, origin = `https://${this.host}`): Promise<Socket> {
    return Socket.open(this.address, this.host, path, origin);
  }

  private async send(request: Pick<Request, 'path' | 'secure' | 'method' | 'headers' | 'body'>) {
    const cookies = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(cookies ? { Cookie: cookies } : {}), ...request.headers };
    const answer = await send({ ...request, address: this.address, host: this.host, headers });
    for (const cookie of answer.headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      this.cookies.set(name, value);
    }
    return answer;
  }
}
