import { randomBytes } from 'node:crypto';
import type { Properties } from '../plugin.ts';
import { CallBook } from './call-book.ts';

/**
 * What the simulated substrate has really provisioned, whatever became of the answers. A reservation is a line of resources:
 * one, or with break/make renewals one after another; at most one of them is provisioned at a time.
 */

/** Time as the substrate sees it; tests put their own in. */
export interface SubstrateClock {
  nowMs(): number;
  monotonicMs(): number;
}

export type ResourceState = 'provisioned' | 'released' | 'replaced' | 'expired';

/** A resource as `GET /ledger` tells it. */
export interface ResourceView {
  readonly id: string;
  /** The id that the join answered with; the same for all resources of a line. */
  readonly reservationId: string;
  /** Of the join that began the line. */
  readonly joinOperationId: string;
  /** Of the call that made this resource. */
  readonly operationId: string;
  readonly state: ResourceState;
  readonly untilMs: number;
  readonly prefix: string;
  readonly properties: Properties;
  /** Calls on the whole line. */
  readonly renewals: number;
  readonly modifications: number;
  readonly leaves: number;
}

export interface LedgerFilter {
  readonly state?: string;
  /** A resource's id or a reservation's. */
  readonly id?: string;
  readonly prefix?: string;
  /** Of the join, or of the call that made the resource. */
  readonly operationId?: string;
}

/** What the substrate answers: an HTTP status and a body. */
export interface Effect {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ChangeOptions {
  /** The same operation id again gets the first answer. */
  readonly idempotent: boolean;
  readonly breakMake: boolean;
}

const RESOURCES_MAX = 1_000_000;
/** Ended resources beyond so many are forgotten, the oldest first. */
const ENDED_RESOURCES_MAX = 400_000;
/** Answers that are remembered by operation id. */
const REMEMBERED_ANSWERS_MAX = 400_000;
const ID_BYTES = 6;

class Line {
  readonly reservationId: string;
  readonly joinOperationId: string;
  readonly prefix: string;
  current: Resource;
  properties: Properties;
  /** The furthest end that it was ever told. */
  furthestUntilMs: number;
  left = false;
  renewals = 0;
  modifications = 0;
  leaves = 0;

  constructor(reservationId: string, joinOperationId: string, prefix: string, properties: Properties, id: string, untilMs: number) {
    this.reservationId = reservationId;
    this.joinOperationId = joinOperationId;
    this.prefix = prefix;
    this.properties = properties;
    this.furthestUntilMs = untilMs;
    this.current = { id, operationId: joinOperationId, line: this, state: 'provisioned', untilMs };
  }
}

interface Resource {
  readonly id: string;
  readonly operationId: string;
  readonly line: Line;
  state: 'provisioned' | 'released' | 'replaced';
  untilMs: number;
}

export class Ledger {
  readonly calls: CallBook;
  readonly #clock: SubstrateClock;
  readonly #resources = new Map<string, Resource>();
  readonly #byJoin = new Map<string, Line>();
  readonly #ended: string[] = [];
  readonly #answers = new Map<string, Effect>();
  /** Joins that `find` has denied: they must never happen any more, or its answer would have been a lie. */
  readonly #denied = new Set<string>();

  constructor(clock: SubstrateClock) {
    this.#clock = clock;
    this.calls = new CallBook(clock);
  }

  /** What overlaps is judged by the line, not by the resource: both ids of a break/make renewal mean the same thing. */
  lineOf(resourceId: string): object | undefined {
    return this.#resources.get(resourceId)?.line;
  }

  join(operationId: string, untilMs: number, prefix: string, properties: Properties, options: ChangeOptions & { readonly duplicateId: boolean }): Effect {
    if (this.#denied.has(operationId)) return refusal(409, `the join ${operationId} was asked about before it came, and denied`);
    if (this.#byJoin.has(operationId)) this.calls.note('double-join', `the join ${operationId} came again`, operationId);
    return this.#once(operationId, options, () => {
      if (this.#resources.size >= RESOURCES_MAX) return refusal(507, `the ledger is full: ${RESOURCES_MAX} resources`);
      const id = `${prefix}${randomBytes(ID_BYTES).toString('hex')}`;
      const reservationId = options.duplicateId ? (this.#takenId(prefix) ?? id) : id;
      const line = new Line(reservationId, operationId, prefix, properties, id, untilMs);
      this.#resources.set(id, line.current);
      this.#byJoin.set(operationId, line);
      return answer(line.current);
    });
  }

  renew(operationId: string, id: string, untilMs: number, options: ChangeOptions): Effect {
    const line = this.#resources.get(id)?.line;
    if (line?.left === true) this.calls.note('renew-after-leave', `${id} was renewed after it had been left`, operationId);
    return this.#once(operationId, options, () => {
      if (line === undefined) return refusal(404, `there is no resource ${id}`);
      if (line.left) return refusal(410, `${id} was released`);
      if (this.#hasExpired(line.current)) return refusal(410, `${id} expired at ${new Date(line.current.untilMs).toISOString()}`);
      if (untilMs < line.furthestUntilMs) {
        const before = new Date(line.furthestUntilMs).toISOString();
        this.calls.note('until-decreased', `${id} was to last until ${before} and then only until ${new Date(untilMs).toISOString()}`, operationId);
      }
      line.furthestUntilMs = Math.max(line.furthestUntilMs, untilMs);
      line.renewals++;
      if (options.breakMake) this.#replace(line, operationId, untilMs);
      else line.current.untilMs = untilMs;
      return answer(line.current);
    });
  }

  modify(operationId: string, id: string, properties: Properties, options: ChangeOptions): Effect {
    return this.#once(operationId, options, () => {
      const line = this.#resources.get(id)?.line;
      if (line === undefined) return refusal(404, `there is no resource ${id}`);
      if (line.left || this.#hasExpired(line.current)) return refusal(410, `${id} is ${this.#stateOf(line.current)}`);
      line.modifications++;
      line.properties = { ...line.properties, ...properties };
      return answer(line.current);
    });
  }

  /** What is gone already, or was never there, is gone: no failure. */
  leave(operationId: string, id: string, options: ChangeOptions): Effect {
    return this.#once(operationId, options, () => {
      const line = this.#resources.get(id)?.line;
      if (line === undefined) return { status: 200, body: { gone: true } };
      line.leaves++;
      const gone = line.left || this.#hasExpired(line.current);
      if (!line.left) this.#end(line.current, 'released');
      line.left = true;
      return { status: 200, body: { gone, id: line.current.id, reservationId: line.reservationId } };
    });
  }

  status(id: string): Effect {
    const resource = this.#resources.get(id)?.line.current;
    if (resource === undefined) return refusal(404, `there is no resource ${id}`);
    const { body } = answer(resource);
    return { status: 200, body: { ...body, state: this.#stateOf(resource), properties: resource.line.properties } };
  }

  /** What became of a join. When there is nothing to be found, the join is barred from now on. */
  find(joinOperationId: string): Effect {
    const line = this.#byJoin.get(joinOperationId);
    if (line !== undefined && this.#stateOf(line.current) === 'provisioned') return answer(line.current);
    if (line === undefined) remember(this.#denied, joinOperationId, REMEMBERED_ANSWERS_MAX);
    return { status: 200, body: { found: false } };
  }

  /** The reservation ids of everything that is provisioned now. */
  list(prefix: string): readonly string[] {
    return [...this.resources({ state: 'provisioned', prefix })].map(({ reservationId }) => reservationId);
  }

  *resources({ state, id, prefix, operationId }: LedgerFilter = {}): Generator<ResourceView, void, undefined> {
    for (const resource of this.#resources.values()) {
      const { line } = resource;
      const actual = this.#stateOf(resource);
      if (state !== undefined && state !== actual) continue;
      if (id !== undefined && id !== resource.id && id !== line.reservationId) continue;
      if (prefix !== undefined && prefix !== line.prefix) continue;
      if (operationId !== undefined && operationId !== line.joinOperationId && operationId !== resource.operationId) continue;
      const { reservationId, joinOperationId, properties, renewals, modifications, leaves } = line;
      const about = { id: resource.id, reservationId, joinOperationId, operationId: resource.operationId, state: actual, untilMs: resource.untilMs };
      yield { ...about, prefix: line.prefix, properties, renewals, modifications, leaves };
    }
  }

  /** How many resources are in each state. */
  states(): Readonly<Record<ResourceState, number>> {
    const counts = { provisioned: 0, released: 0, replaced: 0, expired: 0 };
    for (const resource of this.#resources.values()) counts[this.#stateOf(resource)]++;
    return counts;
  }

  #once(operationId: string, options: ChangeOptions, act: () => Effect): Effect {
    const before = this.#answers.get(operationId);
    if (before !== undefined) this.calls.countRepeat();
    if (before !== undefined && options.idempotent) return before;
    const effect = act();
    this.#answers.set(operationId, effect);
    if (this.#answers.size > REMEMBERED_ANSWERS_MAX) forgetOldest(this.#answers);
    return effect;
  }

  #replace(line: Line, operationId: string, untilMs: number): void {
    const resource: Resource = { id: `${line.prefix}${randomBytes(ID_BYTES).toString('hex')}`, operationId, line, state: 'provisioned', untilMs };
    this.#end(line.current, 'replaced');
    this.#resources.set(resource.id, resource);
    line.current = resource;
  }

  #end(resource: Resource, state: 'released' | 'replaced'): void {
    resource.state = state;
    this.#ended.push(resource.id);
    if (this.#ended.length <= ENDED_RESOURCES_MAX) return;
    // Half of them at once: taking one from the front of so long an array costs too much to do it each time.
    for (const id of this.#ended.splice(0, ENDED_RESOURCES_MAX / 2)) {
      const line = this.#resources.get(id)?.line;
      this.#resources.delete(id);
      if (line?.left === true) this.#byJoin.delete(line.joinOperationId);
    }
  }

  #stateOf(resource: Resource): ResourceState {
    return this.#hasExpired(resource) ? 'expired' : resource.state;
  }

  #hasExpired(resource: Resource): boolean {
    return resource.state === 'provisioned' && resource.untilMs < this.#clock.nowMs();
  }

  #takenId(prefix: string): string | undefined {
    for (const resource of this.#resources.values()) {
      if (resource.line.prefix === prefix && this.#stateOf(resource) === 'provisioned') return resource.line.reservationId;
    }
    return undefined;
  }
}

function answer({ id, line, untilMs }: Resource): Effect {
  return { status: 200, body: { id, reservationId: line.reservationId, untilMs } };
}

function refusal(status: number, message: string): Effect {
  return { status, body: { error: message } };
}

function remember(set: Set<string>, value: string, max: number): void {
  set.add(value);
  for (const oldest of set) {
    if (set.size <= max) break;
    set.delete(oldest);
  }
}

function forgetOldest(map: Map<string, unknown>): void {
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
