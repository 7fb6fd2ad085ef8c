import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { Distribution } from '../distribution.ts';
import { done, fail, messageOf, NO_ROOM, type Result, systemCodeOf } from '../faults.ts';
import { type JournalCounts, SYNC_SECONDS } from '../protocol/commands.ts';
import { type Files, quietly } from './files.ts';
import { encodeFrame, type FrameContent } from './frame.ts';
import {
  encodeFrameHeader,
  encodeSegmentHeader,
  FORMAT_VERSION,
  FRAME_HEADER_BYTES,
  FRAME_PAYLOAD_BYTES_MAX,
  FRAME_TYPE,
  type FrameType,
  SEGMENT_HEADER_BYTES,
  segmentName,
} from './journal-format.ts';
import { type JournalIdentity, segmentNames } from './segments.ts';

/**
 * The journal: every accepted change since the last snapshots, oldest first.
 * Invariant (sync policy `always`): a frame has passed `fdatasync` before anybody is told of it or can read it.
 * Worst case with policy `interval`: a power cut loses the replies of the last interval; a killed process loses nothing.
 */

export type SyncPolicy = 'always' | 'interval';

/** A snapshot ends the current segment when it is at least this share of what is kept: few files, and yet nothing kept for long that need not be. */
const SEGMENT_SHARE = 1 / 16;

/** As the system names its errors; codes of the platform's own, like ERR_ASSERTION, are spelt otherwise. */
const ERROR_NUMBER = /^E[A-Z0-9]+$/;

class FrameTooLarge extends Error {
  constructor(bytes: number) {
    super(`the change has ${bytes} bytes, and the journal takes ${FRAME_PAYLOAD_BYTES_MAX} at once; nothing of it was stored`);
    this.name = 'FrameTooLarge';
  }
}

interface OpenSegment {
  readonly path: string;
  readonly file: number;
  readonly firstSequence: number;
  bytes: number;
  /** So much of it is on disk. */
  syncedBytes: number;
}

interface Frame {
  readonly type: FrameType;
  readonly content: FrameContent;
  readonly firstSequence: number;
}

export interface JournalLimits {
  /** A new segment is begun when the current one has grown to this. */
  readonly segmentBytesMax: number;
  /** So much is kept though snapshots have it: for subscribers who come back, and for history. */
  readonly keepBytes: number;
}

export const JOURNAL_LIMITS: JournalLimits = { segmentBytesMax: 256 * 1024 * 1024, keepBytes: 0 };

/** Where recovery found the end of what is good. */
export interface JournalEnd {
  readonly nextSequence: number;
  readonly chain: number;
  /** The segment to go on with; undefined begins a new one. */
  readonly segment: { readonly name: string; readonly bytes: number } | undefined;
}

export class Journal {
  readonly #directory: string;
  readonly #files: Files;
  readonly identity: JournalIdentity;
  readonly #policy: SyncPolicy;
  readonly #limits: JournalLimits;
  #segment: OpenSegment | undefined;
  #chain: number;
  #unsynced = false;
  #frames = 0;
  #bytes = 0;
  #refusals = 0;
  readonly #syncs = new Distribution(SYNC_SECONDS);
  /** The sequence that the next change gets. */
  nextSequence: number;
  /** The last change that has passed `fdatasync`. */
  durableSequence: number;
  bytesSinceSnapshot = 0;
  /** Why nothing may be written any more. */
  broken: string | undefined;
  /** What the system said to the last write when it was refused; undefined when it was not. */
  refusedWith: string | undefined;

  constructor(directory: string, files: Files, identity: JournalIdentity, policy: SyncPolicy, end: JournalEnd, limits: JournalLimits = JOURNAL_LIMITS) {
    this.#directory = directory;
    this.#files = files;
    this.identity = identity;
    this.#policy = policy;
    this.#limits = limits;
    this.#chain = end.chain;
    this.nextSequence = end.nextSequence;
    // Recovery has synced what it found.
    this.durableSequence = end.nextSequence - 1;
    if (end.segment !== undefined) {
      const path = join(directory, end.segment.name);
      const { name, bytes } = end.segment;
      this.#segment = { path, file: files.openToAppend(path), firstSequence: Number(name.slice(0, 16)), bytes, syncedBytes: bytes };
    }
  }

  get counts(): JournalCounts {
    return { frames: this.#frames, bytes: this.#bytes, refusals: this.#refusals, syncs: this.#syncs.counts, syncSeconds: this.#syncs.sum };
  }

  /** One frame, all or nothing. `not-durable`: nothing of it is there. `outcome-unknown`: `broken` says why. */
  append(content: FrameContent, firstSequence: number): Result<void> {
    return this.#write([{ type: FRAME_TYPE.batch, content, firstSequence }]);
  }

  /** Several frames that recovery takes together or not at all. */
  appendAtomically(contents: Iterable<FrameContent>, firstSequence: number, commit: FrameContent): Result<void> {
    return this.#write(framesOf(contents, firstSequence, commit));
  }

  /** With policy `interval`: what was written since the last call is on disk after this. */
  sync(): Result<void> {
    if (this.broken !== undefined) return fail('outcome-unknown', this.broken);
    if (this.#segment === undefined || !this.#unsynced) return done(undefined);
    return this.#sync(this.#segment);
  }

  /** The next change goes to a new file, so that the ones before it can be deleted when snapshots have them. */
  roll(): void {
    // A segment without a change would have the name of the next one.
    if (this.broken !== undefined || this.#segment === undefined || this.#segment.firstSequence === this.nextSequence) return;
    if (this.#segment.bytes < this.#limits.keepBytes * SEGMENT_SHARE) return;
    this.#closeSegment();
  }

  /** The first change that can be replayed; the next one when there is none. */
  firstSequence(): number {
    const [first] = segmentNames(this.#files, this.#directory);
    return first === undefined ? this.nextSequence : Number(first.slice(0, 16));
  }

  /** Deletes segments of which every change is in a snapshot at `sequence`, the oldest first, down to what is kept anyway. */
  dropThrough(sequence: number): readonly string[] {
    const names = segmentNames(this.#files, this.#directory);
    const sizes = names.map((name) => this.#files.size(join(this.#directory, name)));
    let bytes = sizes.reduce((sum, size) => sum + size, 0);
    const dropped: string[] = [];
    for (const [index, name] of names.entries()) {
      const next = names[index + 1];
      // All that a segment has comes before the first of the next one; the last may still be written to.
      if (next === undefined || Number(next.slice(0, 16)) > sequence + 1) break;
      bytes -= sizes[index] ?? 0;
      if (bytes < this.#limits.keepBytes) break;
      this.#files.remove(join(this.#directory, name));
      // Each by itself: a power cut may bring back one of several, and then the journal would have a gap.
      this.#files.syncDirectory(this.#directory);
      dropped.push(name);
    }
    return dropped;
  }

  /** Nothing may be written after this; what was not synced yet is. */
  close(): Result<void> {
    const synced = this.sync();
    this.#closeSegment();
    return synced;
  }

  #write(frames: Iterable<Frame>): Result<void> {
    if (this.broken !== undefined) return fail('outcome-unknown', this.broken);
    let segment: OpenSegment;
    try {
      segment = this.#segment !== undefined && this.#segment.bytes < this.#limits.segmentBytesMax ? this.#segment : this.#begin();
    } catch (error) {
      return this.#refusal(error);
    }
    const start = segment.bytes;
    const chain = this.#chain;
    const sequence = this.nextSequence;
    let written = 0;
    try {
      if (this.#files.linkCount(segment.file) === 0) {
        this.broken = `the journal file ${segment.path} has been deleted under the running server`;
        return fail('outcome-unknown', this.broken);
      }
      for (const frame of frames) {
        // A power cut may keep any part of what was not synced: a commit that is on disk says that all of its chunks are.
        const synced = frame.type === FRAME_TYPE.commit && this.#policy === 'always' ? this.#syncFile(segment) : done(undefined);
        if (!synced.ok) return synced;
        this.#writeFrame(segment, frame);
        written += 1;
      }
    } catch (error) {
      this.#takeBack(segment, start);
      this.#chain = chain;
      this.nextSequence = sequence;
      return this.#refusal(error);
    }
    const bytes = segment.bytes - start;
    this.bytesSinceSnapshot += bytes;
    this.#bytes += bytes;
    this.#frames += written;
    this.#unsynced = true;
    this.refusedWith = undefined;
    return this.#policy === 'always' ? this.#sync(segment) : done(undefined);
  }

  #writeFrame(segment: OpenSegment, { type, content, firstSequence }: Frame): void {
    assert.equal(firstSequence, this.nextSequence, 'sequences are given out without a gap');
    const payload = encodeFrame(content);
    if (payload.length > FRAME_PAYLOAD_BYTES_MAX) throw new FrameTooLarge(payload.length);
    const unsyncedBytes = segment.bytes - segment.syncedBytes;
    const described = { type, unsyncedBytes, epoch: this.identity.epoch, firstSequence, count: content.changes.length, chain: this.#chain };
    const header = encodeFrameHeader(described, payload);
    // One write for small frames: a second system call costs more than the copy.
    if (payload.length < 65_536) {
      this.#files.write(segment.file, Buffer.concat([header, payload]), segment.bytes);
    } else {
      this.#files.write(segment.file, header, segment.bytes);
      this.#files.write(segment.file, payload, segment.bytes + FRAME_HEADER_BYTES);
    }
    segment.bytes += FRAME_HEADER_BYTES + payload.length;
    this.#chain = header.readUInt32LE(32);
    this.nextSequence += content.changes.length;
  }

  #sync(segment: OpenSegment): Result<void> {
    const synced = this.#syncFile(segment);
    if (!synced.ok) return synced;
    this.#unsynced = false;
    this.durableSequence = this.nextSequence - 1;
    return synced;
  }

  /** After a failed fsync the kernel may have dropped the pages: what is on disk is only known after a restart. */
  #syncFile(segment: OpenSegment): Result<void> {
    try {
      const startedMs = performance.now();
      this.#files.syncFile(segment.file);
      this.#syncs.add((performance.now() - startedMs) / 1000);
      segment.syncedBytes = segment.bytes;
      return done(undefined);
    } catch (error) {
      this.broken = `fdatasync of ${segment.path} failed: ${messageOf(error)}`;
      return fail('outcome-unknown', 'the disk failed while the change was being made durable; read the record after the restart');
    }
  }

  #takeBack(segment: OpenSegment, bytes: number): void {
    try {
      this.#files.truncate(segment.file, bytes);
      segment.bytes = bytes;
    } catch (error) {
      this.broken = `${segment.path} could not be cut back to ${bytes} bytes after a failed write: ${messageOf(error)}`;
    }
  }

  /** What the system's error means for the caller. @throws what is no error of the system: a defect while frames were made says nothing about the disk. */
  #refusal(error: unknown): Result<void> {
    if (this.broken !== undefined) return fail('outcome-unknown', this.broken);
    if (error instanceof FrameTooLarge) return fail('too-large', error.message);
    const code = systemCodeOf(error);
    if (code === undefined || !ERROR_NUMBER.test(code)) throw error;
    this.#refusals += 1;
    this.refusedWith = code;
    const why = NO_ROOM.has(code) ? `there is no room on the disk (${code})` : `the journal cannot be written: ${messageOf(error)}`;
    return fail('not-durable', `${why}; nothing was changed, reads go on, and writes come back by themselves`);
  }

  #begin(): OpenSegment {
    this.#closeSegment();
    if (this.broken !== undefined) throw new Error(this.broken);
    const path = join(this.#directory, segmentName(this.nextSequence));
    // What a full disk left of an earlier try.
    this.#files.remove(path);
    const file = this.#files.create(path);
    try {
      const header = encodeSegmentHeader({ version: FORMAT_VERSION, ...this.identity, firstSequence: this.nextSequence, chain: this.#chain });
      this.#files.write(file, header, 0);
      this.#files.syncFile(file);
      this.#files.syncDirectory(this.#directory);
    } catch (error) {
      // Nobody was told of anything in it. What cannot be taken away now goes when the next one is begun.
      quietly(() => this.#files.close(file));
      quietly(() => this.#files.remove(path));
      throw error;
    }
    this.#segment = { path, file, firstSequence: this.nextSequence, bytes: SEGMENT_HEADER_BYTES, syncedBytes: SEGMENT_HEADER_BYTES };
    return this.#segment;
  }

  #closeSegment(): void {
    const segment = this.#segment;
    if (segment === undefined) return;
    if (this.#unsynced && this.broken === undefined) this.#sync(segment);
    // The number of a file is free for another file now, also when close fails; and what was synced stays.
    this.#segment = undefined;
    quietly(() => this.#files.close(segment.file));
  }
}

function* framesOf(chunks: Iterable<FrameContent>, firstSequence: number, commit: FrameContent): Generator<Frame> {
  let sequence = firstSequence;
  for (const content of chunks) {
    yield { type: FRAME_TYPE.chunk, content, firstSequence: sequence };
    sequence += content.changes.length;
  }
  yield { type: FRAME_TYPE.commit, content: commit, firstSequence: sequence };
}
