import { strict as assert } from 'node:assert';
import type { Fault, Result } from '../faults.ts';
import type { BulkItem, Draft } from '../protocol/commands.ts';
import { BULK_CHUNK_BYTES, BULK_CHUNK_RECORDS, type Bulk, type BulkContext } from './bulk-items.ts';
import { draftOf } from './draft.ts';
import type { Exchange } from './exchange.ts';
import { parseJson } from './json.ts';
import { problemOf } from './problem.ts';

/**
 * Each record for itself: what is good goes to the owner while the rest still comes, and every item gets one result line,
 * in order. Lines are kept until the client has sent everything, because most clients only then begin to read.
 */
export async function partialBulk(context: BulkContext, exchange: Exchange, bulk: Bulk): Promise<void> {
  const answer = new ResultLines(exchange, context.limits.bulkAnswerBytesMax);
  let verdicts: Verdict[] = [];
  /** Of their records, as they came. */
  let bytes = 0;
  for (;;) {
    const next = await bulk.items.next();
    if (!next.ok) {
      if (bulk.items.isCut) return;
      // Nothing has been done yet, so one problem says it all.
      if (answer.isEmpty && verdicts.length === 0) return exchange.fail(next.fault);
      verdicts.push({ fault: next.fault });
    }
    for (const item of next.ok ? (next.value?.items ?? []) : []) {
      verdicts.push(verdictOn(context, bulk, item));
      bytes += item.length;
      if (verdicts.length < BULK_CHUNK_RECORDS && bytes < BULK_CHUNK_BYTES) continue;
      if (!(await answer.add(await judged(context, bulk, verdicts)))) return;
      verdicts = [];
      bytes = 0;
    }
    bulk.items.release();
    if (!next.ok || next.value === undefined) break;
  }
  if (!(await answer.add(await judged(context, bulk, verdicts)))) return;
  await answer.end();
}

/** A record that may go to the owner, or why not. */
type Verdict = { readonly draft: Draft } | { readonly fault: Fault };

function verdictOn({ kinds }: BulkContext, { kind, options }: Bulk, item: Buffer): Verdict {
  const parsed = parseJson(item);
  if (!parsed.ok) return { fault: parsed.fault };
  const draft = draftOf(kinds, kind, parsed.value, options.upsert);
  return draft.ok ? { draft: draft.value } : { fault: draft.fault };
}

/** Sends the good ones to the owner, and puts its answers in their places. */
async function judged({ owner }: BulkContext, { kind, options, origin }: Bulk, verdicts: readonly Verdict[]): Promise<readonly BulkItem[]> {
  const records: Draft[] = [];
  for (const verdict of verdicts) if ('draft' in verdict) records.push(verdict.draft);
  if (records.length === 0) return verdicts.map((verdict) => verdict as { fault: Fault });
  const answer: Result<{ items: readonly BulkItem[] }> = await owner.send('bulk.partial', { kind: kind.name, records, options, origin });
  if (answer.ok) assert.equal(answer.value.items.length, records.length, 'the owner answers every item once');
  let at = 0;
  return verdicts.map((verdict) => {
    if ('fault' in verdict) return verdict;
    if (!answer.ok) return { fault: answer.fault };
    return answer.value.items[at++] as BulkItem;
  });
}

/** The result lines of a partial bulk, on their way to the client. */
class ResultLines {
  readonly #exchange: Exchange;
  readonly #keptBytesMax: number;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #index = 0;
  #hasBegun = false;

  constructor(exchange: Exchange, keptBytesMax: number) {
    this.#exchange = exchange;
    this.#keptBytesMax = keptBytesMax;
  }

  get isEmpty(): boolean {
    return this.#index === 0;
  }

  /** Adds lines, and writes when too many have gathered. False when the client is gone. */
  async add(items: readonly BulkItem[]): Promise<boolean> {
    let text = '';
    for (const item of items) text += `${JSON.stringify(this.#lineOf(item))}\n`;
    const lines = Buffer.from(text);
    this.#kept.push(lines);
    this.#keptBytes += lines.length;
    this.#exchange.touch();
    return this.#keptBytes <= this.#keptBytesMax ? !this.#exchange.aborted : this.#flush();
  }

  async end(): Promise<void> {
    if (!this.#hasBegun) {
      const lines = Buffer.concat(this.#kept);
      return this.#exchange.reply({ status: 200, headers: [NDJSON_TYPE], body: lines });
    }
    if (await this.#flush()) this.#exchange.finish();
  }

  async #flush(): Promise<boolean> {
    // False also when the time limit has answered already.
    if (!this.#hasBegun && !(await this.#exchange.begin(200, [NDJSON_TYPE]))) return false;
    this.#hasBegun = true;
    const kept = this.#kept;
    this.#kept = [];
    this.#keptBytes = 0;
    for (const lines of kept) if (!(await this.#exchange.write(lines))) return false;
    return true;
  }

  #lineOf(item: BulkItem): object {
    const index = this.#index++;
    if ('fault' in item) return { index, ...problemOf(item.fault, this.#exchange.head.path, this.#exchange.head.requestId) };
    return { index, status: item.created ? 201 : 200, id: item.key, revision: item.revision };
  }
}

const NDJSON_TYPE = ['Content-Type', 'application/x-ndjson'] as const;
