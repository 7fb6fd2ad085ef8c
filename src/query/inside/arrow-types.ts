import {
  Binary,
  Bool,
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
  Struct,
  Timestamp,
  TimeUnit,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow';
import type { ColumnType, NamedType, TimestampUnit } from './column-type.ts';

/** The types of columns as Arrow has them. */

export function fieldOf({ name, column }: NamedType, isNullable = true): Field {
  return new Field(name, typeOf(column), isNullable);
}

const UNITS: Readonly<Record<TimestampUnit, TimeUnit>> = {
  milliseconds: TimeUnit.MILLISECOND,
  microseconds: TimeUnit.MICROSECOND,
  nanoseconds: TimeUnit.NANOSECOND,
};
const DECIMAL_BITS = 128;

export function typeOf(column: ColumnType): DataType {
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

export function entryType(key: ColumnType, value: ColumnType): Struct<{ key: DataType; value: DataType }> {
  return new Struct([fieldOf({ name: 'key', column: key }, false), fieldOf({ name: 'value', column: value })]);
}
