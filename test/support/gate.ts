import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Where the calls of `gated-plugin.ts` stop, so that a test can kill the server with a call at a place that it has chosen.
 * It is in the test's process, and so outlives the servers.
 */

export type GatedOperation = 'join' | 'leave' | 'modify' | 'renew' | 'find';
/** `entered`: the plugin was called and has done nothing. `answered`: the substrate's answer has arrived in the plugin. */
export type GatePoint = 'entered' | 'answered';

export interface Stopped {
  readonly operation: string;
  readonly point: string;
  readonly operationId: string;
  readonly prefix: string;
}

const POLL_MS = 5;

export class Gate {
  readonly url: string;
  readonly #waiting = new Map<ServerResponse, Stopped>();
  #closedAt: ReadonlySet<string> = new Set();

  private constructor(server: Server) {
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => this.#arrive(new URL(request.url ?? '/', this.url), response));
  }

  static async start(context: { after(fn: () => void | Promise<void>): void }): Promise<Gate> {
    const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    context.after(() => {
      server.close();
      server.closeAllConnections();
    });
    return new Gate(server);
  }

  /** Calls that come to these points from now on stop there. */
  close(operations: readonly GatedOperation[], point: GatePoint): void {
    this.#closedAt = new Set(operations.map((operation) => `${operation}/${point}`));
  }

  /** Everybody goes on, and nobody stops any more. */
  open(): void {
    this.#closedAt = new Set();
    for (const response of this.#waiting.keys()) response.writeHead(204).end();
  }

  /** So many of those who wait go on. */
  letPass(count: number): void {
    for (const response of [...this.#waiting.keys()].slice(0, count)) response.writeHead(204).end();
  }

  get waiting(): readonly Stopped[] {
    return [...this.#waiting.values()];
  }

  /** Until exactly so many wait here. */
  async reached(count: number, limitMs = 5000): Promise<void> {
    for (const startedMs = performance.now(); this.#waiting.size !== count; ) {
      if (performance.now() - startedMs > limitMs) {
        throw new Error(`${this.#waiting.size} calls wait at the gate, and not ${count}: ${JSON.stringify(this.waiting)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  #arrive(url: URL, response: ServerResponse): void {
    const [, operation = '', point = ''] = url.pathname.split('/');
    if (!this.#closedAt.has(`${operation}/${point}`)) {
      response.writeHead(204).end();
      return;
    }
    const operationId = url.searchParams.get('operationId') ?? '';
    this.#waiting.set(response, { operation, point, operationId, prefix: url.searchParams.get('prefix') ?? '' });
    // Also when whoever waits is dead.
    response.once('close', () => this.#waiting.delete(response));
  }
}
