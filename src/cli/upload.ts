import type { Client, Problem } from '../client/client.ts';
import { parseJson } from '../http/json.ts';
import { describeDetail, PATIENT_RETRIES_MAX } from './api.ts';
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

export function newTally(): Tally {
  return { items: 0, created: 0, updated: 0, refused: 0, endByte: 0, examples: [] };
}

/** Sends in parts; `acknowledged` is called when the server has answered for one. */
export async function uploadInParts(
  client: Client,
  items: AsyncIterable<UploadItem>,
  options: UploadOptions,
  tally: Tally,
  acknowledged: () => void,
): Promise<void> {
  const places = new WeakMap<Uint8Array, string>();
  async function* fitItems(): AsyncGenerator<Buffer> {
    for await (const { bytes, place, endByte } of items) {
      tally.items += 1;
      tally.endByte = endByte;
      const reason = unfit(bytes, options.check);
      places.set(bytes, place);
      if (reason === undefined) yield bytes;
      else refuse(tally, place, reason);
    }
  }
  const before = { ...tally };
  await client.kind(options.kind).importEach(fitItems(), {
    upsert: options.upsert,
    partSize: options.chunkItems,
    retriesMax: PATIENT_RETRIES_MAX,
    onRefused: ({ item, problem }) => refuse(tally, places.get(item) ?? '', reasonOf(problem)),
    onPart: ({ created, updated }) => {
      tally.created = before.created + created;
      tally.updated = before.updated + updated;
      acknowledged();
    },
  });
}

/** Sends everything in one request: all of it becomes visible, or nothing. */
export async function uploadAtOnce(client: Client, items: AsyncIterable<UploadItem>, options: UploadOptions, tally: Tally, sent: () => void): Promise<void> {
  async function* allItems(): AsyncGenerator<Buffer> {
    for await (const { bytes, endByte } of items) {
      tally.items += 1;
      tally.endByte = endByte;
      yield bytes;
      sent();
    }
  }
  const { created, updated } = await client.kind(options.kind).importAll(allItems(), { upsert: options.upsert });
  tally.created += created;
  tally.updated += updated;
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

/** The detail sums the errors up, and one line is to say why. */
function reasonOf({ title = 'refused', detail = '', errors = [] }: Problem): string {
  if (errors.length > 0) return errors.map(describeDetail).join('; ');
  return detail === '' ? title : detail;
}
