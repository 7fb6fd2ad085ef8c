import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { callUntilOk, callWell } from './http.ts';
import { authorizationFor, HoldfastServer, type Launch } from './server.ts';
import type { Site } from './site.ts';

/** A server with endpoints and no nodes, on a data folder of its own, for one step. */

export const PASSWORD = 'of-the-benchmark';

/** An endpoint as the configuration has it. */
export type EndpointElements = Readonly<Record<string, unknown>> & { readonly name: string };

export interface Endpoints {
  readonly endpoints: readonly EndpointElements[];
  readonly tick?: string;
}

export interface AgentLaunch extends Endpoints, Pick<Launch, 'nodeOptions'> {
  /** Modules of plugins, by file name; an endpoint has them as `./name`. */
  readonly modules?: Readonly<Record<string, string>>;
}

/** What all endpoints here have: one thread that takes many calls, and a period in which nothing falls due by itself. */
export function endpoint(name: string, more: Readonly<Record<string, unknown>> = {}): EndpointElements {
  return { name, plugin: 'null', threads: 1, concurrentCalls: 64, schedulePeriod: '1d', ...more };
}

export class AgentServer {
  readonly #server: HoldfastServer;
  readonly #folder: string;
  /** Headers that allow everything. */
  readonly headers: Readonly<Record<string, string>>;

  private constructor(server: HoldfastServer, folder: string, authorization: string) {
    this.#server = server;
    this.#folder = folder;
    this.headers = { Authorization: authorization };
  }

  /** Resolves when operations are taken: plugins run, and the store answers writes. The server on the nodes, if there is one, is ended. */
  static async start(site: Site, launch: AgentLaunch): Promise<AgentServer> {
    const { modules = {}, nodeOptions = [] } = launch;
    await site.quiet();
    const folder = mkdtempSync(join(site.scratch, 'agent-'));
    const directory = join(folder, 'data');
    mkdirSync(directory);
    writeFileSync(join(folder, 'password'), PASSWORD, { mode: 0o600 });
    for (const [name, text] of Object.entries(modules)) writeFileSync(join(folder, name), text);
    configure(folder, launch);
    const server = await HoldfastServer.start(directory, { nodeOptions, serveOptions: ['--config', join(folder, CONFIG)] });
    const authorization = await authorizationFor(directory);
    await callUntilOk(server.port, { path: '/schedule/none', headers: { Authorization: authorization } });
    return new AgentServer(server, folder, authorization);
  }

  get port(): number {
    return this.#server.port;
  }

  get pid(): number {
    return this.#server.pid;
  }

  /** The server takes another configuration, a moment later. */
  reconfigure(endpoints: Endpoints): void {
    configure(this.#folder, endpoints);
    process.kill(this.pid, 'SIGHUP');
  }

  /** Reservations as lines of JSON. @param query of `GET /reservations`. */
  async reservations(query: string): Promise<readonly string[]> {
    const headers = { ...this.headers, Accept: 'application/x-ndjson' };
    const { body } = await callWell(this.port, { path: `/reservations?${query}`, headers });
    return body.toString().split('\n').slice(0, -1);
  }

  async end(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    await this.#server.end(signal);
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

const CONFIG = 'config.yaml';

/** JSON is YAML. */
function configure(folder: string, { endpoints, tick = '1m' }: Endpoints): void {
  writeFileSync(join(folder, CONFIG), JSON.stringify({ snapshots: { onShutdown: false }, agent: { passwordFile: 'password', tick, endpoints } }));
}
