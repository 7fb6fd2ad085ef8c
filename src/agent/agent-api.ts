import type { Result } from '../faults.ts';
import type { Idempotency } from '../protocol/commands.ts';
import type { PluginAnswer, Properties } from '../protocol/plugin-calls.ts';
import type { ReservationImage } from '../protocol/reservations.ts';
import type { EndpointConfig } from './endpoint-config.ts';

/** What the HTTP front asks of the reservation half. Nothing here rejects; faults are values. */

/** A join, leave, modify or status that reached its plugin. `threw`: NodeAgent2's "exception" (200, status 255). */
export type CallAnswer = { readonly type: 'returned'; readonly answer: PluginAnswer } | { readonly type: 'threw'; readonly message: string };

export interface ScheduleEntry {
  readonly endpoint: string;
  readonly reservationId: string;
  readonly renewDeadlineMs: number;
  /** Secrets masked. */
  readonly joinProperties: Properties;
  readonly schedProperties: Properties;
}

/** One reservation of a running NodeAgent2, from what its `GET /schedule` answers. */
export interface TakenOver {
  readonly endpoint: string;
  readonly reservationId: string;
  readonly renewDeadlineMs: number;
  readonly joinProperties: Properties;
  readonly schedProperties: Properties;
}

export interface AgentApi {
  /**
   * Faults: not-found (no such endpoint), join-refused (500: the plugin returned non-zero; `answer` of the fault's detail
   * is its message), reservation-id-taken (412), plugin-timeout (504), plugin-failed (502), overloaded, recovering,
   * not-durable, idempotency-mismatch.
   */
  join(endpoint: string, properties: Properties, caller: string, idempotency?: Idempotency): Promise<Result<CallAnswer>>;
  /** Faults: not-found, wrong-state (409), plugin-timeout, plugin-failed, overloaded, recovering, not-durable. `id`: a reservation id, or the operation id of a join. */
  leave(endpoint: string, id: string, properties: Properties, caller: string): Promise<Result<CallAnswer>>;
  modify(endpoint: string, id: string, properties: Properties, caller: string): Promise<Result<CallAnswer>>;
  status(endpoint: string, id: string, caller: string): Promise<Result<CallAnswer>>;
  /** Renews now, whatever the schedule says; also puts a `renew-failed` one back on it. Faults as above. */
  renew(endpoint: string, id: string, caller: string): Promise<Result<CallAnswer>>;
  /** Forgets a reservation without calling its plugin. */
  release(endpoint: string, id: string, reason: string, caller: string): Promise<Result<ReservationImage>>;
  /** Puts reservations of another agent on the schedule, without calling a plugin; each is there or has a fault, in order. */
  takeOver(entries: readonly TakenOver[], caller: string): Promise<readonly Result<{ readonly operationId: string }>[]>;
  readonly endpoints: readonly EndpointConfig[];
  endpoint(name: string): EndpointConfig | undefined;
  /** Everything on the schedule, soonest deadline first; of one endpoint; one reservation. Fault: recovering. */
  schedule(endpoint?: string, id?: string): Result<Iterable<ScheduleEntry>>;
  /** Entries whose renew deadline has passed. */
  expired(): Result<Iterable<ScheduleEntry>>;
  /** One reservation by its id (the one that holds it, else the last that had it) or by its operation id. Faults: not-found, recovering. */
  find(endpoint: string, id: string): Result<ReservationImage>;
}
