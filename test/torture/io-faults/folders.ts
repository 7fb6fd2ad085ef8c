import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Folders in memory where there is such a file system: what counts here is what a call tells, not how long the disk takes. */

const ROOT = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const folders = new Set<string>();

process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Gone when the process ends, if nobody has removed it before. */
export function folderInMemory(): string {
  const folder = mkdtempSync(join(ROOT, 'holdfast-faults-'));
  folders.add(folder);
  return folder;
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}
