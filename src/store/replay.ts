import { join } from 'node:path';
import type { LogLine } from '../protocol/commands.ts';
import type { Files } from './files.ts';
import { decodeFrame, type FrameContent } from './frame.ts';
import { type JournalEnd, refuseDamage, segmentNames, tornTailLine } from './journal.ts';
import {
  decodeFrameHeader,
  decodeSegmentHeader,
  FORMAT_VERSION,
  FRAME_HEADER_BYTES,
  FRAME_MAGIC,
  FRAME_TYPE,
  type FrameHeader,
  payloadIsIntact,
  SEGMENT_HEADER_BYTES,
} from './journal-format.ts';

/**
 * Reads a journal back, in order, from the first change after `fromSequence`. A torn end is cut off, with a log line;
 * any other damage refuses the start, because what stands behind it was acknowledged.
 */
export interface Replayed {
  readonly end: JournalEnd;
  readonly changes: number;
  readonly log: readonly LogLine[];
}

interface Expected {
  sequence: number | undefined;
  chain: number | undefined;
}

/**
 * @param take called with each committed frame, in order; frames whose changes are all at or before `fromSequence` are skipped.
 * @throws StartFailure when the journal is damaged, has a gap, or belongs to another store or a newer version.
 */
export function replayJournal(
  files: Files,
  directory: string,
  identity: { storeId: string; keyId: string } | undefined,
  fromSequence: number,
  take: (frame: FrameContent, firstSequence: number) => void,
): Replayed {
  const names = segmentNames(files, directory);
  const log: LogLine[] = [];
  const expected: Expected = { sequence: undefined, chain: undefined };
  let changes = 0;
  let last: { name: string; bytes: number } | undefined;
  let pendingChunks: { content: FrameContent; firstSequence: number; offset: number; chain: number }[] = [];
  const firstSequence = names[0] === undefined ? undefined : Number(names[0].slice(0, 16));
  if (firstSequence !== undefined && firstSequence > fromSequence + 1) {
    refuseDamage(
      `the journal begins with change ${firstSequence}, but the newest valid snapshot ends with ${fromSequence}: the changes between are missing. Put the missing snapshot or journal files back, or start with --restore=false to set this data aside.`,
    );
  }
  for (const [index, name] of names.entries()) {
    const isLast = index === names.length - 1;
    const path = join(directory, name);
    const bytes = files.readAll(path);
    const header = decodeSegmentHeader(bytes);
    if (header === undefined) {
      // A crash while a segment was begun leaves a last file without any frame behind its header.
      if (isLast && !hasFrameHeader(bytes, 0)) {
        files.remove(path);
        files.syncDirectory(directory);
        log.push(tornTailLine(name, 0, bytes.length));
        continue;
      }
      refuseDamage(`the journal segment ${path} has a damaged header`);
    }
    if (header.version > FORMAT_VERSION) {
      refuseDamage(`the journal segment ${path} has format ${header.version}, written by a newer version of Holdfast; this one reads up to ${FORMAT_VERSION}`);
    }
    if (identity !== undefined && header.storeId !== identity.storeId) refuseDamage(`the journal segment ${path} belongs to another data folder`);
    if (identity !== undefined && header.keyId !== identity.keyId) {
      refuseDamage(`the journal segment ${path} was written with another store key; give the right one in HOLDFAST_STORE_KEY or in keys/store-key`);
    }
    if (header.firstSequence !== Number(name.slice(0, 16)))
      refuseDamage(`the journal segment ${path} is not what its name says (it begins with change ${header.firstSequence})`);
    if (expected.sequence !== undefined && (header.firstSequence !== expected.sequence || header.chain !== expected.chain)) {
      refuseDamage(`the journal segment ${path} does not follow the one before it: expected change ${expected.sequence}, found ${header.firstSequence}`);
    }
    expected.sequence = header.firstSequence;
    expected.chain = header.chain;
    let offset = SEGMENT_HEADER_BYTES;
    while (offset < bytes.length) {
      const frame = frameAt(bytes, offset);
      if (frame === undefined) {
        if (!isLast || hasFrameHeader(bytes, offset + 1)) {
          refuseDamage(
            `the journal segment ${path} is damaged at byte ${offset} (change ${expected.sequence}), and intact changes stand behind it. Nothing was changed. Restore the file from a copy, or start with --restore=false to set this data aside.`,
          );
        }
        log.push(tornTailLine(name, offset, bytes.length - offset));
        break;
      }
      if (frame.firstSequence !== expected.sequence || frame.chain !== expected.chain) {
        refuseDamage(`the journal segment ${path} has change ${frame.firstSequence} at byte ${offset} where ${expected.sequence} was expected`);
      }
      const payload = bytes.subarray(offset + FRAME_HEADER_BYTES, offset + FRAME_HEADER_BYTES + frame.payloadBytes);
      const content = decodeFrame(payload);
      if (frame.type === FRAME_TYPE.chunk) {
        pendingChunks.push({ content, firstSequence: frame.firstSequence, offset, chain: frame.chain });
      } else {
        if (frame.type === FRAME_TYPE.batch && pendingChunks.length > 0) {
          refuseDamage(`the journal segment ${path} has an unfinished bulk before byte ${offset}`);
        }
        for (const chunk of [...pendingChunks, { content, firstSequence: frame.firstSequence }]) {
          const lastSequence = chunk.firstSequence + chunk.content.changes.length - 1;
          if (lastSequence <= fromSequence && chunk.content.changes.length > 0) continue;
          take(chunk.content, chunk.firstSequence);
          changes += chunk.content.changes.length;
        }
        pendingChunks = [];
      }
      expected.sequence = frame.firstSequence + frame.count;
      expected.chain = frame.payloadCrc;
      offset += FRAME_HEADER_BYTES + frame.payloadBytes;
    }
    const uncommitted = pendingChunks[0];
    if (uncommitted !== undefined) {
      if (!isLast) refuseDamage(`the journal segment ${path} ends in an unfinished bulk`);
      log.push({
        level: 'warn',
        message: `the journal segment ${name} ended in a bulk that was never committed; it was cut off`,
        fields: { segment: name, offset: uncommitted.offset, bytes: bytes.length - uncommitted.offset },
      });
      offset = uncommitted.offset;
      expected.sequence = uncommitted.firstSequence;
      expected.chain = uncommitted.chain;
    }
    last = { name, bytes: offset };
    if (isLast) makeEndDurable(files, path, offset, bytes.length);
  }
  if (expected.sequence !== undefined && expected.sequence <= fromSequence) {
    // The snapshot has all of it; going on behind the gap would make a journal that cannot be read back.
    for (const name of names) files.remove(join(directory, name));
    files.syncDirectory(directory);
    log.push({
      level: 'warn',
      message: `the journal ended with change ${expected.sequence - 1}, before the snapshot's ${fromSequence}; the snapshot has everything, and a new journal begins`,
      fields: { snapshotSequence: fromSequence },
    });
    return { end: { nextSequence: fromSequence + 1, chain: 0, segment: undefined }, changes, log };
  }
  return { end: { nextSequence: expected.sequence ?? fromSequence + 1, chain: expected.chain ?? 0, segment: last }, changes, log };
}

/** Frames that came from the page cache could still vanish, and old bytes behind a cut could reappear: both end here. */
function makeEndDurable(files: Files, path: string, goodBytes: number, foundBytes: number): void {
  const file = files.openToAppend(path);
  try {
    if (goodBytes < foundBytes) files.truncate(file, goodBytes);
    files.syncFile(file);
  } finally {
    files.close(file);
  }
}

function frameAt(bytes: Buffer, offset: number): FrameHeader | undefined {
  const header = decodeFrameHeader(bytes, offset);
  if (header === undefined) return undefined;
  const start = offset + FRAME_HEADER_BYTES;
  if (bytes.length - start < header.payloadBytes) return undefined;
  return payloadIsIntact(header, bytes.subarray(start, start + header.payloadBytes)) ? header : undefined;
}

function hasFrameHeader(bytes: Buffer, from: number): boolean {
  for (let offset = bytes.indexOf(FRAME_MAGIC, from); offset !== -1; offset = bytes.indexOf(FRAME_MAGIC, offset + 1)) {
    if (decodeFrameHeader(bytes, offset) !== undefined) return true;
  }
  return false;
}
