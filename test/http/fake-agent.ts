import type { AgentApi, CallAnswer, ScheduleEntry, TakenOver } from '../../src/agent/agent-api.ts';
import type { EndpointConfig } from '../../src/agent/endpoint-config.ts';
import { done, fail, type Result } from '../../src/faults.ts';
import type { Idempotency } from '../../src/protocol/commands.ts';
import type { PluginAnswer, Properties } from '../../src/protocol/plugin-calls.ts';
import type { ReservationImage } from '../../src/protocol/reservations.ts';

/** An agent that answers what a test tells it to, and remembers what it was asked. */

export interface AgentCall {
  readonly operation: string;
  readonly endpoint: string;
  readonly id?: string;
  readonly properties?: Properties;
  readonly reason?: string;
  readonly caller: string;
  readonly idempotency?: Idempotency | undefined;
}

export class FakeAgent implements AgentApi {
  readonly calls: AgentCall[] = [];
  endpoints: readonly EndpointConfig[] = [endpoint('nulls'), endpoint('oscars')];
  /** What every call comes to. */
  outcome: Result<CallAnswer> = returned({});
  entries: readonly ScheduleEntry[] = [];
  isRecovering = false;
  readonly images: Map<string, ReservationImage> = new Map();
  readonly takenOver: TakenOver[] = [];
  /** Awaited before a call is answered. */
  gate: Promise<void> = Promise.resolve();

  endpoint(name: string): EndpointConfig | undefined {
    return this.endpoints.find((each) => each.name === name);
  }

  join(endpoint: string, properties: Properties, caller: string, idempotency?: Idempotency): Promise<Result<CallAnswer>> {
    return this.#call({ operation: 'join', endpoint, properties, caller, idempotency });
  }

  leave(endpoint: string, id: string, properties: Properties, caller: string): Promise<Result<CallAnswer>> {
    return this.#call({ operation: 'leave', endpoint, id, properties, caller });
  }

  modify(endpoint: string, id: string, properties: Properties, caller: string): Promise<Result<CallAnswer>> {
    return this.#call({ operation: 'modify', endpoint, id, properties, caller });
  }

  status(endpoint: string, id: string, caller: string): Promise<Result<CallAnswer>> {
    return this.#call({ operation: 'status', endpoint, id, caller });
  }

  renew(endpoint: string, id: string, caller: string): Promise<Result<CallAnswer>> {
    return this.#call({ operation: 'renew', endpoint, id, caller });
  }

  async release(endpoint: string, id: string, reason: string, caller: string): Promise<Result<ReservationImage>> {
    this.calls.push({ operation: 'release', endpoint, id, reason, caller });
    const found = this.find(endpoint, id);
    return found.ok ? done({ ...found.value, state: 'closed', close_reason: reason, revision: found.value.revision + 1 }) : found;
  }

  async takeOver(entries: readonly TakenOver[], caller: string): Promise<readonly Result<{ readonly operationId: string }>[]> {
    this.calls.push({ operation: `take over ${entries.length}`, endpoint: '', caller });
    return entries.map((entry) => {
      if (this.endpoint(entry.endpoint) === undefined) return fail('not-found', `there is no endpoint "${entry.endpoint}"`);
      const isHeld = this.takenOver.some((held) => held.endpoint === entry.endpoint && held.reservationId === entry.reservationId);
      if (isHeld) return fail('conflict', 'it is held already');
      this.takenOver.push(entry);
      return done({ operationId: `op-${this.takenOver.length}` });
    });
  }

  schedule(endpoint?: string, id?: string): Result<Iterable<ScheduleEntry>> {
    if (this.isRecovering) return fail('recovering', 'not yet');
    return done(this.entries.filter((entry) => (endpoint ?? entry.endpoint) === entry.endpoint && (id ?? entry.reservationId) === entry.reservationId));
  }

  expired(): Result<Iterable<ScheduleEntry>> {
    if (this.isRecovering) return fail('recovering', 'not yet');
    return done(this.entries.filter(({ renewDeadlineMs }) => renewDeadlineMs < NOW_MS));
  }

  find(endpoint: string, id: string): Result<ReservationImage> {
    const image = this.images.get(`${endpoint}/${id}`);
    return image === undefined ? fail('not-found', `there is no reservation "${id}"`) : done(image);
  }

  async #call(call: AgentCall): Promise<Result<CallAnswer>> {
    this.calls.push(call);
    await this.gate;
    return this.outcome;
  }
}

export const NOW_MS: number = Date.UTC(2026, 10, 22, 12);

export function endpoint(name: string, more: Partial<EndpointConfig> = {}): EndpointConfig {
  return {
    name,
    plugin: 'null',
    exportName: 'default',
    resolveFrom: '/',
    jar: 'null',
    mainClass: 'default',
    schedulePeriod: { length: 3, unit: 'MINUTE' },
    renewAdvanceTicks: 2,
    config: undefined,
    properties: {},
    description: undefined,
    isolation: 'thread',
    threads: 1,
    concurrentCalls: 1,
    concurrentRenewals: 1,
    queueLengthMax: 10,
    memoryMiB: 64,
    env: [],
    user: undefined,
    timeLimitsMs: { join: 1000, leave: 1000, modify: 1000, renew: 1000, status: 1000, find: 1000, list: 1000 },
    renewRetries: 0,
    ...more,
  };
}

export function returned(answer: Partial<PluginAnswer>): Result<CallAnswer> {
  return done({ type: 'returned', answer: { status: 0, properties: {}, reservationId: null, errorMessage: null, ...answer } });
}

export function scheduled(endpoint: string, reservationId: string, more: Partial<ScheduleEntry> = {}): ScheduleEntry {
  return { endpoint, reservationId, renewDeadlineMs: NOW_MS + 1000, joinProperties: {}, schedProperties: {}, ...more };
}
