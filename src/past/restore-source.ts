import type { Kind } from '../../schemas/kind.ts';
import type { RestoreEntry } from '../protocol/commands.ts';
import { packMessage } from '../protocol/wire.ts';
import { bytesOf, type Statements } from '../store/database.ts';
import { lineOf, linesIn, reparsed } from '../store/row-lines.ts';
import { quoted } from '../store/tables.ts';

/** What a restore asks a past state: which records there were, and then how some of them were. */

const KEYS_PER_BLOB = 4096;

/** Some thousand records in one BLOB, which is much cheaper than row by row. */
export async function revisionsOf(sql: Statements, kind: Kind): Promise<readonly Uint8Array[]> {
  const line = `"revision" || ' ' || to_json(${quoted(kind.key)})::VARCHAR`;
  const rows = await sql.rows(`SELECT encode(string_agg(${line}, chr(10))) FROM ${quoted(kind.name)} GROUP BY rowid // ${KEYS_PER_BLOB}`);
  // Not views of what DuckDB gave: they go to another thread.
  return rows.map(([blob]) => Uint8Array.from(bytesOf(blob)));
}

/** Entries of a restore, packed, in the order of the keys. */
export async function entriesOf(sql: Statements, kind: Kind, keys: readonly string[]): Promise<Uint8Array> {
  const query = `SELECT encode(string_agg(${lineOf(kind)}, chr(10))) FROM ${quoted(kind.name)} WHERE ${quoted(kind.key)} IN (SELECT unnest(from_json($1, '["VARCHAR"]'))) GROUP BY rowid // ${KEYS_PER_BLOB}`;
  const images = new Map<string, Uint8Array>();
  for (const [blob] of await sql.rows(query, [JSON.stringify(keys)])) {
    const bytes = bytesOf(blob);
    for (const { key, image, needsReparse } of linesIn(kind, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))) {
      images.set(key, needsReparse ? Buffer.from(reparsed(image)) : image);
    }
  }
  return packMessage(keys.map((key): RestoreEntry => [kind.name, key, images.get(key) ?? null]));
}
