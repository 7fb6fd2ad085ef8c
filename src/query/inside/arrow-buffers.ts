import { Binary, type Data, type List, type Map_, makeData, type Struct, Utf8 } from 'apache-arrow';
import { entryType, typeOf } from './arrow-types.ts';
import type { ColumnType, ColumnValue } from './column-type.ts';

/** The buffers of one column, or of what is in it. */
export function dataOf(column: ColumnType, values: readonly ColumnValue[]): Data {
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
      const entries = items as readonly Readonly<Record<string, ColumnValue>>[];
      const children = [
        dataOf(
          column.key,
          entries.map((entry) => entry['key'] ?? null),
        ),
        dataOf(
          column.value,
          entries.map((entry) => entry['value'] ?? null),
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
      return column.bits === 32 ? Float32Array.from(numbers(values)) : Float64Array.from(numbers(values));
    case 'integer':
      return integers(column.bits, column.isSigned, values);
  }
}

function numbers(values: readonly ColumnValue[]): number[] {
  return values.map((value) => (value ?? 0) as number);
}

function integers(bits: 8 | 16 | 32 | 64, isSigned: boolean, values: readonly ColumnValue[]): ArrayBufferView {
  switch (bits) {
    case 8:
      return isSigned ? Int8Array.from(numbers(values)) : Uint8Array.from(numbers(values));
    case 16:
      return isSigned ? Int16Array.from(numbers(values)) : Uint16Array.from(numbers(values));
    case 32:
      return isSigned ? Int32Array.from(numbers(values)) : Uint32Array.from(numbers(values));
    case 64: {
      const wholes = values.map((value) => (value ?? 0n) as bigint);
      return isSigned ? BigInt64Array.from(wholes) : BigUint64Array.from(wholes);
    }
  }
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
