import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { realFiles } from '../files.ts';
import { segmentNames } from '../segments.ts';
import { scanSegment } from './segment-scan.ts';

/**
 * Copies every change of the journal that can be read into a new file, one JSON object a line, the damaged stretches left
 * out. Secrets are not in it. @returns how many there were
 */
export function salvage(directory: string, path: string): number {
  const journal = join(directory, 'journal');
  const file = openSync(path, 'wx', 0o600);
  let count = 0;
  try {
    for (const name of segmentNames(realFiles, journal)) {
      scanSegment(realFiles, journal, name, ({ sequence, timeMs, kind, key, image }) => {
        const record: unknown = image === null ? null : JSON.parse(Buffer.from(image).toString('utf8'));
        writeSync(file, `${JSON.stringify({ sequence, time: new Date(timeMs).toISOString(), kind, key, record })}\n`);
        count += 1;
      });
    }
  } finally {
    closeSync(file);
  }
  return count;
}
