import { join } from 'node:path';
import type { Files } from './files.ts';
import { nameOfFolder, readManifest } from './manifest.ts';
import { headerOf, segmentNames } from './segments.ts';

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
  return segmentNames(files, directory).map((name) => {
    const path = join(directory, name);
    return { path, keyId: headerOf(files, path)?.keyId };
  });
}
