import { join } from 'node:path';
import { messageOf } from '../../faults.ts';
import type { Files } from '../files.ts';
import { decodeFrame, type JournaledChange } from '../frame.ts';
import { FORMAT_VERSION, FRAME_HEADER_BYTES, SEGMENT_HEADER_BYTES } from '../journal-format.ts';
import { SegmentReader } from '../segment-reader.ts';

/** Looks at every byte of a journal segment, whatever came before it: what is sound in it, and where it is not. */

export interface ScannedSegment {
  readonly name: string;
  readonly bytes: number;
  readonly epoch?: number;
  readonly frames: number;
  readonly changes: number;
  /** Of the changes that can be read. */
  readonly firstSequence?: number;
  readonly lastSequence?: number;
  /** Stretches of bytes that cannot be read. */
  readonly damaged: readonly { readonly from: number; readonly to: number }[];
  /** What is wrong with the file as a whole. */
  readonly problem?: string;
}

export interface ReadableChange extends JournaledChange {
  readonly sequence: number;
  readonly timeMs: number;
}

/** @param take called with each change that can be read, in the order of the file. */
export function scanSegment(files: Files, directory: string, name: string, take: (change: ReadableChange) => void = () => undefined): ScannedSegment {
  try {
    const reader = new SegmentReader(files, join(directory, name));
    try {
      return scanned(reader, name, take);
    } finally {
      reader.close();
    }
  } catch (error) {
    return { name, bytes: 0, frames: 0, changes: 0, damaged: [], problem: `it cannot be read: ${messageOf(error)}` };
  }
}

function scanned(reader: SegmentReader, name: string, take: (change: ReadableChange) => void): ScannedSegment {
  const header = reader.header();
  const sequences: number[] = [];
  const damaged: { from: number; to: number }[] = header === undefined ? [{ from: 0, to: Math.min(reader.bytes, SEGMENT_HEADER_BYTES) }] : [];
  let frames = 0;
  let offset = SEGMENT_HEADER_BYTES;
  while (offset < reader.bytes) {
    const frame = reader.frameHeader(offset);
    const payload = frame === undefined ? undefined : reader.payload(offset, frame);
    if (frame === undefined || payload === undefined) {
      const next = reader.nextFrameFrom(offset + 1) ?? reader.bytes;
      damaged.push({ from: offset, to: next });
      offset = next;
      continue;
    }
    frames += 1;
    const { timeMs, changes } = decodeFrame(payload);
    for (const [index, change] of changes.entries()) {
      sequences.push(frame.firstSequence + index);
      take({ ...change, sequence: frame.firstSequence + index, timeMs });
    }
    offset += FRAME_HEADER_BYTES + frame.payloadBytes;
  }
  const [firstSequence] = sequences;
  const lastSequence = sequences.at(-1);
  return {
    name,
    bytes: reader.bytes,
    ...(header === undefined ? {} : { epoch: header.epoch }),
    frames,
    changes: sequences.length,
    ...(firstSequence === undefined || lastSequence === undefined ? {} : { firstSequence, lastSequence }),
    damaged,
    ...(header !== undefined && header.version > FORMAT_VERSION ? { problem: `it has format ${header.version}, of a newer version of Holdfast` } : {}),
  };
}
