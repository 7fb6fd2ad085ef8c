import type { DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api';

/** Writes the rows of one result in one form: what `begin`, each `chunk` and `end` give is the result when it is put together. */
export interface ResultWriter {
  /** That were given to it. */
  readonly rows: number;
  /** What a reader needs for the values, about; a compressed form is small and can be much. */
  readonly decodedBytes: number;
  begin(): Uint8Array;
  /** Some bytes, or none as long as rows are gathered. */
  chunk(chunk: DuckDBDataChunk): Uint8Array;
  end(): Uint8Array;
}

export type ResultWriterMaker = (result: DuckDBResult) => ResultWriter;

/** Something that the form has no place for; the message says what, to whoever wrote the SQL. */
export class UnwritableError extends Error {}
