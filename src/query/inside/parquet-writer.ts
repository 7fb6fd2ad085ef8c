import type { DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api';
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter as Library } from 'hyparquet-writer';
import { type ColumnReader, type ColumnType, type ColumnValue, columnReader, type NamedType, type TimestampUnit } from './column-type.ts';
import type { ResultWriter } from './result-writer.ts';

/** Writes a result as Parquet: Snappy, dictionaries where they pay, a row group for some MiB, no statistics. */
export class ParquetWriter implements ResultWriter {
  readonly #readers: readonly ColumnReader[];
  readonly #names: readonly string[];
  readonly #bytes = new ByteWriter();
  readonly #library: Library;
  #columns: ColumnValue[][];
  #waiting = 0;
  #writtenBytes = 0;
  #rows = 0;
  readonly #tally = { bytes: 0 };

  constructor(result: DuckDBResult) {
    this.#readers = result.columnTypes().map(columnReader);
    this.#names = result.deduplicatedColumnNames();
    const columns = this.#readers.map(({ column }, index): NamedType => ({ name: this.#names[index] ?? '', column }));
    const schema = [{ name: 'schema', num_children: columns.length }, ...columns.flatMap((column) => elementsOf(column))];
    this.#library = new Library({ writer: this.#bytes, schema, statistics: false, createdBy: 'holdfast' });
    this.#columns = this.#readers.map(() => []);
  }

  get rows(): number {
    return this.#rows;
  }

  get decodedBytes(): number {
    return this.#tally.bytes;
  }

  begin(): Uint8Array {
    return this.#take();
  }

  chunk(chunk: DuckDBDataChunk): Uint8Array {
    for (const [index, { read }] of this.#readers.entries()) {
      const column = this.#columns[index] ?? [];
      for (const value of chunk.getColumnValues(index)) column.push(read(value, this.#tally));
    }
    this.#waiting += chunk.rowCount;
    this.#rows += chunk.rowCount;
    if (this.#waiting < GROUP_ROWS && this.#tally.bytes - this.#writtenBytes < GROUP_BYTES) return NOTHING;
    this.#flush();
    return this.#take();
  }

  end(): Uint8Array {
    if (this.#waiting > 0) this.#flush();
    this.#library.finish();
    return this.#take();
  }

  #flush(): void {
    const columnData = this.#names.map((name, index) => ({ name, data: this.#columns[index] ?? [] }));
    this.#library.write({ columnData, rowGroupSize: this.#waiting });
    this.#columns = this.#readers.map(() => []);
    this.#waiting = 0;
    this.#writtenBytes = this.#tally.bytes;
  }

  /** What was written since. The library goes on counting offsets from where it was. */
  #take(): Uint8Array {
    const taken = Buffer.from(this.#bytes.getBytes());
    this.#bytes.index = 0;
    return taken;
  }
}

const GROUP_ROWS = 65_536;
/** The values of a group are held as objects, which are several times as large. */
const GROUP_BYTES = 8_388_608;
const NOTHING = new Uint8Array(0);

type Repetition = 'OPTIONAL' | 'REQUIRED';

/** A column and what is in it, parents before their children. */
function elementsOf({ name, column }: NamedType, repetition_type: Repetition = 'OPTIONAL'): SchemaElement[] {
  const own = { name, repetition_type };
  switch (column.type) {
    case 'list':
      return [
        { ...own, converted_type: 'LIST', num_children: 1 },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        ...elementsOf({ name: 'element', column: column.element }),
      ];
    case 'map':
      return [
        { ...own, converted_type: 'MAP', num_children: 1 },
        { name: 'key_value', repetition_type: 'REPEATED', num_children: 2 },
        ...elementsOf({ name: 'key', column: column.key }, 'REQUIRED'),
        ...elementsOf({ name: 'value', column: column.value }),
      ];
    case 'struct':
      return [{ ...own, num_children: column.members.length }, ...column.members.flatMap((member) => elementsOf(member))];
    default:
      return [{ ...own, ...physical(column) }];
  }
}

type Leaf = Exclude<ColumnType, { type: 'list' | 'map' | 'struct' }>;

const INTEGERS_OF_64_BITS_DIGITS = 18;
const UNITS: Readonly<Record<TimestampUnit, 'MILLIS' | 'MICROS' | 'NANOS'>> = {
  milliseconds: 'MILLIS',
  microseconds: 'MICROS',
  nanoseconds: 'NANOS',
};

function physical(column: Leaf): Omit<SchemaElement, 'name'> {
  switch (column.type) {
    case 'boolean':
      return { type: 'BOOLEAN' };
    case 'text':
      return { type: 'BYTE_ARRAY', converted_type: 'UTF8' };
    case 'bytes':
      return { type: 'BYTE_ARRAY' };
    case 'date':
      return { type: 'INT32', converted_type: 'DATE' };
    case 'float':
      return { type: column.bits === 32 ? 'FLOAT' : 'DOUBLE' };
    case 'integer':
      return { type: column.bits === 64 ? 'INT64' : 'INT32', converted_type: `${column.isSigned ? 'INT' : 'UINT'}_${column.bits}` };
    case 'timestamp':
      return { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: column.isUtc, unit: UNITS[column.unit] } };
    case 'decimal': {
      const { precision, scale } = column;
      const type = precision <= INTEGERS_OF_64_BITS_DIGITS ? ({ type: 'INT64' } as const) : ({ type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16 } as const);
      return { ...type, converted_type: 'DECIMAL', precision, scale };
    }
  }
}
