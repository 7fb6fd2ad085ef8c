import { join } from 'node:path';
import { systemCodeOf } from '../faults.ts';
import { type Files, rethrowUnlessOfFile } from './files.ts';
import { decodeSegmentHeader, isSegmentName, SEGMENT_HEADER_BYTES, type SegmentHeader } from './journal-format.ts';

/** Which segments there are in a journal folder, and what their headers say. */

export interface JournalIdentity {
  readonly storeId: string;
  readonly keyId: string;
  readonly epoch: number;
  /** Of the schemas that this process has. */
  readonly schemaId: string;
}

/** The names of the segments in a journal folder, oldest first; none before there is one. */
export function segmentNames(files: Files, directory: string): readonly string[] {
  return files.exists(directory) ? files.list(directory).filter(isSegmentName).sort() : [];
}

/**
 * What the intact segment headers say about whose journal this is: the oldest one, in the latest epoch of that store.
 * Undefined when there is none.
 */
export function identityOf(files: Files, directory: string): JournalIdentity | undefined {
  const [first, ...others] = headersOf(files, directory);
  if (first === undefined) return undefined;
  return others.reduce((latest, header) => (header.storeId === first.storeId && header.epoch >= latest.epoch ? header : latest), first);
}

/** The intact headers of all segments, oldest first. */
export function headersOf(files: Files, directory: string): readonly SegmentHeader[] {
  return segmentNames(files, directory).flatMap((name) => headerOf(files, join(directory, name)) ?? []);
}

/** The header of one; undefined also when it cannot be read: whoever needs more than the header is told so there. */
export function headerOf(files: Files, path: string): SegmentHeader | undefined {
  let file: number | undefined;
  try {
    file = files.openToRead(path);
    const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
    return decodeSegmentHeader(bytes.subarray(0, files.read(file, bytes, 0)));
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error;
    rethrowUnlessOfFile(error);
    return undefined;
  } finally {
    if (file !== undefined) files.close(file);
  }
}
