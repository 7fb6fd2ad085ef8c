import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  DuckDBUnionValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import { UnwritableError } from './result-writer.ts';

/**
 * Values as JSON texts. Whole numbers that JavaScript cannot hold, and decimals, are strings, so that no reader loses a
 * digit without a word; times are RFC 3339; bytes are base64; and what DuckDB keeps as JSON stands there as it is.
 */
export type ValueText = (value: DuckDBValue) => string;

/** The texts of one type's values. Made once for each column. */
export function valueText(type: DuckDBType): ValueText {
  const text = textOf(type);
  return (value) => (value === null ? 'null' : text(value));
}

/** @throws UnwritableError for a struct whose members share a name, as `row(1, 2)` makes them: all but one would be lost. */
export function checkNames(type: DuckDBType): void {
  switch (type.typeId) {
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
      checkNames(type.valueType);
      break;
    case DuckDBTypeId.MAP:
      checkNames(type.keyType);
      checkNames(type.valueType);
      break;
    case DuckDBTypeId.STRUCT:
      if (new Set(type.entryNames).size < type.entryNames.length || type.entryNames.includes('__proto__'))
        throw new UnwritableError('the members of a struct need names, each another one');
      for (const member of type.entryTypes) checkNames(member);
      break;
    default:
      break;
  }
}

/** The same as text that is not JSON: nothing stands in quotes. Objects and lists are their JSON. */
export function plainTextOf(type: DuckDBType): (value: DuckDBValue) => string {
  const text = valueText(type);
  return (value) => unquoted(text(value));
}

export function unquoted(json: string): string {
  return json.startsWith('"') ? (JSON.parse(json) as string) : json;
}

const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);

function textOf(type: DuckDBType): (value: DuckDBValue) => string {
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.UTINYINT:
    case DuckDBTypeId.USMALLINT:
    case DuckDBTypeId.UINTEGER:
      return String;
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
      return wholeText;
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return (value) => (Number.isFinite(value) ? String(value) : `"${String(value)}"`);
    case DuckDBTypeId.VARCHAR:
      return type.alias === 'JSON' ? freeFormText : stringText;
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
      return listText(valueText(type.valueType));
    case DuckDBTypeId.STRUCT:
      return structText(type.entryNames.map((name, index) => [name, valueText(type.entryTypes[index] as DuckDBType)] as const));
    case DuckDBTypeId.MAP:
      return mapText(type.keyType.typeId === DuckDBTypeId.VARCHAR, valueText(type.keyType), valueText(type.valueType));
    case DuckDBTypeId.UNION:
      return (value) => unionText(value, (tag) => type.memberTypes[type.memberTags.indexOf(tag)]);
    default:
      return plainText;
  }
}

function stringText(value: DuckDBValue): string {
  return JSON.stringify(value);
}

function wholeText(value: DuckDBValue): string {
  const whole = value as bigint;
  return whole <= SAFE_MAX && whole >= -SAFE_MAX ? String(whole) : `"${whole}"`;
}

/** A line feed in JSON stands between tokens only, and would end a line of NDJSON. */
function freeFormText(value: DuckDBValue): string {
  const text = String(value);
  try {
    JSON.parse(text);
  } catch {
    // DuckDB lets through what is not quite JSON.
    return JSON.stringify(text);
  }
  return text.replace(/[\r\n]/g, ' ');
}

function listText(element: ValueText): ValueText {
  return (value) => {
    if (!(value instanceof DuckDBListValue) && !(value instanceof DuckDBArrayValue)) return plainText(value);
    return `[${value.items.map(element).join(',')}]`;
  };
}

function structText(members: readonly (readonly [string, ValueText])[]): ValueText {
  const labelled = members.map(([name, text]) => [name, `${JSON.stringify(name)}:`, text] as const);
  return (value) => {
    if (!(value instanceof DuckDBStructValue)) return plainText(value);
    // Records have no nulls, and neither has what is taken out of them.
    const texts = labelled.flatMap(([name, label, text]) => {
      const member = value.entries[name];
      return member === null || member === undefined ? [] : [label + text(member)];
    });
    return `{${texts.join(',')}}`;
  };
}

function mapText(hasTextKeys: boolean, key: ValueText, inner: ValueText): ValueText {
  return (value) => {
    if (!(value instanceof DuckDBMapValue)) return plainText(value);
    const entries = value.entries.map((entry) => (hasTextKeys ? `${key(entry.key)}:${inner(entry.value)}` : `[${key(entry.key)},${inner(entry.value)}]`));
    return hasTextKeys ? `{${entries.join(',')}}` : `[${entries.join(',')}]`;
  };
}

function unionText(value: DuckDBValue, typeOf: (tag: string) => DuckDBType | undefined): string {
  if (!(value instanceof DuckDBUnionValue)) return plainText(value);
  const type = typeOf(value.tag);
  return type === undefined ? plainText(value.value) : valueText(type)(value.value);
}

/** What has no form of its own in JSON is a string. */
function plainText(value: DuckDBValue): string {
  if (value instanceof DuckDBTimestampTZValue) return timeText(value.micros, 'Z', value.isFinite);
  if (value instanceof DuckDBTimestampValue) return timeText(value.micros, '', value.isFinite);
  if (value instanceof DuckDBBlobValue) return `"${Buffer.from(value.bytes).toString('base64')}"`;
  if (value instanceof DuckDBDecimalValue) return `"${value.toString()}"`;
  return JSON.stringify(String(value));
}

const MICROS_PER_MS = 1000n;
/** Beyond these years RFC 3339 has no form. */
const FIRST_MS = Date.parse('0000-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** With as many digits behind the second as there are, like the times of records. */
function timeText(micros: bigint, zone: string, isMoment: boolean): string {
  if (!isMoment) return micros > 0n ? '"infinity"' : '"-infinity"';
  const remainder = ((micros % MICROS_PER_MS) + MICROS_PER_MS) % MICROS_PER_MS;
  const ms = Number((micros - remainder) / MICROS_PER_MS);
  if (ms < FIRST_MS || ms > LAST_MS) return `"${new DuckDBTimestampValue(micros).toString()}"`;
  const text = `${new Date(ms).toISOString().slice(0, -1)}${String(remainder).padStart(3, '0')}`;
  return `"${text.replace(/\.?0+$/, '')}${zone}"`;
}
