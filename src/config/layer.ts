import { configValidator } from '../generated/config-validator.ts';
import { closest } from './closest.ts';
import { CONFIG_SCHEMA, type ConfigError, type ConfigSchema } from './config-schema.ts';
import { type Elements, elementName, type Path } from './elements.ts';
import { CONFIG_FORMATS } from './formats.ts';
import { periodTextOf } from './period.ts';
import { parseDurationMs, parseSizeBytes } from './units.ts';

/** One source of configuration (the file, one variable, one flag), checked against the schema and put into its types. */

export interface Mistake {
  /** The file with its line, the variable or the flag. */
  readonly place: string;
  /** As `elementName` writes it, `''` for the whole. */
  readonly element: string;
  readonly reason: string;
}

export interface LayerOptions {
  /** Numbers and booleans are text here, as in flags and the environment. */
  readonly fromText: boolean;
  /** Where an element stands. */
  place(path: Path): string;
}

export interface Layer {
  /** Empty when anything is wrong. */
  readonly elements: Elements;
  /** Converted as far as that goes, for checks that find further mistakes. */
  readonly given: Elements;
}

const SUGGESTIONS: Readonly<Record<string, string>> = {
  'auth.secret': 'a secret does not belong into the file: use secretFile, or the environment variable HOLDFAST_JWT_SECRET',
  'agent.password': 'a secret does not belong into the file: use passwordFile, or the environment variable HOLDFAST_AGENT_PASSWORD',
};

const validate = configValidator(
  Object.fromEntries(Object.entries(CONFIG_FORMATS).map(([name, reasonAgainst]) => [name, (text: string): boolean => reasonAgainst(text) === undefined])),
);

/** Converts and checks; adds what is wrong to `mistakes`. */
export function checkLayer(source: Elements, options: LayerOptions, mistakes: Mistake[]): Layer {
  const before = mistakes.length;
  const given = converted(CONFIG_SCHEMA, source, [], options, mistakes) as Elements;
  // An element that could not be converted was already reported and would only be reported again, in other words.
  const reported = new Set(mistakes.slice(before).map(({ element }) => element));
  if (!validate(given)) {
    for (const error of validate.errors ?? []) {
      const path = pathOf(CONFIG_SCHEMA, error.instancePath);
      if (reported.has(elementName(path))) continue;
      mistakes.push(mistakeOf(error, path, options));
    }
  }
  return { elements: mistakes.length === before ? given : {}, given };
}

function converted(schema: ConfigSchema, value: unknown, path: Path, options: LayerOptions, mistakes: Mistake[]): unknown {
  const shorthand = schema['x-shorthand'];
  if (shorthand !== undefined && (typeof value === 'number' || typeof value === 'string')) {
    return converted(schema, { [shorthand]: value }, path, options, mistakes);
  }
  // A section, a map or a list whose content is all commented out reads as null.
  if (schema.type === 'object') return convertedMap(schema, value ?? {}, path, options, mistakes);
  if (schema.type === 'array') {
    const items = value ?? [];
    if (!Array.isArray(items) || schema.items === undefined) return items;
    const itemSchema = schema.items;
    return items.map((item, index) => converted(itemSchema, item, [...path, index], options, mistakes));
  }
  if (schema.format === 'period' && typeof value !== 'string') {
    const period = periodTextOf(value);
    if (typeof period !== 'string') return period.text;
    mistakes.push({ place: options.place(path), element: elementName(path), reason: period });
    return value;
  }
  if (typeof value !== 'string') return value;
  if (schema.type === 'integer') {
    const number = integerOf(value, schema, options);
    if (number !== undefined) return number;
    mistakes.push({ place: options.place(path), element: elementName(path), reason: `"${value}" is no ${WANTED[schema['x-unit'] ?? 'none']}` });
    return value;
  }
  if (schema.type === 'boolean' && options.fromText) {
    if (value === 'true' || value === '1') return true;
    if (value === 'false' || value === '0') return false;
  }
  return value;
}

function convertedMap(schema: ConfigSchema, value: unknown, path: Path, options: LayerOptions, mistakes: Mistake[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const copy: Elements = {};
  for (const [name, child] of Object.entries(value)) {
    const childSchema = entrySchema(schema, name);
    const kept = childSchema === undefined ? child : converted(childSchema, child, [...path, name], options, mistakes);
    Object.defineProperty(copy, name, { value: kept, enumerable: true, writable: true, configurable: true });
  }
  return copy;
}

const WANTED = { ms: 'duration like 250ms, 60s or 5m', seconds: 'duration like 30s', bytes: 'size like 64KiB or 1GiB', none: 'whole number' } as const;

function integerOf(text: string, schema: ConfigSchema, options: LayerOptions): number | undefined {
  if (/^\d{1,15}$/.test(text.trim()) && (options.fromText || schema['x-unit'] !== undefined)) return Number(text);
  const unit = schema['x-unit'];
  if (unit === undefined) return undefined;
  if (unit === 'bytes') return parseSizeBytes(text);
  const durationMs = parseDurationMs(text);
  return unit === 'ms' || durationMs === undefined ? durationMs : durationMs / 1000;
}

function mistakeOf(error: ConfigError, path: Path, options: LayerOptions): Mistake {
  const at = (where: Path, reason: string): Mistake => ({ place: options.place(where), element: elementName(where), reason });
  switch (error.keyword) {
    case 'additionalProperties': {
      const name = String(error.params['additionalProperty']);
      const where = [...path, name];
      const known = Object.keys(schemaAt(CONFIG_SCHEMA, path)?.properties ?? {});
      const meant = closest(name, known);
      return at(
        where,
        SUGGESTIONS[elementName(where)] ?? (meant === undefined ? `unknown; known here: ${known.join(', ')}` : `unknown; did you mean ${meant}?`),
      );
    }
    case 'required': {
      const missing = at([...path, String(error.params['missingProperty'])], 'is missing');
      return { ...missing, place: options.place(path) };
    }
    case 'enum':
      return at(path, `must be one of ${(error.params['allowedValues'] as readonly string[]).join(', ')}`);
    case 'format':
      return at(path, CONFIG_FORMATS[String(error.params['format'])]?.(String(error.data)) ?? 'is of another format');
    case 'type':
      // YAML reads 1.10 as 1.1 and `no` as false: only the writer knows what was meant.
      if (error.params['type'] === 'string' && (typeof error.data === 'number' || typeof error.data === 'boolean'))
        return at(path, 'must be text: put it into quotes');
      if (error.params['type'] === 'string' && error.data === null) return at(path, 'is empty (the word null counts as empty; "null" in quotes is a word)');
      return at(path, error.message ?? error.keyword);
    default:
      return at(path, error.message ?? error.keyword);
  }
}

function entrySchema(schema: ConfigSchema, name: string): ConfigSchema | undefined {
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, name)) return schema.properties[name];
  return schema.additionalProperties === false ? undefined : schema.additionalProperties;
}

function schemaAt(root: ConfigSchema, path: Path): ConfigSchema | undefined {
  let schema: ConfigSchema | undefined = root;
  for (const step of path) schema = schema === undefined ? undefined : typeof step === 'number' ? schema.items : entrySchema(schema, step);
  return schema;
}

/** The path of a JSON pointer, in which entries of maps and places in lists look alike. */
function pathOf(root: ConfigSchema, pointer: string): Path {
  const path: (string | number)[] = [];
  for (const segment of pointer.split('/').slice(1)) {
    const step = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(schemaAt(root, path)?.type === 'array' ? Number(step) : step);
  }
  return path;
}
