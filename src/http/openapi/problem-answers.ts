import { STATUS_CODES } from 'node:http';
import { FAULT_TEXTS } from '../../fault-texts.ts';
import { FAULTS, type FaultCode } from '../../faults.ts';
import { ref } from './about.ts';
import type { AnswerHeader } from './headers.ts';
import type { JsonSchema } from './json-schema.ts';

/** Answers that are problems: one for each status, with the codes that it may have. The one table of faults decides. */

export interface ProblemAnswer {
  readonly status: number;
  /** Of the component: routes with the same faults share it. */
  readonly name: string;
  readonly codes: readonly FaultCode[];
  readonly isAgentCall: boolean;
}

/** The problems that these faults become, by status. */
export function problemAnswers(faults: Iterable<FaultCode>, isAgentCall: boolean): readonly ProblemAnswer[] {
  const byStatus = new Map<number, Set<FaultCode>>();
  for (const code of faults) {
    const { status } = FAULTS[code];
    const codes = byStatus.get(status) ?? new Set();
    byStatus.set(status, codes.add(code));
  }
  return [...byStatus]
    .sort(([a], [b]) => a - b)
    .map(([status, set]) => {
      const codes = [...set].sort();
      return { status, codes, isAgentCall, name: `${isAgentCall ? 'agent.' : ''}${status}.${codes.join('.')}` };
    });
}

/** The component of an answer. */
export function problemComponent({ status, codes, isAgentCall }: ProblemAnswer, headersOf: (names: readonly AnswerHeader[]) => JsonSchema): JsonSchema {
  const isAuthentication = status === 401 || status === 403;
  const isPassing = codes.some((code) => FAULTS[code].retryable) && (status === 503 || status === 429);
  const examples = codes.map((code) => [code, { $ref: `#/components/examples/${isAgentCall ? 'agent.' : ''}${code}` }]);
  return {
    description: codes.map((code) => `\`${code}\`: ${FAULTS[code].title}`).join('\n\n'),
    headers: headersOf([...(isAuthentication ? (['WWW-Authenticate'] as const) : []), ...(isPassing ? (['Retry-After'] as const) : [])]),
    content: {
      'application/problem+json': { schema: ref(isAgentCall ? 'problems.AgentProblem' : 'problems.Problem'), examples: Object.fromEntries(examples) },
    },
    'x-holdfast-codes': codes,
  };
}

/** `components.examples`: what each fault looks like. */
export function problemExample(code: FaultCode, isAgentCall: boolean): JsonSchema {
  const { status, title } = FAULTS[code];
  const { meaning } = FAULT_TEXTS[code];
  const problem = { type: `/problems/${code}`, title, status, detail: meaning, instance: '/the/path', code, requestId: 'r1' };
  const more = { timestamp: 1_795_341_600_000, error: STATUS_CODES[status] ?? 'Unknown', message: meaning, path: problem.instance };
  return { summary: title, value: isAgentCall ? { ...more, ...problem } : problem };
}

const text: JsonSchema = { type: 'string' };

export const PROBLEM_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  'problems.Problem': {
    title: 'Problem',
    description: 'Why a request was refused or failed (RFC 9457).',
    type: 'object',
    required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'requestId'],
    properties: {
      type: { type: 'string', format: 'uri-reference', description: 'The page that explains it: `/problems/` and the code.' },
      title: { ...text, description: 'What it is, the same for every problem with this code.' },
      status: { type: 'integer', description: 'The status of the answer.' },
      detail: { ...text, description: 'What happened this time.' },
      instance: { ...text, description: 'The path that was asked for.' },
      code: { type: 'string', enum: Object.keys(FAULTS), description: 'What it is, for programs.' },
      requestId: { ...text, description: 'Names the request in the log.' },
      errors: {
        type: 'array',
        description: 'Each place that is wrong.',
        items: {
          type: 'object',
          required: ['pointer', 'detail'],
          properties: { pointer: { ...text, description: 'JSON pointer (RFC 6901) into the body; empty for the whole.' }, detail: text },
        },
      },
    },
  },
  'problems.AgentProblem': {
    title: "Problem of NodeAgent2's calls",
    description: 'A problem that also has what clients of NodeAgent2 read.',
    allOf: [ref('problems.Problem')],
    type: 'object',
    required: ['timestamp', 'error', 'message', 'path'],
    properties: {
      timestamp: { type: 'integer', description: 'Milliseconds since 1970.' },
      error: { ...text, description: 'The reason phrase of the status.' },
      message: { ...text, description: 'The same as `detail`.' },
      path: { ...text, description: 'The same as `instance`.' },
    },
  },
};
