import type { Files } from './files.ts';
import {
  decodeFrameHeader,
  decodeSegmentHeader,
  FRAME_HEADER_BYTES,
  FRAME_MAGIC,
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

  /** Where the next intact frame header stands, at or behind an offset. */
  nextFrameFrom(offset: number): number | undefined {
    const rest = this.#read(offset, this.bytes - offset);
    for (let at = rest.indexOf(FRAME_MAGIC); at !== -1; at = rest.indexOf(FRAME_MAGIC, at + 1))
      if (decodeFrameHeader(rest, at) !== undefined) return offset + at;
    return undefined;
  }

  /**
   * What the frames behind an offset say of it, by their headers, which can be nothing else: 'synced' when one of them was
   * written after a sync that covered the offset, 'unsynced' when none was; undefined when there are none.
   */
  witnessesBehind(offset: number): 'synced' | 'unsynced' | undefined {
    const start = offset + 1;
    const rest = this.#read(start, this.bytes - start);
    let found: 'unsynced' | undefined;
    for (let at = rest.indexOf(FRAME_MAGIC); at !== -1; at = rest.indexOf(FRAME_MAGIC, at + 1)) {
      const header = decodeFrameHeader(rest, at);
      if (header === undefined) continue;
      if (start + at - header.unsyncedBytes > offset) return 'synced';
      found = 'unsynced';
    }
    return found;
  }

  close(): void {
    this.#files.close(this.#file);
  }

  #read(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, this.bytes - offset)));
    return bytes.subarray(0, this.#files.read(this.#file, bytes, offset));
  }
}
