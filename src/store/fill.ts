import type { Kind } from '../../schemas/kind.ts';
import { COLD, type KeyIndex, type KindIndex, withKey } from './key-index.ts';
import type { RecordLog } from './record-log.ts';
import { type Line, reparsed } from './row-lines.ts';
import type { WorkingSet } from './working-set.ts';

/**
 * After a start the records are in the working set only. Filling brings first the key index (keys and indexed values: writes wait
 * for that), then, behind running requests, the images into the record log. What is asked for earlier is warmed by itself.
 */

/** Row numbers that one step of filling covers. */
const ROWS_PER_STEP = 16_384;

/** Told of every image that filling put into the record log. */
export type Publish = (kind: string, key: string, location: number) => void;

export class Filling {
  readonly #workingSet: WorkingSet;
  readonly #index: KeyIndex;
  readonly #log: RecordLog;
  readonly #publish: Publish;
  readonly #eager: ReadonlySet<string>;
  /** Kinds whose images are still to come, with the next row number and the end. */
  readonly #todo: { readonly kind: Kind; next: number; readonly end: number }[] = [];
  #stepping: Promise<void> = Promise.resolve();
  indexed = false;
  filled = false;

  /** @param eager names of kinds whose images come with the index: the first ones of the index. */
  constructor(workingSet: WorkingSet, index: KeyIndex, log: RecordLog, publish: Publish, eager: ReadonlySet<string> = new Set()) {
    this.#workingSet = workingSet;
    this.#index = index;
    this.#log = log;
    this.#publish = publish;
    this.#eager = eager;
  }

  /** Reads keys and indexed values of all kinds. Nothing may be written meanwhile. */
  async fillIndex(): Promise<void> {
    for (const index of this.#index.all) {
      await this.#fillKindIndex(index);
      const end = await this.#workingSet.rowsEnd(index.kind);
      if (end > 0) this.#todo.push({ kind: index.kind, next: 0, end });
    }
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
    const { kind, addresses, uniques, references } = index;
    const paths = [[kind.key], ...uniques.map(({ path }) => path), ...references.map(({ path }) => path)];
    await this.#workingSet.eachOfIndex(kind, paths, ([keys = [], ...columns]) => {
      for (const key of keys) addresses.set(key as string, COLD);
      for (const [position, { values, normalise }] of uniques.entries()) {
        for (const [line, value] of (columns[position] ?? []).entries()) {
          if (value !== undefined) values.set(normalise(value), keys[line] as string);
        }
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
      // A record that has changed meanwhile has its new image already.
      if (addresses.get(key) !== COLD) continue;
      const location = needsReparse ? this.#log.put(reparsed(image), revision) : this.#log.putBytes(image, revision);
      addresses.set(key, location);
      this.#publish(kind.name, key, location);
    }
  }
}

function elementsOf(value: string | undefined): readonly string[] {
  if (value === undefined) return [];
  return value.startsWith('[') ? (JSON.parse(value) as readonly string[]) : [value];
}
