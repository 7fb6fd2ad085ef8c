import type { Kind } from '../../schemas/kind.ts';
import type { Statements } from './database.ts';
import { insertFromStage, quoted } from './tables.ts';

const KEYS_PER_BLOB = 4096;
const IMAGES_PER_BLOB = 4096;

/** Puts what the journal came to into the table of a kind, in bulk. */
export async function applyReplayed(sql: Statements, kind: Kind, images: ReadonlyMap<string, Uint8Array | null>): Promise<void> {
  if (images.size === 0) return;
  const [[rows] = []] = await sql.rows(`SELECT count(*) FROM ${quoted(kind.name)}`);
  if (Number(rows) > 0) {
    await sql.run('CREATE OR REPLACE TABLE _gone (keys BLOB)');
    await sql.appendBlobs(
      '_gone',
      blobsOf([...images.keys()], KEYS_PER_BLOB, (keys) => Buffer.from(JSON.stringify(keys))),
    );
    await sql.run(`DELETE FROM ${quoted(kind.name)} WHERE ${quoted(kind.key)} IN (SELECT unnest(from_json(decode(keys), '["VARCHAR"]')) FROM _gone)`);
    await sql.run('DROP TABLE _gone');
  }
  const present = [...images.values()].filter((image): image is Uint8Array => image !== null);
  await sql.run('CREATE OR REPLACE TABLE _images (images BLOB)');
  await sql.appendBlobs('_images', blobsOf(present, IMAGES_PER_BLOB, joined));
  await sql.run(insertFromStage(kind, '_images'));
  await sql.run('DROP TABLE _images');
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
