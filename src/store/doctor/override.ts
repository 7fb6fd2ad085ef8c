import { basename, join, relative } from 'node:path';
import { type Files, realFiles } from '../files.ts';
import { nameOfFolder, sequenceInName } from '../manifest.ts';
import { segmentNames } from '../segments.ts';
import { PretendedFiles } from './pretended-files.ts';
import { scanSegment } from './segment-scan.ts';
import { type DoctorParts, tryStart, type Verdict } from './try-start.ts';

/**
 * What a start that is refused would have to do without, found by trying: put aside the file that the refusal is about, and
 * look again. Nothing is deleted, and nothing is skipped over: what is kept is all that came before the first damage.
 */

/** `fromByte`: the file stays up to there, and all of it is copied. */
export interface Aside {
  readonly path: string;
  readonly fromByte?: number;
}

export interface Lost {
  /** Sequences: all changes of this stretch are not there any more. */
  readonly from: number;
  readonly to: number;
  /** A part of what is put aside cannot be read at all: there may have been more behind these. */
  readonly atLeast: boolean;
  /** So many of them can still be read, and copied with `--salvage`. */
  readonly readable: number;
  /** Records that they were about, the first few: kind and key. */
  readonly records: readonly string[];
}

export type Override =
  | { readonly possible: true; readonly aside: readonly Aside[]; readonly start: Verdict & { readonly starts: true }; readonly lost: Lost | undefined }
  | { readonly possible: false; readonly reason: string };

const ATTEMPTS_MAX = 64;
const RECORDS_TOLD_MAX = 20;

export async function planOverride(parts: DoctorParts, refused: Verdict & { readonly starts: false }): Promise<Override> {
  let aside: readonly Aside[] = [];
  let verdict: Verdict = refused;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    if (verdict.starts) break;
    if (verdict.damage === undefined) return { possible: false, reason: verdict.message };
    const next = await withoutDamaged(parts, aside, verdict);
    ({ aside, verdict } = next);
  }
  if (!verdict.starts) return { possible: false, reason: verdict.message };
  const { directory } = parts;
  if (verdict.sequence === 0) {
    return { possible: false, reason: 'nothing that a start could use would be left. Start with --restore=false to put everything aside and begin empty' };
  }
  const kept = aside.map((each) => ({ ...each, path: relative(directory, each.path) }));
  return { possible: true, aside: kept, start: verdict, lost: lostBehind(directory, aside, verdict.sequence) };
}

interface Attempt {
  readonly aside: readonly Aside[];
  readonly verdict: Verdict;
}

async function withoutDamaged(parts: DoctorParts, aside: readonly Aside[], { damage }: Verdict & { readonly starts: false }): Promise<Attempt> {
  const attempt = async (more: readonly Aside[]): Promise<Attempt> => {
    const all = [...aside, ...more];
    return { aside: all, verdict: await tryStart(parts, pretend(all)) };
  };
  const journal = join(parts.directory, 'journal');
  const names = segmentNames(pretend(aside), journal);
  if (damage?.type === 'snapshots') return attempt(damage.folders.map((folder) => ({ path: join(parts.directory, 'snapshots', folder) })));
  if (damage?.type === 'segment') {
    const { name, offset } = damage;
    const path = join(journal, name);
    const behind = names.slice(names.indexOf(name) + 1).map((other) => ({ path: join(journal, other) }));
    if (offset > 0) return attempt([{ path, fromByte: offset }, ...behind]);
    // A stranger among the others: what is left follows from frame to frame, so nothing is missing.
    const alone = await attempt([{ path }]);
    return alone.verdict.starts ? alone : attempt([{ path }, ...behind]);
  }
  return attempt(names.map((name) => ({ path: join(journal, name) })));
}

function pretend(aside: readonly Aside[]): Files {
  const files = new PretendedFiles(realFiles);
  for (const { path, fromByte } of aside) {
    if (fromByte === undefined) files.hide(path);
    else files.shorten(path, fromByte);
  }
  return files;
}

/** Everything behind the last change that is kept, as far as what is put aside tells. */
function lostBehind(directory: string, aside: readonly Aside[], sequence: number): Lost | undefined {
  const readable = new Map<number, string>();
  let to = sequence;
  let atLeast = false;
  for (const { path } of aside) {
    const name = basename(path);
    const snapshot = nameOfFolder(name);
    if (snapshot !== undefined) {
      to = Math.max(to, sequenceInName(snapshot));
      continue;
    }
    const { bytes, damaged, problem } = scanSegment(realFiles, join(directory, 'journal'), name, (change) => {
      if (change.sequence > sequence) readable.set(change.sequence, `${change.kind} ${change.key}`);
    });
    if (problem === undefined && damaged.at(-1)?.to !== bytes) continue;
    atLeast = true;
    to = Math.max(to, Number(name.slice(0, 16)));
  }
  for (const each of readable.keys()) to = Math.max(to, each);
  if (to === sequence) return undefined;
  return { from: sequence + 1, to, atLeast, readable: readable.size, records: [...new Set(readable.values())].slice(0, RECORDS_TOLD_MAX) };
}
