import { mergePatchOf } from '../merge-patch.ts';
import { HIDDEN_PROPERTIES, RESERVATIONS } from '../protocol/reservations.ts';
import type { Fit } from './filter.ts';
import type { RecordChange } from './record-change.ts';
import { Sink } from './sink.ts';

/**
 * Events as subscribers get them: CloudEvents 1.0 in JSON, https://github.com/cloudevents/spec, with the extension
 * `sequence` (a string that orders as text; CloudEvents' integers end at 2^31).
 */

/** Where events come from, and what their sequences count. */
export interface Origin {
  readonly storeId: string;
  readonly epoch: number;
}

/** Something that happened and is no change of a record: it is told to who listens, and never again. */
export interface Signal {
  readonly type: SignalType;
  readonly timeMs: number;
  readonly subject?: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Of a signal about a reservation. */
  readonly endpoint?: string;
}

export type SignalType =
  | 'renewal.due'
  | 'renewal.failed'
  | 'renewal.expiring'
  | 'snapshot.taken'
  | 'snapshot.failed'
  | 'snapshot.pruned'
  | 'inventory.restored'
  | 'owner.restarted';

/** Why what a subscriber has missed cannot be replayed. */
export type ResetReason = 'too-old' | 'future' | 'epoch';

export type EventForm = 'websocket' | 'sse';

const SEQUENCE_DIGITS = 16;
const DATA = ',"data":';
const END = '}';
/** Room for an event of usual length. */
const SINK_BYTES = 16 * 1024;
const sink = new Sink(SINK_BYTES);

/** `<epoch>-<sequence>`: the id of a change's event, and what a subscriber comes back with. */
export function eventId(epoch: number, sequence: number): string {
  return `${epoch}-${sequence}`;
}

/** The event of a change, complete. */
export function changeEvent(change: RecordChange, fit: Exclude<Fit, 'out'>, isPatch: boolean, origin: Origin): Buffer {
  sink.clear();
  writeChangeEvent(sink, change, fit, isPatch, origin);
  return sink.take();
}

/** The same, behind what the sink has already. */
export function writeChangeEvent(into: Sink, change: RecordChange, fit: Exclude<Fit, 'out'>, isPatch: boolean, origin: Origin): void {
  const patch = isPatch && change.type === 'updated' && fit !== 'entered' ? patchOf(change) : undefined;
  const isReservation = change.kind === RESERVATIONS;
  const head = headOf(origin, {
    id: eventId(origin.epoch, change.sequence),
    type: isReservation ? reservationType(change) : `${change.kind}.${change.type}`,
    subject: change.key,
    timeMs: change.timeMs,
    sequence: change.sequence,
    contentType: patch === undefined ? 'application/json' : 'application/merge-patch+json',
    ...(fit === 'left' ? { matches: false } : {}),
  });
  into.text(head);
  into.text(DATA);
  if (patch !== undefined) into.text(patch);
  else if (isReservation) into.text(JSON.stringify(shownReservation(change.record)));
  else into.bytes(change.image);
  into.text(END);
}

/** @param id unique among signals. */
export function signalEvent({ type, timeMs, subject, data }: Signal, id: string, origin: Origin): Buffer {
  const head = headOf(origin, { id, type, timeMs, contentType: 'application/json', ...(subject === undefined ? {} : { subject }) });
  return Buffer.from(head + DATA + JSON.stringify(data) + END);
}

/** Where a subscriber stands: everything that he wants of the changes up to there has been sent. */
export function positionEvent(sequence: number, timeMs: number, origin: Origin): Buffer {
  return Buffer.from(headOf(origin, { id: `${eventId(origin.epoch, sequence)}-position`, type: 'feed.position', timeMs, sequence }) + END);
}

const RESETS: Readonly<Record<ResetReason, string>> = {
  'too-old': 'the journal does not reach back to there any more',
  future: 'this server has never given out that sequence; its data are older than what you have seen',
  epoch: 'the history that you have seen was cut, and sequences count something else now',
};

/** What was missed cannot be told. */
export function resetEvent(reason: ResetReason, sequence: number, timeMs: number, origin: Origin): Buffer {
  const id = `${eventId(origin.epoch, sequence)}-reset`;
  const data = { reason, detail: `${RESETS[reason]}: list again; events go on from change ${sequence + 1}` };
  return Buffer.from(headOf(origin, { id, type: 'feed.reset', timeMs, sequence, contentType: 'application/json' }) + DATA + JSON.stringify(data) + END);
}

/** An event as one message of Server-Sent Events. @param resumeId what `Last-Event-ID` will say; absent: as before. */
export function sseMessage(event: Uint8Array, resumeId?: string): Buffer {
  sink.clear();
  sink.text(sseStart(resumeId));
  sink.bytes(event);
  sink.text(SSE_END);
  return sink.take();
}

export function sseStart(resumeId: string | undefined): string {
  return resumeId === undefined ? 'data: ' : `id: ${resumeId}\ndata: `;
}

export const SSE_END = '\n\n';

interface Head {
  readonly id: string;
  readonly type: string;
  readonly timeMs: number;
  readonly subject?: string;
  readonly sequence?: number;
  readonly contentType?: string;
  readonly matches?: false;
}

/** Everything before `data`, without the brace at the end. */
function headOf({ storeId }: Origin, { id, type, timeMs, subject, sequence, contentType, matches }: Head): string {
  let text = `{"specversion":"1.0","id":"${id}","source":"urn:holdfast:${storeId}","type":"holdfast.${type}"`;
  if (subject !== undefined) text += `,"subject":${JSON.stringify(subject)}`;
  text += `,"time":"${timeText(timeMs)}"`;
  if (sequence !== undefined) text += `,"sequence":"${String(sequence).padStart(SEQUENCE_DIGITS, '0')}"`;
  if (contentType !== undefined) text += `,"datacontenttype":"${contentType}"`;
  if (matches !== undefined) text += `,"matches":${matches}`;
  return text;
}

let lastTime = { ms: Number.NaN, text: '' };

/** Changes of a batch have one time. */
function timeText(ms: number): string {
  if (lastTime.ms !== ms) lastTime = { ms, text: new Date(ms).toISOString() };
  return lastTime.text;
}

function reservationType({ type, record }: RecordChange): string {
  return `reservation.${type === 'deleted' ? 'purged' : String(record['state'])}`;
}

/** Undefined when the predecessor is not to be had any more, or no patch can say it: then the whole record does. */
function patchOf(change: RecordChange): string | undefined {
  const { predecessor } = change;
  if (predecessor === undefined) return undefined;
  const isReservation = change.kind === RESERVATIONS;
  const before = isReservation ? shownReservation(predecessor) : predecessor;
  const after = isReservation ? shownReservation(change.record) : change.record;
  const patch = mergePatchOf(before, after);
  return patch === undefined ? undefined : JSON.stringify(patch);
}

function shownReservation(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !HIDDEN_PROPERTIES.has(name)));
}
