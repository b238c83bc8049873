import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { connect as connectTo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectSecurely } from 'node:tls';

const DAYS = ['-days', '2'];
const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** An authority of the tests, which makes certificates as cert-manager's Secrets have them. */
export class Authority {
  private readonly folder = mkdtempSync(join(tmpdir(), 'authority-'));

  constructor() {
    this.openssl('req', '-x509', ...EC, ...DAYS, '-subj', '/CN=tests', '-keyout', 'ca.key', '-out', 'ca.crt');
  }

  /** The certificate of the authority itself. */
  get certificate(): string {
    return this.read('ca.crt');
  }

  /** The data of a Secret for a server: another one each time. */
  issue(name: string, ...others: string[]): Record<string, string> {
    const all = [name, ...others].map((one) => `DNS:${one}`);
    const names = ['-addext', `subjectAltName=${all.join(',')}`];
    const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', ...DAYS];
    const files = ['-keyout', 'tls.key', '-out', 'tls.crt'];
    this.openssl('req', '-x509', ...EC, ...signed, '-subj', `/CN=${name}`, ...names, ...files);
    return { 'tls.crt': this.read('tls.crt'), 'tls.key': this.read('tls.key'), 'ca.crt': this.certificate };
  }

  private openssl(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.folder, stdio: 'pipe' });
  }

  private read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8');
  }
}

/** What asks a server of PostgreSQL for TLS: https://www.postgresql.org/docs/18/protocol-message-formats.html */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** The certificate, as PEM, that a server of PostgreSQL or a PgBouncer shows to a new connection. */
export function servedCertificate(host: string, port = 5432): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTo({ host, port, timeout: 5000 }, () => socket.write(SSL_REQUEST));
    socket.once('error', reject).once('timeout', () => reject(new Error(`${host} does not answer`)));
    socket.once('data', (answer) => {
      if (answer.toString() !== 'S') return reject(new Error(`${host} has no TLS: ${answer.toString()}`));
      const secure = connectSecurely({ socket, rejectUnauthorized: false }, () => {
        const { raw } = secure.getPeerCertificate();
        secure.destroy();
        const lines = raw.toString('base64').match(/.{1,64}/g)!;
        resolve(['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'));
      });
      secure.once('error', reject);
    });
  });
}
