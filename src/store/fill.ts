import type { Kind } from '../../schemas/kind.ts';
import { normalOf } from '../protocol/unique-values.ts';
import { type KeyIndex, type KindIndex, withKey } from './key-index.ts';
import type { RecordLog } from './record-log.ts';
import { type Line, reparsed } from './row-lines.ts';
import type { WorkingSet } from './working-set.ts';

/**
 * After a start the records are in the working set only. Filling brings first the key index (keys and indexed values: writes wait
 * for that), then, behind running requests, the images into the record log. What is asked for earlier is warmed by itself.
 */

/** Row numbers that one step of filling covers. */
const ROWS_PER_STEP = 16_384;

export class Filling {
  readonly #workingSet: WorkingSet;
  readonly #index: KeyIndex;
  readonly #log: RecordLog;
  readonly #eager: ReadonlySet<string>;
  /** Kinds whose images are still to come, with the next row number and, once it was asked for, the end. */
  readonly #todo: { readonly kind: Kind; next: number; end?: number }[] = [];
  #stepping: Promise<void> = Promise.resolve();
  indexed = false;
  filled = false;

  /** @param eager names of kinds whose images come with the index: the first ones of the index. */
  constructor(workingSet: WorkingSet, index: KeyIndex, log: RecordLog, eager: ReadonlySet<string> = new Set()) {
    this.#workingSet = workingSet;
    this.#index = index;
    this.#log = log;
    this.#eager = eager;
  }

  /** Reads keys and indexed values of all kinds. Nothing may be written meanwhile. */
  async fillIndex(): Promise<void> {
    for (const index of this.#index.all) await this.#fillKindIndex(index);
    for (const { kind, addresses } of this.#index.all) if (addresses.size > 0) this.#todo.push({ kind, next: 0 });
    for (let first = this.#todo[0]; first !== undefined && this.#eager.has(first.kind.name); first = this.#todo[0]) await this.step();
    this.indexed = true;
    this.filled = this.#todo.length === 0;
  }

  /** One step of the images; `filled` says when it was the last. Never two at once: the last one may not be done before the others. */
  step(): Promise<void> {
    const step = this.#stepping.then(() => this.#stepNow());
    this.#stepping = step.catch(() => undefined);
    return step;
  }

  async #stepNow(): Promise<void> {
    const current = this.#todo[0];
    if (current === undefined) {
      this.filled = true;
      return;
    }
    // Nobody but this step waits for the table.
    current.end ??= await this.#workingSet.rowsEnd(current.kind);
    const from = current.next;
    current.next = from + ROWS_PER_STEP;
    this.#put(current.kind, await this.#workingSet.rowsBetween(current.kind, from, current.next));
    if (current.next >= current.end) this.#todo.shift();
    this.filled = this.#todo.length === 0;
  }

  /** Brings the images of these records now. */
  async warm(kindName: string, keys: readonly string[]): Promise<void> {
    const { kind } = this.#index.of(kindName);
    for (let start = 0; start < keys.length; start += ROWS_PER_STEP) {
      this.#put(kind, await this.#workingSet.rowsOf(kind, keys.slice(start, start + ROWS_PER_STEP)));
    }
  }

  /** One record's image before there is a key index: by key, or by a natural key as it is stored. */
  async peek(kind: Kind, name: string): Promise<{ key: string; revision: number; image: Uint8Array } | undefined> {
    const line = await this.#workingSet.rowNamed(kind, name);
    if (line === undefined) return undefined;
    const { key, revision, image, needsReparse } = line;
    // A copy: sending a view to another thread would send all that it is a view of.
    return { key, revision, image: Uint8Array.from(needsReparse ? Buffer.from(reparsed(image)) : image) };
  }

  async #fillKindIndex(index: KindIndex): Promise<void> {
    const { kind, addresses, references } = index;
    const { uniques } = kind;
    const paths = [[kind.key], ...uniques.map(({ property }) => [property]), ...references.map(({ path }) => path)];
    const hashes = new Int32Array(uniques.length);
    await this.#workingSet.eachOfIndex(kind, paths, ([keys = [], ...columns], rows = 0) => {
      addresses.reserve(rows);
      for (const [line, key] of keys.entries()) {
        for (const unique of uniques) {
          const value = columns[unique.position]?.[line];
          hashes[unique.position] = addresses.valueHash(value === undefined ? undefined : normalOf(unique, value));
        }
        addresses.set(key as string, this.#log.putStub(key as string), hashes);
      }
      for (const [position, { values, normalise }] of references.entries()) {
        for (const [line, value] of (columns[uniques.length + position] ?? []).entries()) {
          for (const element of elementsOf(value)) {
            const normal = normalise(element);
            values.set(normal, withKey(values.get(normal), keys[line] as string));
          }
        }
      }
    });
  }

  #put(kind: Kind, lines: Iterable<Line>): void {
    const { addresses } = this.#index.of(kind.name);
    for (const { key, revision, image, needsReparse } of lines) {
      const stub = addresses.get(key);
      // A record that has changed meanwhile has its new image already.
      if (stub === undefined || !this.#log.isStub(stub)) continue;
      addresses.set(key, needsReparse ? this.#log.put(reparsed(image), revision, key) : this.#log.putBytes(image, revision, key));
      this.#log.forget(stub);
    }
  }
}

function elementsOf(value: string | undefined): readonly string[] {
  if (value === undefined) return [];
  return value.startsWith('[') ? (JSON.parse(value) as readonly string[]) : [value];
}
