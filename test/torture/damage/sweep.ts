import { strict as assert } from 'node:assert';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../../src/faults.ts';
import { realFiles } from '../../../src/store/files.ts';
import { decodeFrameHeader, FRAME_HEADER_BYTES, SEGMENT_HEADER_BYTES } from '../../../src/store/journal-format.ts';
import type { RigOptions } from '../../store/rig.ts';
import { plainTables } from '../plain-tables.ts';
import type { Run, Torture } from '../torture.ts';
import { copyOf, makeSite, OPTIONS, type Site, startTwice } from './site.ts';

/**
 * Every byte of a small data folder: each of its bits flipped, and the file cut there. The store is the real one on real
 * files, with plain tables in place of DuckDB, so that all of it takes minutes.
 */

const PLAIN: RigOptions = { ...OPTIONS, openWorkingSet: plainTables(realFiles) };

const BITS = 8;
/** A step that no number of cases is a multiple of: neighbours in time are far apart in the file. */
const STRIDE = 7919;

interface Swept {
  readonly path: string;
  readonly bytes: number;
}

export const everyByte: Torture = {
  about: 'every bit of journal, manifest, private part and a table flipped, and each file cut at every length',
  unit: 'damages',
  usualRounds: 40_000,
  async run(run: Run): Promise<void> {
    const site = await makeSite(PLAIN);
    const files = sweptFiles(site);
    const cases = files.reduce((sum, { bytes }) => sum + bytes * (BITS + 1), 0);
    assert(cases % STRIDE !== 0);
    run.count('cases', cases);
    for (const seed of run.seeds()) {
      const { path, byte, bit } = caseAt(files, (seed * STRIDE) % cases);
      const copy = copyOf(site.directory);
      try {
        damage(join(copy, path), byte, bit);
        const outcome = await startTwice(site, copy, PLAIN, leastSequence(site, path, byte, bit));
        if (outcome.type === 'refused') assert.equal(outcome.exitCode, 65, outcome.message);
        const isFallback = outcome.type === 'started' && outcome.brokenSnapshots > 0;
        run.count(outcome.type === 'refused' ? 'refused' : isFallback ? 'fallback' : outcome.sequence < site.lastSequence ? 'cut' : 'whole');
      } catch (error) {
        run.fail(seed, `${path}, byte ${byte}, ${bit === BITS ? 'cut there' : `bit ${bit}`}: ${messageOf(error)}`);
      } finally {
        rmSync(copy, { recursive: true, force: true });
      }
    }
  },
};

function sweptFiles(site: Site): readonly Swept[] {
  const newest = site.snapshots.at(-1) ?? '';
  const names = ['_manifest.json', '_private', 'Component.parquet'];
  const paths = [...site.segments.map((name) => join('journal', name)), ...names.map((name) => join('snapshots', newest, name))];
  return paths.map((path) => ({ path, bytes: statSync(join(site.directory, path)).size }));
}

/** A journal that is cut has what was whole before the cut. */
function leastSequence(site: Site, path: string, byte: number, bit: number): number {
  const last = site.segments.at(-1) ?? '';
  if (bit < BITS || !path.endsWith(last)) return site.beforeLastWrite;
  const bytes = readFileSync(join(site.directory, path));
  let sequence = Number(last.slice(0, 16)) - 1;
  for (let offset = SEGMENT_HEADER_BYTES; ; sequence++) {
    const header = decodeFrameHeader(bytes, offset);
    if (header === undefined) return sequence;
    offset += FRAME_HEADER_BYTES + header.payloadBytes;
    if (offset > byte) return sequence;
  }
}

function caseAt(files: readonly Swept[], index: number): { path: string; byte: number; bit: number } {
  let left = index;
  for (const { path, bytes } of files) {
    if (left < bytes * (BITS + 1)) return { path, byte: Math.floor(left / (BITS + 1)), bit: left % (BITS + 1) };
    left -= bytes * (BITS + 1);
  }
  throw new RangeError(`there is no case ${index}`);
}

function damage(path: string, byte: number, bit: number): void {
  const bytes = readFileSync(path);
  if (bit < BITS) bytes[byte] = (bytes[byte] ?? 0) ^ (1 << bit);
  writeFileSync(path, bit < BITS ? bytes : bytes.subarray(0, byte));
}
