import { strict as assert } from 'node:assert';
import type { Kind } from '../../schemas/kind.ts';
import type { Statements } from './database.ts';
import { insertFromStage, quoted } from './tables.ts';

/** What the journal came to: the last image of each record that it names, to be put into the tables in bulk. */

const KEYS_PER_BLOB = 4096;
const IMAGES_PER_BLOB = 4096;

export class ReplayedChanges {
  /** Per kind: key → image, or null when it was deleted. Later changes replace earlier ones. */
  readonly #kinds = new Map<string, Map<string, Uint8Array | null>>();
  bytes = 0;

  add(kind: string, key: string, image: Uint8Array | null): void {
    let images = this.#kinds.get(kind);
    if (images === undefined) {
      images = new Map();
      this.#kinds.set(kind, images);
    }
    images.set(key, image);
    this.bytes += image?.length ?? 0;
  }

  /** Puts them into the tables, and forgets them. */
  async applyTo(sql: Statements, kinds: ReadonlyMap<string, Kind>): Promise<void> {
    for (const [name, images] of this.#kinds) {
      const kind = kinds.get(name);
      assert(kind !== undefined, 'replay refuses unknown kinds');
      const [[rows] = []] = await sql.rows(`SELECT count(*) FROM ${quoted(name)}`);
      if (Number(rows) > 0) {
        await sql.run('CREATE OR REPLACE TABLE _gone (keys BLOB)');
        await sql.appendBlobs(
          '_gone',
          blobsOf([...images.keys()], KEYS_PER_BLOB, (keys) => Buffer.from(JSON.stringify(keys))),
        );
        await sql.run(`DELETE FROM ${quoted(name)} WHERE ${quoted(kind.key)} IN (SELECT unnest(from_json(decode(keys), '["VARCHAR"]')) FROM _gone)`);
        await sql.run('DROP TABLE _gone');
      }
      const present = [...images.values()].filter((image): image is Uint8Array => image !== null);
      await sql.run('CREATE OR REPLACE TABLE _images (images BLOB)');
      await sql.appendBlobs('_images', blobsOf(present, IMAGES_PER_BLOB, joined));
      await sql.run(insertFromStage(kind, '_images'));
      await sql.run('DROP TABLE _images');
    }
    // The images are parts of whole journal files: nothing may hold on to them.
    this.#kinds.clear();
    this.bytes = 0;
  }
}

function* blobsOf<T>(items: readonly T[], perBlob: number, encode: (part: readonly T[]) => Buffer): Generator<Buffer> {
  for (let start = 0; start < items.length; start += perBlob) yield encode(items.slice(start, start + perBlob));
}

function joined(images: readonly Uint8Array[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const image of images) {
    if (parts.length > 0) parts.push(LINE_FEED);
    parts.push(image);
  }
  return Buffer.concat(parts);
}
const LINE_FEED = Buffer.from('\n');
