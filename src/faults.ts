import { constants } from 'node:os';

/**
 * Every expected failure of Holdfast. A fault is a value: a code from this one table and what happened, in words.
 * It crosses threads as plain data and becomes an RFC 9457 problem at the HTTP border.
 */

export const FAULTS = {
  'malformed-json': { status: 400, title: 'The body is not acceptable JSON', retryable: false },
  'invalid-encoding': { status: 400, title: 'The text is not valid UTF-8', retryable: false },
  invalid: { status: 400, title: 'The record does not match its schema', retryable: false },
  'invalid-parameter': { status: 400, title: 'A parameter, header or member of the request is not acceptable', retryable: false },
  'invalid-id': { status: 400, title: 'The id in the path is malformed', retryable: false },
  'invalid-request': { status: 400, title: 'The request is malformed', retryable: false },
  unauthorized: { status: 401, title: 'Valid credentials are needed', retryable: false },
  forbidden: { status: 403, title: 'The token does not allow this', retryable: false },
  'not-found': { status: 404, title: 'The resource does not exist', retryable: false },
  'method-not-allowed': { status: 405, title: 'The resource does not have this method', retryable: false },
  conflict: { status: 409, title: 'Another record stands in the way', retryable: false },
  'patch-failed': { status: 409, title: 'The patch does not fit the current record', retryable: false },
  'precondition-failed': { status: 412, title: 'The record has another revision', retryable: false },
  'too-large': { status: 413, title: 'The body is larger than the limit', retryable: false },
  'uri-too-long': { status: 414, title: 'The URL is longer than the limit', retryable: false },
  'unsupported-media-type': { status: 415, title: 'The content type is not supported here', retryable: false },
  'not-acceptable': { status: 406, title: 'No representation fits the Accept header', retryable: false },
  'idempotency-mismatch': { status: 422, title: 'The idempotency key was used with another request', retryable: false },
  'too-many-failures': { status: 429, title: 'Too many failed attempts from one address', retryable: true },
  'too-many-requests': { status: 429, title: 'One client asks for too much at once', retryable: true },
  overloaded: { status: 503, title: 'Too much is waiting', retryable: true },
  recovering: { status: 503, title: 'The server is recovering', retryable: true },
  stopping: { status: 503, title: 'The server is stopping', retryable: true },
  'not-durable': { status: 503, title: 'The change could not be made durable and was not made', retryable: true },
  'outcome-unknown': { status: 503, title: 'The outcome is not known', retryable: false },
  'reservation-id-taken': { status: 412, title: 'The plugin chose a reservation id that is held already', retryable: false },
  'wrong-state': { status: 409, title: 'The reservation is in another state', retryable: false },
  'join-refused': { status: 500, title: 'The plugin refused the join', retryable: false },
  'plugin-failed': { status: 502, title: 'The plugin broke down', retryable: false },
  'plugin-timeout': { status: 504, title: 'The plugin exceeded its time limit', retryable: false },
  'snapshot-failed': { status: 500, title: 'The snapshot could not be taken', retryable: true },
  'invalid-sql': { status: 400, title: 'The SQL cannot be carried out', retryable: false },
  'forbidden-sql': { status: 403, title: 'The SQL asks for something that is not allowed', retryable: false },
  'result-too-large': { status: 413, title: 'The result is larger than the limit', retryable: false },
  'query-resources': { status: 507, title: 'The query needs more memory than it may have', retryable: false },
  'query-failed': { status: 500, title: 'The query could not be run', retryable: false },
  timeout: { status: 504, title: 'The time limit passed', retryable: true },
  internal: { status: 500, title: 'A defect in the server', retryable: false },
} as const;

export type FaultCode = keyof typeof FAULTS;

/** One place in a body or a query that is wrong. `pointer` is an RFC 6901 JSON pointer, `''` for the whole. */
export interface FaultDetail {
  readonly pointer: string;
  readonly detail: string;
}

export interface Fault {
  readonly code: FaultCode;
  readonly detail: string;
  readonly errors?: readonly FaultDetail[];
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Fault };

export function done<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function fail(code: FaultCode, detail: string, errors?: readonly FaultDetail[]): { ok: false; fault: Fault } {
  return { ok: false, fault: errors === undefined ? { code, detail } : { code, detail, errors } };
}

/** The text of whatever was thrown: `throw` takes any value, and some native modules use that. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  return String(error);
}

/** The `code` of a system error (`ENOSPC`, `EIO`, …), or undefined. */
export function systemCodeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error) || typeof error.code !== 'string') return undefined;
  const { code } = error;
  if (!UNNAMED.test(code) || !('errno' in error) || typeof error.errno !== 'number') return code;
  return SYSTEM_NAMES.get(-error.errno) ?? `E${-error.errno}`;
}

/** The code of errors that Node has no name for, EDQUOT among them: they are known by their numbers only. */
const UNNAMED = /^(UNKNOWN$|Unknown system error)/;
const SYSTEM_NAMES: ReadonlyMap<number, string> = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

/** A full disk or quota: there may be room again later. */
export const NO_ROOM: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** EX_IOERR of sysexits.h: the disk or the store failed, and a restart finds out what is there. */
export const IO_ERROR = 74;
/** Exit code when a part of the process has ended by a defect that the others cannot do without. */
export const SOFTWARE_ERROR = 70;

export function unreachable(value: never): never {
  throw new Error(`no case for ${JSON.stringify(value)}`);
}

/** A start that cannot succeed until somebody changes something; `message` says what. Ends the process with `exitCode`. */
export class StartFailure extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.name = 'StartFailure';
    this.exitCode = exitCode;
  }
}

/** A stop came while the start was under way. Nobody waits for what it would have come to. */
export class StartStopped extends StartFailure {
  constructor() {
    super('the start was stopped', 0);
    this.name = 'StartStopped';
  }
}
