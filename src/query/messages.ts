import type { Fault } from '../faults.ts';

/**
 * What the server and the process with users' SQL say to each other. The server asks and the process answers: there is one
 * answer to `load`, one to `run` and one to each `more`, and nothing else, so that whoever reads slowly slows the query down.
 */

export type ToProcess =
  | { readonly type: 'load'; readonly memoryBytes: number; readonly threads: number; readonly content: Content }
  | { readonly type: 'run'; readonly sql: string; readonly form: ResultForm; readonly rowsMax: number; readonly bytesMax: number }
  | { readonly type: 'more' };

export type FromProcess =
  /** `leftOut`: what could not be loaded and why, in words for the log. */
  | { readonly type: 'loaded'; readonly leftOut: readonly string[]; readonly time: string | undefined }
  | { readonly type: 'not-loaded'; readonly reason: string }
  /** The whole result, or so much of it that the answer has to begin, waits to be fetched. */
  | { readonly type: 'ready' }
  | { readonly type: 'end'; readonly rows: number; readonly cpuMs: number }
  /** `hasRun`: some of the query was carried out, and nobody knows what it left behind. */
  | { readonly type: 'failed'; readonly fault: Fault; readonly hasRun: boolean };

/** What the tables are made of. */
export type Content =
  | { readonly type: 'export'; readonly folder: string; readonly tables: readonly ContentTable[] }
  | { readonly type: 'snapshot'; readonly folder: string }
  /** All of them, each with its rows of every snapshot. */
  | { readonly type: 'history'; readonly folders: readonly string[] };

export interface ContentTable {
  readonly kind: string;
  /** The kind's JSON Schema. */
  readonly schema: object;
  readonly file: string;
  readonly rows: number;
}

export type ResultForm = 'json' | 'ndjson' | 'csv' | 'arrow' | 'parquet';

/** Where the process has its end of the pipe. */
export const CHANNEL = 3;
/** The first thing that it writes of its own accord. */
export const FRAME_HEADER_BYTES = 5;
const MESSAGE = 0;
const BYTES = 1;
/** Parts of a result are a quarter of this. */
const FRAME_BYTES_MAX = 4 * 1024 * 1024;

/** Frames are a byte that says what it is, four for the length, and that. */
export function messageFrame(message: FromProcess): Buffer {
  return frame(MESSAGE, Buffer.from(JSON.stringify(message)));
}

export function bytesFrame(bytes: Uint8Array): Buffer {
  return frame(BYTES, bytes);
}

function frame(type: number, payload: Uint8Array): Buffer {
  const whole = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.length);
  whole[0] = type;
  whole.writeUInt32LE(payload.length, 1);
  whole.set(payload, FRAME_HEADER_BYTES);
  return whole;
}

/** Reads frames as they arrive, and believes nothing: the other end runs what strangers wrote. */
export class FrameReader {
  readonly #onFrame: (frame: unknown) => void;
  readonly #onFlaw: () => void;
  #parts: Buffer[] = [];
  #bytes = 0;
  #isBroken = false;

  /** @param onFrame is given a Buffer, or the content of a message. @param onFlaw called once; nothing is read after it. */
  constructor(onFrame: (frame: unknown) => void, onFlaw: () => void) {
    this.#onFrame = onFrame;
    this.#onFlaw = onFlaw;
  }

  push(chunk: Buffer): void {
    this.#parts.push(chunk);
    this.#bytes += chunk.length;
    while (!this.#isBroken && this.#bytes >= FRAME_HEADER_BYTES) {
      const whole = this.#joined();
      const length = whole.readUInt32LE(1);
      if (length > FRAME_BYTES_MAX) this.#break();
      else if (whole.length < FRAME_HEADER_BYTES + length) return;
      else this.#take(whole, length);
    }
  }

  #joined(): Buffer {
    const [first] = this.#parts;
    if (this.#parts.length === 1 && first !== undefined) return first;
    const whole = Buffer.concat(this.#parts, this.#bytes);
    this.#parts = [whole];
    return whole;
  }

  #take(whole: Buffer, length: number): void {
    const end = FRAME_HEADER_BYTES + length;
    const payload = whole.subarray(FRAME_HEADER_BYTES, end);
    this.#parts = whole.length === end ? [] : [whole.subarray(end)];
    this.#bytes = whole.length - end;
    if (whole[0] === BYTES) this.#onFrame(payload);
    else if (whole[0] === MESSAGE) this.#onMessage(payload);
    else this.#break();
  }

  #onMessage(payload: Buffer): void {
    let message: unknown;
    try {
      message = JSON.parse(payload.toString('utf8'));
    } catch {
      this.#break();
      return;
    }
    this.#onFrame(message);
  }

  #break(): void {
    this.#isBroken = true;
    this.#parts = [];
    this.#onFlaw();
  }
}
