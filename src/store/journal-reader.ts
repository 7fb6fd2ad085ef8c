import { join } from 'node:path';
import { systemCodeOf } from '../faults.ts';
import type { CommittedChange, ReplayableJournal } from '../protocol/changes.ts';
import type { Files } from './files.ts';
import { decodeFrame, frameTimeMs, type JournaledChange, type SealedSecrets } from './frame.ts';
import { decodeFrameHeader, decodeSegmentHeader, FRAME_HEADER_BYTES, type FrameHeader, payloadIsIntact, SEGMENT_HEADER_BYTES } from './journal-format.ts';
import { segmentNames } from './segments.ts';

/**
 * Reads changes back from a journal that its owner goes on writing to: for subscribers of the feed who come back, and for
 * history. It only ever reads what was committed (callers say up to where), so it needs no lock and disturbs nobody.
 */

/** What a segment says is not what was written: the bytes on disk have changed. */
export class JournalDamage extends Error {
  constructor(path: string, what: string) {
    super(`the journal segment ${path} is damaged: ${what}`);
    this.name = 'JournalDamage';
  }
}

/** Of a deletion in a journal that was written before deletions said what they took away. */
const NOTHING = Buffer.from('{}');
/** Segments are read in pieces of this; a frame that is larger is read as a whole. */
const BLOCK_BYTES = 1024 * 1024;
/** Who looks for one frame only reads in smaller ones. */
const LOOKUP_BYTES = 256 * 1024;
/** The place of a frame is remembered about every so often, so that a reader who comes back does not start at the front. */
const INDEX_STEP_BYTES = 256 * 1024;
/** Frames that were looked into for single changes. */
const FRAMES_KEPT_MAX = 4;
/** Of frames that are read in order, those are kept that take several parts to tell. */
const KEPT_CHANGES_MIN = 64;

/** Where frames begin, by the sequence of their first change; both rise. */
interface SegmentIndex {
  readonly sequences: number[];
  readonly offsets: number[];
}

interface KeptFrame {
  /** The name of the segment that it is in. */
  readonly segment: string;
  readonly firstSequence: number;
  readonly timeMs: number;
  readonly changes: readonly JournaledChange[];
}

interface PackedFrame {
  readonly segment: string;
  readonly firstSequence: number;
  readonly count: number;
  /** A view of what was read: good until the next frame. */
  readonly payload: Buffer;
}

/** When a frame was written, by the last change in it. */
export interface FrameTime {
  readonly sequence: number;
  readonly timeMs: number;
}

export interface SecretsChange {
  readonly kind: string;
  readonly key: string;
  readonly secrets: SealedSecrets | null | undefined;
}

export class JournalReader implements ReplayableJournal {
  readonly #files: Files;
  readonly #directory: string;
  readonly #indexes = new Map<string, SegmentIndex>();
  /** Used last at the end. */
  readonly #kept: KeptFrame[] = [];

  constructor(files: Files, directory: string) {
    this.#files = files;
    this.#directory = directory;
  }

  /**
   * As many of the changes as are asked for.
   * @param mentioning changes in frames without these bytes may be left out; they are not even unpacked.
   * @param leftOut is told the last change of each frame that is left out, and may throw to end it there.
   * @throws JournalDamage
   */
  *changes(after: number, upTo: number, mentioning?: Buffer, leftOut?: (through: number) => void): Generator<CommittedChange, 'pruned' | undefined, undefined> {
    let next = after + 1;
    while (next <= upTo) {
      const name = this.#segmentWith(next);
      if (name === undefined) return 'pruned';
      const kept = this.#keptWith(next);
      if (kept?.segment === name) {
        next = yield* this.#within(kept, next, upTo);
        continue;
      }
      const before = next;
      for (const packed of this.#frames(name, next, upTo)) {
        if (packed.firstSequence > next) throw new JournalDamage(join(this.#directory, name), `change ${next} is not in it`);
        if (mentioning !== undefined && !packed.payload.includes(mentioning)) {
          next = packed.firstSequence + packed.count;
          leftOut?.(Math.min(next - 1, upTo));
          continue;
        }
        const frame = unpacked(packed);
        if (frame.changes.length >= KEPT_CHANGES_MIN) this.#keep(frame);
        next = yield* this.#within(frame, next, upTo);
      }
      if (next > before) continue;
      if (this.#oldest(upTo) <= next) throw new JournalDamage(join(this.#directory, name), `change ${next} is not in it`);
      // Retention has deleted the segment under us.
      return 'pruned';
    }
    return undefined;
  }

  /**
   * Changes of one record from `from` to `upTo`, newest first, as far back as the journal reaches: at most `max` of each
   * segment, the newest of them, and of those no more than it takes to exceed `bytesMax`, but two. @throws JournalDamage
   */
  *changesOf(kind: string, key: string, from: number, upTo: number, max: number, bytesMax: number = Number.POSITIVE_INFINITY): Generator<CommittedChange> {
    const mentioning = Buffer.from(key);
    for (const name of [...segmentNames(this.#files, this.#directory)].reverse()) {
      if (firstOf(name) > upTo) continue;
      const found: CommittedChange[] = [];
      let bytes = 0;
      for (const packed of this.#frames(name, Math.max(from, firstOf(name)), upTo)) {
        if (!packed.payload.includes(mentioning)) continue;
        const frame = unpacked(packed);
        for (const change of this.#within(frame, Math.max(from, frame.firstSequence), upTo)) {
          if (change.kind !== kind || change.key !== key) continue;
          // A copy: what is unpacked are views of a whole block of the file.
          found.push({ ...change, image: Uint8Array.from(change.image) });
          bytes += change.image.length;
          for (let oldest = found[0]; oldest !== undefined; oldest = found[0]) {
            if (found.length <= max && (found.length <= 2 || bytes - oldest.image.length <= bytesMax)) break;
            bytes -= oldest.image.length;
            found.shift();
          }
        }
      }
      yield* found.reverse();
      if (firstOf(name) <= from) return;
    }
  }

  /**
   * What changes did to the sealed secrets of records, in order: the whole set after the change, or null when the record
   * went. Changes that left them as they were are left out. @throws JournalDamage
   */
  *secretsAfter(after: number, upTo: number): Generator<SecretsChange, 'pruned' | undefined, undefined> {
    let next = after + 1;
    while (next <= upTo) {
      const name = this.#segmentWith(next);
      const before = next;
      for (const packed of name === undefined ? [] : this.#frames(name, next, upTo)) {
        const { firstSequence, changes } = unpacked(packed);
        for (const [index, { kind, key, image, secrets }] of changes.entries()) {
          const sequence = firstSequence + index;
          if (sequence < next || sequence > upTo || (image !== null && secrets === undefined)) continue;
          yield { kind, key, secrets: image === null ? null : secrets };
        }
        next = firstSequence + packed.count;
      }
      if (next === before) return 'pruned';
    }
    return undefined;
  }

  /** When the frames after a change were written, in order, from the first that there is. @throws JournalDamage */
  *times(after: number, upTo: number): Generator<FrameTime> {
    let next = Math.max(after + 1, this.firstSequence(upTo));
    for (;;) {
      const name = next > upTo ? undefined : this.#segmentWith(next);
      if (name === undefined) return;
      const before = next;
      for (const { firstSequence, count, payload } of this.#frames(name, next, upTo)) {
        next = firstSequence + count;
        yield { sequence: next - 1, timeMs: frameTimeMs(payload) };
      }
      if (next === before) return;
    }
  }

  /** The first change that can be read; the one after `upTo` when there is none. */
  firstSequence(upTo: number): number {
    return this.#oldest(upTo);
  }

  /**
   * Names the schemas by which each change after one up to another was written, oldest first; undefined for a segment whose
   * header cannot be read.
   */
  schemaIds(after: number, upTo: number): readonly (string | undefined)[] {
    const names = segmentNames(this.#files, this.#directory);
    return names
      .filter((name, index) => firstOf(name) <= upTo && firstOf(names[index + 1] ?? '9'.repeat(16)) > after + 1)
      .map((name) => this.#schemaIdOf(name));
  }

  #schemaIdOf(name: string): string | undefined {
    let file: number;
    try {
      file = this.#files.openToRead(join(this.#directory, name));
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
    try {
      const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
      return decodeSegmentHeader(bytes.subarray(0, this.#files.read(file, bytes, 0)))?.schemaId;
    } finally {
      this.#files.close(file);
    }
  }

  /** The image that a change has left, or undefined when the journal does not reach back to it. @throws JournalDamage */
  imageOf(sequence: number): Uint8Array | undefined {
    const frame = this.#keptWith(sequence) ?? this.#frameWith(sequence);
    if (frame === undefined) return undefined;
    this.#keep(frame);
    return frame.changes[sequence - frame.firstSequence]?.image ?? undefined;
  }

  /** Changes of one frame. @returns the sequence after the last of them. */
  *#within({ firstSequence, timeMs, changes }: KeptFrame, from: number, upTo: number): Generator<CommittedChange, number, undefined> {
    const end = Math.min(firstSequence + changes.length, upTo + 1);
    for (let sequence = Math.max(from, firstSequence); sequence < end; sequence++) {
      yield this.#committed(changes[sequence - firstSequence] as JournaledChange, sequence, timeMs);
    }
    return end;
  }

  #keptWith(sequence: number): KeptFrame | undefined {
    return this.#kept.find(({ firstSequence, changes }) => sequence >= firstSequence && sequence < firstSequence + changes.length);
  }

  #keep(frame: KeptFrame): void {
    const place = this.#kept.indexOf(frame);
    if (place !== -1) this.#kept.splice(place, 1);
    this.#kept.push(frame);
    if (this.#kept.length > FRAMES_KEPT_MAX) this.#kept.shift();
  }

  #committed({ kind, key, image, predecessor, lastImage }: JournaledChange, sequence: number, timeMs: number): CommittedChange {
    return {
      kind,
      key,
      sequence,
      timeMs,
      type: image === null ? 'deleted' : predecessor === 0 ? 'created' : 'updated',
      image: image ?? lastImage ?? NOTHING,
      readPredecessor: () => (predecessor === undefined || predecessor === 0 ? undefined : this.imageOf(predecessor)),
    };
  }

  #frameWith(sequence: number): KeptFrame | undefined {
    const name = this.#segmentWith(sequence);
    if (name === undefined) return undefined;
    for (const frame of this.#frames(name, sequence, sequence, LOOKUP_BYTES)) return unpacked(frame);
    return undefined;
  }

  /** The newest segment that begins at or before a change. */
  #segmentWith(sequence: number): string | undefined {
    const names = segmentNames(this.#files, this.#directory);
    for (const known of this.#indexes.keys()) if (!names.includes(known)) this.#indexes.delete(known);
    return names.findLast((name) => firstOf(name) <= sequence);
  }

  #oldest(upTo: number): number {
    const [first] = segmentNames(this.#files, this.#directory);
    return first === undefined ? upTo + 1 : firstOf(first);
  }

  /** The frames of a segment that have changes from `from` to `upTo`. Nothing when the segment is gone. */
  *#frames(name: string, from: number, upTo: number, blockBytes = BLOCK_BYTES): Generator<PackedFrame> {
    const path = join(this.#directory, name);
    let file: number;
    try {
      file = this.#files.openToRead(path);
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return;
      throw error;
    }
    try {
      const block = new Block(this.#files, file, path, blockBytes);
      const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
      this.#files.read(file, header, 0);
      if (decodeSegmentHeader(header)?.firstSequence !== firstOf(name)) throw new JournalDamage(path, 'its header');
      const index = this.#indexOf(name);
      let offset = placeOf(index, from);
      for (let sequence = 0; sequence <= upTo; ) {
        const frame = block.frameHeader(offset);
        if (frame === undefined) return;
        sequence = frame.firstSequence;
        const end = sequence + frame.count;
        remember(index, sequence, offset);
        if (end > from && sequence <= upTo && frame.count > 0) {
          yield { segment: name, firstSequence: sequence, count: frame.count, payload: block.payload(offset, frame) };
        }
        sequence = end;
        offset += FRAME_HEADER_BYTES + frame.payloadBytes;
      }
    } finally {
      this.#files.close(file);
    }
  }

  #indexOf(name: string): SegmentIndex {
    let index = this.#indexes.get(name);
    if (index === undefined) {
      index = { sequences: [], offsets: [] };
      this.#indexes.set(name, index);
    }
    return index;
  }
}

/** A window of a file that moves forward with its reader. */
class Block {
  readonly #files: Files;
  readonly #file: number;
  readonly #path: string;
  readonly #blockBytes: number;
  #start = 0;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(files: Files, file: number, path: string, blockBytes: number) {
    this.#files = files;
    this.#file = file;
    this.#path = path;
    this.#blockBytes = blockBytes;
  }

  /** Up to `length` bytes from `offset`; fewer only at the end of the file. */
  bytes(offset: number, length: number): Buffer {
    if (offset < this.#start || offset + length > this.#start + this.#bytes.length) {
      // Not from a pool: views of it live as long as the changes that are read from it.
      const bytes = Buffer.allocUnsafeSlow(Math.max(length, this.#blockBytes));
      this.#bytes = bytes.subarray(0, this.#files.read(this.#file, bytes, offset));
      this.#start = offset;
    }
    const from = offset - this.#start;
    return this.#bytes.subarray(from, from + length);
  }

  /** Undefined at the end of what is written. */
  frameHeader(offset: number): FrameHeader | undefined {
    const bytes = this.bytes(offset, FRAME_HEADER_BYTES);
    if (bytes.length < FRAME_HEADER_BYTES) return undefined;
    const header = decodeFrameHeader(bytes, 0);
    if (header === undefined) throw new JournalDamage(this.#path, `byte ${offset}`);
    return header;
  }

  payload(offset: number, header: FrameHeader): Buffer {
    const payload = this.bytes(offset + FRAME_HEADER_BYTES, header.payloadBytes);
    if (payload.length < header.payloadBytes || !payloadIsIntact(header, payload)) throw new JournalDamage(this.#path, `byte ${offset}`);
    return payload;
  }
}

function unpacked({ segment, firstSequence, payload }: PackedFrame): KeptFrame {
  const { timeMs, changes } = decodeFrame(payload);
  return { segment, firstSequence, timeMs, changes };
}

function firstOf(name: string): number {
  return Number(name.slice(0, 16));
}

/** Where to begin looking for a change. */
function placeOf({ sequences, offsets }: SegmentIndex, sequence: number): number {
  let low = 0;
  let high = sequences.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sequences[middle] as number) <= sequence) low = middle + 1;
    else high = middle;
  }
  return offsets[low - 1] ?? SEGMENT_HEADER_BYTES;
}

function remember({ sequences, offsets }: SegmentIndex, sequence: number, offset: number): void {
  const last = offsets.at(-1) ?? 0;
  if (offset < last + INDEX_STEP_BYTES) return;
  sequences.push(sequence);
  offsets.push(offset);
}
