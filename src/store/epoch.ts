import { dirname, join } from 'node:path';
import type { Clock } from '../clock.ts';
import { type Files, writeAndSync } from './files.ts';
import type { JournalEnd } from './journal.ts';
import { encodeSegmentHeader, FORMAT_VERSION, SEGMENT_HEADER_BYTES, segmentName } from './journal-format.ts';
import type { JournalIdentity } from './segments.ts';

/**
 * Epochs: a sequence that was given out once may not come to mean something else under the same one. So whoever drops
 * changes that somebody may know of says first, on disk, that a new epoch is owed, and the next start pays: a crash
 * between the two hides nothing.
 */

const OWED_NAME = 'epoch-owed';

/** The next start begins a new epoch, whatever else happens until then. On disk when this returns. */
export function oweEpoch(files: Files, journalDirectory: string): void {
  files.makeDirectory(journalDirectory);
  if (!isEpochOwed(files, journalDirectory)) files.close(files.create(join(journalDirectory, OWED_NAME)));
  for (const directory of [journalDirectory, dirname(journalDirectory)]) files.syncDirectory(directory);
}

export function isEpochOwed(files: Files, journalDirectory: string): boolean {
  return files.exists(join(journalDirectory, OWED_NAME));
}

/** The time in seconds, which is later than any before unless a clock went back. */
export function epochAfter(known: number, clock: Clock): number {
  return Math.max(known + 1, Math.floor(clock.nowMs() / 1000));
}

/**
 * Begins the epoch of `identity` behind the end of a journal: a segment without changes, whose header says so.
 * @returns the end with that segment to go on with
 */
export function beginEpoch(files: Files, journalDirectory: string, identity: JournalIdentity, { nextSequence, chain }: JournalEnd): JournalEnd {
  const name = segmentName(nextSequence);
  const path = join(journalDirectory, name);
  // One that stands there has no change: it would be called otherwise.
  files.remove(path);
  writeAndSync(files, path, encodeSegmentHeader({ version: FORMAT_VERSION, ...identity, firstSequence: nextSequence, chain }));
  files.syncDirectory(journalDirectory);
  files.remove(join(journalDirectory, OWED_NAME));
  return { nextSequence, chain, segment: { name, bytes: SEGMENT_HEADER_BYTES } };
}
