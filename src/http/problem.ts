import { FAULTS, type Fault } from '../faults.ts';
import type { Reply } from './reply.ts';

/** The HTTP form of a fault: problem+json (RFC 9457) with the headers that belong to its status. */
export function problemReply(fault: Fault, instance: string, requestId: string, hadToken: boolean): Reply {
  const { status } = FAULTS[fault.code];
  const headers: (readonly [string, string])[] = [['Content-Type', 'application/problem+json']];
  if (status === 401) headers.push(['WWW-Authenticate', hadToken ? `${CHALLENGE}, error="invalid_token"` : CHALLENGE]);
  if (status === 403) headers.push(['WWW-Authenticate', `${CHALLENGE}, error="insufficient_scope"`]);
  if (status === 503 && FAULTS[fault.code].retryable) headers.push(['Retry-After', RETRY_AFTER_SECONDS]);
  return { status, headers, body: JSON.stringify(problemOf(fault, instance, requestId)) };
}

const CHALLENGE = 'Bearer realm="holdfast"';
const RETRY_AFTER_SECONDS = '1';

/** Also the result line of a bulk's item that was refused. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
  readonly requestId: string;
  readonly errors?: Fault['errors'];
}

export function problemOf(fault: Fault, instance: string, requestId: string): Problem {
  const { status, title } = FAULTS[fault.code];
  const problem = { type: `/problems/${fault.code}`, title, status, detail: fault.detail, instance, code: fault.code, requestId };
  return fault.errors === undefined ? problem : { ...problem, errors: fault.errors };
}
