import fc from 'fast-check';
import type { Kind, Schema } from '../../schemas/kind.ts';
import type { Fields } from './rig.ts';

/** Valid records of a kind, made from its schema, with everything in them that some writer of JSON spells differently. */

/** Characters that JSON, SQL, UTF-16 or the store's own separators treat in a way of their own. */
const AWKWARD = [
  '"',
  "'",
  '\\',
  '/',
  '\b',
  '\f',
  '\n',
  '\r',
  '\t',
  '\u0000',
  '\u0001',
  '\u001e',
  '\u001f',
  '\u007f',
  '\u0080',
  '\u2028',
  '\u2029',
  '\ufeff',
  '\ufffd',
  'é',
  'ß',
  '漢',
  '😀',
  '👩‍🚀',
  '$1',
  '%',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  ' ',
  '\\u0041',
  '\\n',
  'null',
  '<',
  '>',
];

const character = fc.oneof(
  fc.constantFrom(...AWKWARD),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);

const LONE_SURROGATE = /\p{Surrogate}/u;

/** `minLength` counts characters; some of these pieces are several. */
export function text(minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc
    .array(character, { minLength, maxLength: Math.max(minLength, Math.min(maxLength, 12)) })
    .map((pieces) => [...pieces.join('')].slice(0, maxLength).join(''))
    .filter((made) => !LONE_SURROGATE.test(made));
}

const digits = (value: number, length: number): string => String(value).padStart(length, '0');

export const dateTime: fc.Arbitrary<string> = fc
  .record({
    ms: fc
      .integer({ min: Date.UTC(1, 0, 2) - 1_900 * 31_556_952_000, max: Date.UTC(9999, 11, 30) })
      .map((ms) => Math.max(ms, Date.parse('0001-01-02T00:00:00Z'))),
    fraction: fc.oneof(
      fc.constant(''),
      fc.integer({ min: 0, max: 999_999_999 }).map((nanoseconds) => `.${digits(nanoseconds, 9)}`),
      fc.constantFrom('.0', '.5', '.120', '.000001', '.999999'),
    ),
    zone: fc.constantFrom('Z', 'z', '+00:00', '-00:00', '+01:00', '-11:30', '+13:45'),
    separator: fc.constantFrom('T', 't'),
  })
  .map(({ ms, fraction, zone, separator }) => new Date(ms).toISOString().slice(0, 19).replace('T', separator) + fraction + zone);

const macAddress = fc
  .tuple(fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 6, maxLength: 6 }), fc.constantFrom(':', '-'), fc.boolean())
  .map(([bytes, separator, upper]) => {
    const mac = bytes.map((byte) => digits(0, 2).slice(byte.toString(16).length) + byte.toString(16)).join(separator);
    return upper ? mac.toUpperCase() : mac;
  });

const xname = (parts: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 })
    .map((numbers) => parts.map((part, index) => part + (index === 0 ? '' : String(numbers[index - 1] ?? 0))).join(''));

const FORMATS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'date-time': dateTime,
  'mac-address': macAddress,
  uuid: fc.uuid().map((uuid) => (uuid.charCodeAt(0) % 2 === 0 ? uuid.toUpperCase() : uuid)),
  ipv4: fc.ipV4(),
  ipv6: fc.constantFrom('::1', '2001:db8::17', '2001:DB8:0:0:0:0:0:17', 'fe80::1', '::ffff:192.0.2.1'),
  'xname-node': xname(['x1000', 'c', 's', 'b', 'n']),
  'xname-bmc': xname(['x1000', 'c', 's', 'b']),
  xname: fc.constantFrom('d0', 'x1000c0r3', 'x01000c00'),
  email: fc.constant('someone@example.org'),
  uri: fc.constant('https://example.org/a?b=c#d'),
};

const number = fc.oneof(
  fc.constantFrom(
    0,
    -0,
    1,
    -1,
    5,
    0.1,
    -0.1,
    1e21,
    1e-7,
    1e20,
    123456789012345680000,
    1.5e300,
    5e-324,
    2.2250738585072014e-308,
    Number.MAX_VALUE,
    Number.MAX_SAFE_INTEGER,
    2 ** 63,
    0.1 + 0.2,
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
);

const safeName = text(0, 8).filter((name) => name !== '__proto__');
/** Free-form JSON: what clients may put into `extended_data`. */
export const freeForm: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4, depthSize: 'small' }, fc.constant(null), fc.boolean(), number, text(0, 12), tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 3 }),
  object: fc.dictionary(safeName, tie('value'), { maxKeys: 3 }),
}))['value'] as fc.Arbitrary<unknown>;

interface Limits extends Schema {
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly anyOf?: readonly Schema[];
}

function madeBy(root: Schema, given: Schema): fc.Arbitrary<unknown> {
  const schema = (given.$ref === undefined ? given : root.$defs?.[given.$ref.slice('#/$defs/'.length)]) as Limits;
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'string': {
      const format = schema.format ?? schema.anyOf?.[0]?.format;
      const made = (format === undefined ? undefined : FORMATS[format]) ?? text(schema.minLength ?? 0, schema.maxLength ?? 12);
      const { pattern } = schema;
      return pattern === undefined ? made : made.filter((candidate) => new RegExp(pattern, 'u').test(candidate));
    }
    case 'integer':
      return fc
        .oneof(fc.maxSafeInteger(), fc.constantFrom(0, Number.MAX_SAFE_INTEGER))
        .filter((made) => made >= (schema.minimum ?? made) && made <= (schema.maximum ?? made));
    case 'number':
      return number;
    case 'boolean':
      return fc.boolean();
    case 'array':
      return schema.items === undefined ? fc.array(freeForm, { maxLength: 3 }) : fc.array(madeBy(root, schema.items), { maxLength: 3 });
    default:
      if (schema.properties !== undefined) return objectOf(root, schema);
      if (typeof schema.additionalProperties === 'object') return fc.dictionary(safeName, madeBy(root, schema.additionalProperties), { maxKeys: 3 });
      return fc.dictionary(safeName, freeForm, { maxKeys: 4 });
  }
}

function objectOf(root: Schema, schema: Schema): fc.Arbitrary<Fields> {
  const required = schema.required ?? [];
  const members: Record<string, fc.Arbitrary<unknown>> = {};
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (property.readOnly === true || property.writeOnly === true) continue;
    const made = madeBy(root, property);
    members[name] = required.includes(name) ? made : fc.option(made, { nil: undefined, freq: 2 });
  }
  return fc.record(members).map((record) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)));
}

/** Records that the kind's validator agrees with; unique values may collide. */
export function recordsOf(kind: Kind): fc.Arbitrary<Fields> {
  return objectOf(kind.schema, kind.schema);
}
