import { HoldfastError } from './error.ts';
import type { KindName, MergePatch, RecordOf } from './kinds.ts';
import type { Reservation, ReservationState } from './reservations.ts';

/** The events of the feed: CloudEvents with all of their attributes, the type taken apart and the sequence as a number. */

/** What a feed can be about: kinds of the inventory by name, and three more. */
export type Topic = KindName | 'reservations' | 'snapshots' | 'server' | (string & {});

interface EventBase {
  /** `<epoch>-<sequence>` for changes: what a later feed can begin `since`. */
  readonly id: string;
  /** `holdfast.ComputeNode.updated` */
  readonly type: string;
  /** `urn:holdfast:<store id>` */
  readonly source: string;
  /** RFC 3339, UTC. */
  readonly time: string;
}

interface RecordChange<K extends string> extends EventBase {
  readonly topic: 'record';
  readonly kind: K;
  readonly change: 'created' | 'updated' | 'deleted';
  /** The key of the record. */
  readonly subject: string;
  /** Of the change; the record's revision. */
  readonly sequence: number;
  /** false: the record fitted the filter before this change, and does not fit it any more. */
  readonly matches: boolean;
}

/** The record after the change; of one that was deleted, as it last was. */
export type RecordEvent<K extends string> = K extends string ? RecordChange<K> & { readonly isPatch: false; readonly data: RecordOf<K> } : never;

/** With `patch: true`, where the record before is still known: what changed. */
export type RecordPatchEvent<K extends string> = K extends string
  ? RecordChange<K> & { readonly isPatch: true; readonly data: MergePatch<RecordOf<K>> }
  : never;

interface ReservationChange extends EventBase {
  readonly topic: 'reservation';
  /** Its new state; `purged`: its record is gone. */
  readonly state: ReservationState | 'purged';
  /** The operation id of its join. */
  readonly subject: string;
  readonly sequence: number;
}

export type ReservationEvent = ReservationChange & { readonly isPatch: false; readonly data: Reservation };
export type ReservationPatchEvent = ReservationChange & { readonly isPatch: true; readonly data: MergePatch<Reservation> };

/** Something that happened and is told once: it is never replayed, and has no sequence. */
interface SignalBase extends EventBase {
  readonly subject: string | undefined;
  readonly sequence: undefined;
  readonly data: unknown;
}

/** A reservation is due, its renewal failed, or it ends without one. The subject is its operation id. */
export interface RenewalEvent extends SignalBase {
  readonly topic: 'renewal';
  readonly signal: 'due' | 'failed' | 'expiring' | (string & {});
}

export interface SnapshotEvent extends SignalBase {
  readonly topic: 'snapshot';
  readonly signal: 'taken' | 'failed' | 'pruned' | (string & {});
}

/** The inventory, or a part of it, went back to a moment. */
export interface InventoryEvent extends SignalBase {
  readonly topic: 'inventory';
  readonly signal: 'restored' | (string & {});
}

export interface ServerEvent extends SignalBase {
  readonly topic: 'server';
  readonly signal: 'restarted' | (string & {});
}

/** What was missed cannot be replayed: list again, then go on. */
export interface ResetEvent extends EventBase {
  readonly topic: 'reset';
  /** From where the feed goes on. */
  readonly sequence: number;
  readonly data: { readonly reason: 'too-old' | 'future' | 'epoch' | (string & {}); readonly detail?: string };
}

/** What a feed about the topic `T` tells. */
export type EventOf<T extends string> = T extends 'reservations'
  ? ReservationEvent | RenewalEvent
  : T extends 'snapshots'
    ? SnapshotEvent | InventoryEvent
    : T extends 'server'
      ? ServerEvent
      : RecordEvent<T>;

/** What it tells with `patch: true` besides. */
export type PatchEventOf<T extends string> = T extends 'reservations' ? ReservationPatchEvent : T extends 'snapshots' | 'server' ? never : RecordPatchEvent<T>;

export type FeedEvent =
  | RecordEvent<string>
  | RecordPatchEvent<string>
  | ReservationEvent
  | ReservationPatchEvent
  | RenewalEvent
  | SnapshotEvent
  | InventoryEvent
  | ServerEvent
  | ResetEvent;

/** The feed's own word on where it stands; it is for resuming only. */
export interface Position {
  readonly topic: 'position';
  readonly id: string;
  readonly sequence: number;
}

/** @returns undefined for an event that this version does not know. @throws HoldfastError for what is no event */
export function eventIn(text: string): FeedEvent | Position | { readonly topic: 'other'; readonly id: string; readonly sequence: number | undefined } {
  const event = cloudEventIn(text);
  const { id, type, data } = event;
  const sequence = sequenceOf(event);
  const [, name = '', word = ''] = /^holdfast\.([^.]+)\.([^.]+)$/.exec(type) ?? [];
  const subject = typeof event['subject'] === 'string' ? event['subject'] : undefined;
  if (sequence === undefined) {
    const topic = SIGNALS.get(name);
    return topic === undefined
      ? { topic: 'other', id, sequence }
      : ({ ...event, topic, signal: word, subject, sequence, data } as RenewalEvent | SnapshotEvent | InventoryEvent | ServerEvent);
  }
  if (name === 'feed' && word === 'position') return { topic: 'position', id, sequence };
  if (name === 'feed' && word === 'reset') return { ...event, topic: 'reset', sequence, data: (data ?? { reason: '' }) as ResetEvent['data'] };
  const changed = { ...event, subject: subject ?? '', sequence, isPatch: event['datacontenttype'] === 'application/merge-patch+json', data };
  if (word === 'created' || word === 'updated' || word === 'deleted') {
    return { ...changed, topic: 'record', kind: name, change: word, matches: event['matches'] !== false } as RecordEvent<string>;
  }
  if (name === 'reservation') return { ...changed, topic: 'reservation', state: word } as ReservationEvent;
  return { topic: 'other', id, sequence };
}

const SIGNALS: ReadonlyMap<string, 'renewal' | 'snapshot' | 'inventory' | 'server'> = new Map([
  ['renewal', 'renewal'],
  ['snapshot', 'snapshot'],
  ['inventory', 'inventory'],
  ['owner', 'server'],
]);

interface CloudEvent {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly time: string;
  readonly data?: unknown;
  readonly [attribute: string]: unknown;
}

function cloudEventIn(text: string): CloudEvent {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new HoldfastError({ code: 'unexpected-answer', message: 'the feed told an event that is no JSON', cause });
  }
  const event: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {};
  const { id, type, source = '', time = '' } = event;
  if (typeof id !== 'string' || typeof type !== 'string' || typeof source !== 'string' || typeof time !== 'string') {
    throw new HoldfastError({ code: 'unexpected-answer', message: 'the feed told something that is no CloudEvent' });
  }
  return { ...event, id, type, source, time };
}

/** Sixteen digits as a text: CloudEvents has no numbers of that size. */
function sequenceOf({ sequence }: CloudEvent): number | undefined {
  if (sequence === undefined) return undefined;
  if (typeof sequence !== 'string' || !/^\d{1,16}$/.test(sequence))
    throw new HoldfastError({ code: 'unexpected-answer', message: 'the feed told an event whose sequence is no number' });
  return Number(sequence);
}
