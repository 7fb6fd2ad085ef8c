import { strict as assert } from 'node:assert';
import type { Kind } from '../../schemas/kind.ts';
import { bytesOf } from './database.ts';
import { COLD, type KeyIndex, type KindIndex, withKey } from './key-index.ts';
import type { RecordLog } from './record-log.ts';
import { hasFreeForm, pathExpression, quoted, renderRow } from './tables.ts';
import type { WorkingSet } from './working-set.ts';

/**
 * After a start the records are in DuckDB only. Filling brings first the key index (keys and indexed values: writes wait
 * for that), then, behind running requests, the images into the record log. What is asked for earlier is warmed by itself.
 */

/** Row numbers that one step of filling covers. */
const ROWS_PER_STEP = 16_384;
const ROWS_PER_BLOB = 4096;
/** The unit separator of ASCII: never inside JSON, which escapes it. */
const FIELD = '\x1f';
const FIELD_BYTE = 0x1f;
/** The character 1. */
const FREE_FORM = 0x31;

/** Told of every image that filling put into the record log. */
export type Publish = (kind: string, key: string, location: number) => void;

export class Filling {
  readonly #workingSet: WorkingSet;
  readonly #index: KeyIndex;
  readonly #log: RecordLog;
  readonly #publish: Publish;
  /** Kinds whose images are still to come, with the next row number and the end. */
  readonly #todo: { readonly kind: Kind; next: number; readonly end: number }[] = [];
  indexed = false;
  filled = false;

  constructor(workingSet: WorkingSet, index: KeyIndex, log: RecordLog, publish: Publish) {
    this.#workingSet = workingSet;
    this.#index = index;
    this.#log = log;
    this.#publish = publish;
  }

  /** Reads keys and indexed values of all kinds. Nothing may be written meanwhile. */
  async fillIndex(): Promise<void> {
    for (const index of this.#index.all) {
      await this.#fillKindIndex(index);
      const end = Number((await this.#workingSet.rows(`SELECT coalesce(max(rowid) + 1, 0) FROM ${quoted(index.kind.name)}`))[0]?.[0]);
      if (end > 0) this.#todo.push({ kind: index.kind, next: 0, end });
    }
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
    // As JSON, because a key may have any character; nothing at all where there is no value.
    const paths = [[kind.key], ...uniques.map(({ path }) => path), ...references.map(({ path }) => path)];
    const fields = paths.map((path) => `coalesce(to_json(${pathExpression(path)})::VARCHAR, '')`);
    const query = `SELECT string_agg(${fields.join(` || '${FIELD}' || `)}, chr(10)) FROM ${quoted(kind.name)} GROUP BY rowid // ${ROWS_PER_BLOB} ORDER BY min(rowid)`;
    await this.#workingSet.read(async (sql) => {
      for await (const rows of sql.chunks(query)) {
        for (const [lines] of rows) {
          // Reads come in between.
          await new Promise((resolve) => setImmediate(resolve));
          for (const line of (lines as string).split('\n')) {
            const values = line.split(FIELD);
            const key = unquoted(values[0] as string);
            addresses.set(key, COLD);
            for (const [position, unique] of uniques.entries()) {
              const value = values[1 + position];
              if (value !== undefined && value !== '') unique.values.set(unique.normalise(unquoted(value)), key);
            }
            for (const [position, reference] of references.entries()) {
              const text = values[1 + uniques.length + position];
              if (text === undefined || text === '') continue;
              for (const value of text.startsWith('[') ? (JSON.parse(text) as readonly string[]) : [unquoted(text)]) {
                const normal = reference.normalise(value);
                reference.values.set(normal, withKey(reference.values.get(normal), key));
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

/** A row as text: whether it has free-form JSON, its revision, its key, its image. */
function lineOf(kind: Kind): string {
  return `CASE WHEN ${hasFreeForm(kind)} THEN '1' ELSE '0' END || "revision" || '${FIELD}' || to_json(${quoted(kind.key)})::VARCHAR || '${FIELD}' || ${renderRow(kind)}`;
}

interface Line {
  readonly key: string;
  readonly revision: number;
  readonly image: Buffer;
  /** DuckDB may have spelt something otherwise than JavaScript does. */
  readonly needsReparse: boolean;
}

function* linesIn(kind: Kind, text: Buffer): Generator<Line> {
  const hasEscapes = text.includes('\\u');
  for (let start = 0; start < text.length; ) {
    const lineEnd = text.indexOf(0x0a, start);
    const end = lineEnd === -1 ? text.length : lineEnd;
    const keyStart = text.indexOf(FIELD_BYTE, start) + 1;
    const imageStart = text.indexOf(FIELD_BYTE, keyStart) + 1;
    assert(keyStart > 0 && imageStart > 0 && imageStart <= end, 'a line has revision, key and image');
    const image = text.subarray(imageStart, end);
    yield {
      key: unquoted(text.toString('utf8', keyStart, imageStart - 1)),
      revision: Number(text.toString('latin1', start + 1, keyStart - 1)),
      image,
      needsReparse: kind.needsReparse || text[start] === FREE_FORM || (hasEscapes && image.includes('\\u')),
    };
    start = end + 1;
  }
}

/** The string that a JSON string stands for; nearly none has an escape. */
function unquoted(json: string): string {
  return json.includes('\\') ? (JSON.parse(json) as string) : json.slice(1, -1);
}

function reparsed(image: Buffer): string {
  return JSON.stringify(JSON.parse(image.toString('utf8')));
}
