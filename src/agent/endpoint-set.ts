import { isDeepStrictEqual } from 'node:util';
import type { PluginHost } from '../protocol/plugin-calls.ts';
import type { Book } from './book.ts';
import type { CallLog } from './calls.ts';
import type { Endpoint, OpenHost } from './endpoint.ts';
import type { EndpointConfig } from './endpoint-config.ts';
import { configStamp } from './plugin-host/plugin-spec.ts';

/** The endpoints that run, and how a changed configuration replaces them without touching the others' calls. */

/** A replaced plugin's calls, those that wait included, go on this long, unless the server stops earlier. */
const REPLACED_LIMIT_MS = 600_000;

export class EndpointSet {
  readonly #openHost: OpenHost;
  readonly #book: Pick<Book, 'openCount'>;
  readonly #log: CallLog;
  readonly #endpoints = new Map<string, Endpoint>();
  /** Hosts that are let go, until the last of their calls has ended. */
  readonly #closing = new Map<PluginHost, Promise<void>>();
  /** What the file that `config` names was when the host was started. */
  readonly #stamps = new WeakMap<PluginHost, string>();

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

  /** Starts what is new or whose plugin would see a change, then lets go what has gone. @returns a sentence for each endpoint whose plugin does not start; it stays as it was. */
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
      if (old !== undefined && old.host !== fresh.host) this.#letGo(old.host, REPLACED_LIMIT_MS);
    }
    for (const [name, old] of before) this.#removed(name, old);
    return faults;
  }

  /** Lets all go, and those that were let go before no later than these. */
  async close(timeLimitMs: number): Promise<void> {
    const hosts = [...this.#closing.keys(), ...[...this.#endpoints.values()].map(({ host }) => host)];
    for (const host of hosts) this.#letGo(host, timeLimitMs);
    await Promise.all(this.#closing.values());
  }

  async #opened(config: EndpointConfig, old: Endpoint | undefined): Promise<Endpoint | string> {
    const stamp = configStamp(config);
    if (old !== undefined && this.#stamps.get(old.host) === stamp && isDeepStrictEqual(hostPart(old.config), hostPart(config))) {
      return { ...old, config, isRetired: false };
    }
    const opened = await this.#openHost(config);
    if (!opened.ok) return opened.fault.detail;
    this.#stamps.set(opened.value.host, stamp);
    return { config, ...opened.value, isRetired: false };
  }

  #removed(name: string, old: Endpoint): void {
    const reservations = this.#book.openCount(name);
    if (reservations === 0) {
      this.#letGo(old.host, REPLACED_LIMIT_MS);
      return;
    }
    this.#endpoints.set(name, { ...old, isRetired: true });
    this.#log.warn(
      { endpoint: name, reservations },
      `the endpoint ${name} is not configured any more, but still holds ${reservations} reservations: they are renewed and can be left; joins are refused`,
    );
  }

  #letGo(host: PluginHost, timeLimitMs: number): void {
    this.#closing.set(
      host,
      host.close(timeLimitMs).finally(() => this.#closing.delete(host)),
    );
  }
}

/** What a running plugin is made of. The rest is read anew at each operation, and changes without a new one. */
function hostPart({
  description,
  jar,
  mainClass,
  schedulePeriod,
  renewAdvanceTicks,
  renewRetries,
  concurrentRenewals,
  timeLimitsMs,
  ...rest
}: EndpointConfig): Partial<EndpointConfig> {
  return rest;
}
