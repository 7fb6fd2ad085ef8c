import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';

/** Certificates that a server is given in files, and clients that look at them. */

const REQUEST = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n';

export interface TlsFiles {
  readonly tls: { readonly keyFile: string; readonly certFile: string };
  /** Puts a pair made by openssl in the place of the files. */
  install(name: string): void;
  write(text: string): void;
}

/** Undefined, with a word why, when there is no openssl. */
export function filesFor(context: TestContext, ...names: readonly string[]): TlsFiles | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-tls-'));
  context.after(() => rmSync(folder, { recursive: true }));
  for (const name of names) {
    const pair = ['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.crt`)];
    const made = spawnSync('openssl', [
      ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'.split(' '),
      '-subj',
      `/CN=${name}`,
      ...pair,
    ]);
    if (made.status === 0) continue;
    context.skip('openssl does not run here');
    return undefined;
  }
  const tls = { keyFile: join(folder, 'key.pem'), certFile: join(folder, 'cert.pem') };
  const install = (name: string): void => {
    copyFileSync(join(folder, `${name}.key`), tls.keyFile);
    copyFileSync(join(folder, `${name}.crt`), tls.certFile);
  };
  install(names[0] ?? '');
  return { tls, install, write: (text) => writeFileSync(tls.certFile, text) };
}

export async function open(context: TestContext, { port }: { readonly port: number }, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  context.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  // A server that ends may reset it; who still needs it sees that it does not answer.
  socket.on('error', () => undefined);
  return socket;
}

/** Whose certificate a connection has. */
export function ownerOf(socket: TLSSocket): string {
  return String(socket.getPeerCertificate().subject.CN);
}

/** The first line of an answer. */
export async function ask(socket: TLSSocket): Promise<string> {
  socket.write(REQUEST);
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  return bytes.toString('latin1', 0, 15);
}
