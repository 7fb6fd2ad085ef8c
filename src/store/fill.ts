import { columnAt, type Kind } from '../../schemas/kind.ts';
import { bytesOf } from './database.ts';
import { COLD, type KeyIndex, type KindIndex, withKey } from './key-index.ts';
import type { RecordLog } from './record-log.ts';
import { lineOf, linesIn, reparsed, unquoted } from './row-lines.ts';
import { pathExpression, quoted } from './tables.ts';
import type { WorkingSet } from './working-set.ts';

/**
 * After a start the records are in DuckDB only. Filling brings first the key index (keys and indexed values: writes wait
 * for that), then, behind running requests, the images into the record log. What is asked for earlier is warmed by itself.
 */

/** Row numbers that one step of filling covers. */
const ROWS_PER_STEP = 16_384;
const ROWS_PER_BLOB = 4096;

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
      const end = Number((await this.#workingSet.rows(`SELECT coalesce(max(rowid) + 1, 0) FROM ${quoted(index.kind.name)}`))[0]?.[0]);
      if (end > 0) this.#todo.push({ kind: index.kind, next: 0, end });
    }
    for (let first = this.#todo[0]; first !== undefined && this.#eager.has(first.kind.name); first = this.#todo[0]) await this.step();
    this.indexed = true;
    this.filled = this.#todo.length === 0;
  }

  /** One step of the images; `filled` says when it was the last. */
  async step(): Promise<void> {
    const current = this.#todo[0];
    if (current === undefined) {
      this.filled = true;
      return;
    }
    const from = current.next;
    current.next = from + ROWS_PER_STEP;
    await this.#put(current.kind, `rowid >= ${from} AND rowid < ${current.next}`, []);
    if (current.next >= current.end && this.#todo[0] === current) this.#todo.shift();
    this.filled = this.#todo.length === 0;
  }

  /** Brings the images of these records now. */
  async warm(kindName: string, keys: readonly string[]): Promise<void> {
    const { kind } = this.#index.of(kindName);
    for (let start = 0; start < keys.length; start += ROWS_PER_STEP) {
      const wanted = JSON.stringify(keys.slice(start, start + ROWS_PER_STEP));
      await this.#put(kind, `${quoted(kind.key)} IN (SELECT unnest(from_json($1, '["VARCHAR"]')))`, [wanted]);
    }
  }

  /** One record's image before there is a key index: by key, or by a natural key as it is stored. */
  async peek(kind: Kind, name: string): Promise<{ key: string; revision: number; image: Uint8Array } | undefined> {
    const names = [kind.key, ...kind.naturalKeys].map((property) => `${quoted(property)} = $1`).join(' OR ');
    const rows = await this.#workingSet.rows(
      `SELECT encode(${lineOf(kind)}) FROM ${quoted(kind.name)} WHERE ${names} ORDER BY (${quoted(kind.key)} = $1) DESC LIMIT 1`,
      [name],
    );
    const blob = rows[0]?.[0];
    if (blob === undefined) return undefined;
    const bytes = bytesOf(blob);
    for (const { key, revision, image, needsReparse } of linesIn(kind, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))) {
      // A copy: sending a view to another thread would send all that it is a view of.
      return { key, revision, image: Uint8Array.from(needsReparse ? Buffer.from(reparsed(image)) : image) };
    }
    return undefined;
  }

  async #fillKindIndex(index: KindIndex): Promise<void> {
    const { kind, addresses, uniques, references } = index;
    const paths = [[kind.key], ...uniques.map(({ path }) => path), ...references.map(({ path }) => path)];
    const isPlain = paths.map((path) => isPlainText(kind, path));
    // One text per column and some thousand rows, split at once: much cheaper than a value at a time.
    const texts = paths.map((path, position) => `string_agg(coalesce(${indexedText(path, isPlain[position] === true)}, ''), chr(10))`);
    const query = `SELECT ${texts.join(', ')} FROM ${quoted(kind.name)} GROUP BY rowid // ${ROWS_PER_BLOB} ORDER BY min(rowid)`;
    await this.#workingSet.read(async (sql) => {
      for await (const rows of sql.chunks(query)) {
        for (const row of rows) {
          // Reads come in between.
          await new Promise((resolve) => setImmediate(resolve));
          const [keys = [], ...columns] = row.map((text, position) => valuesIn(text as string, isPlain[position] === true));
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
        }
      }
    });
  }

  async #put(kind: Kind, condition: string, parameters: readonly string[]): Promise<void> {
    const { addresses } = this.#index.of(kind.name);
    const query = `SELECT encode(string_agg(${lineOf(kind)}, chr(10))) FROM ${quoted(kind.name)} WHERE ${condition} GROUP BY rowid // ${ROWS_PER_BLOB}`;
    const rows = await this.#workingSet.rows(query, parameters);
    for (const [blob] of rows) {
      const bytes = bytesOf(blob);
      for (const { key, revision, image, needsReparse } of linesIn(kind, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))) {
        // A record that has changed meanwhile has its new image already.
        if (addresses.get(key) !== COLD) continue;
        const location = needsReparse ? this.#log.put(reparsed(image), revision) : this.#log.putBytes(image, revision);
        addresses.set(key, location);
        this.#publish(kind.name, key, location);
      }
    }
  }
}

/** Formats whose values have no character that JSON would write otherwise. */
const PLAIN_FORMATS = new Set(['uuid', 'mac-address', 'ipv4', 'xname', 'xname-node', 'xname-bmc']);

function isPlainText(kind: Kind, path: readonly string[]): boolean {
  const target = columnAt(kind, path);
  return target?.column.type === 'string' && !target.throughList && PLAIN_FORMATS.has(target.column.format ?? '');
}

/** A value as one line: as it is, or as JSON where it may have any character. */
function indexedText(path: readonly string[], isPlain: boolean): string {
  return isPlain ? pathExpression(path) : `to_json(${pathExpression(path)})::VARCHAR`;
}

/** The values of some rows; undefined where there is none. A list stays JSON. */
function valuesIn(text: string, isPlain: boolean): readonly (string | undefined)[] {
  return text.split('\n').map((line) => (line === '' ? undefined : isPlain || line.startsWith('[') ? line : unquoted(line)));
}

function elementsOf(value: string | undefined): readonly string[] {
  if (value === undefined) return [];
  return value.startsWith('[') ? (JSON.parse(value) as readonly string[]) : [value];
}
