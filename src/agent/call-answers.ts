import { done, fail, type Result } from '../faults.ts';
import type { PluginAnswer, PluginOutcome, Properties } from '../protocol/plugin-calls.ts';
import type { ReservationImage } from '../protocol/reservations.ts';
import type { CallAnswer } from './agent-api.ts';
import type { Endpoint } from './endpoint.ts';

/** What whoever asked for an operation hears, in words: of its outcome, of what there is not, of a queue that is full. */

/** Also of a plugin that has refused: callers hear its own words. */
export function answerOf(outcome: Extract<PluginOutcome, { type: 'returned' | 'threw' }>): Result<CallAnswer> {
  return done(outcome);
}

/** Why an answer with another status than 0 is a failure. */
export function refusalIn({ errorMessage, status }: PluginAnswer): string {
  return errorMessage ?? `the plugin returned status ${status}`;
}

export function messageIn(outcome: PluginOutcome): string {
  return 'message' in outcome ? outcome.message : `the plugin gave an answer of another call (${outcome.type})`;
}

/** To a join that was made before, with the same Idempotency-Key. */
export function repeated(image: ReservationImage, sched: Properties): Result<CallAnswer> {
  const { state, operation_id: key, reservation_id: reservationId } = image;
  if (state === 'closed' && image.calls?.at(-1)?.operation === 'join') return done({ type: 'threw', message: image.close_reason ?? '' });
  if (state === 'closed' || state === 'orphaned')
    return fail(
      'wrong-state',
      `this join was made before, as operation ${key}, and is ${state}: ${image.close_reason ?? image.last_error ?? ''}; use a new Idempotency-Key`,
    );
  if (reservationId === undefined) return fail('outcome-unknown', `this join was made before and its outcome is not known; see the operation ${key}`);
  return done({ type: 'returned', answer: { status: 0, properties: sched, reservationId, errorMessage: null } });
}

/** A caller who comes now would wait as long, and hear of it late: rather he hears of it at once. */
const PLUGIN_WAIT_MS_MAX = 30_000;

export function fullQueue({ host, config }: Endpoint): Result<never> | undefined {
  if (host.queueLength >= config.queueLengthMax) return fail('overloaded', `${host.queueLength} calls wait for the plugin of ${config.name}`);
  return host.waitedMs <= PLUGIN_WAIT_MS_MAX
    ? undefined
    : fail('overloaded', `calls wait longer than ${PLUGIN_WAIT_MS_MAX} ms for the plugin of ${config.name}`);
}

export function noEndpoint(name: string): Result<never> {
  return fail('not-found', `there is no endpoint ${name}`);
}

export function noReservation(endpoint: string, id: string): Result<never> {
  return fail('not-found', `there is no reservation ${id} of endpoint ${endpoint}`);
}
