import { done, fail, messageOf, type Result, StartFailure } from '../faults.ts';
import type { Bytes, HttpResponse, RequestHandler, SocketEvents, WebSocket } from './transport.ts';

/**
 * The listening socket, and the only file that imports uWebSockets.js. The library is loaded late, because it reads its
 * header limit from the environment while it loads, and because a binary that doesn't fit the machine must end in a
 * sentence instead of a stack trace.
 */

/** Room for one request head. The library's own 4 096 refuses ordinary tokens when a head comes in two segments. */
const HEAD_BYTES_MAX = 16_384;
/** Certificates with connections of their own; with one more, the connections that have the oldest are cut. */
const APPS_MAX = 4;

/** Without the option for a port of one's own the library takes part in one that others have. */
const SHARED_PORT = 0;

/** Where clients may ask for a WebSocket. */
const SOCKET_PATH = '/feed';
/** What a client may send; nothing that it says is listened to. */
const SOCKET_PAYLOAD_BYTES_MAX = 4096;
/** The feed keeps far less than this; beyond it the library would drop messages without a word, so it closes the connection. */
const SOCKET_BUFFER_BYTES_MAX = 64 * 1024 * 1024;
/** A peer that answers no ping for so long is gone. */
const SOCKET_IDLE_SECONDS = 60;

/** Types that the library's own declarations lack. */
interface Native {
  App(): NativeApp;
  SSLApp(options: { key_file_name: string; cert_file_name: string }): NativeApp;
  us_listen_socket_close(socket: ListenSocket): void;
  us_socket_local_port(socket: ListenSocket): number;
  readonly LIBUS_LISTEN_EXCLUSIVE_PORT: number;
}

interface NativeSocket extends WebSocket {
  getUserData(): SocketEvents;
}

interface SocketBehavior {
  readonly maxPayloadLength: number;
  readonly maxBackpressure: number;
  readonly closeOnBackpressureLimit: boolean;
  readonly idleTimeout: number;
  readonly sendPingsAutomatically: boolean;
  upgrade(...request: Parameters<RequestHandler>): void;
  open(socket: NativeSocket): void;
  drain(socket: NativeSocket): void;
  ping(socket: NativeSocket): void;
  close(socket: NativeSocket): void;
}

interface NativeApp {
  /** Tells of every HTTP connection when it begins (1) and when it ends (-1); one that becomes a WebSocket ends as that. */
  filter(visit: (res: HttpResponse, step: number) => void): NativeApp;
  ws(pattern: string, behavior: SocketBehavior): NativeApp;
  publish(channel: string, message: Bytes, isBinary: boolean): boolean;
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
  /**
   * Other threads of this process listen on the same port, and the kernel gives each connection to one of them. The first
   * one makes sure that nobody else does, another server with such a port included.
   */
  readonly sharing?: 'first' | 'further' | undefined;
}

/** Is told of connections. Must not throw. */
export interface ConnectionEvents {
  /** @param isPlain without TLS: an answer can be sent at once, or the connection be closed; with TLS it can only be closed. */
  begun(res: HttpResponse, isPlain: boolean): void;
  ended(): void;
}

const UNCOUNTED: ConnectionEvents = { begun: () => undefined, ended: () => undefined };

export interface Server {
  readonly port: number;
  /** Sends a text message to every WebSocket that is subscribed to the channel. */
  publish(channel: string, message: Bytes): void;
  /** Has its threads read records from the owner's memory; this thread does so by itself. */
  showRecords?(): void;
  /** No new connections; those that are open go on. */
  stopListening(): void;
  /**
   * Reads the files for TLS again and uses them for new connections; those that are open go on with what they have. A
   * fault when the files are unusable, and the old ones stay in use. Without TLS there is nothing to do.
   */
  reloadTls(): Promise<Result<undefined>>;
  /** Cuts every connection. */
  close(): void | Promise<void>;
}

/** One that listens in this thread: with others on the same port, all of them read before any of them uses what was read. */
export interface ListeningServer extends Server {
  /** Reads the files for TLS, and keeps what they say for `useTls`. A fault when they are unusable. */
  readTls(): Result<undefined>;
  /** New connections get what was read last. A fault when the port cannot be had with it; then the old certificate stays. */
  useTls(): Promise<Result<undefined>>;
  /** What was read last is not used. */
  dropTls(): void;
}

/**
 * Listens and gives every request to `handler`.
 * @throws StartFailure when the library can't be loaded, or the port can't be had.
 */
export async function startServer(options: ServerOptions, handler: RequestHandler, connections: ConnectionEvents = UNCOUNTED): Promise<ListeningServer> {
  const native = await load();
  const app = appOf(native, options, handler, connections);
  if (!app.ok) throw new StartFailure(app.fault.detail);
  let socket = await listen(native, app.value, options.sharing === 'first' ? { ...options, sharing: undefined } : options);
  if (!socket.ok) throw new StartFailure(socket.fault.detail);
  const port = native.us_socket_local_port(socket.value);
  if (options.sharing === 'first' || (options.tls !== undefined && options.port === 0)) {
    // A socket on "any port" lacks the option that lets its port be listened on anew while connections are open; and who
    // has had the port alone knows that nobody else has it.
    native.us_listen_socket_close(socket.value);
    socket = await listen(native, app.value, { ...options, port });
    if (!socket.ok) throw new StartFailure(socket.fault.detail);
  }
  return new NativeServer(native, { ...options, port }, handler, connections, app.value, socket.value);
}

/** The port, and the library's apps behind it: one for each certificate that open connections have. */
class NativeServer implements ListeningServer {
  readonly port: number;
  readonly #native: Native;
  readonly #options: ServerOptions;
  readonly #handler: RequestHandler;
  readonly #connections: ConnectionEvents;
  /** The newest last; only that one listens. */
  readonly #apps: NativeApp[];
  #socket: ListenSocket | undefined;
  /** Has been read, and is not used yet. */
  #next: NativeApp | undefined;
  #isStopping = false;
  #reloading: Promise<unknown> = Promise.resolve();

  constructor(native: Native, options: ServerOptions, handler: RequestHandler, connections: ConnectionEvents, app: NativeApp, socket: ListenSocket) {
    this.port = options.port;
    this.#native = native;
    this.#options = options;
    this.#handler = handler;
    this.#connections = connections;
    this.#apps = [app];
    this.#socket = socket;
  }

  publish(channel: string, message: Bytes): void {
    for (const app of this.#apps) app.publish(channel, message, false);
  }

  stopListening(): void {
    this.#isStopping = true;
    this.#stopSocket();
  }

  reloadTls(): Promise<Result<undefined>> {
    const reloaded = this.#reloading.then(() => {
      const read = this.readTls();
      return read.ok ? this.useTls() : read;
    });
    this.#reloading = reloaded;
    return reloaded;
  }

  readTls(): Result<undefined> {
    this.dropTls();
    if (this.#options.tls === undefined) return done(undefined);
    const app = appOf(this.#native, this.#options, this.#handler, this.#connections);
    if (!app.ok) return app;
    this.#next = app.value;
    return done(undefined);
  }

  async useTls(): Promise<Result<undefined>> {
    const app = this.#next;
    if (app === undefined) return done(undefined);
    this.#next = undefined;
    // Connections that came while the files were read wait to be accepted, and closing the socket would reset them.
    await nextTurn();
    await nextTurn();
    if (!this.#isStopping) this.#stopSocket();
    const socket = this.#isStopping ? STOPPING : await listen(this.#native, app, this.#options);
    if (!socket.ok || this.#isStopping) {
      app.close();
      await this.#listenAgain();
      return socket.ok ? STOPPING : socket;
    }
    this.#socket = socket.value;
    this.#apps.push(app);
    if (this.#apps.length > APPS_MAX) this.#apps.shift()?.close();
    return done(undefined);
  }

  dropTls(): void {
    this.#next?.close();
    this.#next = undefined;
  }

  close(): void {
    this.stopListening();
    this.dropTls();
    for (const app of this.#apps.splice(0)) app.close();
  }

  /** The port could not be had with the new certificate: somebody took it in between. */
  async #listenAgain(): Promise<void> {
    const app = this.#apps.at(-1);
    if (this.#isStopping || app === undefined) return;
    const socket = await listen(this.#native, app, this.#options);
    if (socket.ok) this.#socket = socket.value;
    if (this.#isStopping) this.#stopSocket();
  }

  #stopSocket(): void {
    // An app that is closed closes its listen sockets too, and none of them may be closed twice.
    if (this.#socket !== undefined) this.#native.us_listen_socket_close(this.#socket);
    this.#socket = undefined;
  }
}

const STOPPING = fail('stopping', 'the server is stopping');

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
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

function appOf(native: Native, { tls }: ServerOptions, handler: RequestHandler, connections: ConnectionEvents): Result<NativeApp> {
  try {
    const app = tls === undefined ? native.App() : native.SSLApp({ key_file_name: tls.keyFile, cert_file_name: tls.certFile });
    app.filter((res, step) => (step > 0 ? connections.begun(res, tls === undefined) : connections.ended()));
    return done(app.ws(SOCKET_PATH, behaviorOf(handler, connections)).any('/*', (res, req) => handler(res, req)));
  } catch (error) {
    if (tls === undefined) throw error;
    return fail('internal', `TLS does not start with key ${tls.keyFile} and certificate ${tls.certFile}: ${messageOf(error)}`);
  }
}

function behaviorOf(handler: RequestHandler, connections: ConnectionEvents): SocketBehavior {
  return {
    maxPayloadLength: SOCKET_PAYLOAD_BYTES_MAX,
    maxBackpressure: SOCKET_BUFFER_BYTES_MAX,
    closeOnBackpressureLimit: true,
    idleTimeout: SOCKET_IDLE_SECONDS,
    sendPingsAutomatically: true,
    upgrade: (res, req, context) => handler(res, req, context),
    open: (socket) => socket.getUserData().open(socket),
    drain: (socket) => socket.getUserData().drained(),
    ping: (socket) => socket.getUserData().pinged(),
    close: (socket) => {
      connections.ended();
      socket.getUserData().closed();
    },
  };
}

function listen(native: Native, app: NativeApp, { host, port, sharing }: ServerOptions): Promise<Result<ListenSocket>> {
  return new Promise((resolve) => {
    // Without the option a second server on the same port starts happily and takes half of the requests.
    app.listen(host, port, sharing === undefined ? native.LIBUS_LISTEN_EXCLUSIVE_PORT : SHARED_PORT, (socket) => {
      resolve(socket === false ? fail('internal', `port ${port} on ${host} is in use or not allowed`) : done(socket));
    });
  });
}
