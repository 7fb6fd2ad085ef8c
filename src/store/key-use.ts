import { join } from 'node:path';
import type { Files } from './files.ts';
import { segmentNames } from './journal.ts';
import { decodeSegmentHeader, SEGMENT_HEADER_BYTES } from './journal-format.ts';
import { nameOfFolder, readManifest } from './manifest.ts';

/** Which store keys the files of a data folder were sealed with: none of those may go. */

export interface SealedFile {
  readonly path: string;
  /** Undefined: the file does not say, because it is damaged. */
  readonly keyId: string | undefined;
}

const SET_ASIDE = /^aside-/;

/** Snapshots and journal segments, those that were set aside too. It changes nothing, and needs no key. */
export function sealedFiles(files: Files, directory: string): readonly SealedFile[] {
  const folders = [directory, ...files.list(directory).flatMap((name) => (SET_ASIDE.test(name) ? [join(directory, name)] : []))];
  return folders.flatMap((folder) => [...snapshotsIn(files, join(folder, 'snapshots')), ...segmentsIn(files, join(folder, 'journal'))]);
}

function snapshotsIn(files: Files, directory: string): readonly SealedFile[] {
  if (!files.exists(directory)) return [];
  return files.list(directory).flatMap((name) => {
    const path = join(directory, name);
    if (nameOfFolder(name) === undefined) return [];
    const read = readManifest(files, path);
    return [{ path, keyId: read.ok ? read.manifest.keyId : undefined }];
  });
}

function segmentsIn(files: Files, directory: string): readonly SealedFile[] {
  if (!files.exists(directory)) return [];
  return segmentNames(files, directory).map((name) => {
    const path = join(directory, name);
    const file = files.openToRead(path);
    try {
      const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
      return { path, keyId: decodeSegmentHeader(bytes.subarray(0, files.read(file, bytes, 0)))?.keyId };
    } finally {
      files.close(file);
    }
  });
}
