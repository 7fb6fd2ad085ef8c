import { strict as assert } from 'node:assert';
import type { Result } from '../../src/faults.ts';
import { PAST_LIMITS, type PastLimits } from '../../src/past/limits.ts';
import { Past } from '../../src/past/past.ts';
import type { Find } from '../../src/protocol/commands.ts';
import type { AsOf, PastKind, PastOutput, PastPart, PastQueries, PastTask, Present } from '../../src/protocol/past.ts';
import { realFiles } from '../../src/store/files.ts';
import { INTERNAL_KINDS } from '../../src/store/reservations/kind.ts';
import { type Fields, type Rig, value } from '../store/rig.ts';

/** What the history thread would answer beside a store, without a thread. */
export class PastRig {
  readonly past: Past;
  readonly log: string[] = [];
  readonly #present: () => Present;
  readonly #nowMs: () => number;

  /** @param newest the last change, when it is not the store's. */
  constructor(rig: () => Rig, limits: Partial<PastLimits> = {}, newest: () => number = () => rig().status.sequence) {
    const { journalDirectory, snapshotDirectory, clock, kinds } = rig();
    this.past = new Past({
      files: realFiles,
      journalDirectory,
      snapshotDirectory,
      clock,
      kinds: [...INTERNAL_KINDS, ...kinds.all],
      limits: { ...PAST_LIMITS, ...limits },
    });
    this.#nowMs = () => clock.nowMs();
    this.#present = () => {
      return { sequence: newest(), storeId: rig().status.storeId, timeMs: clock.nowMs() };
    };
  }

  async ask<K extends PastKind>(kind: K, input: PastQueries[K]['in'], deadlineMs: number = this.#nowMs() + 1000): Promise<Result<PastOutput<K>>> {
    const { result, log } = await this.past.answer({ query: { kind, input } as PastTask['query'], present: this.#present(), deadlineMs });
    this.log.push(...log.map(({ message }) => message));
    return result as Result<PastOutput<K>>;
  }

  async query<K extends PastKind>(kind: K, input: PastQueries[K]['in']): Promise<PastOutput<K>> {
    return value(await this.ask(kind, input));
  }

  async asOf(at: string, kind = 'Component'): Promise<AsOf> {
    return (await this.query('past.resolve', { at, exactly: false, kind, schemaHash: '' })).asOf;
  }

  /** A whole list, part by part, as text. */
  async texts(sequence: number, kind: string, find: Partial<Find> = {}, rowsMax = 4096): Promise<readonly string[]> {
    const texts: string[] = [];
    for (let after: PastPart['more'] | undefined = find.after; ; ) {
      const asked: Find = { kind, conditions: [], sort: [], count: false, ...find, ...(after === undefined ? {} : { after }) };
      const part: PastPart = await this.query('past.find', { sequence, find: asked, rowsMax, separator: '\n' });
      if (part.rows > 0) texts.push(...Buffer.from(part.bytes).toString('utf8').split('\n'));
      if (part.more === undefined) return texts;
      after = part.more;
    }
  }

  async list(sequence: number, kind: string, find: Partial<Find> = {}): Promise<readonly Fields[]> {
    return (await this.texts(sequence, kind, find)).map((text) => JSON.parse(text) as Fields);
  }

  async text(sequence: number, kind: string, name: string): Promise<string | undefined> {
    const read = await this.query('past.read', { sequence, kind, name });
    if (read === undefined) return undefined;
    const text = Buffer.from(read.image).toString('utf8');
    assert.equal((JSON.parse(text) as Fields)['revision'], read.revision);
    return text;
  }
}
