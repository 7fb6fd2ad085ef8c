import { messageOf, systemCodeOf } from '../faults.ts';
import { HoldfastError } from './error.ts';

/** What kept us from an answer. @param root of the server, which has no credentials in it */
export function connectionFailure(root: string, error: unknown): HoldfastError {
  const isUnsent = isBeforeSending(error);
  const [cause] = error instanceof AggregateError && error.errors.length > 0 ? (error.errors as unknown[]) : [error];
  const what = isUnsent ? 'cannot reach' : 'lost the connection to';
  return new HoldfastError({ code: isUnsent ? 'unreachable' : 'connection-lost', message: `${what} ${root}: ${messageOf(cause)}`, cause });
}

const BEFORE_SENDING: ReadonlySet<string> = new Set(['UND_ERR_CONNECT_TIMEOUT', 'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
/** The certificate was not believed. */
const OF_TLS = /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/** Only what is surely before the first byte counts: for everything else the outcome of a write is open. */
function isBeforeSending(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isBeforeSending);
  const code = systemCodeOf(error) ?? '';
  return BEFORE_SENDING.has(code) || OF_TLS.test(code) || (error instanceof Error && 'syscall' in error && error.syscall === 'connect');
}
