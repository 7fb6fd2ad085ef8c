import { fail, messageOf, type Result, StartFailure } from '../faults.ts';
import type { RequestHandler } from './transport.ts';

/**
 * The listening socket, and the only file that imports uWebSockets.js. The library is loaded late, because it reads its
 * header limit from the environment while it loads, and because a binary that doesn't fit the machine must end in a
 * sentence instead of a stack trace.
 */

/** Room for one request head. The library's own 4 096 refuses ordinary tokens when a head comes in two segments. */
const HEAD_BYTES_MAX = 16_384;

/** Types that the library's own declarations lack. */
interface Native {
  App(): NativeApp;
  SSLApp(options: { key_file_name: string; cert_file_name: string }): NativeApp;
  us_listen_socket_close(socket: ListenSocket): void;
  us_socket_local_port(socket: ListenSocket): number;
  readonly LIBUS_LISTEN_EXCLUSIVE_PORT: number;
}

interface NativeApp {
  any(pattern: string, handler: RequestHandler): NativeApp;
  listen(host: string, port: number, options: number, listening: (socket: ListenSocket | false) => void): NativeApp;
  close(): NativeApp;
}

type ListenSocket = object;

export interface ServerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly tls?: { readonly keyFile: string; readonly certFile: string } | undefined;
}

export interface Server {
  readonly port: number;
  /** No new connections; those that are open go on. */
  stopListening(): void;
  /** Cuts every connection. */
  close(): void;
}

/**
 * Listens and gives every request to `handler`.
 * @throws StartFailure when the library can't be loaded, or the port can't be had.
 */
export async function startServer(options: ServerOptions, handler: RequestHandler): Promise<Server> {
  const native = await load();
  const app = appOf(native, options);
  app.any('/*', handler);
  const socket = await listen(native, app, options);
  if (!socket.ok) throw new StartFailure(socket.fault.detail);
  let listening = true;
  const stopListening = (): void => {
    if (!listening) return;
    listening = false;
    native.us_listen_socket_close(socket.value);
  };
  return {
    port: native.us_socket_local_port(socket.value),
    stopListening,
    close() {
      // The app closes its listen sockets too, so this one must not be closed by us a second time.
      listening = false;
      app.close();
    },
  };
}

async function load(): Promise<Native> {
  process.env['UWS_HTTP_MAX_HEADERS_SIZE'] ??= String(HEAD_BYTES_MAX);
  try {
    const { default: native } = await import('uWebSockets.js');
    return native as unknown as Native;
  } catch (error) {
    throw new StartFailure(
      `uWebSockets.js does not load here (Node ${process.version}, ${process.platform} ${process.arch}). The npm build ` +
        'supports Node 20 with glibc 2.27 or newer, and Node 22 and 24 with glibc 2.38 or newer; elsewhere replace the ' +
        `dependency by a tag of github:uNetworking/uWebSockets.js that has a binary for this platform. (${firstLineOf(messageOf(error))})`,
    );
  }
}

function firstLineOf(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

function appOf(native: Native, { tls }: ServerOptions): NativeApp {
  if (tls === undefined) return native.App();
  try {
    return native.SSLApp({ key_file_name: tls.keyFile, cert_file_name: tls.certFile });
  } catch (error) {
    throw new StartFailure(`TLS does not start with key ${tls.keyFile} and certificate ${tls.certFile}: ${messageOf(error)}`);
  }
}

function listen(native: Native, app: NativeApp, { host, port }: ServerOptions): Promise<Result<ListenSocket>> {
  return new Promise((resolve) => {
    // Without the option a second server on the same port starts happily and takes half of the requests.
    app.listen(host, port, native.LIBUS_LISTEN_EXCLUSIVE_PORT, (socket) => {
      resolve(socket === false ? fail('internal', `port ${port} on ${host} is in use or not allowed`) : { ok: true, value: socket });
    });
  });
}
