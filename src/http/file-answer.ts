import { type FileHandle, open } from 'node:fs/promises';
import { fail, type Result, systemCodeOf } from '../faults.ts';
import { noneMatchFits } from './etag.ts';
import type { Exchange } from './exchange.ts';
import type { Headers } from './reply.ts';

/**
 * A file as an answer, as fast as the client takes it. The file is held open until the end, so it may be deleted meanwhile.
 */

export interface ServedFile {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly contentType: string;
}

const CHUNK_BYTES = 256 * 1024;
/** Each holds a file and a chunk. */
const DOWNLOADS_MAX = 64;
let downloads = 0;

/** @param missing what there is to say when the file has just been deleted. */
export async function replyFile(exchange: Exchange, file: ServedFile, missing: string): Promise<void> {
  const etag = `"${file.sha256}"`;
  const { ifNoneMatch, range: rangeHeader, ifRange } = exchange.head.headers;
  if (ifNoneMatch !== undefined && noneMatchFits(ifNoneMatch, etag)) return exchange.reply({ status: 304, headers: [['ETag', etag]] });
  // A part of another file than the one that the client has the beginning of is no use to it.
  const range = rangeHeader === undefined || (ifRange !== undefined && ifRange !== etag) ? undefined : rangeIn(rangeHeader, file.bytes);
  const from = range?.from ?? 0;
  const length = range === undefined ? file.bytes : range.to - range.from + 1;
  const headers: Headers = [
    ['Content-Type', file.contentType],
    ['ETag', etag],
    ['Content-Disposition', `attachment; filename="${file.name}"`],
    ['Accept-Ranges', 'bytes'],
    ...(range === undefined ? [] : [['Content-Range', `bytes ${range.from}-${range.to}/${file.bytes}`] as const]),
  ];
  const status = range === undefined ? 200 : 206;
  if (exchange.head.method === 'HEAD') return exchange.reply({ status, headers: [...headers, ['Content-Length', String(length)]] });
  if (length === 0) return exchange.reply({ status, headers, body: '' });
  if (downloads >= DOWNLOADS_MAX) return exchange.fail({ code: 'overloaded', detail: `${DOWNLOADS_MAX} files are being fetched` });
  downloads += 1;
  try {
    const opened = await openFile(file.path, missing);
    if (!opened.ok) return exchange.fail(opened.fault);
    try {
      if (await exchange.begin(status, headers)) await send(exchange, opened.value, from, length);
    } finally {
      await opened.value.close();
    }
  } finally {
    downloads -= 1;
  }
}

async function openFile(path: string, missing: string): Promise<Result<FileHandle>> {
  try {
    return { ok: true, value: await open(path, 'r') };
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return fail('not-found', missing);
    throw error;
  }
}

async function send(exchange: Exchange, file: FileHandle, from: number, length: number): Promise<void> {
  for (let sent = 0; sent < length; ) {
    const chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, length - sent));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, from + sent);
    if (bytesRead === 0) throw new Error('a file is shorter than its description says');
    if (!(await exchange.writeSized(chunk.subarray(0, bytesRead), length))) return;
    sent += bytesRead;
  }
}

/** One range of bytes. Whatever else the header says is passed over, as RFC 9110 allows: the answer is the whole file. */
function rangeIn(header: string, bytes: number): { from: number; to: number } | undefined {
  const match = /^bytes=(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))$/.exec(header.trim());
  if (match === null) return undefined;
  const [, first, last = '', suffix] = match;
  const from = first === undefined ? Math.max(0, bytes - Number(suffix)) : Number(first);
  const to = first === undefined || last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1);
  return from <= to ? { from, to } : undefined;
}
