import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { realFiles, writeAndSync } from '../files.ts';
import type { Aside } from './override.ts';

/** Carries an override out: what is in the way goes to a folder of its own, on disk when this returns. @returns that folder */
export function putAside(directory: string, clock: Clock, aside: readonly Aside[]): string {
  const folder = join(directory, `aside-${new Date(clock.nowMs()).toISOString().replaceAll(':', '-')}`);
  for (const part of ['journal', 'snapshots']) realFiles.makeDirectory(join(folder, part));
  // The copy of what is cut comes first: a crash in between leaves too much, never too little.
  for (const { path, fromByte } of aside) if (fromByte !== undefined) writeAndSync(realFiles, join(folder, path), realFiles.readAll(join(directory, path)));
  // The last of the journal goes first, so that what is left never has a hole.
  for (const { path, fromByte } of [...aside].reverse()) {
    if (fromByte === undefined) realFiles.rename(join(directory, path), join(folder, path));
    else cut(join(directory, path), fromByte);
  }
  for (const part of [join(folder, 'journal'), join(folder, 'snapshots'), folder, join(directory, 'journal'), join(directory, 'snapshots'), directory]) {
    if (realFiles.exists(part)) realFiles.syncDirectory(part);
  }
  return folder;
}

function cut(path: string, bytes: number): void {
  const file = realFiles.openToAppend(path);
  try {
    realFiles.truncate(file, bytes);
    realFiles.syncFile(file);
  } finally {
    realFiles.close(file);
  }
}
