import { done, fail, type Result, unreachable } from '../faults.ts';
import type { Command, Commands, RestoreEntry } from '../protocol/commands.ts';
import { unpackMessage } from '../protocol/wire.ts';
import type { Batch } from './batch.ts';

/** Bulks and restores: they come in parts, and all of it is judged and journaled together, or nothing is. */

export type BulkStep = Extract<Command, { kind: 'bulk.stage' | 'bulk.commit' | 'bulk.abort' | 'restore.stage' | 'restore.commit' }>;

const STEPS: ReadonlySet<Command['kind']> = new Set<BulkStep['kind']>(['bulk.stage', 'bulk.commit', 'bulk.abort', 'restore.stage', 'restore.commit']);

export function isBulkStep(command: Command): command is BulkStep {
  return STEPS.has(command.kind);
}

export interface BulkParts {
  /** A batch above what is there now. */
  newBatch(): Batch;
  /** Journals and publishes, or fails as a whole. */
  journal(batch: Batch): Result<void>;
  /** A bulk is judged once, from front to back: it cannot stop in the middle for an image. */
  fillAll(): Promise<void>;
  /** Of the last change. */
  sequence(): number;
}

const GONE = fail('outcome-unknown', 'the parts of this bulk are gone; nothing of it was stored');

export class BulkSteps {
  readonly #parts: BulkParts;
  #bulk: { readonly id: string; readonly batch: Batch } | undefined;
  #restore: { readonly id: string; readonly entries: RestoreEntry[] } | undefined;

  constructor(parts: BulkParts) {
    this.#parts = parts;
  }

  /** Something is staged whose images nobody else knows of. */
  get isOpen(): boolean {
    return this.#bulk !== undefined;
  }

  async run(command: BulkStep): Promise<Result<unknown>> {
    switch (command.kind) {
      case 'bulk.stage':
        return await this.#stage(command.input);
      case 'bulk.commit':
        return this.#commit(command.input);
      case 'restore.stage':
        return this.#stageRestore(command.input);
      case 'restore.commit':
        return await this.#commitRestore(command.input);
      case 'bulk.abort':
        this.drop();
        return done({ aborted: true });
      default:
        return unreachable(command);
    }
  }

  drop(): void {
    this.#bulk?.batch.discard();
    this.#bulk = undefined;
    this.#restore = undefined;
  }

  async #stage(input: Commands['bulk.stage']['in']): Promise<Result<unknown>> {
    if (this.#bulk?.id !== input.bulkId) {
      this.drop();
      if (input.firstIndex !== 0) return fail('outcome-unknown', 'the first parts of this bulk are gone; nothing of it was stored');
      await this.#parts.fillAll();
      this.#bulk = { id: input.bulkId, batch: this.#parts.newBatch() };
    }
    const result = this.#bulk.batch.stage(input);
    if (!result.ok || 'replay' in result.value) this.drop();
    return result;
  }

  #commit(input: Commands['bulk.commit']['in']): Result<unknown> {
    const bulk = this.#bulk;
    if (bulk?.id !== input.bulkId) return GONE;
    const counts = bulk.batch.finishBulk(input);
    if (!counts.ok || input.options.dryRun || 'replay' in counts.value) {
      this.drop();
      return counts;
    }
    this.#bulk = undefined;
    const journaled = this.#parts.journal(bulk.batch);
    return journaled.ok ? counts : journaled;
  }

  #stageRestore({ bulkId, firstIndex, packedEntries }: Commands['restore.stage']['in']): Result<unknown> {
    if (this.#restore?.id !== bulkId) {
      this.drop();
      this.#restore = { id: bulkId, entries: [] };
    }
    const { entries } = this.#restore;
    if (entries.length !== firstIndex) {
      this.drop();
      return GONE;
    }
    const part = unpackMessage(packedEntries) as readonly RestoreEntry[];
    for (const entry of part) entries.push(entry);
    return done({ staged: part.length });
  }

  async #commitRestore({ bulkId, dryRun, expectedSequence }: Commands['restore.commit']['in']): Promise<Result<unknown>> {
    const restore = this.#restore;
    if (restore?.id !== bulkId) return GONE;
    this.#restore = undefined;
    await this.#parts.fillAll();
    const sequence = this.#parts.sequence();
    if (expectedSequence !== undefined && expectedSequence !== sequence) {
      return fail('conflict', `there have been changes since ${expectedSequence}, up to ${sequence}: look at a new dry run first`);
    }
    const batch = this.#parts.newBatch();
    const counts = batch.restore(restore.entries);
    if (!counts.ok || dryRun) {
      batch.discard();
      return counts.ok ? done({ ...counts.value, sequence }) : counts;
    }
    const journaled = this.#parts.journal(batch);
    return journaled.ok ? counts : journaled;
  }
}
