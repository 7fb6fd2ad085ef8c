import type { Files } from './files.ts';
import {
  decodeFrameHeader,
  decodeSegmentHeader,
  FRAME_HEADER_BYTES,
  FRAME_MAGIC,
  FRAME_TYPE,
  type FrameHeader,
  payloadIsIntact,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
} from './journal-format.ts';

/** Reads one journal segment piece by piece: what a snapshot has already is stepped over, not read. */
export class SegmentReader {
  readonly #files: Files;
  readonly #file: number;
  readonly bytes: number;

  constructor(files: Files, path: string) {
    this.#files = files;
    this.bytes = files.size(path);
    this.#file = files.openToRead(path);
  }

  /** Undefined when the header is damaged or not all there. */
  header(): SegmentHeader | undefined {
    return decodeSegmentHeader(this.#read(0, SEGMENT_HEADER_BYTES));
  }

  /** The intact header of a frame whose payload is all there (whatever is in it), or undefined. */
  frameHeader(offset: number): FrameHeader | undefined {
    const header = decodeFrameHeader(this.#read(offset, FRAME_HEADER_BYTES), 0);
    return header !== undefined && offset + FRAME_HEADER_BYTES + header.payloadBytes <= this.bytes ? header : undefined;
  }

  /** The payload of the frame, in memory of its own, or undefined when it is damaged. */
  payload(offset: number, header: FrameHeader): Buffer | undefined {
    const payload = this.#read(offset + FRAME_HEADER_BYTES, header.payloadBytes);
    return payloadIsIntact(header, payload) ? payload : undefined;
  }

  /** Whether the file ends before the frame at this offset does. */
  endsWithin(offset: number): boolean {
    if (this.bytes - offset < FRAME_HEADER_BYTES) return true;
    const header = decodeFrameHeader(this.#read(offset, FRAME_HEADER_BYTES), 0);
    return header !== undefined && offset + FRAME_HEADER_BYTES + header.payloadBytes > this.bytes;
  }

  /** Whether something that can only be the start of a frame stands at or behind an offset. */
  hasFrameFrom(offset: number): boolean {
    return !this.#headersFrom(offset).next().done;
  }

  /** The same of a frame that is acknowledged when it is on disk: the chunks of a bulk are not. */
  hasCommitFrom(offset: number): boolean {
    for (const { type } of this.#headersFrom(offset)) if (type !== FRAME_TYPE.chunk) return true;
    return false;
  }

  *#headersFrom(offset: number): Generator<FrameHeader> {
    const rest = this.#read(offset, this.bytes - offset);
    for (let at = rest.indexOf(FRAME_MAGIC); at !== -1; at = rest.indexOf(FRAME_MAGIC, at + 1)) {
      const header = decodeFrameHeader(rest, at);
      if (header !== undefined) yield header;
    }
  }

  close(): void {
    this.#files.close(this.#file);
  }

  #read(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, this.bytes - offset)));
    return bytes.subarray(0, this.#files.read(this.#file, bytes, offset));
  }
}
