import { strict as assert } from 'node:assert';
import { keyNamed } from '../../schemas/canonical.ts';
import type { Kind } from '../../schemas/kind.ts';
import type { Find, Found, Queries } from '../protocol/commands.ts';
import { naturalKeysOf, normalOf, type UniqueCondition, uniqueConditionOf } from '../protocol/unique-values.ts';
import type { Filling } from './fill.ts';
import { cursorValue } from './find.ts';
import type { SealedSecrets } from './frame.ts';
import type { KeyIndex } from './key-index.ts';
import type { RecordLog } from './record-log.ts';
import { openSecrets } from './secrets.ts';
import type { Vault } from './vault.ts';
import type { WorkingSet } from './working-set.ts';

/**
 * What the owner is asked beside the writes: one record, its secrets, a list. Key index and record log answer where they
 * can; the working set answers the rest, after it has been brought up to the journal, and for what a start has not filled in yet.
 */

export interface ReadParts {
  readonly index: KeyIndex;
  readonly log: RecordLog;
  readonly workingSet: WorkingSet;
  readonly filling: Filling;
  readonly vault: Vault;
  secretsOf(kind: string, key: string): SealedSecrets | undefined;
  /** Brings the working set up to the journal. */
  apply(): Promise<unknown>;
}

export class Reads {
  readonly #index: KeyIndex;
  readonly #log: RecordLog;
  readonly #workingSet: WorkingSet;
  readonly #filling: Filling;
  readonly #vault: Vault;
  readonly #secretsOf: ReadParts['secretsOf'];
  readonly #apply: ReadParts['apply'];
  #indexing: Promise<void> | undefined;

  constructor(parts: ReadParts) {
    this.#index = parts.index;
    this.#log = parts.log;
    this.#workingSet = parts.workingSet;
    this.#filling = parts.filling;
    this.#vault = parts.vault;
    this.#secretsOf = parts.secretsOf;
    this.#apply = parts.apply;
  }

  /** The image of one record by key or natural key; undefined when there is none. */
  async read({ kind: kindName, name }: Queries['record.read']['in']): Promise<Queries['record.read']['out']> {
    if (!this.#filling.indexed) {
      const kind = this.#kind(kindName);
      const peeked = await this.#filling.peek(kind, keyNamed(kind, name));
      if (peeked !== undefined) return peeked;
    }
    const key = await this.#keyOf(kindName, name);
    if (key === undefined) return undefined;
    const location = await this.#warmLocation(kindName, key);
    if (location === undefined) return undefined;
    return { key, revision: this.#log.revisionAt(location), image: Uint8Array.prototype.slice.call(this.#log.imageAt(location)) };
  }

  async #keyOf(kindName: string, name: string): Promise<string | undefined> {
    const kind = this.#kind(kindName);
    if (!this.#filling.indexed) await this.indexReady();
    const index = this.#index.of(kindName);
    const key = keyNamed(kind, name);
    if (index.addresses.has(key)) return key;
    for (const unique of naturalKeysOf(kind)) {
      const [holder] = await this.#holdersOf(kindName, { unique, normals: [normalOf(unique, name)] });
      if (holder !== undefined) return holder;
    }
    return undefined;
  }

  /** The keys of the records with these values, as of one moment. Whether a stub has one of them is seen when its image is there. */
  async #holdersOf(kind: string, { unique, normals }: UniqueCondition): Promise<readonly string[]> {
    const index = this.#index.of(kind);
    for (;;) {
      const found = new Set(normals.map((normal) => index.holding(unique, normal)));
      const addresses = [...found].filter((address): address is number => address !== undefined);
      const cold = addresses.filter((address) => this.#log.isStub(address)).map((address) => this.#log.keyAt(address));
      if (cold.length === 0) return addresses.map((address) => this.#log.keyAt(address));
      await this.#filling.warm(kind, cold);
      assert(!cold.some((key) => this.#isCold(index.addresses.get(key))), 'the working set has every record that a stub stands for');
    }
  }

  /** A read that comes before the key index waits for it: the main thread is asking for it to be filled. */
  async indexReady(): Promise<void> {
    this.#indexing ??= this.#filling.fillIndex();
    await this.#indexing;
  }
  async #warmLocation(kind: string, key: string): Promise<number | undefined> {
    const { addresses } = this.#index.of(kind);
    if (this.#isCold(addresses.get(key))) await this.#filling.warm(kind, [key]);
    const location = addresses.get(key);
    return this.#isCold(location) ? undefined : location;
  }

  /** The opened secrets of one record. */
  async secrets({ kind: kindName, name }: Queries['secrets.read']['in']): Promise<Queries['secrets.read']['out']> {
    const key = await this.#keyOf(kindName, name);
    if (key === undefined) return undefined;
    const sealed = this.#secretsOf(kindName, key);
    return sealed === undefined ? {} : openSecrets(this.#kind(kindName), key, sealed, this.#vault);
  }

  /** A list: addresses in order, and where the next page begins. It sees every change that was answered before. */
  async find(find: Find): Promise<Found> {
    const kind = this.#kind(find.kind);
    // Values that only one record has need no query: the key index knows.
    const asked = this.#filling.indexed ? uniqueConditionOf(kind, find) : undefined;
    if (asked !== undefined) {
      const holders = await this.#holdersOf(kind.name, asked);
      return { locations: await this.#locationsOf(kind.name, holders), ...(find.count ? { count: holders.length } : {}) };
    }
    await this.#apply();
    const { rows, count } = await this.#workingSet.find(kind, find);
    const cut = find.limit !== undefined && rows.length > find.limit;
    const page = cut ? rows.slice(0, find.limit) : rows;
    const locations = await this.#locationsOf(
      kind.name,
      page.map((row) => String(row.at(-1))),
    );
    const last = page.at(-1);
    return { locations, ...(cut && last !== undefined ? { next: last.map(cursorValue) } : {}), ...(count === undefined ? {} : { count }) };
  }

  async #locationsOf(kind: string, keys: readonly string[]): Promise<Int32Array> {
    if (keys.length === 0) return new Int32Array(0);
    const { addresses } = this.#index.of(kind);
    if (!this.#filling.indexed) await this.indexReady();
    const cold = this.#filling.filled ? [] : keys.filter((key) => this.#isCold(addresses.get(key)));
    if (cold.length > 0) await this.#filling.warm(kind, cold);
    const locations = new Int32Array(keys.length);
    let found = 0;
    for (const key of keys) {
      const location = addresses.get(key);
      // Deleted since the query read it.
      if (location !== undefined && !this.#isCold(location)) locations[found++] = location;
    }
    return locations.slice(0, found);
  }

  #isCold(location: number | undefined): boolean {
    return location !== undefined && this.#log.isStub(location);
  }

  #kind(name: string): Kind {
    return this.#index.of(name).kind;
  }
}
