import type { Kind } from '../../schemas/kind.ts';
import type { RecordView } from '../dispatch/record-view.ts';
import type { Replay, Stored } from '../protocol/commands.ts';
import type { RecordImage } from '../protocol/images.ts';
import { etagOf } from './etag.ts';
import type { Exchange } from './exchange.ts';
import { pathOf } from './record-name.ts';
import type { Reply } from './reply.ts';
import type { Bytes } from './transport.ts';

/** Answers that consist of records. */

export const JSON_TYPE = ['Content-Type', 'application/json'] as const;

/** One record as it lies in shared memory. */
export function recordReply(status: number, bytes: Bytes, revision: number): Reply {
  return { status, headers: [JSON_TYPE, ['ETag', etagOf(revision)]], body: bytes };
}

/** The answer to a write of one record: the view has it, because changes arrive before the verdict. */
export function replyStored(exchange: Exchange, view: RecordView, kind: Kind, stored: Stored, status: number): void {
  const image = imageOf(view, kind, stored);
  const reply = recordReply(status, image.bytes, image.revision);
  exchange.reply(status === 201 ? { ...reply, headers: [...reply.headers, ['Location', pathOf(kind, stored.key)]] } : reply);
}

/** The answer to an array of new records. */
export function replyStoredArray(exchange: Exchange, view: RecordView, kind: Kind, stored: readonly Stored[]): void {
  const parts: Uint8Array[] = [OPEN];
  for (const [index, each] of stored.entries()) {
    if (index > 0) parts.push(COMMA);
    parts.push(imageOf(view, kind, each).bytes);
  }
  parts.push(CLOSE);
  exchange.reply({ status: 201, headers: [JSON_TYPE], body: Buffer.concat(parts) });
}

/** What was answered the first time, again. */
export function replyAgain(exchange: Exchange, kind: Kind, { replay }: Replay): void {
  const headers: (readonly [string, string])[] = [JSON_TYPE, ['Idempotency-Replayed', 'true']];
  if (replay.key !== '') {
    headers.push(['ETag', etagOf(replay.revision)]);
    if (replay.status === 201) headers.push(['Location', pathOf(kind, replay.key)]);
  }
  exchange.reply({ status: replay.status, headers, body: replay.body });
}

const OPEN = Buffer.from('[');
const COMMA = Buffer.from(',');
const CLOSE = Buffer.from(']');

/** The record as this write has left it, whatever later writes of the same batch did to it. */
function imageOf(view: RecordView, kind: Kind, { key, revision }: Stored): RecordImage {
  const image = view.imageOf(kind.name, key, revision);
  if (image === undefined) throw new Error(`change ${revision} was answered, and its image is not there`);
  return image;
}
