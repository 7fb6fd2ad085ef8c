import { join } from 'node:path';
import { messageOf, systemCodeOf } from '../faults.ts';
import type { LogLine } from '../protocol/commands.ts';
import { refuseDamage, WAY_OUT } from './data-refused.ts';
import { type Files, rethrowUnlessOfFile } from './files.ts';
import { decodeFrame, type FrameContent } from './frame.ts';
import type { JournalEnd } from './journal.ts';
import { FORMAT_VERSION, FRAME_HEADER_BYTES, FRAME_TYPE, SEGMENT_HEADER_BYTES, type SegmentHeader } from './journal-format.ts';
import { SegmentReader } from './segment-reader.ts';
import { type JournalIdentity, segmentNames } from './segments.ts';

/**
 * Reads a journal back, in order, from the first change after `fromSequence`, and changes nothing. A torn end is to be cut
 * off, with a log line; any other damage refuses the start, because what stands behind it was acknowledged.
 */
export interface Replayed {
  readonly end: JournalEnd;
  readonly changes: number;
  /** Of the store keys that sealed what was read. */
  readonly keyIds: ReadonlySet<string>;
  readonly log: readonly LogLine[];
  readonly mending: JournalMending;
}

/** What has to be done to the files before anybody goes on writing. */
export interface JournalMending {
  /** Segments that have nothing that is needed. */
  readonly remove: readonly string[];
  /** The last segment that stays: so much of it is good, of so many bytes. */
  readonly last: { readonly name: string; readonly goodBytes: number; readonly foundBytes: number } | undefined;
  /** What is cut off may have been acknowledged: its sequences must not come to mean something else under the same epoch. */
  readonly endsEpoch: boolean;
}

/** `schemaId` names the schemas by which the frame's records were written. */
export type TakeFrame = (frame: FrameContent, firstSequence: number, schemaId: string) => void;

/**
 * @param take called with each committed frame, in order; frames whose changes are all at or before `fromSequence` are skipped.
 * @param goOn called before each frame is read, skipped ones too; what it throws ends the replay.
 * @throws StartFailure when the journal is damaged, has a gap, or belongs to another store or a newer version.
 */
export function replayJournal(
  files: Files,
  directory: string,
  identity: Owned | undefined,
  fromSequence: number,
  take: TakeFrame,
  goOn: () => void = () => undefined,
): Replayed {
  const names = segmentNames(files, directory);
  const replay = new Replay(files, directory, identity, fromSequence, take, goOn);
  replay.refuseGap(names[0]);
  let stepOver: string | undefined;
  for (const [index, name] of names.entries()) {
    const next = names[index + 1];
    // All of it is in the snapshot; when that one turns out to be damaged, an earlier one makes this segment be read.
    if (next !== undefined && sequenceOf(next) <= fromSequence + 1) stepOver = name;
    else replay.segment(name, next === undefined);
  }
  // The last segment was never begun: the one before it says where the journal goes on.
  if (!replay.hasEnd && stepOver !== undefined) replay.segment(stepOver, true);
  return replay.result(names);
}

/** Whose journal it must be. */
interface Owned extends Pick<JournalIdentity, 'storeId' | 'keyId' | 'schemaId'> {
  /** Of all store keys that can be read with; only `keyId` when absent. */
  readonly keyIds?: ReadonlySet<string>;
}

interface Chunk {
  readonly content: FrameContent | undefined;
  readonly firstSequence: number;
  readonly count: number;
  readonly offset: number;
  readonly chain: number;
}

class Replay {
  readonly #files: Files;
  readonly #directory: string;
  readonly #identity: Owned | undefined;
  readonly #fromSequence: number;
  readonly #take: TakeFrame;
  readonly #goOn: () => void;
  readonly #log: LogLine[] = [];
  #changes = 0;
  #nextSequence: number | undefined;
  #chain = 0;
  #schemaId = '';
  #keyId = '';
  readonly #keyIds = new Set<string>();
  #version = FORMAT_VERSION;
  #last: { name: string; goodBytes: number; foundBytes: number } | undefined;
  /** A crash while a segment was begun leaves a last file without any frame behind its header. */
  #unbegun: string | undefined;
  #endsEpoch = false;

  constructor(files: Files, directory: string, identity: Owned | undefined, fromSequence: number, take: TakeFrame, goOn: () => void) {
    this.#files = files;
    this.#directory = directory;
    this.#identity = identity;
    this.#fromSequence = fromSequence;
    this.#take = take;
    this.#goOn = goOn;
  }

  get hasEnd(): boolean {
    return this.#last !== undefined;
  }

  refuseGap(firstName: string | undefined): void {
    if (firstName === undefined || sequenceOf(firstName) <= this.#fromSequence + 1) return;
    refuseDamage(
      `the journal begins with change ${sequenceOf(firstName)}, but the newest valid snapshot ends with ${this.#fromSequence}: the changes between are missing. Put the missing snapshot or journal files back, or let \`holdfast doctor\` say what can be kept without them.`,
      { type: 'gap' },
    );
  }

  segment(name: string, isLast: boolean): void {
    const path = join(this.#directory, name);
    try {
      this.#segment(name, path, isLast);
    } catch (error) {
      if (systemCodeOf(error) === undefined) throw error;
      rethrowUnlessOfFile(error);
      this.#refuse(name, 0, `the journal segment ${path} cannot be read: ${messageOf(error)}`);
    }
  }

  #segment(name: string, path: string, isLast: boolean): void {
    const reader = new SegmentReader(this.#files, path);
    try {
      const header = reader.header();
      if (header !== undefined) {
        this.#follow(name, path, header);
        this.#last = { name, goodBytes: this.#frames(name, path, reader, isLast), foundBytes: reader.bytes };
      } else if (!isLast || reader.witnessesBehind(0) !== undefined) {
        this.#refuse(name, 0, `the journal segment ${path} has a damaged header`);
      } else {
        this.#unbegun = name;
        this.#log.push(unfinishedLine(name, 0, reader.bytes));
      }
    } finally {
      reader.close();
    }
  }

  result(names: readonly string[]): Replayed {
    const { length } = names;
    const unbegun = this.#unbegun === undefined ? [] : [this.#unbegun];
    if (length > 0 && this.#nextSequence !== undefined && this.#nextSequence <= this.#fromSequence) {
      // The snapshot has all of it; going on behind the gap would make a journal that cannot be read back.
      this.#log.push({
        level: 'warn',
        message: `the journal ended with change ${this.#nextSequence - 1}, before the snapshot's ${this.#fromSequence}; the snapshot has everything, and a new journal begins`,
        fields: { snapshotSequence: this.#fromSequence },
      });
      const end = { nextSequence: this.#fromSequence + 1, chain: 0, segment: undefined };
      return { end, changes: this.#changes, keyIds: this.#keyIds, log: this.#log, mending: { remove: names, last: undefined, endsEpoch: false } };
    }
    // Records by other schemas, secrets under another key, and frames of another format go into a segment of their own.
    const isOwn = this.#identity === undefined || (this.#identity.schemaId === this.#schemaId && this.#identity.keyId === this.#keyId);
    const last = this.#last;
    const isSame = isOwn && this.#version === FORMAT_VERSION;
    const segment = isSame && last !== undefined ? { name: last.name, bytes: last.goodBytes } : undefined;
    const end = { nextSequence: this.#nextSequence ?? this.#fromSequence + 1, chain: this.#chain, segment };
    return { end, changes: this.#changes, keyIds: this.#keyIds, log: this.#log, mending: { remove: unbegun, last, endsEpoch: this.#endsEpoch } };
  }

  #follow(name: string, path: string, header: SegmentHeader): void {
    if (header.version > FORMAT_VERSION) {
      refuseDamage(`the journal segment ${path} has format ${header.version}, written by a newer version of Holdfast; this one reads up to ${FORMAT_VERSION}`);
    }
    if (this.#identity !== undefined && header.storeId !== this.#identity.storeId) {
      this.#refuse(name, 0, `the journal segment ${path} belongs to another data folder`);
    }
    if (this.#identity !== undefined && header.keyId !== this.#identity.keyId && this.#identity.keyIds?.has(header.keyId) !== true) {
      refuseDamage(`the journal segment ${path} was written with another store key; give the right one in HOLDFAST_STORE_KEY or in keys/store-key`);
    }
    if (header.firstSequence !== sequenceOf(name)) {
      this.#refuse(name, 0, `the journal segment ${path} is not what its name says (it begins with change ${header.firstSequence})`);
    }
    if (this.#nextSequence !== undefined && (header.firstSequence !== this.#nextSequence || header.chain !== this.#chain)) {
      this.#refuse(
        name,
        0,
        `the journal segment ${path} does not follow the one before it: expected change ${this.#nextSequence}, found ${header.firstSequence}`,
      );
    }
    this.#nextSequence = header.firstSequence;
    this.#chain = header.chain;
    this.#schemaId = header.schemaId;
    this.#keyId = header.keyId;
    this.#keyIds.add(header.keyId);
    this.#version = header.version;
  }

  /** Takes the frames of a segment. @returns how many bytes of it are good. */
  #frames(name: string, path: string, reader: SegmentReader, isLast: boolean): number {
    let offset = SEGMENT_HEADER_BYTES;
    let chunks: Chunk[] = [];
    while (offset < reader.bytes) {
      this.#goOn();
      const frame = reader.frameHeader(offset);
      const isCovered = frame !== undefined && frame.count > 0 && frame.firstSequence + frame.count - 1 <= this.#fromSequence;
      const payload = frame === undefined || isCovered ? undefined : reader.payload(offset, frame);
      if (frame === undefined || (!isCovered && payload === undefined)) {
        const witnesses = reader.witnessesBehind(offset);
        if (!isLast || witnesses === 'synced') {
          this.#refuse(
            name,
            chunks[0]?.offset ?? offset,
            `the journal segment ${path} is damaged at byte ${offset} (change ${this.#nextSequence}), and intact changes stand behind it. Nothing was changed.`,
          );
        }
        const isUnfinished = witnesses === 'unsynced' || reader.endsWithin(offset);
        this.#endsEpoch = !isUnfinished;
        const line = witnesses === 'unsynced' ? unsyncedLine : isUnfinished ? unfinishedLine : damagedEndLine;
        if (chunks.length === 0) this.#log.push(line(name, offset, reader.bytes));
        break;
      }
      if (frame.firstSequence !== this.#nextSequence || frame.chain !== this.#chain) {
        this.#refuse(
          name,
          chunks[0]?.offset ?? offset,
          `the journal segment ${path} has change ${frame.firstSequence} at byte ${offset} where ${this.#nextSequence} was expected`,
        );
      }
      const content = payload === undefined ? undefined : this.#decode(name, path, offset, payload);
      const chunk: Chunk = { content, firstSequence: frame.firstSequence, count: frame.count, offset, chain: frame.chain };
      if (frame.type === FRAME_TYPE.chunk) {
        chunks.push(chunk);
      } else {
        if (frame.type === FRAME_TYPE.batch && chunks[0] !== undefined) {
          this.#refuse(name, chunks[0].offset, `the journal segment ${path} has an unfinished bulk before byte ${offset}`);
        }
        for (const { content: taken, firstSequence } of [...chunks, chunk]) if (taken !== undefined) this.#takeFrame(taken, firstSequence);
        chunks = [];
      }
      this.#nextSequence = frame.firstSequence + frame.count;
      this.#chain = frame.payloadCrc;
      offset += FRAME_HEADER_BYTES + frame.payloadBytes;
    }
    const [uncommitted] = chunks;
    if (uncommitted === undefined) return offset;
    if (!isLast) this.#refuse(name, uncommitted.offset, `the journal segment ${path} ends in an unfinished bulk`);
    this.#log.push(this.#endsEpoch ? damagedEndLine(name, uncommitted.offset, reader.bytes) : unfinishedBulkLine(name, uncommitted.offset, reader.bytes));
    this.#nextSequence = uncommitted.firstSequence;
    this.#chain = uncommitted.chain;
    return uncommitted.offset;
  }

  /** @throws StartFailure always: of this segment nothing from `offset` on can be used. */
  #refuse(name: string, offset: number, message: string): never {
    refuseDamage(`${message}. ${WAY_OUT}`.replace('.. ', '. '), { type: 'segment', name, offset });
  }

  #decode(name: string, path: string, offset: number, payload: Buffer): FrameContent {
    try {
      return decodeFrame(payload);
    } catch (error) {
      return this.#refuse(name, offset, `the journal segment ${path} has something at byte ${offset} that is no change: ${messageOf(error)}`);
    }
  }

  #takeFrame(content: FrameContent, firstSequence: number): void {
    this.#take(content, firstSequence, this.#schemaId);
    this.#changes += content.changes.length;
  }
}

/** Does what reading a journal back has found to be needed. What was read is on disk after this. */
export function mendJournal(files: Files, directory: string, { remove, last }: JournalMending): void {
  for (const name of remove) files.remove(join(directory, name));
  if (remove.length > 0) files.syncDirectory(directory);
  if (last !== undefined) makeEndDurable(files, join(directory, last.name), last.goodBytes, last.foundBytes);
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

function sequenceOf(name: string): number {
  return Number(name.slice(0, 16));
}

/** The file ends before the write does: what a crash leaves. */
function unfinishedLine(name: string, offset: number, foundBytes: number): LogLine {
  const bytes = foundBytes - offset;
  return {
    level: 'warn',
    message: `the journal segment ${name} ended in ${bytes} bytes of an unfinished write, which were cut off; it had not been acknowledged`,
    fields: { segment: name, offset, bytes },
  };
}

/** Of several writes since the last sync, a power cut has left later ones and not all of an earlier one. */
function unsyncedLine(name: string, offset: number, foundBytes: number): LogLine {
  const bytes = foundBytes - offset;
  return {
    level: 'warn',
    message: `the journal segment ${name} ended in ${bytes} bytes that had never been synced, and of which only a part was left; they were cut off`,
    fields: { segment: name, offset, bytes },
  };
}

function unfinishedBulkLine(name: string, offset: number, foundBytes: number): LogLine {
  return {
    level: 'warn',
    message: `the journal segment ${name} ended in a bulk that was never committed; it was cut off`,
    fields: { segment: name, offset, bytes: foundBytes - offset },
  };
}

/** A power cut in the middle of a write leaves this, and so does a disk that spoils the last change; nobody can tell which. */
function damagedEndLine(name: string, offset: number, foundBytes: number): LogLine {
  const bytes = foundBytes - offset;
  return {
    level: 'error',
    message: `the journal segment ${name} ended in ${bytes} damaged bytes, which were cut off: the last write. If the power failed in the middle of it, it had not been acknowledged; if the disk spoiled it later, that change is lost. A new epoch begins`,
    fields: { segment: name, offset, bytes },
  };
}
