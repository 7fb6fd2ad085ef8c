import { FAULTS, type FaultCode } from '../../../src/faults.ts';
import type { Description } from '../../support/described.ts';
import type { MadeRequest } from './request-maker.ts';
import { CANARY } from './values.ts';
import type { WireAnswer } from './wire-connection.ts';

/** Whether an answer is one that may be given, whatever was asked. */

/** What the library itself says of a head that it cannot read. */
const OF_LIBRARY: ReadonlySet<number> = new Set([400, 431, 505]);
/** A server with a sound disk and a sound plugin says none of these. */
const DEFECTS: ReadonlySet<string> = new Set([
  'internal',
  'plugin-failed',
  'plugin-timeout',
  'snapshot-failed',
  'not-durable',
  'outcome-unknown',
  'query-failed',
]);
const STACK = /\n\s+at |node:internal|\.[jt]s:\d+:\d+|\/dist\/src\//;
const HEADER = /^[A-Za-z0-9-]+: ?[\x20-\x7e\x80-\xff]*$/;
/** Bodies beyond this, and most others, are not held against their whole schema: that takes longer than the answer. */
const FITTED_BYTES_MAX = 50_000;
const FITTED_EVERY = 16;

export class Judge {
  readonly #description: Description;
  readonly #secrets: readonly string[];
  #count = 0;

  /** @param secrets that no answer may have. */
  constructor(description: Description, secrets: readonly string[]) {
    this.#description = description;
    this.#secrets = [CANARY, ...secrets];
  }

  /** What is wrong with the answer; undefined when nothing is. */
  flawIn(made: MadeRequest, answer: WireAnswer): string | undefined {
    const { status, headers, body } = answer;
    if (status === 0) return 'no status line';
    const badLine = answer.head
      .split('\r\n')
      .slice(1)
      .find((line) => !HEADER.test(line));
    if (badLine !== undefined) return `the header line ${JSON.stringify(badLine)}`;
    if (!headers.has('x-request-id')) {
      return OF_LIBRARY.has(status) ? undefined : `${status} without X-Request-Id`;
    }
    const isUpgrade = status === 101;
    if (!isUpgrade && headers.get('x-content-type-options') !== 'nosniff') return 'no X-Content-Type-Options';
    const text = body.toString('utf8');
    const isReveal = status === 200 && /^\w+ \S+\/(secrets|%73%65%63%72%65%74%73)\/?[? ]/i.test(made.bytes.toString('latin1', 0, 300));
    const leaked = this.#secrets.find((secret) => text.includes(secret) || answer.head.includes(secret));
    if (leaked !== undefined && !isReveal && !this.#isFreeText(made)) return `it has the secret ${leaked.slice(0, 12)}…`;
    const isFile = made.operation?.about.operationId === 'getDocsFile';
    if (!isFile && STACK.test(text)) return `it has a stack: ${text.slice(0, 300)}`;
    return status >= 400 ? this.#flawInProblem(made, answer, text) : this.#flawInSuccess(made, answer, text);
  }

  /** Properties of reservations are the plugins' own: a test that writes a secret there finds it there. */
  #isFreeText({ operation }: MadeRequest): boolean {
    return operation !== undefined && /^\/(modify|status|leave|join|schedule|reservations)/.test(operation.path);
  }

  #flawInProblem(made: MadeRequest, { status, headers }: WireAnswer, text: string): string | undefined {
    if (made.method === 'HEAD') return this.#flawInStatus(made, status, undefined);
    if (made.operation?.path.startsWith('/health') === true && status === 503) return undefined;
    if (headers.get('content-type') !== 'application/problem+json') return `a ${status} of type ${headers.get('content-type')}: ${text.slice(0, 200)}`;
    const problem = problemIn(text);
    if (problem === undefined) return `a problem that is no JSON: ${text.slice(0, 300)}`;
    const { code } = problem;
    if (!(code in FAULTS) || FAULTS[code as FaultCode].status !== status || problem.status !== status)
      return `a problem with status ${status} and code ${code}`;
    if (DEFECTS.has(code)) return `${status} ${code}: ${problem.detail}`;
    if ((status === 429 || status === 503) && FAULTS[code as FaultCode].retryable && !headers.has('retry-after')) return `${status} without Retry-After`;
    return this.#flawInStatus(made, status, code);
  }

  #flawInSuccess(made: MadeRequest, answer: WireAnswer, text: string): string | undefined {
    const { status, headers, body } = answer;
    const flaw = this.#flawInStatus(made, status, undefined);
    if (flaw !== undefined || made.operation === undefined || made.method === 'HEAD' || status === 101) return flaw;
    if (headers.get('content-type') === 'text/event-stream') return undefined;
    this.#count += 1;
    if (body.length > FITTED_BYTES_MAX || this.#count % FITTED_EVERY > 0) return undefined;
    try {
      this.#description.fits(made.operation, { status, headers: new Headers([...headers]), text }, made.operation.title);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #flawInStatus({ operation, method }: MadeRequest, status: number, code: string | undefined): string | undefined {
    if (operation === undefined) return undefined;
    const response = this.#description.responseOf(operation, status);
    if (response === undefined) return `${method} of ${operation.title} answers ${status} ${code ?? ''}, which is not described`;
    const codes = response['x-holdfast-codes'];
    return code === undefined || codes === undefined || codes.includes(code)
      ? undefined
      : `${operation.title} answers ${status} ${code}, which is not described`;
  }
}

interface SeenProblem {
  readonly code: string;
  readonly status: number;
  readonly detail: string;
}

function problemIn(text: string): SeenProblem | undefined {
  try {
    const { code, status, detail, type, title, instance, requestId } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const texts = [code, detail, type, title, instance, requestId];
    return texts.every((each) => typeof each === 'string') ? ({ code, status, detail } as SeenProblem) : undefined;
  } catch {
    return undefined;
  }
}
