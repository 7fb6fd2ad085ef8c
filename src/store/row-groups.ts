import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js';
import { ByteWriter } from 'hyparquet-writer';
import { serializeTCompactProtocol } from 'hyparquet-writer/src/thrift.js';
import type { Files } from './files.ts';

/**
 * Parquet files as pieces: files of one row group each are joined into one, and taken apart again. The bytes of a row group
 * stay what they are; of the footer only positions, counts and metadata are written anew, and whatever else is in it stays.
 * Each row group but the first begins at a multiple of 128 KiB, so that one which grew does not move the next ones against
 * the blocks that file systems and backups compare. Readers find row groups by their positions; what lies between is zero.
 */

export const ALIGNMENT_BYTES: number = 128 * 1024;

/** A struct of Thrift: the fields that are looked at, by their numbers in Parquet's `parquet.thrift`, and whatever else is in it. */
type Struct = { [field in `field_${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 11 | 12 | 14}`]?: unknown };

/** A file whose bytes are copied. */
export interface Source {
  /** Hands over the bytes between two positions, a part at a time. */
  read(start: number, end: number, take: (bytes: Uint8Array) => void): Promise<void>;
}

export interface RowGroup {
  /** What it is read from, and where it is there. */
  readonly source: Source;
  readonly start: number;
  readonly end: number;
  readonly rows: number;
  /** The least value of each column by its name, where it is known exactly. */
  readonly least: ReadonlyMap<string, string>;
  readonly greatest: ReadonlyMap<string, string>;
  readonly struct: Struct;
}

export interface ParquetPieces {
  readonly groups: readonly RowGroup[];
  /** The program that wrote them, with its version. */
  readonly writer: string;
  /** The footer without row groups. */
  readonly footer: Struct;
}

const MAGIC = Buffer.from('PAR1');
/** Its length, and the magic bytes again. */
const END_BYTES = 8;
const COPY_BYTES = 1024 * 1024;

/**
 * @param opened the file, and what its row groups are to be read from, if it is open already
 * @throws when the row groups cannot be told apart: DuckDB puts what belongs to several of them behind the last
 */
export function readPieces(files: Files, path: string, opened?: { readonly file: number; readonly source: Source }): ParquetPieces {
  const file = opened?.file ?? files.openToRead(path);
  const source = opened?.source ?? sourceAt(files, path);
  try {
    const size = files.size(path);
    const end = Buffer.alloc(END_BYTES);
    files.read(file, end, size - END_BYTES);
    const footerStart = size - END_BYTES - end.readUInt32LE(0);
    if (footerStart < MAGIC.length) throw new Error(`${path} is no Parquet file`);
    const bytes = Buffer.alloc(end.readUInt32LE(0));
    files.read(file, bytes, footerStart);
    const { field_4: structs, ...footer } = deserializeTCompactProtocol({
      view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      offset: 0,
    }) as Struct & { field_4: readonly Struct[] };
    const starts = structs.map(({ field_5: offset }) => Number(offset));
    const groups = structs.map((struct, index) => rowGroupOf(source, struct, starts[index] ?? 0, starts[index + 1] ?? footerStart));
    const isApart = groups.every(({ struct, start, end: last }) => columnsOf(struct).every((column) => isWithin(column, start, last)));
    if (!isApart) throw new Error(`the row groups of ${path} cannot be told apart`);
    return { groups, writer: footer.field_6 instanceof Uint8Array ? textOf(footer.field_6) : '', footer };
  } finally {
    if (opened === undefined) files.close(file);
  }
}

function rowGroupOf(source: Source, struct: Struct, start: number, end: number): RowGroup {
  const least = new Map<string, string>();
  const greatest = new Map<string, string>();
  for (const { field_3: names, field_12: statistics } of columnsOf(struct)) {
    const { field_5: most, field_6: first, field_7: isMostExact, field_8: isFirstExact } = (statistics ?? {}) as Struct;
    const [name, ...inner] = names as readonly Uint8Array[];
    if (name === undefined || inner.length > 0) continue;
    if (first instanceof Uint8Array && isFirstExact === true) least.set(textOf(name), textOf(first));
    if (most instanceof Uint8Array && isMostExact === true) greatest.set(textOf(name), textOf(most));
  }
  return { source, start, end, rows: Number(struct.field_3), least, greatest, struct };
}

/** Whether all values of a column in a row group come before all of the next one. False also when that is not known. */
export function areInOrder(groups: readonly RowGroup[], column: string): boolean {
  return groups.every((group, index) => {
    const least = group.least.get(column);
    const before = groups[index - 1]?.greatest.get(column);
    if (least === undefined || !group.greatest.has(column)) return false;
    return index === 0 || (before !== undefined && Buffer.compare(Buffer.from(before), Buffer.from(least)) < 0);
  });
}

/** What is known of the column chunks of a row group. */
function columnsOf(struct: Struct): readonly Struct[] {
  return (struct.field_1 as readonly Struct[]).map((chunk) => chunk.field_3 as Struct);
}

/** Pages, dictionary page, and Bloom filter. */
const POSITIONS = ['field_9', 'field_11', 'field_14'] as const;

function isWithin(column: Struct, start: number, end: number): boolean {
  return POSITIONS.every((name) => column[name] === undefined || (Number(column[name]) >= start && Number(column[name]) < end));
}

/** The row group as it is described when its bytes have been moved. */
function moved(struct: Struct, by: bigint): Struct {
  const column = (before: Struct): Struct => {
    const after = { ...before };
    for (const name of POSITIONS) if (typeof after[name] === 'bigint') after[name] += by;
    return after;
  };
  const chunks = (struct.field_1 as readonly Struct[]).map((chunk) => ({ ...chunk, field_3: column(chunk.field_3 as Struct) }));
  return { ...struct, field_1: chunks, field_5: (struct.field_5 as bigint) + by };
}

/**
 * Writes a file of these row groups, in this order; nothing is synced.
 * @param footer of one of the files that they come from
 */
export async function joinRowGroups(
  files: Files,
  path: string,
  groups: readonly RowGroup[],
  footer: Struct,
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const file = files.create(path);
  try {
    files.write(file, MAGIC, 0);
    let position = MAGIC.length;
    const structs: Struct[] = [];
    for (const group of groups) {
      const start = structs.length === 0 ? position : Math.ceil(position / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
      files.write(file, Buffer.alloc(start - position), position);
      position = start;
      await group.source.read(group.start, group.end, (bytes) => {
        files.write(file, bytes, position);
        position += bytes.length;
      });
      structs.push(moved(group.struct, BigInt(start - group.start)));
    }
    const rows = groups.reduce((sum, group) => sum + group.rows, 0);
    const pairs = Object.entries(metadata).map(([key, value]) => ({ field_1: key, field_2: value }));
    const writer = new ByteWriter();
    // In the order of the fields' numbers.
    const { field_1: version, field_2: schema, field_6: createdBy, field_7: orders } = footer;
    serializeTCompactProtocol(writer, {
      field_1: version,
      field_2: schema,
      field_3: BigInt(rows),
      field_4: structs,
      field_5: pairs,
      field_6: createdBy,
      field_7: orders,
    });
    writer.appendUint32(writer.offset);
    writer.appendBytes(MAGIC);
    files.write(file, writer.getBytes(), position);
  } finally {
    files.close(file);
  }
}

/** The owner has a turn of its event loop after each part. */
function sourceAt(files: Files, path: string): Source {
  return {
    async read(start, end, take) {
      const file = files.openToRead(path);
      try {
        const bytes = Buffer.allocUnsafeSlow(Math.min(COPY_BYTES, end - start));
        for (let position = start; position < end; position += bytes.length) {
          const part = bytes.subarray(0, Math.min(bytes.length, end - position));
          if (files.read(file, part, position) < part.length) throw new Error(`${path} ends before its row group does`);
          take(part);
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        files.close(file);
      }
    },
  };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
