import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { oweEpoch } from '../epoch.ts';
import { type Files, writeAndSync } from '../files.ts';
import type { Aside } from './override.ts';

/** Carries an override out: what is in the way goes to a folder of its own, on disk when this returns. @returns that folder */
export function putAside(files: Files, directory: string, clock: Clock, aside: readonly Aside[]): string {
  const folder = join(directory, `aside-${new Date(clock.nowMs()).toISOString().replaceAll(':', '-')}`);
  const parts = ['journal', 'snapshots'];
  for (const part of parts) files.makeDirectory(join(folder, part));
  // The copy of what is cut comes first, with the way to it: a crash in between leaves too much, never too little.
  for (const { path, fromByte } of aside) if (fromByte !== undefined) writeAndSync(files, join(folder, path), files.readAll(join(directory, path)));
  const folders = [...parts.map((part) => join(folder, part)), folder, directory];
  for (const each of folders) files.syncDirectory(each);
  // Changes go that somebody may have been told of; also when a server does the rest of this.
  oweEpoch(files, join(directory, 'journal'));
  // The last of the journal goes first, so that what is left never has a hole.
  for (const { path, fromByte } of [...aside].reverse()) {
    if (fromByte === undefined) files.rename(join(directory, path), join(folder, path));
    else cut(files, join(directory, path), fromByte);
  }
  for (const each of [...folders, ...parts.map((part) => join(directory, part))]) if (files.exists(each)) files.syncDirectory(each);
  return folder;
}

function cut(files: Files, path: string, bytes: number): void {
  const file = files.openToAppend(path);
  try {
    files.truncate(file, bytes);
    files.syncFile(file);
  } finally {
    files.close(file);
  }
}
