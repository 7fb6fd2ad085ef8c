import { done, fail, type Result, unreachable } from '../faults.ts';
import type { Command, Commands, RestoreVerdict } from '../protocol/commands.ts';
import type { Batch } from './batch.ts';

/** Bulks and restores: they come in parts, and all of it is judged and journaled together, or nothing is. */

export type BulkStep = Extract<Command, { kind: 'bulk.stage' | 'bulk.commit' | 'bulk.abort' | 'restore.stage' | 'restore.judge' | 'restore.commit' }>;

const STEPS: ReadonlySet<Command['kind']> = new Set<BulkStep['kind']>([
  'bulk.stage',
  'bulk.commit',
  'bulk.abort',
  'restore.stage',
  'restore.judge',
  'restore.commit',
]);

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

interface Restore {
  readonly id: string;
  /** `RestoreEntry[]` each, packed: together they may be the whole inventory. */
  readonly parts: Uint8Array[];
  entries: number;
  /** What they come to; it is dropped when something stands against it. */
  batch?: Batch;
}

export class BulkSteps {
  readonly #parts: BulkParts;
  #bulk: { readonly id: string; readonly batch: Batch } | undefined;
  #restore: Restore | undefined;

  constructor(parts: BulkParts) {
    this.#parts = parts;
  }

  /** Something is staged whose images nobody else knows of. */
  get isOpen(): boolean {
    return this.#bulk !== undefined || this.#restore?.batch !== undefined;
  }

  async run(command: BulkStep): Promise<Result<unknown>> {
    switch (command.kind) {
      case 'bulk.stage':
        return await this.#stage(command.input);
      case 'bulk.commit':
        return this.#commit(command.input);
      case 'restore.stage':
        return this.#stageRestore(command.input);
      case 'restore.judge':
        return await this.#judgeRestore(command.input);
      case 'restore.commit':
        return this.#commitRestore(command.input);
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
    this.#restore?.batch?.discard();
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

  #stageRestore({ bulkId, firstIndex, entries, packedEntries }: Commands['restore.stage']['in']): Result<Commands['restore.stage']['out']> {
    if (this.#restore?.id !== bulkId) {
      this.drop();
      this.#restore = { id: bulkId, parts: [], entries: 0 };
    }
    const restore = this.#restore;
    if (restore.entries !== firstIndex || restore.batch !== undefined) {
      this.drop();
      return GONE;
    }
    restore.parts.push(packedEntries);
    restore.entries += entries;
    return done({ staged: entries });
  }

  async #judgeRestore({ bulkId, ...options }: Commands['restore.judge']['in']): Promise<Result<RestoreVerdict>> {
    const restore = this.#restore;
    if (restore?.id !== bulkId || restore.batch !== undefined) return GONE;
    await this.#parts.fillAll();
    const sequence = this.#parts.sequence();
    const batch = this.#parts.newBatch();
    restore.batch = batch;
    const verdict = await batch.restore(restore.parts.splice(0), options);
    if (verdict.brokenCount > 0) this.drop();
    return done({ ...verdict, sequence });
  }

  #commitRestore({ bulkId }: Commands['restore.commit']['in']): Result<Commands['restore.commit']['out']> {
    const restore = this.#restore;
    if (restore?.id !== bulkId || restore.batch === undefined) return GONE;
    this.#restore = undefined;
    const journaled = this.#parts.journal(restore.batch);
    return journaled.ok ? done({ sequence: this.#parts.sequence() }) : journaled;
  }
}
