import type { Statements } from '../store/database.ts';
import { literal } from '../store/tables.ts';

/**
 * Which columns are the same in two Parquet files of a kind, found out from their bytes. Rows of snapshots are in the order
 * of their keys: where the keys are the same bytes in both files, the rows are those of the same records, and a column with
 * the same bytes has the same value in each. Nothing of it needs to be decoded to know that.
 */

export interface ColumnFile {
  readonly path: string;
  readonly schemaHash: string;
  readonly key: string;
  /** Bytes as they lie in the file. */
  bytes(offset: number, length: number): Buffer;
}

/** One column, or one that is nested in it, in one row group. */
interface Chunk {
  readonly offset: number;
  readonly length: number;
  /** How its bytes are to be read. */
  readonly form: string;
}

const BLOCK_BYTES = 1024 * 1024;

/** Top-level columns; none when the files are not of the same records. */
export async function sameColumns(sql: Statements, a: ColumnFile, b: ColumnFile): Promise<ReadonlySet<string>> {
  const same = new Set<string>();
  if (a.schemaHash !== b.schemaHash) return same;
  const [ofA, ofB] = [await chunksOf(sql, a.path), await chunksOf(sql, b.path)];
  const isSame = (column: string): boolean => {
    const [chunksA, chunksB] = [ofA.get(column) ?? [], ofB.get(column) ?? []];
    return chunksA.length === chunksB.length && chunksA.every((chunk, index) => haveSameBytes(a, chunk, b, chunksB[index]));
  };
  if (!isSame(a.key)) return same;
  for (const column of ofA.keys()) if (isSame(column)) same.add(column);
  return same;
}

async function chunksOf(sql: Statements, path: string): Promise<ReadonlyMap<string, readonly Chunk[]>> {
  const start = 'least(coalesce(dictionary_page_offset, data_page_offset), data_page_offset)';
  const form = `concat_ws(' ', row_group_id, row_group_num_rows, num_values, path_in_schema, "type", compression, encodings)`;
  const query = `SELECT split_part(path_in_schema, ', ', 1), ${start}, total_compressed_size, ${form} FROM parquet_metadata(${literal(path)}) ORDER BY row_group_id, column_id`;
  const chunks = new Map<string, Chunk[]>();
  for (const [column, offset, length, text] of await sql.rows(query)) {
    const ofColumn = chunks.get(String(column)) ?? [];
    ofColumn.push({ offset: Number(offset), length: Number(length), form: String(text) });
    chunks.set(String(column), ofColumn);
  }
  return chunks;
}

function haveSameBytes(a: ColumnFile, chunk: Chunk, b: ColumnFile, other: Chunk | undefined): boolean {
  if (other === undefined || chunk.length !== other.length || chunk.form !== other.form) return false;
  for (let done = 0; done < chunk.length; done += BLOCK_BYTES) {
    const length = Math.min(BLOCK_BYTES, chunk.length - done);
    if (!a.bytes(chunk.offset + done, length).equals(b.bytes(other.offset + done, length))) return false;
  }
  return true;
}
