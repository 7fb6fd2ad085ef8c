import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { numbersFor } from '../torture.ts';
import { Calls } from './calls.ts';
import { InventoryLoad } from './inventory-load.ts';
import { OtherLoad } from './other-load.ts';
import { ENDPOINTS, type SoakSite } from './site.ts';

/** All sorts of callers at once, each at its own pace, until they are told to stop. */

export interface Pace {
  /** Callers of each sort that calls often. */
  readonly callers: number;
  /** The pause of a caller after an answer is up to twice as long. */
  readonly pauseMs: number;
  /** The same of what is large or rare. */
  readonly rarePauseMs: number;
  /** Of restores, and of reloads of the configuration. */
  readonly disturbPauseMs: number;
}

export class MixedLoad {
  readonly calls: Calls;
  readonly #site: SoakSite;
  readonly #pace: Pace;
  readonly #stop = new AbortController();
  readonly #callers: Promise<void>[] = [];

  constructor(site: SoakSite, pace: Pace, seed: number) {
    this.#site = site;
    this.#pace = pace;
    this.calls = new Calls(site.server.url, site.token);
    // Every caller that pauses listens.
    setMaxListeners(0, this.#stop.signal);
    const prng = numbersFor(seed, 'soak');
    const inventory = new InventoryLoad(this.calls, prng, site.nodes);
    const other = new OtherLoad({ calls: this.calls, prng, url: site.server.url, token: site.token, endpoints: ENDPOINTS });
    const often = [
      () => inventory.read(),
      () => inventory.put(),
      () => inventory.patch(),
      () => inventory.comeAndGo(),
      () => inventory.list(),
      () => other.reserve(),
      () => other.wrong(),
      () => other.subscribe(),
    ];
    for (let caller = 0; caller < pace.callers; caller++) for (const call of often) this.#callers.push(this.#again(call, pace.pauseMs, seed + caller));
    const rarely = [
      () => inventory.bulk(),
      () => inventory.collect(),
      () => inventory.listAll(),
      () => other.sql(),
      () => other.past(),
      () => other.listReservations(),
    ];
    for (const call of rarely) this.#callers.push(this.#again(call, pace.rarePauseMs, seed));
    for (const call of [() => other.restore(), () => this.#disturb()]) this.#callers.push(this.#again(call, pace.disturbPauseMs, seed));
  }

  /** Resolves when everybody has had his last answer. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#callers);
    await this.calls.close();
  }

  async #again(call: () => Promise<void>, pauseMs: number, seed: number): Promise<void> {
    const { signal } = this.#stop;
    const pauses = numbersFor(seed, `pauses ${this.#callers.length}`);
    while (!signal.aborted) {
      await call();
      await sleep(pauses.next() * 2 * pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** New plugins for the endpoints, and a substrate that loses and refuses some of what it is asked for a while. */
  async #disturb(): Promise<void> {
    this.#site.reload();
    this.calls.count('reload');
    const { substrate } = this.#site;
    substrate.behave({ operations: { join: { failRate: 0.2, loseRate: 0.1 }, renew: { failRate: 0.2 }, leave: { failRate: 0.1 } } });
    await sleep(this.#pace.rarePauseMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    substrate.behave({});
  }
}
