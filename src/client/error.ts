import type { FaultCode, FaultDetail } from '../faults.ts';

/** The problem document of an answer (RFC 9457), as the server wrote it. Members of other servers in between may be missing. */
export interface Problem {
  readonly type?: string;
  readonly title?: string;
  readonly status?: number;
  readonly detail?: string;
  readonly instance?: string;
  readonly code?: string;
  readonly requestId?: string;
  readonly errors?: readonly FaultDetail[];
}

/** What goes wrong on this side. */
export type ClientCode =
  /** No connection came about: nothing was sent. */
  | 'unreachable'
  /** The connection broke, or no answer came in time: a write may or may not have been made. */
  | 'connection-lost'
  /** Something answered that does not speak as Holdfast does, a proxy for instance. */
  | 'unexpected-answer'
  /** A plugin threw, or answered with another status than 0: the call was not carried out. */
  | 'plugin-refused'
  /** `close()` was called. */
  | 'closed';

export type ErrorCode = FaultCode | ClientCode;

interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly status?: number;
  readonly problem?: Problem;
  readonly requestId?: string;
  readonly retryAfterMs?: number;
  readonly pluginStatus?: number;
  readonly cause?: unknown;
}

/** Everything that a call can fail with, except an abort, which throws the reason of its signal. Never has a token in it. */
export class HoldfastError extends Error {
  /** For programs; the codes of the server are in the README. */
  readonly code: ErrorCode;
  /** Of the HTTP answer; undefined when there was none. */
  readonly status: number | undefined;
  readonly problem: Problem | undefined;
  /** Each place of the body or query that is wrong. */
  readonly errors: readonly FaultDetail[];
  /** By which the server's log tells of this request. */
  readonly requestId: string | undefined;
  /** The same request may succeed after this time; undefined where the server did not say so. */
  readonly retryAfterMs: number | undefined;
  /** What the plugin answered, with the code `plugin-refused`; 255 when it threw. */
  readonly pluginStatus: number | undefined;

  constructor({ code, message, status, problem, requestId, retryAfterMs, pluginStatus, cause }: Failure) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'HoldfastError';
    this.code = code;
    this.status = status;
    this.problem = problem;
    this.errors = problem?.errors ?? [];
    this.requestId = requestId;
    this.retryAfterMs = retryAfterMs;
    this.pluginStatus = pluginStatus;
  }
}

const TEXT_SHOWN_MAX = 500;

/** An answer that is no success. @param text its whole body */
export function refusal(status: number, headers: Readonly<Record<string, string | string[] | undefined>>, text: string): HoldfastError {
  const problem = problemIn(text);
  const requestId = problem?.requestId ?? single(headers['x-request-id']);
  const retryAfterMs = status === 503 || status === 429 ? retryAfterIn(single(headers['retry-after'])) : undefined;
  return new HoldfastError({
    code: typeof problem?.code === 'string' ? (problem.code as ErrorCode) : 'unexpected-answer',
    message: messageFor(status, problem, text),
    status,
    ...(problem === undefined ? {} : { problem }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function messageFor(status: number, problem: Problem | undefined, text: string): string {
  if (problem === undefined) return `the server answered ${status}${text.trim() === '' ? '' : `: ${text.trim().slice(0, TEXT_SHOWN_MAX)}`}`;
  const { title = 'refused', detail } = problem;
  return `${title} (${status})${detail === undefined || detail === '' ? '' : `: ${detail}`}`;
}

/** Some of our own answers and most proxies' are not marked as problems, so the form of the text decides. */
function problemIn(text: string): Problem | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // A proxy in between answers in HTML.
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const members: Readonly<Record<string, unknown>> = { ...value };
  const texts = ['type', 'title', 'detail', 'instance', 'code', 'requestId'].filter((name) => typeof members[name] === 'string');
  return {
    ...Object.fromEntries(texts.map((name) => [name, members[name]])),
    ...(typeof members['status'] === 'number' ? { status: members['status'] } : {}),
    ...(Array.isArray(members['errors']) ? { errors: members['errors'] } : {}),
  };
}

/** Seconds; a date is left to whoever sends such. */
function retryAfterIn(header: string | undefined): number | undefined {
  const seconds = header === undefined ? Number.NaN : Number(header);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
