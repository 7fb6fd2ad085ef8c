import { mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { nodeLineParts, nodeLines } from './data.ts';
import { callUntilOk, callWell } from './http.ts';
import type { BenchOptions } from './options.ts';
import { atRest, processorMsOf } from './process-facts.ts';
import { authorizationFor, HoldfastServer, type Launch } from './server.ts';

/**
 * The site that is measured: the nodes, a data folder and the server on it. Steps share it, in a fixed order, so that
 * an import is not paid for once per step; each step can also be run alone.
 */

/** A snapshot as the server describes it, as far as it matters here. */
export interface Snapshot {
  readonly name: string;
  readonly bytes: number;
  /** Its folder. */
  readonly folder: string;
}

/** A bulk takes as many; with more nodes, one follows the other. */
const BULK_NODES = 250_000;

/** What an import took. */
export interface Imported {
  /** Of the last bulk, on the clock of `performance.now()`. */
  readonly startMs: number;
  readonly seconds: number;
  /** Of all threads of the server until the answer; unlike the time on the clock, it hardly depends on what else runs. */
  readonly processorSeconds: number;
  /** From the answer until a search found something: the working set follows the journal. */
  readonly searchableSeconds: number;
}

/** When a record had been read and when it had been written, on the clock of `performance.now()`. */
export interface Touched {
  readonly readMs: number;
  readonly writtenMs: number;
  /** Of all threads of the server since it was started. */
  readonly processorSeconds: number;
}

export class Site {
  readonly options: BenchOptions;
  /** A folder for whatever a step writes, on the disk that the data folder is on. */
  readonly scratch: string;
  readonly agent: Agent = new Agent({ keepAlive: true });
  #server: HoldfastServer | undefined;
  #authorization = '';
  #generation = 0;
  #snapshot: Snapshot | undefined;
  #ids: readonly string[] | undefined;
  #lines: Buffer | undefined;
  imported: Imported | undefined;

  constructor(options: BenchOptions, parent: string) {
    this.options = options;
    this.scratch = mkdtempSync(join(parent, 'holdfast-bench-'));
  }

  /** The nodes as NDJSON; made when they are first needed, because many steps need none. */
  get lines(): Buffer {
    this.#lines ??= nodeLines(this.options.nodes, this.options.seed);
    return this.#lines;
  }

  get directory(): string {
    return join(this.scratch, `data-${this.#generation}`);
  }

  get headers(): Readonly<Record<string, string>> {
    return { Authorization: this.#authorization };
  }

  /** Imports into a new data folder, on a new server. */
  async import(launch: Launch = {}): Promise<Imported> {
    await this.quiet();
    rmSync(this.directory, { recursive: true, force: true });
    this.#generation += 1;
    this.#snapshot = undefined;
    this.#ids = undefined;
    const server = await HoldfastServer.start(this.directory, launch);
    this.#server = server;
    this.#authorization = await authorizationFor(this.directory);
    await atRest(server.pid);
    const processorMs = processorMsOf(server.pid);
    const headers = { ...this.headers, 'Content-Type': 'application/x-ndjson' };
    const { nodes, seed } = this.options;
    let answeredMs = performance.now();
    let startMs = answeredMs;
    let seconds = 0;
    for (const body of nodes <= BULK_NODES ? [this.lines] : nodeLineParts(nodes, seed, BULK_NODES)) {
      startMs = performance.now();
      await callWell(server.port, { method: 'POST', path: '/inventory/ComputeNode/bulk', headers, body });
      answeredMs = performance.now();
      seconds += (answeredMs - startMs) / 1000;
    }
    const processorSeconds = (processorMsOf(server.pid) - processorMs) / 1000;
    // Beyond the time limit of a request it goes on, and is asked for again.
    await callUntilOk(server.port, { path: '/inventory/ComputeNode?hostname=nobody' });
    const searchableSeconds = (performance.now() - answeredMs) / 1000;
    await atRest(server.pid);
    this.imported = { startMs, seconds, processorSeconds, searchableSeconds };
    return this.imported;
  }

  /** The server with all nodes, at rest. */
  async server(): Promise<HoldfastServer> {
    if (this.#server === undefined) await this.import();
    if (this.#server === undefined) throw new Error('there is a server after an import');
    return this.#server;
  }

  /** `kill -9`, and a new start on what is on disk. Resolves when the new server listens. */
  async crashAndStart(launch: Launch = {}): Promise<HoldfastServer> {
    await (await this.server()).end('SIGKILL');
    this.#server = await HoldfastServer.start(this.directory, launch);
    return this.#server;
  }

  /** Changes one record and takes a snapshot. @returns how long the snapshot took. */
  async takeSnapshot(): Promise<{ readonly seconds: number; readonly snapshot: Snapshot }> {
    const server = await this.server();
    await this.touch((await this.ids())[0] ?? '');
    await callWell(server.port, { path: '/inventory/ComputeNode?hostname=nobody' });
    const startMs = performance.now();
    const answer = await callWell(server.port, { method: 'POST', path: '/snapshots', headers: this.headers });
    const seconds = (performance.now() - startMs) / 1000;
    const { name, bytes } = JSON.parse(answer.body.toString()) as { name: string; bytes: number };
    this.#snapshot = { name, bytes, folder: join(this.directory, 'snapshots', `snapshot=${name}`) };
    return { seconds, snapshot: this.#snapshot };
  }

  get hasSnapshot(): boolean {
    return this.#snapshot !== undefined;
  }

  /** The newest snapshot; takes one when there is none. */
  async snapshot(): Promise<Snapshot> {
    return this.#snapshot ?? (await this.takeSnapshot()).snapshot;
  }

  /** The ids of all nodes, in the order of the list. */
  async ids(): Promise<readonly string[]> {
    if (this.#ids !== undefined) return this.#ids;
    const server = await this.server();
    const answer = await callWell(server.port, { path: '/inventory/ComputeNode?fields=id', headers: { Accept: 'application/x-ndjson' } });
    const lines = answer.body.toString().trimEnd().split('\n');
    this.#ids = lines.map((line) => (JSON.parse(line) as { id: string }).id);
    return this.#ids;
  }

  /** Reads a record and writes it back, both again and again until a server that has just been started does it. */
  async touch(id: string): Promise<Touched> {
    const { port, pid } = await this.server();
    const path = `/inventory/ComputeNode/${id}`;
    const { body } = await callUntilOk(port, { path });
    const readMs = performance.now();
    await callUntilOk(port, { method: 'PUT', path, headers: { ...this.headers, 'Content-Type': 'application/json' }, body });
    return { readMs, writtenMs: performance.now(), processorSeconds: processorMsOf(pid) / 1000 };
  }

  /** Ends the server: a step that has a server of its own does not want this one beside it. */
  async quiet(): Promise<void> {
    await this.#server?.end('SIGKILL');
    this.#server = undefined;
  }

  async close(): Promise<void> {
    this.agent.destroy();
    await this.quiet();
    this.removeFiles();
  }

  /** Also for an end that comes too suddenly to wait for anything. */
  removeFiles(): void {
    rmSync(this.scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}
