import type { DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api';
import {
  AsyncByteQueue,
  Binary,
  Bool,
  type Data,
  type DataType,
  DateDay,
  Decimal,
  Field,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  Map_,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Timestamp,
  TimeUnit,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow';
import { type ColumnReader, type ColumnType, type ColumnValue, columnReader, type NamedType, type TimestampUnit } from './column-type.ts';
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

function fieldOf({ name, column }: NamedType, isNullable = true): Field {
  return new Field(name, typeOf(column), isNullable);
}

const UNITS: Readonly<Record<TimestampUnit, TimeUnit>> = {
  milliseconds: TimeUnit.MILLISECOND,
  microseconds: TimeUnit.MICROSECOND,
  nanoseconds: TimeUnit.NANOSECOND,
};
const DECIMAL_BITS = 128;

function typeOf(column: ColumnType): DataType {
  switch (column.type) {
    case 'boolean':
      return new Bool();
    case 'text':
      return new Utf8();
    case 'bytes':
      return new Binary();
    case 'date':
      return new DateDay();
    case 'integer':
      return integerType(column.bits, column.isSigned);
    case 'float':
      return column.bits === 32 ? new Float32() : new Float64();
    case 'decimal':
      return new Decimal(column.scale, column.precision, DECIMAL_BITS);
    case 'timestamp':
      return new Timestamp(UNITS[column.unit], column.isUtc ? 'UTC' : null);
    case 'list':
      return new List(fieldOf({ name: 'item', column: column.element }));
    case 'struct':
      return new Struct(column.members.map((member) => fieldOf(member)));
    case 'map':
      return new Map_(new Field('entries', entryType(column.key, column.value), false));
  }
}

function integerType(bits: 8 | 16 | 32 | 64, isSigned: boolean): DataType {
  switch (bits) {
    case 8:
      return isSigned ? new Int8() : new Uint8();
    case 16:
      return isSigned ? new Int16() : new Uint16();
    case 32:
      return isSigned ? new Int32() : new Uint32();
    case 64:
      return isSigned ? new Int64() : new Uint64();
  }
}

function entryType(key: ColumnType, value: ColumnType): Struct<{ key: DataType; value: DataType }> {
  return new Struct([fieldOf({ name: 'key', column: key }, false), fieldOf({ name: 'value', column: value })]);
}

/** The buffers of one column, or of what is in it. */
function dataOf(column: ColumnType, values: readonly ColumnValue[]): Data {
  const { length } = values;
  const { nullCount, nullBitmap } = validity(values);
  const common = { length, nullCount, nullBitmap };
  switch (column.type) {
    case 'text':
      return makeData({ type: new Utf8(), ...common, ...joined(values, (value) => Buffer.from(value as string)) });
    case 'bytes':
      return makeData({ type: new Binary(), ...common, ...joined(values, (value) => value as Uint8Array) });
    case 'list': {
      const { valueOffsets, items } = flattened(values);
      return makeData({ type: typeOf(column) as List, ...common, valueOffsets, child: dataOf(column.element, items) });
    }
    case 'map': {
      const { valueOffsets, items } = flattened(values);
      const entries = items as readonly { readonly key: ColumnValue; readonly value: ColumnValue }[];
      const children = [
        dataOf(
          column.key,
          entries.map(({ key }) => key),
        ),
        dataOf(
          column.value,
          entries.map(({ value }) => value),
        ),
      ];
      const child = makeData({ type: entryType(column.key, column.value), length: items.length, nullCount: 0, children });
      return makeData({ type: typeOf(column) as Map_, ...common, valueOffsets, child });
    }
    case 'struct': {
      const structs = values as readonly ({ readonly [member: string]: ColumnValue } | null)[];
      const children = column.members.map((member) =>
        dataOf(
          member.column,
          structs.map((value) => value?.[member.name] ?? null),
        ),
      );
      return makeData({ type: typeOf(column) as Struct, ...common, children });
    }
    default:
      return makeData({ type: typeOf(column), ...common, data: fixedWidth(column, values) } as Parameters<typeof makeData>[0]);
  }
}

/** One bit a value, the lowest first; 1 is a value that is there. */
function validity(values: readonly ColumnValue[]): { nullCount: number; nullBitmap: Uint8Array } {
  const nullBitmap = new Uint8Array((values.length + 7) >> 3);
  let nullCount = 0;
  for (const [index, value] of values.entries()) {
    if (value === null) nullCount += 1;
    else setBit(nullBitmap, index);
  }
  return { nullCount, nullBitmap };
}

function setBit(bits: Uint8Array, index: number): void {
  bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
}

/** @param bytesOf of a value that is not NULL */
function joined(values: readonly ColumnValue[], bytesOf: (value: ColumnValue) => Uint8Array): { valueOffsets: Int32Array; data: Uint8Array } {
  const valueOffsets = new Int32Array(values.length + 1);
  const parts: Uint8Array[] = [];
  let end = 0;
  for (const [index, value] of values.entries()) {
    if (value !== null) {
      const part = bytesOf(value);
      parts.push(part);
      end += part.length;
    }
    valueOffsets[index + 1] = end;
  }
  return { valueOffsets, data: Buffer.concat(parts, end) };
}

function flattened(values: readonly ColumnValue[]): { valueOffsets: Int32Array; items: ColumnValue[] } {
  const valueOffsets = new Int32Array(values.length + 1);
  const items: ColumnValue[] = [];
  for (const [index, value] of values.entries()) {
    for (const item of (value ?? []) as readonly ColumnValue[]) items.push(item);
    valueOffsets[index + 1] = items.length;
  }
  return { valueOffsets, items };
}

type FixedWidth = Exclude<ColumnType, { type: 'text' | 'bytes' | 'list' | 'map' | 'struct' }>;

function fixedWidth(column: FixedWidth, values: readonly ColumnValue[]): ArrayBufferView {
  switch (column.type) {
    case 'boolean': {
      const bits = new Uint8Array((values.length + 7) >> 3);
      for (const [index, value] of values.entries()) if (value === true) setBit(bits, index);
      return bits;
    }
    case 'date':
      return Int32Array.from(values, (value) => (value ?? 0) as number);
    case 'timestamp':
      return BigInt64Array.from(values, (value) => (value ?? 0n) as bigint);
    case 'decimal':
      return decimals(values);
    case 'float':
      return (column.bits === 32 ? Float32Array : Float64Array).from(values, (value) => (value ?? 0) as number);
    case 'integer':
      return integers(column.bits, column.isSigned, values);
  }
}

function integers(bits: 8 | 16 | 32 | 64, isSigned: boolean, values: readonly ColumnValue[]): ArrayBufferView {
  if (bits === 64) return (isSigned ? BigInt64Array : BigUint64Array).from(values, (value) => (value ?? 0n) as bigint);
  const arrays = { 8: [Int8Array, Uint8Array], 16: [Int16Array, Uint16Array], 32: [Int32Array, Uint32Array] } as const;
  return arrays[bits][isSigned ? 0 : 1].from(values, (value) => (value ?? 0) as number);
}

const HALF_BITS = 64;

/** 128 bits in two's complement, the lower half first. */
function decimals(values: readonly ColumnValue[]): ArrayBufferView {
  const halves = new BigUint64Array(values.length * 2);
  for (const [index, value] of values.entries()) {
    const whole = (value ?? 0n) as bigint;
    halves[index * 2] = BigInt.asUintN(HALF_BITS, whole);
    halves[index * 2 + 1] = BigInt.asUintN(HALF_BITS, whole >> BigInt(HALF_BITS));
  }
  return new Uint32Array(halves.buffer);
}
