import { createHash } from 'node:crypto';
import { noneMatchFits } from './etag.ts';
import type { Exchange } from './exchange.ts';
import type { Headers } from './reply.ts';

/** A body that does not change while the server runs, ready to be sent. */
export interface Prepared {
  readonly body: Buffer;
  readonly etag: string;
  readonly headers: Headers;
}

export function prepared(type: string, body: Buffer | string, more: Headers = []): Prepared {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`;
  return { body: bytes, etag, headers: [['Content-Type', type], ['ETag', etag], ...more] };
}

/** The body, or 304 when the caller has it. */
export function replyPrepared(exchange: Exchange, { body, etag, headers }: Prepared): void {
  const { ifNoneMatch } = exchange.head.headers;
  if (ifNoneMatch !== undefined && noneMatchFits(ifNoneMatch, etag)) exchange.reply({ status: 304, headers: [['ETag', etag]] });
  else exchange.reply({ status: 200, headers, body });
}
