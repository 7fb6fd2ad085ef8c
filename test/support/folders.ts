import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Folders that go when the process ends, if nobody has removed them before: in tests, and in long runs without any. */

const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const folders = new Set<string>();

process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export function passingFolder(root: string = tmpdir()): string {
  const folder = mkdtempSync(join(root, 'holdfast-store-'));
  folders.add(folder);
  return folder;
}

/** In memory where there is such a file system: for tests in which it counts what a call tells, and not how long the disk takes. */
export function folderInMemory(): string {
  return passingFolder(MEMORY);
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}
