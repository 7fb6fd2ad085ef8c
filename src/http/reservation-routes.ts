import type { Kind } from '../../schemas/kind.ts';
import type { AgentApi } from '../agent/agent-api.ts';
import type { OwnerClient } from '../dispatch/owner-client.ts';
import type { RecordView } from '../dispatch/record-view.ts';
import { done, fail, type Result } from '../faults.ts';
import type { Condition } from '../protocol/commands.ts';
import { callerOf, timeLimitMs } from './agent-routes.ts';
import { AT, type PastReads } from './as-of.ts';
import { BulkBudget } from './bulk-items.ts';
import type { Exchange } from './exchange.ts';
import { parseJson } from './json.ts';
import type { FrontLimits } from './limits.ts';
import { mediaTypeOf } from './media-type.ts';
import { reservationAbout } from './openapi/about-reservations.ts';
import { readPastReservation } from './past-reservation.ts';
import { valueIn } from './query.ts';
import { importReservations } from './reservation-import.ts';
import { listReservations } from './reservation-list.ts';
import { replyReservation, shownKind } from './reservation-view.ts';
import type { Call, Route } from './route.ts';

/** Reservations as records: what is held, what goes wrong, and what an administrator can do about it. */

export interface ReservationContext {
  readonly agent: AgentApi;
  readonly owner: OwnerClient;
  readonly view: RecordView;
  readonly history: PastReads;
  /** The store's own kind of reservations; lists are answered from its table. */
  readonly kind: Kind;
  readonly limits: FrontLimits;
}

export function reservationRoutes(context: ReservationContext): readonly Route[] {
  const { agent } = context;
  const shown = shownKind(context.kind);
  const budget = new BulkBudget(context.limits);
  const about = reservationAbout(shown);
  const one = '/reservations/{endpoint}/{id}';
  return [
    {
      ...GET,
      path: '/reservations',
      about: about.list,
      parameters: 'any',
      handler: (exchange, call) => listReservations(context, shown, exchange, call, '/reservations'),
    },
    {
      ...GET,
      path: '/reservations/unknown',
      about: about.unknown,
      parameters: 'any',
      handler: (exchange, call) => listReservations(context, shown, exchange, call, '/reservations/unknown', [NEEDS_A_PERSON]),
    },
    { ...GET, path: one, about: about.read, parameters: [AT], handler: (exchange, call) => readOrRecall(context, shown, exchange, call) },
    { ...POST, path: `${one}/renew`, about: about.renew, parameters: [], handler: (exchange, call) => renew(context, shown, exchange, call) },
    { ...POST, path: `${one}/release`, about: about.release, parameters: [], handler: (exchange, call) => release(agent, shown, exchange, call) },
    {
      ...POST,
      path: '/reservations/import',
      about: about.take,
      parameters: [],
      handler: (exchange, call) => importReservations(context, budget, exchange, call.caller, callerOf(call)),
    },
  ];
}

const GET = { method: 'GET', access: 'reservations' } as const;
const POST = { method: 'POST', access: 'admin' } as const;

/** Nobody but a person can find out what became of these. */
const NEEDS_A_PERSON: Condition = { path: ['state'], operator: 'equal', values: ['unknown', 'orphaned'] };

function readOrRecall({ agent, history }: ReservationContext, shown: Kind, exchange: Exchange, call: Call): void | Promise<void> {
  const at = valueIn(call.query, AT);
  return at === undefined ? readReservation(agent, shown, exchange, call) : readPastReservation(history, shown, exchange, call, at);
}

function readReservation(agent: AgentApi, shown: Kind, exchange: Exchange, { endpoint, id }: Call): void {
  const found = agent.find(endpoint, id);
  if (found.ok) replyReservation(exchange, shown, found.value);
  else exchange.fail(found.fault);
}

/** A renewal that its plugin refused is a failed request: whoever asked for it wants to know, not to look. */
async function renew({ agent, limits }: ReservationContext, shown: Kind, exchange: Exchange, call: Call): Promise<void> {
  exchange.body?.discard();
  const endpoint = agent.endpoint(call.endpoint);
  if (endpoint !== undefined) exchange.timeLimitMs = timeLimitMs(endpoint, 'renew', limits);
  const renewed = await agent.renew(call.endpoint, call.id, callerOf(call));
  if (!renewed.ok) return exchange.fail(renewed.fault);
  const answer = renewed.value;
  if (answer.type === 'threw') return exchange.fail({ code: 'plugin-failed', detail: `renew error: ${answer.message}` });
  const { status, errorMessage } = answer.answer;
  if (status !== 0)
    return exchange.fail({ code: 'plugin-failed', detail: `renew returned status ${status}${errorMessage === null ? '' : `: ${errorMessage}`}` });
  readReservation(agent, shown, exchange, call);
}

async function release(agent: AgentApi, shown: Kind, exchange: Exchange, call: Call): Promise<void> {
  const reason = await reasonIn(exchange);
  if (!reason.ok) return exchange.fail(reason.fault);
  const released = await agent.release(call.endpoint, call.id, reason.value, callerOf(call));
  if (!released.ok) return exchange.fail(released.fault);
  replyReservation(exchange, shown, released.value);
}

const RELEASE_BYTES_MAX = 16_384;
const REASON_CHARACTERS_MAX = 500;

/** `{"reason": "…"}`: who forgets a reservation says why, because nobody can ask the substrate later. */
async function reasonIn(exchange: Exchange): Promise<Result<string>> {
  if (mediaTypeOf(exchange.head.headers.contentType) !== 'application/json') {
    return fail('unsupported-media-type', 'the Content-Type must be application/json, in UTF-8');
  }
  if (exchange.body === undefined) return refused('', 'must be an object with a "reason"');
  const bytes = await exchange.body.readAll(RELEASE_BYTES_MAX);
  if (!bytes.ok) return bytes;
  const parsed = parseJson(bytes.value);
  if (!parsed.ok) return parsed;
  const { value } = parsed;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refused('', 'must be an object with a "reason"');
  const { reason, ...others } = value as Readonly<Record<string, unknown>>;
  const [other] = Object.keys(others);
  if (other !== undefined) return refused('', 'takes a "reason" and nothing else');
  if (typeof reason !== 'string' || reason.trim() === '' || reason.length > REASON_CHARACTERS_MAX) {
    return refused('/reason', `must be a text of 1 to ${REASON_CHARACTERS_MAX} characters`);
  }
  return done(reason);
}

function refused(pointer: string, detail: string): Result<never> {
  return fail('invalid', `${pointer === '' ? 'the body' : pointer} ${detail}`, [{ pointer, detail }]);
}
