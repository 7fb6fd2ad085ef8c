import type { Clock } from '../clock.ts';
import { newUuid } from '../ids.ts';
import type { PluginOutcome } from '../protocol/plugin-calls.ts';
import type { ReservationStep } from '../protocol/reservations.ts';
import type { Random } from '../random.ts';
import type { Book, BookEntry } from './book.ts';
import { type CallLog, type Calls, refusalIn } from './calls.ts';
import { type Endpoint, untilOf } from './endpoint.ts';
import type { Recorder } from './recorder.ts';
import type { Renewals } from './renewals.ts';
import type { Turns } from './turns.ts';

/**
 * After a start, or when the owner's thread has come back: operations that the journal has as begun and that nobody runs.
 * A renewal goes on under its operation id. Everything else becomes `unknown`; and where a plugin can say what became of a
 * join, it is asked.
 */

export interface RecoveryParts {
  readonly book: Book;
  readonly turns: Turns;
  readonly calls: Calls;
  readonly recorder: Recorder;
  readonly renewals: Renewals;
  readonly clock: Clock;
  readonly random: Random;
  endpoint(name: string): Endpoint | undefined;
  readonly log: CallLog;
}

/** Questions to plugins and renewals that go on at the same time. */
const SETTLED_AT_ONCE = 16;
const INTERRUPTED = 'the server stopped while the plugin was called; what the call did is not known';

/**
 * @param isStart also what somebody has the turn of: whoever that is settles it, or it is looked at when that turn is over.
 *   Else only what is in transit though nobody works on it, which nothing but a defect leaves behind.
 */
export async function settleInterrupted(parts: RecoveryParts, isStart = true): Promise<void> {
  const { book, turns, log } = parts;
  const interrupted = [...book.all].filter(({ key, state }) => IN_TRANSIT.has(state) && (isStart || !turns.isTaken(key)));
  const orphans = [...book.all].filter(({ key, state }) => state === 'orphaned' && !turns.isTaken(key));
  const unknown = [...book.all].filter((entry) => entry.state === 'unknown' && entry.reservationId === undefined && !turns.isTaken(entry.key));
  if (interrupted.length > 0) log.warn({ reservations: interrupted.length }, 'operations were interrupted; settling them');
  await inParallel([...interrupted, ...orphans, ...unknown], async (entry) => {
    await settle(parts, entry);
    // It may have fallen due while the server was down, and might end before the next tick.
    parts.renewals.tick(true);
  });
}

export const IN_TRANSIT: ReadonlySet<BookEntry['state']> = new Set<BookEntry['state']>(['joining', 'renewing', 'modifying', 'leaving']);

async function settle(parts: RecoveryParts, { key, endpoint, state }: BookEntry): Promise<void> {
  if (state === 'renewing') return parts.renewals.resume(key);
  const call = parts.book.image(key)?.calls?.at(-1);
  const isOpen = call !== undefined && call.outcome === undefined;
  // It was something else when the list was made.
  if (isOpen && call.operation === 'renew') return parts.renewals.resume(key);
  if (isOpen) {
    const turn = await parts.turns.take(key, 'urgent');
    if (!turn.ok) return;
    const now = parts.book.image(key)?.calls?.at(-1);
    if (now?.operation_id !== call.operation_id || now.outcome !== undefined || parts.recorder.unwritten(key) !== undefined) return turn.value.end();
    const lost: ReservationStep = { key, step: `${call.operation as 'join' | 'modify' | 'leave'}.lost`, operationId: call.operation_id, error: INTERRUPTED };
    const recorded = await parts.recorder.happened(lost, turn.value);
    turn.value.end();
    if (recorded.ok)
      parts.log.error(
        { endpoint, operation: call.operation, operationId: key },
        `an interrupted ${call.operation} is listed as ${parts.book.entry(key)?.state}`,
      );
  }
  if (call?.operation === 'join') await askAfterJoin(parts, key);
}

/** Substrates that could not say what became of a join may be able to later. */
export async function askAfterJoins(parts: RecoveryParts): Promise<void> {
  const { book, turns } = parts;
  if (![...book.endpoints].some((name) => parts.endpoint(name)?.features.find === true && (book.countsOf(name).get('unknown') ?? 0) > 0)) return;
  const unknown = [...book.all].filter(({ key, state, reservationId }) => state === 'unknown' && reservationId === undefined && !turns.isTaken(key));
  await inParallel(unknown, ({ key }) => askAfterJoin(parts, key));
}

/** Asks the plugin what became of a join whose outcome is not known, where it has an answer to that. */
export async function askAfterJoin(parts: Omit<RecoveryParts, 'renewals'>, key: string): Promise<void> {
  const { book, calls, clock, log } = parts;
  const name = book.entry(key)?.endpoint ?? '';
  const endpoint = parts.endpoint(name);
  if (endpoint === undefined || !endpoint.features.find) return;
  const turn = await parts.turns.take(key);
  if (!turn.ok) return;
  const entry = book.entry(key);
  try {
    if (entry?.state !== 'unknown' || entry.reservationId !== undefined) return;
    const startedMs = clock.monotonicMs();
    const call = { operation: 'find', operationId: newUuid(parts.clock, parts.random), input: { joinOperationId: key } } as const;
    const outcome = await endpoint.host.call(call, endpoint.config.timeLimitsMs.find).ended;
    const durationMs = clock.monotonicMs() - startedMs;
    if (outcome.type === 'nothing') {
      await parts.recorder.happened({ key, step: 'join.failed', operationId: key, durationMs, error: 'the substrate knows nothing of this join' }, turn.value);
    } else if (outcome.type === 'returned' && outcome.answer.status === 0) {
      const untilMs = entry.untilMs > 0 ? entry.untilMs : untilOf(endpoint.config, clock.nowMs());
      await calls.settleJoin(endpoint, key, untilMs, outcome, durationMs, turn.value);
    } else {
      log.warn({ endpoint: name, operationId: key, reason: reasonIn(outcome) }, 'the plugin could not say what became of a join');
      return;
    }
    log.info({ endpoint: name, operationId: key, state: book.entry(key)?.state }, 'the plugin said what became of an interrupted join');
  } finally {
    turn.value.end();
  }
}

function reasonIn(outcome: PluginOutcome): string {
  if (outcome.type === 'returned') return refusalIn(outcome.answer);
  return 'message' in outcome ? outcome.message : outcome.type;
}

async function inParallel(entries: readonly BookEntry[], work: (entry: BookEntry) => Promise<void>): Promise<void> {
  const queue = entries.values();
  const run = async (): Promise<void> => {
    for (const entry of queue) await work(entry);
  };
  await Promise.all(Array.from({ length: Math.min(SETTLED_AT_ONCE, entries.length) }, run));
}
