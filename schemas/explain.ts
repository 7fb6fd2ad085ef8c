import type { FaultDetail } from '../src/faults.ts';
import { pointerInto } from '../src/json-pointer.ts';
import { NOT_THE_MASK } from './derive.ts';
import type { Kind } from './kind.ts';

/**
 * Turns what Ajv found into sentences for the person who sent the record. Values are never repeated: one of them may be
 * a secret in the wrong place.
 */

/** The part of Ajv's ErrorObject that is used here. */
export interface ValidationError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly params: Params;
  /** The member name that was being checked, below `propertyNames`. */
  readonly propertyName?: string;
}

/** What the keywords say about themselves, each only some of it. */
interface Params {
  readonly additionalProperty?: unknown;
  readonly allowedValue?: unknown;
  readonly allowedValues?: unknown;
  readonly format?: unknown;
  readonly i?: unknown;
  readonly j?: unknown;
  readonly limit?: unknown;
  readonly missingProperty?: unknown;
  readonly multipleOf?: unknown;
  readonly passingSchemas?: unknown;
  readonly pattern?: unknown;
  readonly property?: unknown;
  readonly type?: unknown;
  readonly unevaluatedProperty?: unknown;
}

export interface Validator {
  (record: unknown): boolean;
  readonly errors?: readonly ValidationError[] | null;
}

/** A kind together with what checks its records: up to the first flaw, fast, or all of them. */
export interface CheckedKind {
  readonly kind: Kind;
  readonly judge: Validator;
  readonly explainer: Validator;
}

const FORMAT_NOUNS: Readonly<Record<string, string>> = {
  uuid: 'a UUID',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address without a zone',
  'mac-address': 'a MAC address like 00:00:5e:00:53:17',
  'date-time': 'a date and time like 2026-11-22T02:10:00Z (RFC 3339)',
  email: 'an email address',
  uri: 'an absolute URI',
  'xname-node': 'the xname of a node like x3000c0s17b1n0',
  'xname-bmc': 'the xname of a BMC like x3000c0s17b1',
  xname: 'an xname like x3000c0s17b1n0',
};
const TYPE_NOUNS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  integer: 'an integer',
  boolean: 'true or false',
  array: 'an array',
  object: 'an object',
  null: 'null',
};

/** Ajv's errors for a record of the kind `kindName`, at most `max` of them, each place and sentence once. */
export function explain(kindName: string, errors: readonly ValidationError[], max: number): readonly FaultDetail[] {
  const seen = new Set<string>();
  const details: FaultDetail[] = [];
  for (const error of withoutNoise(errors)) {
    const detail = error.propertyName === undefined ? sentence(kindName, error, errors) : `its name ${sentence(kindName, error, errors)}`;
    const pointer = pointerOf(error);
    const identity = `${pointer}\n${detail}`;
    if (seen.has(identity)) continue;
    seen.add(identity);
    details.push({ pointer, detail });
    if (details.length === max) break;
  }
  return details;
}

/** Without what the branches of anyOf and the like said (their own error sums it up), and without errors that only announce others. */
function withoutNoise(errors: readonly ValidationError[]): readonly ValidationError[] {
  const composites = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf');
  return errors.filter((error) => {
    if (error.keyword === 'propertyNames' || error.keyword === 'if') return false;
    return !composites.some((composite) => isBranchError(composite, error));
  });
}

function isBranchError(composite: ValidationError, error: ValidationError): boolean {
  return error.schemaPath.startsWith(`${composite.schemaPath}/`) && error.instancePath.startsWith(composite.instancePath);
}

function pointerOf({ instancePath, params, propertyName }: ValidationError): string {
  const member = propertyName ?? params.additionalProperty ?? params.unevaluatedProperty ?? params.missingProperty;
  return typeof member === 'string' ? pointerInto(instancePath, member) : instancePath;
}

function sentence(kindName: string, error: ValidationError, all: readonly ValidationError[]): string {
  const { keyword, params } = error;
  const limit = String(params.limit);
  switch (keyword) {
    case 'type':
      return `must be ${either([params.type].flat().map((type) => TYPE_NOUNS[String(type)] ?? String(type)))}`;
    case 'required':
      return 'is required';
    case 'dependentRequired':
      return `is required beside ${String(params.property)}`;
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return `is not a property of ${ownerOf(kindName, error.schemaPath)}`;
    case 'enum':
      return `must be one of ${(params.allowedValues as readonly unknown[]).map(plain).join(', ')}`;
    case 'const':
      return `must be ${plain(params.allowedValue)}`;
    case 'format':
      return `is not ${FORMAT_NOUNS[String(params.format)] ?? `a value of the format ${String(params.format)}`}`;
    case 'pattern':
      return params.pattern === NOT_THE_MASK
        ? 'is the mask that hides a secret, not a secret: leave it out to keep the one that is stored'
        : `must match the pattern ${String(params.pattern)}`;
    case 'minLength':
      return limit === '1' ? 'must not be empty' : `must have at least ${limit} characters`;
    case 'maxLength':
      return `must have at most ${limit} characters`;
    case 'minItems':
      return limit === '1' ? 'must not be empty' : `must have at least ${limit} items`;
    case 'maxItems':
      return `must have at most ${limit} items`;
    case 'minProperties':
      return limit === '1' ? 'must not be empty' : `must have at least ${limit} members`;
    case 'maxProperties':
      return `must have at most ${limit} members`;
    case 'uniqueItems':
      return `must not have the same item twice (${String(params.j)} and ${String(params.i)} are equal)`;
    case 'minimum':
      return `must be at least ${limit}`;
    case 'maximum':
      return `must be at most ${limit}`;
    case 'exclusiveMinimum':
      return `must be greater than ${limit}`;
    case 'exclusiveMaximum':
      return `must be less than ${limit}`;
    case 'multipleOf':
      return `must be a multiple of ${String(params.multipleOf)}`;
    case 'anyOf':
    case 'oneOf':
      return alternatives(error, all);
    case 'not':
    case 'false schema':
      return 'is not allowed here';
    default:
      return `does not satisfy "${keyword}" of the schema`;
  }
}

/** One sentence for branches of which none fits: "needs one of id, xname" or "is not an IPv4 address or an IPv6 address". */
function alternatives(composite: ValidationError, all: readonly ValidationError[]): string {
  if (Array.isArray(composite.params.passingSchemas)) return 'fits more than one of the alternatives in the schema, of which exactly one must hold';
  const branches = all.filter((error) => isBranchError(composite, error) && error.instancePath === composite.instancePath);
  const only = (keyword: string): boolean => branches.length > 0 && branches.every((error) => error.keyword === keyword);
  if (only('required')) return `needs one of ${branches.map(({ params }) => String(params.missingProperty)).join(', ')}`;
  if (only('type')) return `must be ${either(branches.map(({ params }) => TYPE_NOUNS[String(params.type)] ?? String(params.type)))}`;
  if (only('format')) return `is not ${either(branches.map(({ params }) => FORMAT_NOUNS[String(params.format)] ?? String(params.format)))}`;
  return 'fits none of the alternatives in the schema';
}

function either(nouns: readonly string[]): string {
  return [...new Set(nouns)].join(' or ');
}

/** Words of an enum stand as they are; anything else as JSON. */
function plain(value: unknown): string {
  return typeof value === 'string' && /^[\w.-]+$/.test(value) ? value : JSON.stringify(value);
}

/** The name of the definition or property whose object has a member too many, or of the kind. */
function ownerOf(kindName: string, schemaPath: string): string {
  const segments = schemaPath.split('/');
  for (let index = segments.length - 2; index > 0; index--) {
    if (segments[index] === 'properties' || segments[index] === '$defs') return segments[index + 1] ?? kindName;
  }
  return kindName;
}
