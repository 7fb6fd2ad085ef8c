import { Readable } from 'node:stream';
import { FAULTS } from '../faults.ts';
import { parseJson } from '../http/json.ts';
import { type Api, collectionPath, describeDetail } from './api.ts';
import type { Checker } from './checker.ts';

/** Sends records to the bulk call: in parts, each judged record by record, or all of them or none. */

/** One record on its way, and how to name it when it is refused. */
export interface UploadItem {
  readonly bytes: Buffer;
  readonly place: string;
  /** Bytes of the source up to its end, for the progress. */
  readonly endByte: number;
}

export interface UploadOptions {
  readonly kind: string;
  readonly upsert: boolean;
  readonly chunkItems: number;
  readonly check?: Checker;
}

/** What came of it so far. */
export interface Tally {
  items: number;
  created: number;
  updated: number;
  refused: number;
  endByte: number;
  /** The first of the refusals, with place and reason. */
  readonly examples: string[];
}

const EXAMPLES_MAX = 20;
const CHUNK_BYTES_MAX = 4 * 1024 * 1024;

export function newTally(): Tally {
  return { items: 0, created: 0, updated: 0, refused: 0, endByte: 0, examples: [] };
}

/** Sends in parts; `acknowledged` is called when the server has answered for one. */
export async function uploadInParts(api: Api, items: AsyncIterable<UploadItem>, options: UploadOptions, tally: Tally, acknowledged: () => void): Promise<void> {
  let chunk: UploadItem[] = [];
  let chunkBytes = 0;
  const flush = async (): Promise<void> => {
    if (chunk.length > 0) await sendPart(api, chunk, options, tally);
    chunk = [];
    chunkBytes = 0;
    acknowledged();
  };
  for await (const item of items) {
    tally.items += 1;
    tally.endByte = item.endByte;
    const reason = unfit(item.bytes, options.check);
    if (reason !== undefined) {
      refuse(tally, item.place, reason);
      continue;
    }
    chunk.push(item);
    chunkBytes += item.bytes.length;
    if (chunk.length >= options.chunkItems || chunkBytes >= CHUNK_BYTES_MAX) await flush();
  }
  await flush();
}

/** Sends everything in one request: all of it becomes visible, or nothing. */
export async function uploadAtOnce(api: Api, items: AsyncIterable<UploadItem>, options: UploadOptions, tally: Tally, sent: () => void): Promise<void> {
  async function* lines(): AsyncGenerator<Buffer> {
    for await (const item of items) {
      tally.items += 1;
      tally.endByte = item.endByte;
      yield asLine(item.bytes);
      sent();
    }
  }
  const text = await api.send({
    method: 'POST',
    path: `${collectionPath(options.kind)}/bulk`,
    query: queryOf('atomic', options.upsert),
    body: Readable.from(lines(), { objectMode: false }),
    contentType: 'application/x-ndjson',
  });
  const counts = asObject(parseOrUndefined(text));
  const created = counts['created'];
  const updated = counts['updated'];
  tally.created += typeof created === 'number' ? created : tally.items;
  tally.updated += typeof updated === 'number' ? updated : 0;
}

async function sendPart(api: Api, chunk: readonly UploadItem[], options: UploadOptions, tally: Tally): Promise<void> {
  const text = await api.sendPatiently({
    method: 'POST',
    path: `${collectionPath(options.kind)}/bulk`,
    query: queryOf('partial', options.upsert),
    body: Buffer.concat(chunk.map((item) => asLine(item.bytes))),
    contentType: 'application/x-ndjson',
    accept: 'application/x-ndjson',
  });
  const verdicts = verdictsOf(text);
  for (const [index, item] of chunk.entries()) {
    const verdict = verdicts[index];
    const reason = verdict === undefined ? 'the server said nothing about it' : refusalOf(verdict);
    if (reason !== undefined) refuse(tally, item.place, reason);
    else if (verdict?.['created'] === true || verdict?.['status'] === 201) tally.created += 1;
    else tally.updated += 1;
  }
}

function queryOf(mode: 'atomic' | 'partial', upsert: boolean): URLSearchParams {
  return new URLSearchParams({ mode, ...(upsert ? { upsert: 'true' } : {}) });
}

/** Why an item need not be sent, or undefined. */
function unfit(bytes: Buffer, check: Checker | undefined): string | undefined {
  const parsed = parseJson(bytes);
  if (!parsed.ok) return [parsed.fault.detail, ...(parsed.fault.errors ?? []).map(describeDetail)].join('; ');
  const found = check?.(parsed.value) ?? [];
  return found.length === 0 ? undefined : found.map(describeDetail).join('; ');
}

function refuse(tally: Tally, place: string, reason: string): void {
  tally.refused += 1;
  if (tally.examples.length < EXAMPLES_MAX) tally.examples.push(`${place}: ${reason}`);
}

/** Outside of strings JSON has no line ends that mean anything, and inside none at all. */
function asLine(bytes: Buffer): Buffer {
  const line = Buffer.alloc(bytes.length + 1, 0x0a);
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] as number;
    line[index] = byte === 0x0a || byte === 0x0d ? 0x20 : byte;
  }
  return line;
}

type Verdict = Readonly<Record<string, unknown>>;

/** One for each item, in their order: lines of NDJSON, or one array. */
function verdictsOf(text: string): readonly Verdict[] {
  const whole = text.trimStart().startsWith('[') ? parseOrUndefined(text) : undefined;
  if (Array.isArray(whole)) return whole.map(asObject);
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => asObject(parseOrUndefined(line)));
}

function refusalOf(verdict: Verdict): string | undefined {
  const { status, fault, problem, error } = verdict;
  const inner = asObject(fault ?? problem ?? error ?? verdict);
  const isRefused = fault !== undefined || problem !== undefined || error !== undefined || (typeof status === 'number' && status >= 400);
  if (!isRefused) return undefined;
  const { title, detail, code, errors } = inner;
  const parts = [typeof detail === 'string' && detail !== '' ? detail : typeof title === 'string' ? title : titleOf(code)];
  if (Array.isArray(errors)) parts.push(...errors.map(describeDetail));
  return parts.join('; ');
}

function titleOf(code: unknown): string {
  return typeof code === 'string' && code in FAULTS ? FAULTS[code as keyof typeof FAULTS].title : 'refused';
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Something in between answered; the caller says that there was no verdict.
    return undefined;
  }
}

function asObject(value: unknown): Verdict {
  return typeof value === 'object' && value !== null ? (value as Verdict) : {};
}

