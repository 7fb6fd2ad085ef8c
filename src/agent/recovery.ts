import type { Clock } from '../clock.ts';
import { newUuid } from '../ids.ts';
import type { PluginOutcome } from '../protocol/plugin-calls.ts';
import type { BookEntry, ReservationCall } from '../protocol/reservations.ts';
import type { Random } from '../random.ts';
import type { Book } from './book.ts';
import { refusalIn } from './call-answers.ts';
import type { CallLog, Calls } from './calls.ts';
import { type Endpoint, untilOf } from './endpoint.ts';
import type { Recorder } from './recorder.ts';
import type { Renewals } from './renewals.ts';
import type { Turn, Turns } from './turns.ts';

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

/** What it was when the list was made may be over by now: where it stands is read when its turn has come, and not before. */
async function settle(parts: RecoveryParts, { key, endpoint }: BookEntry): Promise<void> {
  const turn = await parts.turns.take(key, 'urgent');
  if (!turn.ok) return;
  const call = await settleLost(parts, key, endpoint, turn.value);
  turn.value.end();
  if (call?.operation === 'renew') await parts.renewals.resume(key);
  else if (call?.operation === 'join') await askAfterJoin(parts, key);
}

/** An open call of which nobody hears any more is journaled as lost, but for a renewal, which goes on. @returns the last call. */
async function settleLost({ book, recorder, log }: RecoveryParts, key: string, endpoint: string, turn: Turn): Promise<ReservationCall | undefined> {
  const call = book.image(key)?.calls?.at(-1);
  if (call === undefined || call.outcome !== undefined || call.operation === 'renew' || recorder.unwritten(key) !== undefined) return call;
  const { operation, operation_id } = call;
  const recorded = await recorder.happened({ key, step: `${operation}.lost`, operationId: operation_id, error: INTERRUPTED }, turn);
  if (recorded.ok) log.error({ endpoint, operation, operationId: key }, `an interrupted ${operation} is listed as ${book.entry(key)?.state}`);
  return call;
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
