import { strict as assert } from 'node:assert';
import { isDeepStrictEqual } from 'node:util';
import type { Result } from '../../../src/faults.ts';
import type { BulkOptions, Command, Draft, Idempotency, Origin, Replay } from '../../../src/protocol/commands.ts';
import { RESERVATIONS } from '../../../src/protocol/reservations.ts';
import { unpackMessage } from '../../../src/protocol/wire.ts';
import { type ActualChange, type Bound, Source } from './actual-changes.ts';
import { describe, expect, expectAnswer, expectReplay } from './model-answers.ts';
import { create, type Judging, type ModelStored, patch, remove, replace, upsert } from './model-inventory.ts';
import { step } from './model-reservations.ts';
import { type Fields, isFresh, Mismatch, type ModelChange, ModelState, no, type Verdict, yes } from './model-state.ts';

/**
 * What the owner must do, in its plainest form. It is given each batch with what the owner answered and journaled, judges
 * the batch itself, and compares: every answer or its fault code, every change, every byte that can be known.
 */

/** Where a batch ended in the journal, so that a power cut can take back what lies behind. */
interface Boundary {
  readonly sequence: number;
  readonly mark: number;
}

const ANSWER_LIFETIME_MS = 24 * 3_600_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A bulk that is being staged. */
interface StagedBulk {
  readonly id: string;
  readonly kind: string;
  readonly records: Draft[];
  readonly options: BulkOptions;
  readonly origin: Origin;
}

export class Model {
  readonly state: ModelState = new ModelState();
  #bulk: StagedBulk | undefined;
  #boundaries: Boundary[] = [];

  get sequence(): number {
    return this.state.sequence;
  }

  /** What the owner's memory had begun is gone. */
  forgetStaged(): void {
    this.#bulk = undefined;
  }

  /** Everything up to here is on the disk for good. */
  durable(sequence: number): void {
    if (sequence < this.sequence) return;
    this.#boundaries = [];
    this.state.settle();
  }

  /** A power cut took what was not synced. @throws Mismatch when it cut a batch in two, or took what had been synced. */
  cutBackTo(sequence: number): void {
    while (this.sequence > sequence) {
      const last = this.#boundaries.pop();
      if (last === undefined) throw new Mismatch(`a power cut took change ${this.sequence}, which was on the disk; the store came back with ${sequence}`);
      this.state.undoTo(last.mark);
    }
    if (this.sequence !== sequence)
      throw new Mismatch(`the store came back with change ${sequence}, in the middle of a batch that began after ${this.sequence}`);
  }

  /**
   * Judges a batch that was journaled, or had nothing to journal.
   * @param answers the owner's; undefined when nobody heard them.
   * @returns changes that are none of this batch.
   * @throws Mismatch
   */
  run(commands: readonly Command[], nowMs: number, actual: readonly ActualChange[], answers: readonly Result<unknown>[] | undefined): readonly ActualChange[] {
    const [first] = commands;
    const boundary: Boundary = { sequence: this.sequence, mark: this.state.mark };
    const source = new Source(actual, this.sequence);
    if (first?.kind === 'bulk.stage' || first?.kind === 'bulk.commit' || first?.kind === 'bulk.abort') {
      this.#bulkStep(first, nowMs, source, answers?.[0]);
    } else {
      this.#bulk = undefined;
      for (const [index, command] of commands.entries()) this.#one(command, nowMs, source, answers?.[index]);
    }
    if (this.sequence > boundary.sequence) this.#boundaries.push(boundary);
    return source.rest;
  }

  #one(command: Command, nowMs: number, source: Source, answer: Result<unknown> | undefined): void {
    const mark = this.state.mark;
    const judging: Judging = { state: this.state, nowMs, subject: subjectOf(command), changes: [] };
    const idempotency =
      'idempotency' in command.input && command.kind !== 'reservation.step' ? (command.input.idempotency as Idempotency | undefined) : undefined;
    const replayed = this.#replayOf(idempotency, nowMs);
    if (replayed !== undefined) {
      if (answer !== undefined) expectReplay(command, replayed, answer);
      return;
    }
    const verdict = this.#verdict(command, judging);
    this.state.undoTo(mark);
    const bound = verdict.ok ? this.#bind(judging.changes, source, command) : new Map<ModelChange, Bound>();
    if (verdict.ok && idempotency !== undefined) this.#remember(command, idempotency, verdict.value as readonly ModelStored[], bound, nowMs);
    if (answer !== undefined) expectAnswer(command, verdict, bound, answer);
  }

  #verdict(command: Command, judging: Judging): Verdict<unknown> {
    switch (command.kind) {
      case 'record.create': {
        const made: ModelStored[] = [];
        for (const record of command.input.records) {
          const one = create(judging, command.input.kind, structuredClone(record) as Draft);
          if (!one.ok) return one;
          made.push(one.value);
        }
        return yes(made);
      }
      case 'record.replace': {
        const { kind, name, record, upsert: mayMake, ifMatch } = command.input;
        return list(replace(judging, kind, name, structuredClone(record) as Draft, mayMake, ifMatch));
      }
      case 'record.patch':
        return list(patch(judging, command.input.kind, command.input.name, command.input.patch, command.input.ifMatch));
      case 'record.delete':
        return list(remove(judging, command.input.kind, command.input.name, command.input.force, command.input.ifMatch));
      case 'reservation.step':
        return step(judging, command.input);
      case 'bulk.partial':
        return yes(this.#partial(judging, command.input));
      default:
        throw new Error(`the model does not know ${command.kind}`);
    }
  }

  #partial(judging: Judging, { kind, records, options }: Extract<Command, { kind: 'bulk.partial' }>['input']): readonly Verdict<ModelStored>[] {
    const start = this.state.mark;
    const items = records.map((record) => {
      const mark = this.state.mark;
      const before = judging.changes.length;
      const verdict = options.upsert ? upsert(judging, kind, structuredClone(record) as Draft) : create(judging, kind, structuredClone(record) as Draft);
      if (!verdict.ok) {
        this.state.undoTo(mark);
        judging.changes.length = before;
      }
      return verdict;
    });
    if (options.dryRun) {
      this.state.undoTo(start);
      judging.changes.length = 0;
    }
    return items;
  }

  /** An import that happens as a whole: judged anew with each part, and for good when it is committed. */
  #bulkStep(
    command: Extract<Command, { kind: 'bulk.stage' | 'bulk.commit' | 'bulk.abort' }>,
    nowMs: number,
    source: Source,
    answer: Result<unknown> | undefined,
  ): void {
    if (command.kind === 'bulk.abort') {
      this.#bulk = undefined;
      return;
    }
    if (command.kind === 'bulk.stage') {
      const { bulkId, kind, options, origin, firstIndex, packedRecords } = command.input;
      if (this.#bulk?.id !== bulkId && firstIndex === 0) this.#bulk = { id: bulkId, kind, options, origin, records: [] };
      this.#bulk?.records.push(...(unpackMessage(packedRecords) as readonly Draft[]));
    }
    const bulk = this.#bulk;
    if (bulk?.id !== command.input.bulkId) {
      expect(command, no('outcome-unknown'), answer);
      return;
    }
    const { idempotency } = command.input;
    const replayed = this.#replayOf(idempotency, nowMs);
    if (replayed !== undefined) {
      this.#bulk = undefined;
      if (answer !== undefined) expectReplay(command, replayed, answer);
      return;
    }
    const mark = this.state.mark;
    const judging: Judging = { state: this.state, nowMs, subject: bulk.origin.subject, changes: [] };
    const counts = { created: 0, updated: 0 };
    let fault: Verdict<never> | undefined;
    for (const record of bulk.records) {
      const verdict = bulk.options.upsert ? upsert(judging, bulk.kind, structuredClone(record)) : create(judging, bulk.kind, structuredClone(record));
      if (!verdict.ok) {
        fault = verdict;
        break;
      }
      counts[verdict.value.created ? 'created' : 'updated'] += 1;
    }
    this.state.undoTo(mark);
    if (fault !== undefined || command.kind === 'bulk.commit') this.#bulk = undefined;
    if (fault !== undefined || command.kind === 'bulk.stage') {
      expect(command, fault ?? yes(undefined), answer);
      return;
    }
    const { length } = judging.changes;
    const done = { ...counts, sequence: this.sequence + length };
    if (!bulk.options.dryRun) {
      this.#bind(judging.changes, source, command);
      if (idempotency !== undefined) {
        const body = JSON.stringify({
          created: done.created,
          updated: done.updated,
          total: done.created + done.updated,
          dry_run: false,
          sequence: done.sequence,
        });
        this.state.remember(idempotency.key, {
          requestHash: idempotency.requestHash,
          status: 200,
          body,
          key: '',
          revision: 0,
          expiresMs: nowMs + ANSWER_LIFETIME_MS,
        });
      }
    }
    expect(command, yes(done), answer);
    if (answer?.ok === true && !isDeepStrictEqual(answer.value, done))
      throw new Mismatch(`a bulk counted ${JSON.stringify(answer.value)}, expected ${JSON.stringify(done)}`);
  }

  /** Finds what the owner journaled for each change of the model, and takes it over. */
  #bind(changes: readonly ModelChange[], source: Source, command: Command): Map<ModelChange, Bound> {
    const bound = new Map<ModelChange, Bound>();
    const keys = new Map<string, string>();
    const open = [...changes];
    for (let count = 0; count < changes.length; count++) {
      const actual = source.next();
      if (actual === undefined)
        throw new Mismatch(`the owner journaled ${count} changes of ${changes.length} for ${describe(command)}: ${JSON.stringify(changes)}`);
      const place = open.findIndex(({ kind, key }) => kind === actual.kind && (keys.get(key) ?? (isFresh(key) ? actual.key : key)) === actual.key);
      const [change] = place === -1 ? [] : open.splice(place, 1);
      if (change === undefined)
        throw new Mismatch(`the owner changed ${actual.kind} ${actual.key} for ${describe(command)}, which the model did not: ${JSON.stringify(open)}`);
      if (isFresh(change.key) && !keys.has(change.key)) {
        if (!UUID.test(actual.key) || this.state.get(actual.kind, actual.key) !== undefined) throw new Mismatch(`${actual.key} is no new key`);
        keys.set(change.key, actual.key);
      }
      bound.set(change, this.#take(change, actual, keys, command));
    }
    return bound;
  }

  #take(change: ModelChange, actual: ActualChange, keys: ReadonlyMap<string, string>, command: Command): Bound {
    const { kind, key, sequence, text } = actual;
    this.state.goTo(sequence);
    if (change.after === undefined || text === undefined) {
      if (change.after !== undefined || text !== undefined)
        throw new Mismatch(`${describe(command)}: ${kind} ${key} is ${text ?? 'gone'}, expected ${JSON.stringify(change.after)}`);
      this.state.set(kind, key, undefined);
      return { key, revision: sequence, text: '' };
    }
    const fields = { ...(withKeys(change.after.fields, keys) as Fields), revision: sequence };
    const found = JSON.parse(text) as Fields;
    if (!isDeepStrictEqual(found, fields)) throw new Mismatch(`${describe(command)}: ${kind} ${key} is\n${text}, expected\n${JSON.stringify(fields)}`);
    this.state.set(kind, key, { fields: found, secrets: change.after.secrets, revision: sequence, text });
    return { key, revision: sequence, text };
  }

  #replayOf(idempotency: Idempotency | undefined, nowMs: number): Verdict<Replay> | undefined {
    if (idempotency === undefined) return undefined;
    const answer = this.state.answers.get(idempotency.key);
    if (answer === undefined || answer.expiresMs <= nowMs) return undefined;
    if (answer.requestHash !== idempotency.requestHash) return no('idempotency-mismatch');
    return yes({ replay: { status: answer.status, body: Buffer.from(answer.body), revision: answer.revision, key: answer.key } });
  }

  #remember(command: Command, { key, requestHash }: Idempotency, stored: readonly ModelStored[], bound: ReadonlyMap<ModelChange, Bound>, nowMs: number): void {
    const all = stored.map(({ change }) => bound.get(change) as Bound);
    const [first] = all;
    assert(first !== undefined, 'a write with an idempotency key writes something');
    const isArray = command.kind === 'record.create' && command.input.asArray;
    const body = isArray ? `[${all.map(({ text }) => text).join(',')}]` : first.text;
    const status = command.kind === 'record.create' || stored[0]?.created === true ? 201 : 200;
    this.state.remember(key, { requestHash, status, body, key: isArray ? '' : first.key, revision: first.revision, expiresMs: nowMs + ANSWER_LIFETIME_MS });
  }
}

function subjectOf(command: Command): string | undefined {
  return 'origin' in command.input ? command.input.origin.subject : undefined;
}

function list<T>(verdict: Verdict<T>): Verdict<readonly T[]> {
  return verdict.ok ? yes([verdict.value]) : verdict;
}

/** The record with the keys that the server chose in place of those that the model made up. */
function withKeys(value: unknown, keys: ReadonlyMap<string, string>): unknown {
  if (keys.size === 0) return value;
  let text = JSON.stringify(value);
  for (const [fresh, key] of keys) text = text.replaceAll(fresh, key);
  return JSON.parse(text);
}

/** Every record of the model by kind, reservations among them. */
export function kindsOf(model: Model): readonly string[] {
  return [...new Set([...model.state.kinds, RESERVATIONS])];
}
