import type { Kind } from '../../schemas/kind.ts';
import type { RestoreEntry } from '../protocol/commands.ts';
import { packMessage } from '../protocol/wire.ts';
import { bytesOf, type Statements } from '../store/database.ts';
import type { SealedSecrets } from '../store/frame.ts';
import { lineOf, linesIn, reparsed } from '../store/row-lines.ts';
import { quoted } from '../store/tables.ts';

/** What a restore asks a past state: which records there were, and then how some of them were. */

const KEYS_PER_BLOB = 4096;
/** Keys lie close together when there are so few other rows between them. */
const ROWS_PER_KEY_MAX = 8;

/** Some thousand records in one BLOB, which is much cheaper than row by row. */
export async function revisionsOf(sql: Statements, kind: Kind): Promise<readonly Uint8Array[]> {
  const line = `"revision" || ' ' || to_json(${quoted(kind.key)})::VARCHAR`;
  const rows = await sql.rows(`SELECT encode(string_agg(${line}, chr(10))) FROM ${quoted(kind.name)} GROUP BY rowid // ${KEYS_PER_BLOB}`);
  // Not views of what DuckDB gave: they go to another thread.
  return rows.map(([blob]) => Uint8Array.from(bytesOf(blob)));
}

/** Entries of a restore, packed, in the order of the keys. */
export async function entriesOf(sql: Statements, kind: Kind, keys: readonly string[], sealed: ReadonlyMap<string, SealedSecrets>): Promise<Uint8Array> {
  const wanted = `${quoted(kind.key)} IN (SELECT unnest(from_json($1, '["VARCHAR"]')))`;
  const parameters = [JSON.stringify(keys)];
  const bounds = await sql.rows(`SELECT min(rowid), max(rowid), count(*) FROM ${quoted(kind.name)} WHERE ${wanted}`, parameters);
  const [first, last, count] = (bounds[0] ?? []).map(Number);
  const images = new Map<string, Uint8Array>();
  if (first === undefined || last === undefined || count === undefined || count === 0) return packedEntries(kind, keys, images, sealed);
  // Otherwise DuckDB reads all columns of all records before it looks at the keys.
  const isDense = last - first < count * ROWS_PER_KEY_MAX;
  const rows = isDense ? ` AND rowid BETWEEN ${first} AND ${last}` : '';
  const query = `SELECT encode(string_agg(${lineOf(kind)}, chr(10))) FROM ${quoted(kind.name)} WHERE ${wanted}${rows} GROUP BY rowid // ${KEYS_PER_BLOB}`;
  for (const [blob] of await sql.rows(query, parameters)) {
    const bytes = bytesOf(blob);
    for (const { key, image, needsReparse } of linesIn(kind, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))) {
      images.set(key, needsReparse ? Buffer.from(reparsed(image)) : image);
    }
  }
  return packedEntries(kind, keys, images, sealed);
}

function packedEntries(
  { name }: Kind,
  keys: readonly string[],
  images: ReadonlyMap<string, Uint8Array>,
  sealed: ReadonlyMap<string, SealedSecrets>,
): Uint8Array {
  const entries = keys.map((key): RestoreEntry => {
    const image = images.get(key) ?? null;
    const secrets = image === null ? undefined : sealed.get(`${name}/${key}`);
    return secrets === undefined ? [name, key, image] : [name, key, image, secrets];
  });
  return packMessage(entries);
}
