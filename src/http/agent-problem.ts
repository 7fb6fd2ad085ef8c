import { STATUS_CODES } from 'node:http';
import type { Fault } from '../faults.ts';
import { type Problem, problemHeaders, problemOf } from './problem.ts';
import type { Reply } from './reply.ts';

/**
 * The HTTP form of a fault on NodeAgent2's paths: what its clients read (an integer `status`, `message`), as Spring Boot
 * wrote it, and the members of a problem (RFC 9457) in one body. They all parse the body whatever its type, so the type
 * is that of every other problem.
 */
export function agentProblemReply(fault: Fault, path: string, requestId: string, nowMs: number): Reply {
  const problem = problemOf(fault, path, requestId);
  return { status: problem.status, headers: problemHeaders(fault), body: asciiJson(agentProblemOf(problem, nowMs)) };
}

export interface AgentProblem extends Problem {
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  /** The reason phrase of the status. */
  readonly error: string;
  readonly message: string;
  readonly path: string;
}

function agentProblemOf({ status, ...rest }: Problem, nowMs: number): AgentProblem {
  const error = STATUS_CODES[status] ?? 'Unknown';
  return { timestamp: nowMs, status, error, message: rest.detail, path: rest.instance, ...rest };
}

const NO_ASCII = /[\u0080-\uffff]/;
const NO_ASCII_LETTERS = /[\u0080-\uffff]/g;

/** JSON that reads the same in every encoding: NodeAgent2's clients read answers in that of their machine. */
export function asciiJson(value: unknown): string {
  const text = JSON.stringify(value);
  return NO_ASCII.test(text) ? text.replace(NO_ASCII_LETTERS, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`) : text;
}
