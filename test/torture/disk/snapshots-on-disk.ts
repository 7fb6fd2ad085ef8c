import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import type { Files } from '../../../src/store/files.ts';
import { damageOf, nameOfFolder, readManifest } from '../../../src/store/manifest.ts';
import { DIRECTORY } from './owner-process.ts';

const SNAPSHOTS = join(DIRECTORY, 'snapshots');

/** The names of the snapshots that can be seen, by the changes that they end with, the newest first. */
export function visibleSnapshots(files: Files): readonly string[] {
  return foldersOf(files)
    .map((folder) => nameOfFolder(folder) as string)
    .sort((a, b) => sequenceOf(b) - sequenceOf(a) || (b < a ? -1 : 1));
}

/** Every snapshot that can be seen is whole; those that were promised can be seen. */
export function checkSnapshots(files: Files, promised: ReadonlySet<string>): void {
  const visible = new Set<string>();
  for (const folder of foldersOf(files)) {
    const path = join(SNAPSHOTS, folder);
    const read = readManifest(files, path);
    assert(read.ok, `${folder}: ${read.ok ? '' : read.reason}`);
    const damage = damageOf(files, path, read.manifest);
    assert.equal(damage, undefined, `${folder}: ${damage}`);
    visible.add(read.manifest.name);
  }
  for (const name of promised) assert(visible.has(name), `the snapshot ${name} was taken and is gone`);
}

export function removeSnapshot(files: Files, name: string): void {
  files.remove(join(SNAPSHOTS, `snapshot=${name}`));
}

function foldersOf(files: Files): readonly string[] {
  return files.exists(SNAPSHOTS) ? files.list(SNAPSHOTS).filter((folder) => nameOfFolder(folder) !== undefined) : [];
}

function sequenceOf(name: string): number {
  return Number(name.slice(name.lastIndexOf('-') + 1));
}
