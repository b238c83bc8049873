import * as tls from 'node:tls';
import { Polls } from './polls';

/** Says something to the public address over TLS, and returns all that is answered within some seconds. */
export function say(address: string, host: string, text: string | Buffer, seconds = 10): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = open(address, host, () => socket.write(text));
    const timer = setTimeout(() => socket.destroy(), seconds * 1000);
    socket.on('data', (part) => (answer += part.toString('latin1')));
    // A router that has heard enough closes the connection, perhaps before it has read all.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(answer);
    });
  });
}

/** Visitors who stop in the middle of what they say, while something else happens. */
export async function whileSilent<T>(
  { address, host, visitors, text }: { address: string; host: string; visitors: number; text: string },
  happens: () => Promise<T>,
): Promise<T> {
  const sockets: tls.TLSSocket[] = [];
  try {
    for (let visitor = 0; visitor < visitors; visitor++) {
      await new Promise<void>((resolve, reject) => {
        const socket = open(address, host, () => socket.write(text, () => resolve()));
        socket.on('error', reject);
        sockets.push(socket);
      });
    }
    return await happens();
  } finally {
    sockets.forEach((socket) => socket.on('error', () => undefined).destroy());
  }
}

function open(address: string, host: string, begin: () => void): tls.TLSSocket {
  return tls.connect({ host: address, port: 443, servername: host, rejectUnauthorized: false }, begin);
}

/** The status of each answer. */
export function statuses(answer: string): number[] {
  return answer
    .split('HTTP/1.1 ')
    .slice(1)
    .map((part) => Number(part.slice(0, 3)));
}

const lines = (host: string, ...own: string[]) =>
  [`Host: ${host}`, 'Connection: close', ...own, '', ''].join('\r\n');
const FORM = 'Content-Type: application/x-www-form-urlencoded';

/** Requests that no browser sends, and one that is nothing but large. */
export function hostileRequests({ host }: Polls): Record<string, string> {
  const next = `GET /livez HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  const chunked = `0\r\n\r\n${next}`;
  const size = 3_000_000;
  return {
    'a header of 200 kB': `GET / HTTP/1.1\r\n${lines(host, `X-Long: ${'a'.repeat(200_000)}`)}`,
    '2,000 headers': `GET / HTTP/1.1\r\n${lines(host, ...Array.from({ length: 2000 }, (_, one) => `X-${one}: 1`))}`,
    'a path of 200 kB': `GET /?${'a'.repeat(200_000)} HTTP/1.1\r\n${lines(host)}`,
    'two lengths': `POST /1/vote/ HTTP/1.1\r\n${lines(host, FORM, 'Content-Length: 3', 'Content-Length: 30')}a=b`,
    'a length and chunks': `POST /1/vote/ HTTP/1.1\r\n${lines(host, FORM, `Content-Length: ${chunked.length}`, 'Transfer-Encoding: chunked')}${chunked}`,
    'a NUL in a header': `GET / HTTP/1.1\r\n${lines(host, 'X-Nul: a\0b')}`,
    'a form of 3 MB': `POST /1/vote/ HTTP/1.1\r\n${lines(host, FORM, `Content-Length: ${size}`)}${'a'.repeat(size)}`,
  };
}
