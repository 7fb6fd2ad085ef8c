import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { systemClock } from '../clock.ts';
import { messageOf, systemCodeOf } from '../faults.ts';
import { CliFailure, EXIT } from './failure.ts';
import { say } from './output.ts';
import type { Tally } from './upload.ts';

/** How far an import has come: as a bar or as lines, and in a file beside the imported one, to go on from. */

export interface ProgressDisplay {
  show(tally: Readonly<Tally>): void;
  end(): void;
}

const LINE_EVERY_MS = 2000;

/** A bar on a terminal; elsewhere a line every two seconds. */
export function progressDisplay(totalBytes: number | undefined): ProgressDisplay {
  if (process.stderr.isTTY === true && totalBytes !== undefined) {
    const { SingleBar } = createRequire(import.meta.url)('cli-progress') as typeof import('cli-progress');
    const bar = new SingleBar({
      format: '{bar} {percentage}% | {items} records | {refused} refused | {eta_formatted} left',
      stream: process.stderr,
      hideCursor: true,
      etaBuffer: 50,
    });
    bar.start(totalBytes, 0, { items: 0, refused: 0 });
    return { show: ({ endByte, items, refused }) => bar.update(endByte, { items, refused }), end: () => bar.stop() };
  }
  let lastMs = systemClock.monotonicMs();
  return {
    show({ items, refused, endByte }) {
      const nowMs = systemClock.monotonicMs();
      if (nowMs - lastMs < LINE_EVERY_MS) return;
      lastMs = nowMs;
      const share = totalBytes === undefined || totalBytes === 0 ? '' : ` (${Math.floor((endByte / totalBytes) * 100)} %)`;
      say(`${items} records${share}, ${refused} refused`);
    },
    end: () => undefined,
  };
}

/** What must be the same for a note to be about this import. */
export interface ImportIdentity {
  readonly kind: string;
  readonly upsert: boolean;
  readonly bytes: number;
  readonly modifiedMs: number;
}

interface Note extends ImportIdentity {
  readonly items: number;
  readonly created: number;
  readonly updated: number;
  readonly refused: number;
}

export function progressFile(file: string): string {
  return `${file}.holdfast-progress`;
}

/** Remembers what the server has acknowledged. */
export function notePart(file: string, identity: ImportIdentity, { items, created, updated, refused }: Tally): void {
  const path = progressFile(file);
  try {
    writeFileSync(`${path}.tmp`, JSON.stringify({ ...identity, items, created, updated, refused } satisfies Note));
    renameSync(`${path}.tmp`, path);
  } catch (error) {
    throw new CliFailure(EXIT.usage, `cannot note the progress in ${path}: ${messageOf(error)} (--no-progress-file goes without)`);
  }
}

/** Where the import of this very file stopped. @throws CliFailure when the note is about another one */
export function resumePoint(file: string, identity: ImportIdentity): Note {
  const path = progressFile(file);
  let note: Note;
  try {
    note = JSON.parse(readFileSync(path, 'utf8')) as Note;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') throw new CliFailure(EXIT.usage, `there is nothing to resume: no ${path}`);
    throw new CliFailure(EXIT.usage, `cannot read ${path}: ${messageOf(error)}`);
  }
  for (const property of ['kind', 'upsert', 'bytes', 'modifiedMs'] as const) {
    if (note[property] !== identity[property])
      throw new CliFailure(EXIT.usage, `${path} is about another import (${property} differs); without --resume it begins anew`);
  }
  return note;
}

export function forgetProgress(file: string): void {
  rmSync(progressFile(file), { force: true });
}
