import { isDeepStrictEqual } from 'node:util';
import type { Book } from './book.ts';
import type { CallLog } from './calls.ts';
import type { Endpoint, OpenHost } from './endpoint.ts';
import type { EndpointConfig } from './endpoint-config.ts';

/** The endpoints that run, and how a changed configuration replaces them without touching the others' calls. */

/** A replaced plugin's calls go on this long. */
const REPLACED_LIMIT_MS = 600_000;

export class EndpointSet {
  readonly #openHost: OpenHost;
  readonly #book: Pick<Book, 'openCount'>;
  readonly #log: CallLog;
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #closing = new Set<Promise<void>>();

  constructor(openHost: OpenHost, book: Pick<Book, 'openCount'>, log: CallLog) {
    this.#openHost = openHost;
    this.#book = book;
    this.#log = log;
  }

  get(name: string): Endpoint | undefined {
    return this.#endpoints.get(name);
  }

  /** In the order of the configuration. */
  get configured(): readonly EndpointConfig[] {
    return [...this.#endpoints.values()].filter(({ isRetired }) => !isRetired).map(({ config }) => config);
  }

  /** Starts what is new or changed, then lets go what has gone. @returns a sentence for each endpoint whose plugin does not start; it stays as it was. */
  async replace(configs: readonly EndpointConfig[]): Promise<readonly string[]> {
    const faults: string[] = [];
    const before = new Map(this.#endpoints);
    const opened = await Promise.all(configs.map((config) => this.#opened(config, before.get(config.name))));
    this.#endpoints.clear();
    for (const [index, config] of configs.entries()) {
      const old = before.get(config.name);
      const fresh = opened[index];
      before.delete(config.name);
      if (typeof fresh === 'string') {
        faults.push(`endpoint ${config.name}: ${fresh}`);
        if (old !== undefined) this.#endpoints.set(config.name, old);
        continue;
      }
      if (fresh === undefined) continue;
      this.#endpoints.set(config.name, fresh);
      if (old !== undefined && old.host !== fresh.host) this.#letGo(old, REPLACED_LIMIT_MS);
    }
    for (const [name, old] of before) this.#removed(name, old);
    return faults;
  }

  async close(timeLimitMs: number): Promise<void> {
    for (const endpoint of this.#endpoints.values()) this.#letGo(endpoint, timeLimitMs);
    await Promise.all(this.#closing);
  }

  async #opened(config: EndpointConfig, old: Endpoint | undefined): Promise<Endpoint | string> {
    if (old !== undefined && isDeepStrictEqual(old.config, config)) return { ...old, isRetired: false };
    const opened = await this.#openHost(config);
    return opened.ok ? { config, ...opened.value, isRetired: false } : opened.fault.detail;
  }

  #removed(name: string, old: Endpoint): void {
    const reservations = this.#book.openCount(name);
    if (reservations === 0) {
      this.#letGo(old, REPLACED_LIMIT_MS);
      return;
    }
    this.#endpoints.set(name, { ...old, isRetired: true });
    this.#log.warn(
      { endpoint: name, reservations },
      `the endpoint ${name} is not configured any more, but still holds ${reservations} reservations: they are renewed and can be left; joins are refused`,
    );
  }

  #letGo({ host }: Endpoint, timeLimitMs: number): void {
    const closing = host.close(timeLimitMs).finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}
