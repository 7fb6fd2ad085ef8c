import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder of this package: where `schemas/` and `docs/` lie, in a checkout as well as in `node_modules`. Compiled files
 * stand one level deeper than their sources, so a fixed relative path would be wrong for one of the two.
 */
export function packageRoot(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let directory = start; ; directory = dirname(directory)) {
    if (isHoldfast(join(directory, 'package.json'))) return directory;
    if (dirname(directory) === directory) throw new Error(`no package.json of holdfast above ${start}`);
  }
}

function isHoldfast(path: string): boolean {
  if (!existsSync(path)) return false;
  const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'name' in manifest && manifest.name === 'holdfast';
}
