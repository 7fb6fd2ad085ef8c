import { FAULTS, type Fault } from '../faults.ts';
import type { Headers, Reply } from './reply.ts';
import { statusLine } from './status-line.ts';
import type { HttpResponse } from './transport.ts';

/** The HTTP form of a fault: problem+json (RFC 9457) with the headers that belong to its status. */
export function problemReply(fault: Fault, instance: string, requestId: string): Reply {
  return { status: FAULTS[fault.code].status, headers: problemHeaders(fault), body: JSON.stringify(problemOf(fault, instance, requestId)) };
}

/** Answers where there is no exchange, as the last answer of a connection. */
export function answerProblem(res: HttpResponse, fault: Fault, instance: string, requestId: string): void {
  const { status, headers, body } = problemReply(fault, instance, requestId);
  res.cork(() => {
    res.writeStatus(statusLine(status));
    for (const [name, value] of headers) res.writeHeader(name, value);
    res.writeHeader('X-Content-Type-Options', 'nosniff').writeHeader('X-Request-Id', requestId);
    res.end(body ?? '', true);
  });
}

const RETRY_AFTER_SECONDS = '1';

export function problemHeaders({ code }: Fault): Headers {
  const { status, retryable } = FAULTS[code];
  const type = ['Content-Type', 'application/problem+json'] as const;
  return retryable && (status === 503 || status === 429) ? [type, ['Retry-After', RETRY_AFTER_SECONDS]] : [type];
}

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
