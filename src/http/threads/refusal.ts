import type { Fault } from '../../faults.ts';
import { agentProblemReply } from '../agent-problem.ts';
import { problemReply } from '../problem.ts';
import { statusLine } from '../status-line.ts';
import type { HttpResponse } from '../transport.ts';
import { endWhole } from '../whole-body.ts';

/** What a refusal has to know of its request. */
export interface RefusedHead {
  readonly method: string;
  readonly path: string;
  readonly requestId: string;
  /** The request is one of NodeAgent2's protocol. */
  readonly isAgentCall: boolean;
  /** Where the next request begins is certain. */
  readonly isTrusted: boolean;
}

/** Answers a request that cannot be handed over, as the main thread would. */
export function refuse(res: HttpResponse, fault: Fault, { method, path, requestId, isAgentCall, isTrusted }: RefusedHead): void {
  const reply = isAgentCall ? agentProblemReply(fault, path, requestId, Date.now()) : problemReply(fault, path, requestId);
  const body = reply.body ?? '';
  res.onAborted(ignore).cork(() => {
    res.writeStatus(statusLine(reply.status));
    for (const [name, value] of reply.headers) res.writeHeader(name, value);
    res.writeHeader('X-Content-Type-Options', 'nosniff').writeHeader('X-Request-Id', requestId);
    if (method === 'HEAD') res.endWithoutBody(Buffer.byteLength(body), !isTrusted);
    else if (isTrusted) endWhole(res, body, ignore);
    else res.end(body, true);
  });
}

/** It was counted when it was refused, and nobody waits for its end. */
function ignore(): void {}
