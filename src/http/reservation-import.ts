import type { AgentApi, TakenOver } from '../agent/agent-api.ts';
import { done, type Fault, fail, type Result } from '../faults.ts';
import type { Caller } from './auth.ts';
import { BULK_CHUNK_RECORDS, type BulkBudget, BulkItems } from './bulk-items.ts';
import type { Exchange } from './exchange.ts';
import type { FrontLimits } from './limits.ts';
import { mediaTypeOf } from './media-type.ts';
import { problemOf } from './problem.ts';
import { JSON_TYPE } from './record-answer.ts';
import { JoinedTexts, tellInParts } from './reply-in-parts.ts';
import { ScheduleSplitter } from './reservation-import-body.ts';
import { type ImportItem, importItem } from './reservation-import-item.ts';

/**
 * Takes over what another agent has on its schedule. Nothing happens before the whole body has been read; then every
 * reservation is taken or refused for itself, so that one that is here already does not stand in the way of the others.
 */

export interface ImportContext {
  readonly agent: AgentApi;
  readonly limits: FrontLimits;
}

/** Of one body: its reservations are in memory until they are taken over. */
const IMPORT_BYTES_MAX: number = 256 * 1024 * 1024;
const IMPORT_ENTRIES_MAX = 250_000;
const ENTRY_BYTES_MAX: number = 1024 * 1024;

export async function importReservations(
  { agent, limits }: ImportContext,
  budget: BulkBudget,
  exchange: Exchange,
  caller: Caller | undefined,
  by: string,
): Promise<void> {
  if (mediaTypeOf(exchange.head.headers.contentType) !== 'application/json') {
    return exchange.fail({ code: 'unsupported-media-type', detail: 'the Content-Type must be application/json, in UTF-8' });
  }
  if (exchange.body === undefined) return exchange.fail({ code: 'malformed-json', detail: 'a body is needed: what GET /schedule answers' });
  // Known before a large body is read for nothing.
  const ready = agent.schedule();
  if (!ready.ok) return exchange.fail(ready.fault);
  const bytesMax = Math.min(limits.bulkBytesMax, IMPORT_BYTES_MAX);
  const body = new BulkItems(exchange, exchange.body, new ScheduleSplitter(ENTRY_BYTES_MAX), { ...limits, bulkBytesMax: bytesMax }, budget, undefined, caller);
  try {
    const items = await readItems(body);
    if (body.isCut) return;
    if (!items.ok) return exchange.fail(items.fault);
    await answer(exchange, items.value, await takeOver(agent, exchange, withoutOlder(items.value), by));
  } finally {
    body.release();
  }
}

async function readItems(body: BulkItems): Promise<Result<ImportItem[]>> {
  const items: ImportItem[] = [];
  for (;;) {
    const next = await body.next();
    if (!next.ok) return next;
    if (next.value === undefined) return done(items);
    for (const bytes of next.value.items) items.push(importItem(bytes));
    if (items.length > IMPORT_ENTRIES_MAX) return fail('too-large', `at most ${IMPORT_ENTRIES_MAX} reservations are taken over at once`);
  }
}

/**
 * NodeAgent2 saved a renewed reservation before it removed the old entry, so that a crash left both. The one that is
 * renewed last is the one to go on with: its properties are those of the substrate's present reservation.
 */
function withoutOlder(items: readonly ImportItem[]): readonly ImportItem[] {
  const newest = new Map<string, TakenOver>();
  for (const { entry } of items) {
    if (entry === undefined) continue;
    const name = `${entry.endpoint}/${entry.reservationId}`;
    const known = newest.get(name);
    if (known === undefined || entry.renewDeadlineMs > known.renewDeadlineMs) newest.set(name, entry);
  }
  return items.map((item) => {
    const { entry } = item;
    if (entry === undefined || newest.get(`${entry.endpoint}/${entry.reservationId}`) === entry) return item;
    return { ...item, entry: undefined, fault: { code: 'conflict', detail: 'the list has the same reservation again, with a later deadline' } };
  });
}

type Verdict = Result<{ readonly operationId: string }>;

/** The agent's word on every item, in their order. */
async function takeOver(agent: AgentApi, exchange: Exchange, items: readonly ImportItem[], caller: string): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  for (let first = 0; first < items.length; first += BULK_CHUNK_RECORDS) {
    const chunk = items.slice(first, first + BULK_CHUNK_RECORDS);
    const entries = chunk.map(({ entry }) => entry).filter((entry) => entry !== undefined);
    const taken = entries.length === 0 ? [] : await agent.takeOver(entries, caller);
    let next = 0;
    for (const { entry, fault } of chunk) {
      if (entry === undefined) verdicts.push({ ok: false, fault: fault ?? UNSAID });
      else verdicts.push(taken[next++] ?? { ok: false, fault: UNSAID });
    }
    exchange.touch();
  }
  return verdicts;
}

const UNSAID: Fault = { code: 'internal', detail: 'the agent did not say what became of it' };

function answer(exchange: Exchange, items: readonly ImportItem[], verdicts: readonly Verdict[]): void | Promise<void> {
  const taken = verdicts.filter(({ ok }) => ok).length;
  const begin = `{"taken":${taken},"refused":${verdicts.length - taken},"items":[`;
  return tellInParts(exchange, [JSON_TYPE], new JoinedTexts(begin, lines(exchange, items, verdicts), ']}'));
}

function* lines({ head }: Exchange, items: readonly ImportItem[], verdicts: readonly Verdict[]): Generator<string> {
  for (const [index, verdict] of verdicts.entries()) {
    const named = { index, endpoint: items[index]?.endpoint, reservation_id: items[index]?.reservationId };
    if (verdict.ok) yield JSON.stringify({ ...named, status: 201, operation_id: verdict.value.operationId });
    else yield JSON.stringify({ ...named, ...problemOf(verdict.fault, head.path, head.requestId) });
  }
}
