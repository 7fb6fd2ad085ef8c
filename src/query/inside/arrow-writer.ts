import type { DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api';
import { AsyncByteQueue, makeData, RecordBatch, RecordBatchStreamWriter, Schema, Struct } from 'apache-arrow';
import { dataOf } from './arrow-buffers.ts';
import { fieldOf } from './arrow-types.ts';
import { type ColumnReader, type ColumnValue, columnReader } from './column-type.ts';
import type { ResultWriter } from './result-writer.ts';

/**
 * Writes a result as an Arrow IPC stream. The buffers of a column are made here, of all values of a chunk at once; the
 * library frames them. (Its builders take one value at a time, and have to guess how large the buffers will be.)
 */
export class ArrowWriter implements ResultWriter {
  readonly #readers: readonly ColumnReader[];
  readonly #schema: Schema;
  readonly #sink = new Sink();
  readonly #writer = new RecordBatchStreamWriter();
  /** Chunks of few rows, as filters make them, are put together: each batch has a head of its own. */
  #columns: ColumnValue[][];
  #waiting = 0;
  #rows = 0;
  readonly #tally = { bytes: 0 };

  constructor(result: DuckDBResult) {
    this.#readers = result.columnTypes().map(columnReader);
    const names = result.deduplicatedColumnNames();
    this.#schema = new Schema(this.#readers.map(({ column }, index) => fieldOf({ name: names[index] ?? '', column })));
    this.#columns = this.#readers.map(() => []);
  }

  get rows(): number {
    return this.#rows;
  }

  get decodedBytes(): number {
    return this.#tally.bytes;
  }

  begin(): Uint8Array {
    this.#writer.reset(this.#sink, this.#schema);
    return this.#sink.take();
  }

  chunk(chunk: DuckDBDataChunk): Uint8Array {
    for (const [index, { read }] of this.#readers.entries()) {
      const column = this.#columns[index] ?? [];
      for (const value of chunk.getColumnValues(index)) column.push(read(value, this.#tally));
    }
    this.#waiting += chunk.rowCount;
    this.#rows += chunk.rowCount;
    if (this.#waiting >= BATCH_ROWS) this.#flush();
    return this.#sink.take();
  }

  end(): Uint8Array {
    if (this.#waiting > 0) this.#flush();
    this.#writer.finish();
    return this.#sink.take();
  }

  #flush(): void {
    const children = this.#readers.map(({ column }, index) => dataOf(column, this.#columns[index] ?? []));
    this.#writer.write(new RecordBatch(this.#schema, makeData({ type: new Struct(this.#schema.fields), length: this.#waiting, nullCount: 0, children })));
    this.#columns = this.#readers.map(() => []);
    this.#waiting = 0;
  }
}

/** DuckDB's own chunks have at most so many. */
const BATCH_ROWS = 2048;

/** Where the library writes to. Its own queue would hold everything until it is read asynchronously. */
class Sink extends AsyncByteQueue<Uint8Array> {
  #parts: Uint8Array[] = [];

  override write(part: Uint8Array): void {
    this.#parts.push(part);
  }

  take(): Uint8Array {
    const whole = Buffer.concat(this.#parts);
    this.#parts = [];
    return whole;
  }
}
