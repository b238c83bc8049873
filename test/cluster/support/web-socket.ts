import { on, once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { ConnectionOptions } from 'node:tls';
import { ClientOptions, WebSocket } from 'ws';

/** A WebSocket of a page. What it is sent is kept until it is asked for. */
export class Socket {
  private readonly messages: AsyncIterator<any[]>;

  private constructor(private readonly socket: WebSocket) {
    this.messages = on(socket, 'message')[Symbol.asyncIterator]();
  }

  /**
   * Opens one at an address, but for a host, as a page of an origin does. Certificates are not checked. It throws with
   * the status when the handshake is refused.
   */
  static async open(address: string, host: string, path: string, origin: string): Promise<Socket> {
    const options: ClientOptions & ConnectionOptions = {
      origin,
      servername: host,
      headers: { Host: host },
      rejectUnauthorized: false,
      handshakeTimeout: 20_000,
    };
    const socket = new WebSocket(`wss://${address}${path}`, options);
    const opened = new Socket(socket);
    await once(socket, 'open');
    return opened;
  }

  /** The next message, which is JSON. */
  async next(): Promise<any> {
    const late = pause(20_000, undefined, { ref: false }).then(() => {
      throw new Error('no message within 20 seconds');
    });
    const { value } = await Promise.race([this.messages.next(), late]);
    return JSON.parse(String(value[0]));
  }

  say(text: string): void {
    this.socket.send(text);
  }

  /** Ends it as a browser does that leaves the page, and returns the code that the server answers with. */
  async close(): Promise<number> {
    this.socket.close(1000);
    const [code] = await once(this.socket, 'close');
    return code;
  }
}
