import type { Bytes, HttpResponse } from './transport.ts';

/**
 * Less than the library collects before it sends (16 KiB), with room for the head of the answer. What is collected already
 * goes out before a chunk that there is no room for, and when the network does not take all of that, the library forgets
 * the chunk: the client gets its length without its bytes, and takes what follows for them.
 */
const CHUNK_BYTES_MAX = 14 * 1024;

/** Sends a part of an answer whose length nobody has told. @returns false when some of it had to be kept back because the client reads slowly */
export function writeChunks(res: HttpResponse, part: Bytes): boolean {
  let isTaken = true;
  for (let from = 0; from < part.length; from += CHUNK_BYTES_MAX) {
    res.cork(() => {
      isTaken = res.write(part.subarray(from, from + CHUNK_BYTES_MAX));
    });
  }
  return isTaken;
}

/** For `onWritable`: sends what the library has kept. It would go out with the next chunk only, and there may be none for long. */
export function sendKept(res: HttpResponse): void {
  res.cork(nothing);
}

function nothing(): void {}
