import { Readable } from 'node:stream';
import { FAULTS, type FaultCode } from '../faults.ts';
import { jsonIn } from './answers.ts';
import type { Problem } from './error.ts';
import { type CallOptions, callOptions, LONG_ANSWER_TIMEOUT_MS, type Transport } from './transport.ts';

/** Many records from an iterable of any length: all of them or none in one request, or each for itself, in parts. */

interface BulkOptions extends CallOptions {
  /** Replaces records that exist already, by key or natural key. */
  readonly upsert?: boolean;
  /** Judges, and changes nothing. */
  readonly dryRun?: boolean;
}

export interface ImportAllOptions extends BulkOptions {
  /** With it, the same import again gives the answer of the first time. */
  readonly idempotencyKey?: string;
}

/** The server's own words. */
export interface BulkCounts {
  readonly created: number;
  readonly updated: number;
  readonly total: number;
  readonly dry_run: boolean;
  /** Of the last change. */
  readonly sequence: number;
}

export interface RefusedItem<I> {
  /** Among all items, from 0. */
  readonly index: number;
  readonly item: I;
  readonly problem: Problem;
}

export interface ImportCounts {
  readonly created: number;
  readonly updated: number;
  readonly refused: number;
}

export interface ImportEachOptions<I> extends BulkOptions {
  /** Records in one request. A dry run judges each part for itself. */
  readonly partSize?: number;
  /** The next part waits for it. */
  readonly onRefused?: (refused: RefusedItem<I>) => unknown;
  /** After each part that the server has answered, and at the end. The next part waits for it; nothing beyond has been read yet. */
  readonly onPart?: (soFar: ImportCounts) => unknown;
}

const PART_SIZE = 1000;
const PART_BYTES_MAX = 4 * 1024 * 1024;
const NDJSON = 'application/x-ndjson';
/** A server that is still starting, or has too much to do, says so for single items, too. */
const ITEM_RETRIES_MAX = 30;
const ITEM_PAUSE_MS = 1000;

export async function importAll(
  transport: Transport,
  path: string,
  items: AsyncIterable<object> | Iterable<object>,
  options: ImportAllOptions,
): Promise<BulkCounts> {
  const source = new Lines(items);
  try {
    const { text } = await transport.send({
      answerTimeoutMs: LONG_ANSWER_TIMEOUT_MS,
      ...callOptions(options),
      method: 'POST',
      path: `${path}/bulk`,
      query: bulkQuery('atomic', options),
      body: Readable.from(source, { objectMode: false }),
      contentType: NDJSON,
      headers: options.idempotencyKey === undefined ? {} : { 'idempotency-key': options.idempotencyKey },
    });
    return jsonIn(text, path) as BulkCounts;
  } catch (error) {
    throw source.failure ?? error;
  }
}

/** The lines of a body. What the caller's own iterable throws would else look like a broken connection. */
class Lines implements AsyncIterable<Buffer> {
  readonly #items: AsyncIterable<object> | Iterable<object>;
  failure: unknown;

  constructor(items: AsyncIterable<object> | Iterable<object>) {
    this.#items = items;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void> {
    try {
      for await (const item of this.#items) yield lineOf(item);
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}

export async function importEach<I extends object>(
  transport: Transport,
  path: string,
  items: AsyncIterable<I> | Iterable<I>,
  options: ImportEachOptions<I>,
): Promise<ImportCounts> {
  const { partSize = PART_SIZE, onPart } = options;
  const counts = { created: 0, updated: 0, refused: 0 };
  let part: Waiting<I>[] = [];
  let partBytes = 0;
  const flush = async (): Promise<void> => {
    await sendPart(transport, path, part, options, counts);
    part = [];
    partBytes = 0;
    await onPart?.({ ...counts });
  };
  let index = 0;
  for await (const item of items) {
    const line = lineOf(item);
    part.push({ index: index++, item, line });
    partBytes += line.length;
    if (part.length >= partSize || partBytes >= PART_BYTES_MAX) await flush();
  }
  await flush();
  return counts;
}

interface Waiting<I> {
  readonly index: number;
  readonly item: I;
  readonly line: Buffer;
}

type Verdict = Problem & { readonly status?: number };

async function sendPart<I>(
  transport: Transport,
  path: string,
  part: readonly Waiting<I>[],
  options: ImportEachOptions<I>,
  counts: { created: number; updated: number; refused: number },
): Promise<void> {
  let waiting = part;
  for (let attempt = 0; waiting.length > 0; attempt++) {
    if (attempt > 0) await transport.retry.wait(ITEM_PAUSE_MS, options.signal);
    const verdicts = await verdictsOn(transport, path, waiting, options);
    const later: Waiting<I>[] = [];
    const last = verdicts.at(-1);
    // Where the server takes no more for now, it has not looked at what comes behind.
    const ofTheRest = last !== undefined && mayWorkLater(last) ? last : { detail: 'the server said nothing about it' };
    for (const [at, { index, item, line }] of waiting.entries()) {
      const verdict = verdicts[at] ?? ofTheRest;
      if (verdict.status === 201) counts.created += 1;
      else if (verdict.status === 200) counts.updated += 1;
      else if (attempt < ITEM_RETRIES_MAX && mayWorkLater(verdict)) later.push({ index, item, line });
      else {
        counts.refused += 1;
        await options.onRefused?.({ index, item, problem: verdict });
      }
    }
    waiting = later;
  }
}

/** One for each item, in their order. */
async function verdictsOn<I>(transport: Transport, path: string, items: readonly Waiting<I>[], options: ImportEachOptions<I>): Promise<readonly Verdict[]> {
  const { text } = await transport.send({
    ...callOptions(options),
    method: 'POST',
    path: `${path}/bulk`,
    query: bulkQuery('partial', options),
    body: Buffer.concat(items.map(({ line }) => line)),
    contentType: NDJSON,
    accept: NDJSON,
  });
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const value = jsonIn(line, path);
    return typeof value === 'object' && value !== null ? value : {};
  });
}

function mayWorkLater({ status, code }: Verdict): boolean {
  return (status === 503 || status === 429) && code !== undefined && code in FAULTS && FAULTS[code as FaultCode].retryable;
}

function bulkQuery(mode: 'atomic' | 'partial', { upsert, dryRun }: BulkOptions): URLSearchParams {
  return new URLSearchParams({ mode, ...(upsert === true ? { upsert: 'true' } : {}), ...(dryRun === true ? { dry_run: 'true' } : {}) });
}

/** Outside of strings JSON has no line ends that mean anything, and inside none at all. */
function lineOf(item: object): Buffer {
  if (!(item instanceof Uint8Array)) return Buffer.from(`${JSON.stringify(item)}\n`, 'utf8');
  const line = Buffer.alloc(item.length + 1, 0x0a);
  for (let index = 0; index < item.length; index++) {
    const byte = item[index] as number;
    line[index] = byte === 0x0a || byte === 0x0d ? 0x20 : byte;
  }
  return line;
}
