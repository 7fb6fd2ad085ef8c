import { Readable } from 'node:stream';
import { FAULTS, type FaultCode } from '../faults.ts';
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
const ATTEMPTS_MAX = 30;
const RETRY_WAIT_MS = 1000;

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
  let waiting = chunk;
  for (let attempt = 1; waiting.length > 0; attempt++) {
    const verdicts = await verdictsOn(api, waiting, options);
    const later: UploadItem[] = [];
    for (const [index, item] of waiting.entries()) {
      const verdict = verdicts[index];
      if (attempt <= ATTEMPTS_MAX && verdict !== undefined && mayWorkLater(verdict)) later.push(item);
      else count(tally, item, verdict);
    }
    waiting = later;
    if (waiting.length > 0) await new Promise<void>((resolve) => setTimeout(resolve, RETRY_WAIT_MS));
  }
}

async function verdictsOn(api: Api, items: readonly UploadItem[], options: UploadOptions): Promise<readonly Verdict[]> {
  const text = await api.sendPatiently({
    method: 'POST',
    path: `${collectionPath(options.kind)}/bulk`,
    query: queryOf('partial', options.upsert),
    body: Buffer.concat(items.map((item) => asLine(item.bytes))),
    contentType: 'application/x-ndjson',
    accept: 'application/x-ndjson',
  });
  return verdictsOf(text);
}

function count(tally: Tally, { place }: UploadItem, verdict: Verdict | undefined): void {
  const reason = verdict === undefined ? 'the server said nothing about it' : refusalOf(verdict);
  if (reason !== undefined) refuse(tally, place, reason);
  else if (verdict?.['status'] === 201) tally.created += 1;
  else tally.updated += 1;
}

/** A server that is still starting, or has too much to do, says so for each item. */
function mayWorkLater({ status, code }: Verdict): boolean {
  return status === 503 && typeof code === 'string' && code in FAULTS && FAULTS[code as FaultCode].retryable;
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

/** One line of NDJSON for each item, in their order. */
function verdictsOf(text: string): readonly Verdict[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => asObject(parseOrUndefined(line)));
}

function refusalOf({ status, title, detail, errors }: Verdict): string | undefined {
  if (status === 200 || status === 201) return undefined;
  // The detail sums the errors up, and one line is to say why.
  if (Array.isArray(errors) && errors.length > 0) return errors.map(describeDetail).join('; ');
  return typeof detail === 'string' && detail !== '' ? detail : typeof title === 'string' ? title : 'refused';
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
