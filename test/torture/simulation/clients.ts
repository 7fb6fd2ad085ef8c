import type { Prng } from '../../../bench/prng.ts';
import type { Agent } from '../../../src/agent/agent.ts';
import type { CallAnswer } from '../../../src/agent/agent-api.ts';
import type { OwnerClient } from '../../../src/dispatch/owner-client.ts';
import type { FaultCode, Result } from '../../../src/faults.ts';
import type { RetentionRules } from '../../../src/protocol/commands.ts';
import { RESERVATIONS } from '../../../src/protocol/reservations.ts';
import type { Model } from './model.ts';
import { keyOf } from './model-inventory.ts';
import { SECRET_NAME } from './model-reservations.ts';
import { Mismatch } from './model-state.ts';
import type { Server } from './server.ts';
import type { Held, Substrate } from './substrate.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Those who ask: what they were promised, they remember. */

/** A reservation that somebody was told he has. */
interface Promised {
  readonly mark: string;
  readonly endpoint: string;
  readonly id: string;
  /** Somebody was told that it has been left, or asked that it be forgotten. */
  isOver: boolean;
}

const ENDPOINTS = ['alpha', 'alpha', 'beta', 'beta', 'gamma', 'never', 'nowhere'] as const;
const JOINS_OPEN_MAX = 14;

export class Clients {
  readonly #numbers: Prng;
  readonly #substrate: Substrate;
  readonly #model: Model;
  readonly #count: (name: string) => void;
  readonly #note: (line: string) => void;
  readonly promised: Promised[] = [];
  /** Marks of reservations that an admin let go, or of which one cannot say any more who has them. */
  readonly released: Set<string> = new Set();
  #open = new Set<object>();
  #joins = 0;
  #lastSnapshot: { readonly name: string; readonly sequence: number } | undefined;
  /** Since when nobody has set a clock. */
  hasClockJumped = false;
  answered = 0;

  constructor(numbers: Prng, substrate: Substrate, model: Model, count: (name: string) => void, note: (line: string) => void) {
    this.#numbers = numbers;
    this.#substrate = substrate;
    this.#model = model;
    this.#count = count;
    this.#note = note;
  }

  serverStarted(_agent: Agent): void {
    this.#lastSnapshot = undefined;
  }

  /** Nobody answers them any more. */
  serverDied(): void {
    this.#open = new Set();
  }

  clockJumped(): void {
    this.hasClockJumped = true;
  }

  expectAnswers(answers: readonly Promise<unknown>[]): void {
    for (const answer of answers) this.#expect(answer, () => undefined);
  }

  checkAllAnswered(): void {
    if (this.#open.size > 0) throw new Mismatch(`${this.#open.size} calls were never answered`);
  }

  #expect<T>(answer: Promise<T>, then: (value: T) => void): void {
    const open = {};
    this.#open.add(open);
    const over = this.#open;
    void answer.then((value) => {
      this.answered += 1;
      if (!over.delete(open) || over !== this.#open) return;
      then(value);
    });
  }

  /** One operation on reservations, its answer taken when it comes. */
  act(agent: Agent): void {
    const dice = this.#numbers.next();
    const open = [...this.#substrate.held.values()].filter(({ isLive }) => isLive).length;
    const known = this.promised.filter(({ isOver }) => !isOver);
    const one = known[this.#numbers.below(known.length)];
    if (one === undefined || (dice < 0.35 && open < JOINS_OPEN_MAX)) {
      this.#join(agent);
      return;
    }
    const { endpoint, id, mark } = one;
    // A substrate that gives out an id twice makes clients who cannot know whose reservation they leave.
    for (const other of this.promised) if (other !== one && other.endpoint === endpoint && other.id === id) this.released.add(other.mark);
    if (dice < 0.55) {
      this.#tell('leave', mark, agent.leave(endpoint, id, {}, 'client'), (answer) => {
        if (answer.ok && answer.value.type === 'returned' && answer.value.answer.status === 0) this.#wasLeft(one);
        // Left before, by somebody whose answer was lost.
        if (!answer.ok && answer.fault.code === 'not-found') this.#expectGone(one);
      });
    } else if (dice < 0.68) this.#tell('modify', mark, agent.modify(endpoint, id, { wish: String(this.#numbers.below(9)) }, 'client'));
    else if (dice < 0.8) this.#tell('status', mark, agent.status(endpoint, id));
    else if (dice < 0.92) this.#tell('renew', mark, agent.renew(endpoint, id, 'admin'));
    else if (dice < 0.95) {
      // Whatever the answer says, it may have been let go.
      this.released.add(mark);
      this.#tell('release', mark, agent.release(endpoint, id, 'enough', 'admin'), (answer) => {
        if (answer.ok) one.isOver = true;
      });
    } else this.#joinAgain(agent);
  }

  #wasLeft(one: Promised): void {
    one.isOver = true;
    const held = this.#substrate.held.get(one.mark);
    if (held !== undefined) held.leaveAnswered = true;
  }

  #expectGone(one: Promised): void {
    const held = this.#substrate.held.get(one.mark);
    if (held?.isLive === true && !this.released.has(one.mark)) throw new Mismatch(`${one.mark} is held by its substrate, and its server knows nothing of it`);
    one.isOver = true;
  }

  readonly #keys: { readonly endpoint: string; readonly mark: string; readonly key: string }[] = [];

  #join(agent: Agent): void {
    this.#joins += 1;
    const mark = `m${this.#joins}`;
    const endpoint = ENDPOINTS[this.#numbers.below(ENDPOINTS.length)] ?? 'alpha';
    const idempotency = this.#numbers.next() < 0.3 ? { key: `join-${mark}`, requestHash: mark } : undefined;
    if (idempotency !== undefined) this.#keys.push({ endpoint, mark, key: idempotency.key });
    const properties = { mark, ...(this.#numbers.next() < 0.4 ? { [SECRET_NAME]: `secret of ${mark}` } : {}) };
    this.#joinWith(agent, endpoint, properties, idempotency);
  }

  /** Somebody who did not hear the answer asks again under the same key. */
  #joinAgain(agent: Agent): void {
    const earlier = this.#keys[this.#numbers.below(this.#keys.length)];
    if (earlier === undefined) {
      this.#join(agent);
      return;
    }
    this.#joinWith(agent, earlier.endpoint, { mark: earlier.mark }, { key: earlier.key, requestHash: earlier.mark });
  }

  #joinWith(agent: Agent, endpoint: string, properties: Record<string, string>, idempotency: { key: string; requestHash: string } | undefined): void {
    const mark = properties['mark'] ?? '';
    this.#tell('join', mark, agent.join(endpoint, properties, 'client', idempotency), (answer) => {
      if (!answer.ok || answer.value.type !== 'returned' || answer.value.answer.status !== 0) return;
      const id = answer.value.answer.reservationId ?? '';
      if (this.promised.some((each) => each.mark === mark)) return;
      this.promised.push({ mark, endpoint, id, isOver: this.released.has(mark) });
    });
  }

  #tell(operation: string, mark: string, asked: Promise<Result<unknown>>, then: (answer: Result<CallAnswer>) => void = () => undefined): void {
    this.#count('reservation operations');
    this.#expect(asked, (answer) => {
      this.#note(`${operation} ${mark}: ${answer.ok ? 'ok' : answer.fault.code}`);
      then(answer as Result<CallAnswer>);
    });
  }

  /** What a reader finds is what the model has. */
  async read(server: Server, kind: string, name: string, dice: number): Promise<void> {
    const { owner, view } = server;
    this.#count('reads');
    const { state } = this.#model;
    if (dice < 0.5) {
      const key = keyOf(state, kind, name);
      const sequence = this.#model.sequence;
      const found = await owner.query('record.read', { kind, name });
      if (isAway(server, found) || sequence !== this.#model.sequence) return;
      const expected = key === undefined ? undefined : { key, revision: state.get(kind, key)?.revision, text: state.get(kind, key)?.text };
      const { value } = found as { value: { key: string; revision: number; image: Uint8Array } | undefined };
      const read = value === undefined ? undefined : { key: value.key, revision: value.revision, text: Buffer.from(value.image).toString('utf8') };
      if (JSON.stringify(read) !== JSON.stringify(expected))
        throw new Mismatch(`reading ${kind} ${name} gave ${JSON.stringify(read)}, expected ${JSON.stringify(expected)}`);
    } else if (dice < 0.65) {
      const key = keyOf(state, kind, name);
      const secrets = key === undefined ? undefined : state.get(kind, key)?.secrets;
      if (key !== undefined && secrets !== undefined && Object.keys(secrets).length > 0 && server.owner.status !== undefined)
        await server.compareSecrets(kind, key, secrets);
    } else {
      const property = { ComputeNode: 'architecture', BMC: 'username', NodeCollection: 'type', Component: 'Type' }[kind] ?? '';
      const wanted = { ComputeNode: 'x86_64', BMC: 'root', NodeCollection: 'partition', Component: 'Node' }[kind] ?? '';
      const sequence = this.#model.sequence;
      const found = await owner.query('record.find', { kind, conditions: [{ path: [property], operator: 'equal', values: [wanted] }], sort: [], count: true });
      if (isAway(server, found) || sequence !== this.#model.sequence || !found.ok) return;
      const expected = [...state.of(kind).values()].filter(({ fields }) => fields[property] === wanted).map(({ text }) => text);
      const texts = [...found.value.locations].map((at) => view.imageAt(at).bytes.toString('utf8'));
      if (texts.length !== expected.length || found.value.count !== expected.length || !expected.every((text) => texts.includes(text))) {
        throw new Mismatch(`a list of ${kind} has ${texts.join()}, expected ${expected.join()}`);
      }
    }
  }

  /** Snapshots are taken, listed and deleted; what the list says is checked by every start. */
  async snapshot(server: Server, owner: OwnerClient, retention: RetentionRules, skipUnchanged: boolean, dice: number): Promise<void> {
    this.#count('snapshots asked for');
    if (dice < 0.2) {
      const listed = await owner.query('snapshot.list', {});
      if (isAway(server, listed) || !listed.ok) return;
      const victim = listed.value[Math.floor(dice * 5 * listed.value.length)];
      if (victim === undefined) return;
      const deleted = await owner.query('snapshot.delete', { name: victim.name });
      if (isAway(server, deleted)) return;
      if (deleted.ok && listed.value.length < 2) throw new Mismatch('the last snapshot was deleted');
      return;
    }
    const taken = await owner.query('snapshot.take', { reason: 'demand', retention, skipUnchanged });
    if (isAway(server, taken)) return;
    if (!taken.ok) {
      if (!server.isTroubled && taken.fault.code !== 'snapshot-failed') throw new Mismatch(`a snapshot failed: ${JSON.stringify(taken)}`);
      this.#count('snapshots that failed');
      return;
    }
    this.#count('snapshots taken');
    const { taken: snapshot } = taken.value;
    if (snapshot === undefined) {
      if (this.#lastSnapshot !== undefined && this.#lastSnapshot.sequence !== this.#model.sequence)
        throw new Mismatch('no snapshot was taken though something had changed');
      return;
    }
    this.#lastSnapshot = snapshot;
    if (snapshot.sequence > this.#model.sequence) throw new Mismatch(`a snapshot says that it has change ${snapshot.sequence} of ${this.#model.sequence}`);
    const listed = await owner.query('snapshot.list', {});
    if (isAway(server, listed) || !listed.ok) return;
    if (listed.value[0]?.name !== snapshot.name) throw new Mismatch(`the newest snapshot is ${listed.value[0]?.name}, not ${snapshot.name}`);
    if (listed.value.length > Math.max(2, retention.newest) && !server.isTroubled)
      throw new Mismatch(`${listed.value.length} snapshots are kept, of which ${retention.newest} were to be`);
  }
}

const AWAY: ReadonlySet<FaultCode> = new Set<FaultCode>(['recovering', 'outcome-unknown', 'stopping', 'not-durable']);

/** The server was killed, its owner is gone, or its disk is in trouble: nothing is promised. */
function isAway(server: Server, answer: Result<unknown>): boolean {
  return server.isGone || (!answer.ok && (AWAY.has(answer.fault.code) || server.isTroubled));
}

/**
 * After a calm: what substrates hold, what the server says of it, and what clients were told, agree.
 * @throws Mismatch
 */
export function checkReservations(substrate: Substrate, model: Model, time: VirtualTime, findsJoins: ReadonlySet<string>, clients: Clients): void {
  const records = model.state.of(RESERVATIONS);
  for (const held of substrate.held.values()) {
    const fields = records.get(held.joinOperation)?.fields;
    if (fields === undefined) throw new Mismatch(`the join ${held.mark} reached its plugin, and there is no record of it`);
    checkState(held, String(fields['state']), fields['reservation_id'] !== undefined, findsJoins, clients.released.has(held.mark));
    if (fields['state'] === 'active' && held.endpoint !== 'never' && held.isLive) {
      const untilMs = Date.parse(String(fields['until']));
      if (untilMs <= time.nowMs()) throw new Mismatch(`${held.mark} is active, and ended at ${fields['until']}`);
      if (held.untilMs < untilMs) throw new Mismatch(`${held.mark} ends at ${held.untilMs}, and its record says ${fields['until']}`);
    }
  }
  for (const { mark, endpoint, id, isOver } of clients.promised) {
    const holders = [...records.values()].filter(({ fields }) => fields['held_as'] === `${endpoint}/${id}`);
    if (holders.length > 1) throw new Mismatch(`${endpoint}/${id} is held ${holders.length} times`);
    const mine = records.get(substrate.held.get(mark)?.joinOperation ?? '')?.fields;
    const isKept = mine !== undefined && mine['state'] !== 'closed';
    const wasLeft = substrate.held.get(mark)?.wasLeft === true;
    if (!isOver && !isKept && !wasLeft && !clients.released.has(mark))
      throw new Mismatch(`somebody was told that he has ${endpoint}/${id} (${mark}), and its record is ${mine?.['state'] ?? 'gone'}`);
    if (isOver && isKept && !clients.released.has(mark)) throw new Mismatch(`${mark} was left, and its record is ${mine['state']}`);
  }
}

function checkState(held: Held, state: string, hasId: boolean, findsJoins: ReadonlySet<string>, isReleased: boolean): void {
  const wrong = (why: string): never => {
    throw new Mismatch(`${held.mark} of ${held.endpoint} is ${state}, but ${why}`);
  };
  if (['joining', 'renewing', 'modifying', 'leaving'].includes(state)) wrong('nobody works on it');
  if (held.isLive && state === 'closed' && !isReleased) wrong('its substrate has it');
  if (held.id === undefined && state !== 'closed' && state !== 'unknown') wrong('its substrate has never had it');
  if (held.wasLeft && state === 'active') wrong('its substrate has let it go');
  if (state === 'unknown' && !hasId && findsJoins.has(held.endpoint)) wrong('its plugin could have been asked what became of it');
}
