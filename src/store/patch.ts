import { applyPatch, type Operation } from 'rfc6902';
import { done, fail, messageOf, type Result } from '../faults.ts';
import type { PatchDocument } from '../protocol/commands.ts';
import { RECORD_BYTES_MAX } from '../protocol/slab.ts';

type Fields = Record<string, unknown>;

const OPERATIONS_MAX = 10_000;
const PATCH_OPERATIONS = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

/** A patched copy of a record, not yet checked against its schema. `record` may be changed. */
export function patched(record: Fields, patch: PatchDocument): Result<Fields> {
  if (patch.type === 'json') return jsonPatched(record, patch.document);
  const result = mergePatched(record, patch.document);
  return isObject(result) ? done(result) : fail('invalid-request', 'a merge patch for a record is a JSON object');
}

/** RFC 7396, section 2. */
function mergePatched(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Fields = isObject(target) ? target : {};
  for (const [name, value] of Object.entries(patch)) {
    // Assigned, it would be the copy's prototype and not a member.
    if (name === '__proto__') continue;
    if (value === null) delete result[name];
    else result[name] = mergePatched(result[name], value);
  }
  return result;
}

/** RFC 6902; a failed `test` or a path that leads nowhere is `patch-failed`. */
function jsonPatched(record: Fields, document: unknown): Result<Fields> {
  if (!Array.isArray(document) || document.length > OPERATIONS_MAX) {
    return fail('invalid-request', `a JSON patch is an array of at most ${OPERATIONS_MAX} operations`);
  }
  const holder = { record };
  for (const [index, operation] of document.entries()) {
    const wrong = operationProblem(operation);
    if (wrong !== undefined) return fail('invalid-request', `operation ${index} of the patch ${wrong}`, [{ pointer: `/${index}`, detail: wrong }]);
    const error = errorOf(holder, operation as Operation);
    if (error !== undefined) {
      return fail('patch-failed', `operation ${index} of the patch does not fit the record: ${reasonOf(error, operation as Operation)}`);
    }
    // A few copies of the root into itself would fill the memory.
    if ((operation as Operation).op === 'copy' && isTooLarge(holder)) {
      return fail('too-large', `the patched record is larger than ${RECORD_BYTES_MAX} bytes`);
    }
  }
  return isObject(holder.record) ? done(holder.record) : fail('invalid-request', 'the patch leaves something that is no JSON object');
}

/** The library answers with an error, or throws one where the way of a path leads through a text or a number. */
function errorOf(holder: Fields, operation: Operation): Error | undefined {
  try {
    return applyPatch(holder, [insideHolder(operation)])[0] ?? undefined;
  } catch (error) {
    // Also where what it made is too deep to be walked.
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    return new Error(`there is no place for it at ${operation.path}`);
  }
}

/** Of a test that failed the library tells both values, and either may be a password. */
function reasonOf(error: Error, { path }: Operation): string {
  return error.name === 'TestError' ? `${path === '' ? 'it' : path} is not what the test says` : messageOf(error).replaceAll('/record', '');
}

function isTooLarge(holder: Fields): boolean {
  try {
    return JSON.stringify(holder).length > RECORD_BYTES_MAX;
  } catch (error) {
    if (error instanceof RangeError) return true;
    throw error;
  }
}

/** Paths start one level down, so that a patch may replace the whole record. */
function insideHolder(operation: Operation): Operation {
  const moved = { ...operation, path: `/record${operation.path}` };
  if ('from' in operation) return { ...moved, from: `/record${operation.from}` } as Operation;
  return moved as Operation;
}

function operationProblem(operation: unknown): string | undefined {
  if (!isObject(operation)) return 'is not an object';
  const { op, path, from } = operation;
  if (typeof op !== 'string' || !PATCH_OPERATIONS.has(op)) return `needs "op": one of ${[...PATCH_OPERATIONS].join(', ')}`;
  if (typeof path !== 'string' || (path !== '' && !path.startsWith('/'))) return 'needs "path": a JSON pointer';
  if ((op === 'move' || op === 'copy') && (typeof from !== 'string' || (from !== '' && !from.startsWith('/')))) return 'needs "from": a JSON pointer';
  if ((op === 'add' || op === 'replace' || op === 'test') && !('value' in operation)) return 'needs "value"';
  return undefined;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
