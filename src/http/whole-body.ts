import type { Bytes, HttpResponse } from './transport.ts';

const COPIED_BYTES_MAX = 64 * 1024;

/**
 * Ends an answer with its whole body, which nobody changes any more. The library would keep whatever the client does not
 * take, as much as it may be: who sends thousands of requests in one piece and reads no answer would fill the memory with
 * them. So it only gets what the network takes; the rest of this one answer waits here, and while it waits the library closes
 * a connection that asks for more.
 * @param ended called once, when the library has all of it; never when the client goes before
 */
export function endWhole(res: HttpResponse, body: Bytes | string, ended: () => void): void {
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  if (length === 0) res.end();
  if (length === 0 || res.tryEnd(body, length)[1]) ended();
  else endLater(res, body, length, ended);
}

/** The same after a `tryEnd` that was not complete. */
export function endLater(res: HttpResponse, body: Bytes | string, length: number, ended: () => void): void {
  const from = res.getWriteOffset();
  const left = typeof body === 'string' ? Buffer.from(body).subarray(from) : body.subarray(from);
  // A short rest is copied, or it would keep all of the memory that it lies in; a long one would be memory for each client.
  const rest = left.length < COPIED_BYTES_MAX ? Buffer.from(left) : left;
  res.onWritable((offset) => {
    const [isTaken, isLast] = res.tryEnd(rest.subarray(offset - from), length);
    if (isLast) ended();
    return isTaken;
  });
}
