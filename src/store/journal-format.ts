import { crc32 } from 'node:zlib';

/**
 * The journal's bytes. A segment is a file: one header, then frames. A frame is a header and a payload; both have a
 * CRC-32 of their own, because a damaged length must not look like a torn end, and a payload's CRC is chained to the
 * frame before it, because a frame that was moved or repeated must not look valid. All numbers are little-endian.
 *
 *   segment header, 64 bytes:  magic(8) version(4) epoch(4) storeId(16) keyId(8) firstSequence(8) chain(4) schemaId(8) crc(4)
 *   frame header,   40 bytes:  magic(4) type and unsynced(4) payloadBytes(4) epoch(4) firstSequence(8) count(4) chain(4) payloadCrc(4) crc(4)
 */

/** 2: a frame says how much before it had not been synced. */
export const FORMAT_VERSION = 2;
export const SEGMENT_HEADER_BYTES = 64;
export const FRAME_HEADER_BYTES = 40;
/** Frames hold at most a chunk of a bulk or a batch; a larger length is damage. */
export const FRAME_PAYLOAD_BYTES_MAX: number = 256 * 1024 * 1024;

const SEGMENT_MAGIC = Buffer.from('HFJRNL\x00\xff', 'latin1');
/** 0xFF never occurs in UTF-8, so no record's text can look like the start of a frame. */
export const FRAME_MAGIC: Buffer = Buffer.from('\xffHF\xfe', 'latin1');

/** What a frame is to the ones around it. */
export const FRAME_TYPE = { batch: 1, chunk: 2, commit: 3 } as const;
export type FrameType = (typeof FRAME_TYPE)[keyof typeof FRAME_TYPE];
const TYPE_BITS = 4;
const UNSYNCED_BYTES_MAX = 2 ** (32 - TYPE_BITS) - 1;

export interface SegmentHeader {
  readonly version: number;
  readonly epoch: number;
  /** 32 hex digits; a segment of another store is refused. */
  readonly storeId: string;
  /** 16 hex digits naming the key that secrets are sealed with. */
  readonly keyId: string;
  /** The sequence that the first change in this segment has or would have. */
  readonly firstSequence: number;
  /** 16 hex digits naming the schemas that the records of this segment were written by. */
  readonly schemaId: string;
  /** Payload CRC of the last frame of the segment before, 0 at the very start. */
  readonly chain: number;
}

export interface FrameHeader {
  readonly type: FrameType;
  /**
   * Of the segment before this frame, so many bytes at its end had not been synced when it was written. A power cut may
   * have left a hole in them, and this frame behind it; a hole further to the front is damage.
   */
  readonly unsyncedBytes: number;
  readonly payloadBytes: number;
  readonly epoch: number;
  readonly firstSequence: number;
  /** How many changes the payload has. */
  readonly count: number;
  readonly chain: number;
  readonly payloadCrc: number;
}

export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  SEGMENT_MAGIC.copy(bytes, 0);
  bytes.writeUInt32LE(header.version, 8);
  bytes.writeUInt32LE(header.epoch, 12);
  bytes.write(header.storeId, 16, 16, 'hex');
  bytes.write(header.keyId, 32, 8, 'hex');
  bytes.writeDoubleLE(header.firstSequence, 40);
  bytes.writeUInt32LE(header.chain, 48);
  bytes.write(header.schemaId, 52, 8, 'hex');
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60);
  return bytes;
}

/** The header, or undefined when these are not the intact bytes of one. */
export function decodeSegmentHeader(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES || !bytes.subarray(0, 8).equals(SEGMENT_MAGIC)) return undefined;
  if (crc32(bytes.subarray(0, 60)) !== bytes.readUInt32LE(60)) return undefined;
  return {
    version: bytes.readUInt32LE(8),
    epoch: bytes.readUInt32LE(12),
    storeId: bytes.toString('hex', 16, 32),
    keyId: bytes.toString('hex', 32, 40),
    firstSequence: bytes.readDoubleLE(40),
    chain: bytes.readUInt32LE(48),
    schemaId: bytes.toString('hex', 52, 60),
  };
}

/** Header and payload CRC of a frame, ready to be written before its payload. */
export function encodeFrameHeader(header: Omit<FrameHeader, 'payloadBytes' | 'payloadCrc'>, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(FRAME_HEADER_BYTES);
  FRAME_MAGIC.copy(bytes, 0);
  bytes.writeUInt32LE(Math.min(header.unsyncedBytes, UNSYNCED_BYTES_MAX) * 2 ** TYPE_BITS + header.type, 4);
  bytes.writeUInt32LE(payload.length, 8);
  bytes.writeUInt32LE(header.epoch, 12);
  bytes.writeDoubleLE(header.firstSequence, 16);
  bytes.writeUInt32LE(header.count, 24);
  bytes.writeUInt32LE(header.chain, 28);
  bytes.writeUInt32LE(crc32(payload, header.chain), 32);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 36)), 36);
  return bytes;
}

/** The header at `offset`, or undefined when the bytes there are not those of an intact one. */
export function decodeFrameHeader(bytes: Buffer, offset: number): FrameHeader | undefined {
  if (bytes.length - offset < FRAME_HEADER_BYTES) return undefined;
  if (bytes.compare(FRAME_MAGIC, 0, 4, offset, offset + 4) !== 0) return undefined;
  if (crc32(bytes.subarray(offset, offset + 36)) !== bytes.readUInt32LE(offset + 36)) return undefined;
  const typeAndUnsynced = bytes.readUInt32LE(offset + 4);
  const type = typeAndUnsynced % 2 ** TYPE_BITS;
  const payloadBytes = bytes.readUInt32LE(offset + 8);
  if (type < FRAME_TYPE.batch || type > FRAME_TYPE.commit || payloadBytes > FRAME_PAYLOAD_BYTES_MAX) return undefined;
  return {
    type: type as FrameType,
    unsyncedBytes: Math.floor(typeAndUnsynced / 2 ** TYPE_BITS),
    payloadBytes,
    epoch: bytes.readUInt32LE(offset + 12),
    firstSequence: bytes.readDoubleLE(offset + 16),
    count: bytes.readUInt32LE(offset + 24),
    chain: bytes.readUInt32LE(offset + 28),
    payloadCrc: bytes.readUInt32LE(offset + 32),
  };
}

export function payloadIsIntact(header: FrameHeader, payload: Uint8Array): boolean {
  return crc32(payload, header.chain) === header.payloadCrc;
}

/** Segments are named by the first sequence in them, so that their names sort as they were written. */
export function segmentName(firstSequence: number): string {
  return `${String(firstSequence).padStart(16, '0')}.journal`;
}

export function isSegmentName(name: string): boolean {
  return /^\d{16}\.journal$/.test(name);
}
