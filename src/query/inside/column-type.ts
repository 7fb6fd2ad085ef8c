import {
  type DuckDBArrayValue,
  type DuckDBBlobValue,
  type DuckDBDateValue,
  type DuckDBDecimalValue,
  type DuckDBListValue,
  type DuckDBMapValue,
  type DuckDBStructValue,
  type DuckDBTimestampMillisecondsValue,
  type DuckDBTimestampNanosecondsValue,
  type DuckDBTimestampSecondsValue,
  type DuckDBTimestampTZValue,
  type DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from '@duckdb/node-api';
import { UnwritableError } from './result-writer.ts';
import { plainTextOf } from './value-text.ts';

/**
 * What Arrow and Parquet have in common: the types of columns, and values that both libraries take. What neither has a type
 * for that every reader knows (times of day, intervals, UUIDs, enums, unions, JSON) is text, as in CSV.
 */
export type ColumnType =
  | { readonly type: 'boolean' | 'date' }
  | { readonly type: 'text' | 'bytes' }
  | { readonly type: 'integer'; readonly bits: 8 | 16 | 32 | 64; readonly isSigned: boolean }
  | { readonly type: 'float'; readonly bits: 32 | 64 }
  | { readonly type: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly type: 'timestamp'; readonly unit: TimestampUnit; readonly isUtc: boolean }
  | { readonly type: 'list'; readonly element: ColumnType }
  | { readonly type: 'struct'; readonly members: readonly NamedType[] }
  | { readonly type: 'map'; readonly key: ColumnType; readonly value: ColumnType };

export type TimestampUnit = 'milliseconds' | 'microseconds' | 'nanoseconds';

export interface NamedType {
  readonly name: string;
  readonly column: ColumnType;
}

/**
 * Whole numbers of 64 bits, decimals without their point, and timestamps are bigints; a date is its days since 1970; a list
 * is an array; a struct an object without a prototype; a map an array of `{ key, value }`. NULL is null.
 */
export type ColumnValue = null | boolean | number | bigint | string | Uint8Array | readonly ColumnValue[] | { readonly [member: string]: ColumnValue };

/** Reads DuckDB's values of one type, and tells how many bytes they are when nothing is compressed. */
export interface ColumnReader {
  readonly column: ColumnType;
  read(value: DuckDBValue, tally: Tally): ColumnValue;
}

export interface Tally {
  bytes: number;
}

const HUGEINT_DIGITS = 38;
const HUGEINT_END = 10n ** BigInt(HUGEINT_DIGITS);
const OFFSET_BYTES = 4;

/** @throws UnwritableError */
export function columnReader(type: DuckDBType): ColumnReader {
  const { column, read, bytes } = readerOf(type);
  return {
    column,
    read(value, tally) {
      tally.bytes += bytes;
      return value === null ? null : read(value, tally);
    },
  };
}

interface Reader {
  readonly column: ColumnType;
  /** Of every value, also of NULL. */
  readonly bytes: number;
  read(value: DuckDBValue, tally: Tally): ColumnValue;
}

function readerOf(type: DuckDBType): Reader {
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
      return { column: { type: 'boolean' }, bytes: 1, read: (value) => value as boolean };
    case DuckDBTypeId.TINYINT:
      return integer(8, true);
    case DuckDBTypeId.SMALLINT:
      return integer(16, true);
    case DuckDBTypeId.INTEGER:
      return integer(32, true);
    case DuckDBTypeId.BIGINT:
      return integer(64, true);
    case DuckDBTypeId.UTINYINT:
      return integer(8, false);
    case DuckDBTypeId.USMALLINT:
      return integer(16, false);
    case DuckDBTypeId.UINTEGER:
      return integer(32, false);
    case DuckDBTypeId.UBIGINT:
      return integer(64, false);
    case DuckDBTypeId.HUGEINT:
      return { column: { type: 'decimal', precision: HUGEINT_DIGITS, scale: 0 }, bytes: 16, read: hugeint };
    case DuckDBTypeId.FLOAT:
      return { column: { type: 'float', bits: 32 }, bytes: 4, read: (value) => value as number };
    case DuckDBTypeId.DOUBLE:
      return { column: { type: 'float', bits: 64 }, bytes: 8, read: (value) => value as number };
    case DuckDBTypeId.DECIMAL:
      return { column: { type: 'decimal', precision: type.width, scale: type.scale }, bytes: 16, read: (value) => (value as DuckDBDecimalValue).value };
    case DuckDBTypeId.DATE:
      return { column: { type: 'date' }, bytes: 4, read: (value) => (value as DuckDBDateValue).days };
    case DuckDBTypeId.TIMESTAMP_S:
      return timestamp('milliseconds', false, millis);
    case DuckDBTypeId.TIMESTAMP_MS:
      return timestamp('milliseconds', false, (value) => (value as DuckDBTimestampMillisecondsValue).millis);
    case DuckDBTypeId.TIMESTAMP:
      return timestamp('microseconds', false, (value) => (value as DuckDBTimestampValue).micros);
    case DuckDBTypeId.TIMESTAMP_NS:
      return timestamp('nanoseconds', false, (value) => (value as DuckDBTimestampNanosecondsValue).nanos);
    case DuckDBTypeId.TIMESTAMP_TZ:
      return timestamp('microseconds', true, (value) => (value as DuckDBTimestampTZValue).micros);
    case DuckDBTypeId.BLOB:
      return { column: { type: 'bytes' }, bytes: OFFSET_BYTES, read: blob };
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
      return list(columnReader(type.valueType));
    case DuckDBTypeId.STRUCT:
      return struct(type.entryNames.map((name, index) => [name, columnReader(type.entryTypes[index] as DuckDBType)] as const));
    case DuckDBTypeId.MAP:
      return map(columnReader(type.keyType), columnReader(type.valueType));
    default:
      return text(plainTextOf(type));
  }
}

function integer(bits: 8 | 16 | 32 | 64, isSigned: boolean): Reader {
  return { column: { type: 'integer', bits, isSigned }, bytes: bits / 8, read: (value) => value as number | bigint };
}

/** Readers take no more digits than 38; DuckDB has a few numbers of 39. */
function hugeint(value: DuckDBValue): bigint {
  const whole = value as bigint;
  if (whole >= HUGEINT_END || whole <= -HUGEINT_END) throw new UnwritableError(`a HUGEINT of more than ${HUGEINT_DIGITS} digits: cast it to VARCHAR`);
  return whole;
}

/** Parquet has no seconds. Infinity is the largest and the smallest number, in each unit. */
function millis(value: DuckDBValue): bigint {
  const moment = value as DuckDBTimestampSecondsValue;
  return moment.isFinite ? moment.seconds * 1000n : moment.seconds;
}

function timestamp(unit: TimestampUnit, isUtc: boolean, read: (value: DuckDBValue) => bigint): Reader {
  return { column: { type: 'timestamp', unit, isUtc }, bytes: 8, read };
}

function text(of: (value: DuckDBValue) => string): Reader {
  return {
    column: { type: 'text' },
    bytes: OFFSET_BYTES,
    read(value, tally) {
      const read = of(value);
      // Letters beyond ASCII are more, and are few.
      tally.bytes += read.length;
      return read;
    },
  };
}

function blob(value: DuckDBValue, tally: Tally): Uint8Array {
  const { bytes } = value as DuckDBBlobValue;
  tally.bytes += bytes.length;
  return bytes;
}

function list(element: ColumnReader): Reader {
  return {
    column: { type: 'list', element: element.column },
    bytes: OFFSET_BYTES,
    read: (value, tally) => (value as DuckDBListValue | DuckDBArrayValue).items.map((item) => element.read(item, tally)),
  };
}

function struct(members: readonly (readonly [string, ColumnReader])[]): Reader {
  return {
    column: { type: 'struct', members: members.map(([name, { column }]) => ({ name, column })) },
    bytes: 1,
    read(value, tally) {
      const { entries } = value as DuckDBStructValue;
      const read = Object.create(null) as Record<string, ColumnValue>;
      for (const [name, member] of members) read[name] = member.read(entries[name] ?? null, tally);
      return read;
    },
  };
}

function map(key: ColumnReader, inner: ColumnReader): Reader {
  return {
    column: { type: 'map', key: key.column, value: inner.column },
    bytes: OFFSET_BYTES,
    read: (value, tally) => (value as DuckDBMapValue).entries.map((entry) => ({ key: key.read(entry.key, tally), value: inner.read(entry.value, tally) })),
  };
}
