import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReservationImage } from '../../src/protocol/reservations.ts';
import { type Answer, ServerProcess, tokenFor } from './server-process.ts';

/** A server with endpoints, which a test starts, kills and starts again over the same data folder. */

/** As the section `agent` of a configuration file has them. */
export interface AgentGiven {
  readonly tick: string;
  readonly endpoints: readonly Readonly<Record<string, unknown>>[];
  readonly [more: string]: unknown;
}

const SETTLED_LIMIT_MS = 15_000;
const IN_TRANSIT: ReadonlySet<string> = new Set(['joining', 'renewing', 'modifying', 'leaving']);

export class ReservationServer {
  readonly folder: string;
  readonly config: string;
  readonly #flags: readonly string[];
  #process: ServerProcess | undefined;

  /** @param folder removed when the test ends, after the server has been killed. */
  constructor(context: { after(fn: () => void | Promise<void>): void }, folder: string, agent: AgentGiven, flags: readonly string[] = []) {
    this.folder = folder;
    this.config = join(folder, 'holdfast.yaml');
    this.#flags = flags;
    mkdirSync(folder, { recursive: true });
    this.configure(agent);
    context.after(async () => {
      await this.#process?.kill();
      rmSync(folder, { recursive: true, force: true });
    });
  }

  /** Writes the configuration file anew. Every JSON text is YAML. */
  configure(agent: AgentGiven, more: object = {}): void {
    writeFileSync(this.config, JSON.stringify({ ...more, agent }, undefined, 2), { mode: 0o600 });
  }

  get directory(): string {
    return join(this.folder, 'data');
  }

  get process(): ServerProcess {
    if (this.#process === undefined) throw new Error('the server has not been started');
    return this.#process;
  }

  async start(environment: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
    const process = await ServerProcess.start({ directory: this.directory, flags: ['--config', this.config, ...this.#flags], environment });
    process.token = tokenFor(this.directory, ['reservations', 'admin', 'snapshots']);
    this.#process = process;
    return process;
  }

  kill(): Promise<unknown> {
    return this.process.kill('SIGKILL');
  }

  post(path: string, body: unknown = {}, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.process.request('POST', path, body, headers);
  }

  /** @returns undefined when the server died before the answer was whole. */
  async tryPost(path: string, body: unknown = {}, headers: Readonly<Record<string, string>> = {}): Promise<Answer | undefined> {
    try {
      return await this.post(path, body, headers);
    } catch {
      return undefined;
    }
  }

  /** All that the server knows, closed ones too. */
  async reservations(query = ''): Promise<readonly ReservationImage[]> {
    const { status, json, text } = await this.process.request('GET', `/reservations${query}`);
    if (status !== 200) throw new Error(`GET /reservations${query}: ${status} ${text}`);
    return json as readonly ReservationImage[];
  }

  /** Until no operation is under way, and `also` holds. @returns what the server knows then. */
  async settled(also: (all: readonly ReservationImage[]) => boolean = () => true): Promise<readonly ReservationImage[]> {
    for (const startedMs = performance.now(); ; ) {
      const all = await this.reservations();
      if (all.every(({ state }) => !IN_TRANSIT.has(state)) && also(all)) return all;
      if (performance.now() - startedMs > SETTLED_LIMIT_MS) {
        throw new Error(`the reservations do not settle: ${JSON.stringify(all)}\n${this.process.output()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
