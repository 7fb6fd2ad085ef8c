import type { Idempotency } from './commands.ts';
import type { Properties } from './plugin-calls.ts';

/** Reservations as they cross between the main thread and the owner, and as their record images say them. */

export type ReservationState =
  | 'joining'
  | 'active'
  | 'renewing'
  | 'modifying'
  | 'leaving'
  | 'renew-failed'
  | 'leave-failed'
  | 'unknown'
  | 'orphaned'
  | 'closed';

/** The value of `held_as`. */
export function heldAs(endpoint: string, reservationId: string): string {
  return `${endpoint}/${reservationId}`;
}

/** The internal kind that reservations are stored as: table, Parquet file and record log have this name. */
export const RESERVATIONS = 'reservations';

/** One plugin call of a reservation's life, as its history keeps it. */
export interface ReservationCall {
  readonly operation: 'join' | 'renew' | 'modify' | 'leave';
  readonly operation_id: string;
  /** Who asked; absent when the schedule did. */
  readonly caller?: string;
  readonly started_at: string;
  readonly duration_ms?: number;
  /** Absent while it runs. */
  readonly outcome?: 'done' | 'failed' | 'unknown';
  readonly error?: string;
}

/** The record image of a reservation: canonical JSON, secrets masked. Times are RFC 3339, UTC. Absent = none. */
export interface ReservationImage {
  /** Of the join that made it; the record's key, and its name while it has no id. */
  readonly operation_id: string;
  readonly endpoint: string;
  readonly reservation_id?: string;
  /** `endpoint/reservation_id`, while the reservation holds its id: unique. */
  readonly held_as?: string;
  readonly state: ReservationState;
  /** The state before the call that runs or was interrupted. */
  readonly resume_state?: ReservationState;
  /** The real end, as the substrate was told. */
  readonly until?: string;
  /** When it is to be renewed; absent: it is not on the schedule. */
  readonly renew_deadline?: string;
  readonly join_properties?: Properties;
  readonly sched_properties?: Properties;
  /** Some property is secret: its value is in the record's secrets, under `private`. */
  readonly has_private?: boolean;
  readonly attempts?: number;
  readonly last_error?: string;
  /** The newest last; the last one may still run. */
  readonly calls?: readonly ReservationCall[];
  readonly idempotency?: string;
  readonly request_hash?: string;
  readonly closed_at?: string;
  readonly close_reason?: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly revision: number;
}

/** Of a reservation's image: what only the server needs. Nobody is shown it. */
export const HIDDEN_PROPERTIES: ReadonlySet<string> = new Set(['held_as', 'resume_state', 'has_private', 'idempotency', 'request_hash']);

/** What the sealed `private` of a reservation says, as JSON: the true values of masked properties. */
export interface PrivateProperties {
  readonly join?: Properties;
  readonly sched?: Properties;
}

/** The steps that change a reservation: the rows of the table in src/store/reservations/transitions.ts. */
export type StepName =
  | 'join.begin'
  | 'join.done'
  | 'join.failed'
  | 'join.lost'
  | 'join.orphaned'
  | 'renew.begin'
  | 'renew.done'
  | 'renew.retry'
  | 'renew.failed'
  | 'modify.begin'
  | 'modify.done'
  | 'modify.failed'
  | 'modify.lost'
  | 'leave.begin'
  | 'leave.done'
  | 'leave.failed'
  | 'leave.lost'
  | 'take-over'
  | 'release'
  | 'purge';

/** One step of one reservation. Which fields a step needs stands beside it in the table of transitions. */
export interface ReservationStep {
  /** The operation id of the join. */
  readonly key: string;
  readonly step: StepName;
  /** Of the call that begins or ends. */
  readonly operationId?: string;
  readonly caller?: string;
  readonly endpoint?: string;
  readonly reservationId?: string;
  readonly joinProperties?: Properties;
  /** What the plugin returned: merged into what is there. */
  readonly properties?: Properties;
  readonly untilMs?: number;
  /** null takes it off the schedule. */
  readonly renewDeadlineMs?: number | null;
  readonly durationMs?: number;
  readonly error?: string;
  readonly reason?: string;
  readonly idempotency?: Idempotency;
}

/** What the book of the main thread has of a reservation. */
export interface BookEntry {
  readonly key: string;
  readonly endpoint: string;
  readonly reservationId: string | undefined;
  readonly state: ReservationState;
  /** The real end; 0 when it is not known. */
  readonly untilMs: number;
  readonly renewDeadlineMs: number | undefined;
  /** Its last renewal failed, and is to be tried again without waiting for a tick. */
  readonly isRetry: boolean;
  readonly closedMs: number | undefined;
}

export function entryOf(image: ReservationImage): BookEntry {
  const lastCall = image.calls?.at(-1);
  return {
    key: image.operation_id,
    endpoint: image.endpoint,
    reservationId: image.reservation_id,
    state: image.state,
    untilMs: image.until === undefined ? 0 : Date.parse(image.until),
    renewDeadlineMs: image.renew_deadline === undefined ? undefined : Date.parse(image.renew_deadline),
    isRetry: (image.attempts ?? 0) > 0 || (lastCall?.operation === 'renew' && lastCall.outcome === 'failed'),
    closedMs: image.closed_at === undefined ? undefined : Date.parse(image.closed_at),
  };
}

export type ReservationStepped =
  /** `entry` is what the record of this revision says; absent when the record is gone. */
  | { readonly key: string; readonly revision: number; readonly entry?: BookEntry }
  /** `join.begin` with an idempotency key that a reservation has already. */
  | { readonly existing: string };
