import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { closest } from './closest.ts';
import type { ConfigSchema } from './config-schema.ts';
import { parseSchedule } from './snapshot-schedule.ts';
import { parseDurationMs, parseSizeBytes } from './units.ts';

/** One source of configuration (the file, one variable, one flag), checked against the schema and put into its types. */

export type Elements = Record<string, unknown>;

export interface Mistake {
  /** The file with its line, the variable or the flag. */
  readonly place: string;
  /** Dotted, `''` for the whole. */
  readonly element: string;
  readonly reason: string;
}

export interface LayerOptions {
  /** Numbers and booleans are text here, as in flags and the environment. */
  readonly fromText: boolean;
  /** Where an element stands. */
  place(path: readonly string[]): string;
}

const SUGGESTIONS: Readonly<Record<string, string>> = {
  'auth.secret': 'a secret does not belong into the file: use secretFile, or the environment variable HOLDFAST_JWT_SECRET',
};

/** Converts and checks; adds what is wrong to `mistakes`. The answer holds only elements that are right. */
export function checkLayer(schema: ConfigSchema, given: Elements, options: LayerOptions, mistakes: Mistake[]): Elements {
  const before = mistakes.length;
  const elements = converted(schema, given, [], options, mistakes) as Elements;
  // An element that could not be converted was already reported and would only be reported again, in other words.
  const reported = new Set(mistakes.slice(before).map(({ element }) => element));
  const validate = validator(schema);
  if (!validate(elements)) {
    for (const error of validate.errors ?? []) {
      const path = error.instancePath.split('/').slice(1).map(unescapePointer);
      if (reported.has(path.join('.'))) continue;
      mistakes.push(mistakeOf(error, path, schema, options));
    }
  }
  return mistakes.length === before ? elements : {};
}

const validators = new WeakMap<ConfigSchema, ValidateFunction>();

function validator(schema: ConfigSchema): ValidateFunction {
  let validate = validators.get(schema);
  if (validate === undefined) {
    const ajv = new Ajv2020({ allErrors: true, strict: true, verbose: true, ownProperties: true, keywords: ['x-unit', 'x-path', 'x-shorthand'] });
    ajv.addFormat('snapshot-schedule', (text) => typeof parseSchedule(text) !== 'string');
    ajv.addFormat('http-url', (text) => /^https?:\/\//i.test(text) && URL.canParse(text));
    validate = ajv.compile(schema);
    validators.set(schema, validate);
  }
  return validate;
}

function converted(schema: ConfigSchema, value: unknown, path: readonly string[], options: LayerOptions, mistakes: Mistake[]): unknown {
  const shorthand = schema['x-shorthand'];
  if (shorthand !== undefined && (typeof value === 'number' || typeof value === 'string')) {
    return converted(schema, { [shorthand]: value }, path, options, mistakes);
  }
  if (schema.properties !== undefined) {
    // A section whose elements are all commented out reads as null.
    if (value === null || value === undefined) return {};
    if (typeof value !== 'object' || Array.isArray(value)) return value;
    const copy: Elements = {};
    for (const [name, child] of Object.entries(value)) {
      const childSchema = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
      const kept = childSchema === undefined ? child : converted(childSchema, child, [...path, name], options, mistakes);
      Object.defineProperty(copy, name, { value: kept, enumerable: true, writable: true, configurable: true });
    }
    return copy;
  }
  if (typeof value !== 'string') return value;
  if (schema.type === 'integer') {
    const number = integerOf(value, schema, options);
    if (number !== undefined) return number;
    mistakes.push({ place: options.place(path), element: path.join('.'), reason: `"${value}" is no ${WANTED[schema['x-unit'] ?? 'none']}` });
    return value;
  }
  if (schema.type === 'boolean' && options.fromText) {
    if (value === 'true' || value === '1') return true;
    if (value === 'false' || value === '0') return false;
  }
  return value;
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

function mistakeOf(error: ErrorObject, path: readonly string[], root: ConfigSchema, options: LayerOptions): Mistake {
  switch (error.keyword) {
    case 'additionalProperties': {
      const name = String(error.params['additionalProperty']);
      const known = Object.keys(schemaAt(root, path)?.properties ?? {});
      const element = [...path, name].join('.');
      const meant = closest(name, known);
      const reason = SUGGESTIONS[element] ?? (meant === undefined ? `unknown; known here: ${known.join(', ')}` : `unknown; did you mean ${meant}?`);
      return { place: options.place([...path, name]), element, reason };
    }
    case 'required':
      return { place: options.place(path), element: [...path, String(error.params['missingProperty'])].join('.'), reason: 'is missing' };
    case 'enum':
      return {
        place: options.place(path),
        element: path.join('.'),
        reason: `must be one of ${(error.params['allowedValues'] as readonly string[]).join(', ')}`,
      };
    case 'format': {
      const schedule = error.params['format'] === 'snapshot-schedule' ? parseSchedule(String(error.data)) : undefined;
      const reason = typeof schedule === 'string' ? schedule : 'must be a URL that starts with http:// or https://';
      return { place: options.place(path), element: path.join('.'), reason };
    }
    default:
      return { place: options.place(path), element: path.join('.'), reason: error.message ?? error.keyword };
  }
}

function schemaAt(root: ConfigSchema, path: readonly string[]): ConfigSchema | undefined {
  let schema: ConfigSchema | undefined = root;
  for (const name of path) schema = schema?.properties?.[name];
  return schema;
}

function unescapePointer(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}
