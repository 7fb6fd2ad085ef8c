import { strict as assert } from 'node:assert';
import { asDraft } from '../../schemas/canonical.ts';
import { type PartedDrafts, partingOf, settledOf } from '../../schemas/parted.ts';
import { done, type Fault, fail, type Result, unreachable } from '../faults.ts';
import {
  type BulkCounts,
  type BulkItem,
  bulkAnswer,
  type Command,
  type Commands,
  type Draft,
  type Idempotency,
  type Replay,
  type RestoreVerdict,
  type Stored,
} from '../protocol/commands.ts';
import { NOWHERE } from '../protocol/slab.ts';
import { unpackMessage } from '../protocol/wire.ts';
import { ANSWER_LIFETIME_MS, type Answers } from './answers.ts';
import type { BulkStep } from './bulk-steps.ts';
import type { FrameContent, JournaledChange, RememberedAnswer } from './frame.ts';
import type { Journal } from './journal.ts';
import { Judge, type JudgeParts } from './judge.ts';
import type { KeyIndex } from './key-index.ts';
import { Overlay, type StagedChange } from './overlay.ts';
import type { RecordLog } from './record-log.ts';
import { ReservationJudge } from './reservations/reservation-judge.ts';
import { RestoreJudge, type RestoreOptions } from './restore-judge.ts';

/** The commands of one batch, or all parts of one bulk: judged together, journaled together. */

type WriteCommand = Exclude<Command, BulkStep>;

/** Far below what a reader takes for damage. */
const CHUNK_BYTES = 32 * 1024 * 1024;

export class Batch {
  readonly overlay: Overlay;
  readonly answers: RememberedAnswer[] = [];
  readonly #parts: JudgeParts;
  readonly #judge: Judge;
  readonly #reservations: ReservationJudge;
  readonly #log: RecordLog;
  readonly #remembered: Answers;
  readonly #nowMs: number;
  #created = 0;
  #updated = 0;
  /** Records of a bulk so far. */
  #staged = 0;

  constructor(parts: JudgeParts, index: KeyIndex, log: RecordLog, remembered: Answers, firstSequence: number, undoable: boolean) {
    this.#parts = parts;
    this.#log = log;
    this.#remembered = remembered;
    this.#nowMs = parts.clock.nowMs();
    this.overlay = new Overlay(index, log, firstSequence, undoable);
    this.#judge = new Judge(parts, this.overlay);
    this.#reservations = new ReservationJudge(parts, this.overlay);
  }

  get timeMs(): number {
    return this.#nowMs;
  }

  get isEmpty(): boolean {
    return this.overlay.changes.length === 0 && this.answers.length === 0;
  }

  /** A refused command leaves nothing behind in the batch. @throws ColdRecord */
  judge(command: Command): Result<unknown> {
    const write = command as WriteCommand;
    const mark = this.overlay.mark();
    const answers = this.answers.length;
    const result = this.#verdict(write);
    if (!result.ok) {
      this.overlay.rollback(mark);
      this.answers.length = answers;
    }
    return result;
  }

  /** One part of an all-or-nothing bulk; the first fault ends it. */
  stage({ kind: name, packedRecords, firstIndex, options, origin, idempotency }: Commands['bulk.stage']['in']): Result<Commands['bulk.stage']['out']> {
    const replay = this.#replayOf(idempotency);
    if (replay !== undefined) return replay;
    if (firstIndex !== this.#staged)
      return fail('outcome-unknown', `element ${this.#staged} of the bulk was expected, not ${firstIndex}; nothing of it was stored`);
    const records = unpackMessage(packedRecords) as readonly Draft[] | PartedDrafts;
    const kind = this.#judge.kind(name);
    const parting = 'open' in records ? partingOf(kind) : undefined;
    const drafts = 'open' in records ? records.open : records;
    for (const [index, draft] of drafts.entries()) {
      const settled = parting === undefined ? undefined : settledOf(parting, records as PartedDrafts, index);
      const stored = options.upsert ? this.#judge.upsert(kind, draft, origin, settled) : this.#judge.create(kind, draft, origin, settled);
      if (!stored.ok) return at(firstIndex + index, stored);
      if (stored.value.created) this.#created += 1;
      else this.#updated += 1;
    }
    this.#staged += drafts.length;
    return done({ staged: drafts.length });
  }

  finishBulk({ options, idempotency }: Commands['bulk.commit']['in']): Result<BulkCounts | Replay> {
    const replay = this.#replayOf(idempotency);
    if (replay !== undefined) return replay;
    const counts = { created: this.#created, updated: this.#updated, sequence: this.overlay.nextSequence - 1 };
    if (idempotency !== undefined && !options.dryRun) {
      const body = Buffer.from(JSON.stringify(bulkAnswer(counts, false)));
      this.#remember(idempotency, { status: 200, body, key: '', revision: 0 });
    }
    return done(counts);
  }

  /** Everything that a restore brings back. Where something stands against it, the batch is to be dropped. */
  restore(packedParts: Uint8Array[], options: RestoreOptions): Promise<Omit<RestoreVerdict, 'sequence'>> {
    return new RestoreJudge(this.#parts, this.overlay, this.#judge, options).judge(packedParts);
  }

  /**
   * Writes what was staged to the journal; on failure nothing of it is there.
   * @param frameChangesMax more changes than this are cut into several frames
   */
  journal(journal: Journal, frameChangesMax: number): Result<void> {
    const changes = this.overlay.changes;
    const first = this.overlay.firstSequence;
    const chunks = this.#chunks(changes, frameChangesMax);
    const chunk = chunks.next();
    assert(chunk.done !== true, 'what is journaled is not empty');
    const next = chunks.next();
    if (next.done === true) return journal.append(chunk.value, first);
    // Each is made when the one before it is written: together they would be as much again as what they speak of.
    const all = function* (): Generator<FrameContent> {
      yield chunk.value;
      yield next.value;
      yield* chunks;
    };
    return journal.appendAtomically(all(), first, { timeMs: this.#nowMs, changes: [], answers: [] });
  }

  /** Frames that are neither too long nor too large, however much a batch or a bulk comes to. */
  *#chunks(changes: readonly StagedChange[], changesMax: number): Generator<FrameContent> {
    let part: JournaledChange[] = [];
    let answers: RememberedAnswer[] = [];
    let bytes = 0;
    const take = (): FrameContent => {
      const content = { timeMs: this.#nowMs, changes: part, answers };
      [part, answers, bytes] = [[], [], 0];
      return content;
    };
    for (const change of changes) {
      const journaled = this.#journaled(change);
      part.push(journaled);
      bytes += journaled.image?.length ?? 0;
      if (part.length >= changesMax || bytes >= CHUNK_BYTES) yield take();
    }
    for (const answer of this.answers) {
      answers.push(answer);
      bytes += answer.body.length;
      if (bytes >= CHUNK_BYTES) yield take();
    }
    if (part.length > 0 || answers.length > 0) yield take();
  }

  discard(): void {
    this.overlay.discard();
    this.answers.length = 0;
  }

  #verdict(command: WriteCommand): Result<unknown> {
    switch (command.kind) {
      case 'record.create': {
        const { kind: name, records, asArray, origin, idempotency } = command.input;
        const replay = this.#replayOf(idempotency);
        if (replay !== undefined) return replay;
        const stored: Stored[] = [];
        const kind = this.#judge.kind(name);
        for (const [index, record] of records.entries()) {
          const result = this.#judge.create(kind, asDraft(kind, record), origin);
          if (!result.ok) return asArray ? at(index, result) : result;
          stored.push(result.value);
        }
        return this.#answered(stored, 201, asArray, idempotency);
      }
      case 'record.replace': {
        const { kind: name, name: recordName, record, origin, upsert, ifMatch, idempotency } = command.input;
        const replay = this.#replayOf(idempotency);
        if (replay !== undefined) return replay;
        const kind = this.#judge.kind(name);
        const result = this.#judge.replace(kind, recordName, asDraft(kind, record), origin, upsert, ifMatch);
        return result.ok ? this.#answered([result.value], result.value.created ? 201 : 200, false, idempotency) : result;
      }
      case 'record.patch': {
        const { kind: name, name: recordName, patch, origin, ifMatch } = command.input;
        return stored(this.#judge.patch(this.#judge.kind(name), recordName, patch, origin, ifMatch));
      }
      case 'record.delete': {
        const { kind: name, name: recordName, force, ifMatch } = command.input;
        return stored(this.#judge.remove(this.#judge.kind(name), recordName, force, ifMatch));
      }
      case 'reservation.step':
        return this.#reservations.step(command.input);
      case 'bulk.partial':
        return done({ items: this.#partial(command.input) });
      default:
        return unreachable(command);
    }
  }

  #partial({ kind: name, records, options, origin }: Commands['bulk.partial']['in']): readonly BulkItem[] {
    const kind = this.#judge.kind(name);
    const start = this.overlay.mark();
    const items = records.map((record): BulkItem => {
      const mark = this.overlay.mark();
      const result = options.upsert ? this.#judge.upsert(kind, record, origin) : this.#judge.create(kind, record, origin);
      if (result.ok) return result.value;
      this.overlay.rollback(mark);
      return { fault: result.fault };
    });
    if (options.dryRun) this.overlay.rollback(start);
    return items;
  }

  #replayOf(idempotency: Idempotency | undefined): Result<Replay> | undefined {
    if (idempotency === undefined) return undefined;
    const earlier = this.answers.find((answer) => answer.idempotencyKey === idempotency.key);
    if (earlier !== undefined) {
      if (earlier.requestHash !== idempotency.requestHash)
        return fail('idempotency-mismatch', 'this Idempotency-Key came with another request before; use a new key');
      return done({ replay: { status: earlier.status, body: earlier.body, key: earlier.key, revision: earlier.revision } });
    }
    const recalled = this.#remembered.recall(idempotency, this.#nowMs);
    if (!recalled.ok) return recalled;
    return recalled.value === undefined ? undefined : done(recalled.value);
  }

  #answered(stored: readonly Stored[], status: number, asArray: boolean, idempotency: Idempotency | undefined): Result<{ stored: readonly Stored[] }> {
    if (idempotency !== undefined) {
      const bodies = stored.map(({ revision }) => this.#imageOf(revision));
      const body = asArray ? Buffer.from(`[${bodies.join(',')}]`) : Buffer.from(bodies[0] ?? '');
      // An array has no ETag and no Location.
      this.#remember(idempotency, { status, body, key: asArray ? '' : (stored[0]?.key ?? ''), revision: stored[0]?.revision ?? 0 });
    }
    return done({ stored });
  }

  #imageOf(revision: number): string {
    const change = this.overlay.changes[revision - this.overlay.firstSequence];
    assert(change?.revision === revision, 'a revision is the sequence of its change');
    return this.#log.imageAt(change.location).toString('utf8');
  }

  #remember({ key, requestHash }: Idempotency, answer: { status: number; body: Buffer; key: string; revision: number }): void {
    this.answers.push({ idempotencyKey: key, requestHash, ...answer, expiresMs: this.#nowMs + ANSWER_LIFETIME_MS });
  }

  #journaled({ kind, key, location, predecessor: before, secrets }: StagedChange): JournaledChange {
    const predecessor = before === NOWHERE ? 0 : this.#log.revisionAt(before);
    if (location !== NOWHERE) {
      const image = this.#log.imageAt(location);
      return secrets === undefined ? { kind, key, image, predecessor } : { kind, key, image, predecessor, secrets };
    }
    return { kind, key, image: null, predecessor, ...(before === NOWHERE ? {} : { lastImage: this.#log.imageAt(before) }) };
  }
}

function stored(result: Result<Stored>): Result<{ stored: readonly Stored[] }> {
  return result.ok ? done({ stored: [result.value] }) : result;
}

/** Says which element of an array or a bulk a fault is about. */
function at(index: number, result: { ok: false; fault: Fault }): { ok: false; fault: Fault } {
  const errors = result.fault.errors ?? [{ pointer: '', detail: result.fault.detail }];
  return fail(
    result.fault.code,
    `element ${index}: ${result.fault.detail}`,
    errors.map(({ pointer, detail }) => ({ pointer: `/${index}${pointer}`, detail })),
  );
}
