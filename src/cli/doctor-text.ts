import type { Override } from '../store/doctor/override.ts';
import type { FileAct } from '../store/doctor/pretended-files.ts';
import type { Report } from './run-doctor.ts';

/** What the doctor found, for people. */

export function printContents({ directory, freeBytes, inUseBy, contents }: Report): void {
  const { storeId, epoch, keyFits, segments, snapshots, brokenBefore, leftovers, openToOthers } = contents;
  print(`data folder  ${directory}, ${megabytes(freeBytes)} free`);
  if (storeId !== undefined)
    print(`store        ${storeId}, epoch ${epoch}${keyFits === undefined ? '' : keyFits ? ', the store key fits' : ', ANOTHER STORE KEY'}`);
  for (const { name, bytes, frames, firstSequence, lastSequence, damaged, problem } of segments) {
    const changes = firstSequence === undefined ? 'no changes' : `changes ${firstSequence} to ${lastSequence}`;
    const flaws = [...(problem === undefined ? [] : [problem]), ...damaged.map(({ from, to }) => `DAMAGED from byte ${from} to ${to}`)];
    print(`journal      ${name}  ${bytes} bytes, ${frames} frames, ${changes}: ${flaws.length === 0 ? 'sound' : flaws.join('; ')}`);
  }
  for (const { name, bytes, rows, problem } of snapshots) {
    const records = Object.values(rows ?? {}).reduce((sum, count) => sum + count, 0);
    const size = bytes === undefined ? '' : `  ${bytes} bytes, ${records} records`;
    print(`snapshot     ${name}${size}: ${problem === undefined ? 'sound' : `DAMAGED: ${problem}`}`);
  }
  for (const name of brokenBefore) print(`set aside    snapshots/${name}`);
  for (const name of leftovers) print(`leftover     snapshots/${name}`);
  for (const name of openToOthers) print(`permissions  others on this machine can read or write ${name === '' ? directory : name}`);
  if (inUseBy !== undefined) print(`in use       by process ${inUseBy}: a start is refused now, and the end of the journal may be a write in progress`);
}

export function printPrognosis({ refused, prognosis }: Pick<Report, 'refused' | 'prognosis'>): void {
  if (refused !== undefined) print(`a start      is REFUSED: ${refused}`);
  if (prognosis === undefined) return;
  const { start, acts, override } = prognosis;
  if (!start.starts) print(`a start      is REFUSED with exit code ${start.exitCode}: ${start.message}`);
  else {
    print(`a start      has everything up to change ${start.sequence}: ${start.snapshot ?? 'no snapshot'} and ${start.replayedChanges} changes of the journal`);
    for (const line of start.told) print(`             it would say: ${line}`);
    for (const act of acts) print(`             it would ${textOf(act)}`);
  }
  if (override !== undefined) printOverride(override);
}

function printOverride(override: Override): void {
  if (!override.possible) {
    print(`the way out  is a copy of the files: ${override.reason}`);
    return;
  }
  const { aside, lost, start } = override;
  print('the way out  is a copy of the damaged files. Without one, `holdfast doctor --repair --drop-damaged` would');
  for (const { path, fromByte } of aside) print(`             put aside ${path}${fromByte === undefined ? '' : `, and keep its first ${fromByte} bytes`}`);
  print(`             and keep everything up to change ${start.sequence}`);
  if (lost === undefined) print('             nothing would be lost');
  else {
    print(
      `             LOST would be the changes ${lost.from} to ${lost.to}${lost.atLeast ? ', at least' : ''}; ${lost.readable} of them can be read, and copied with --salvage FILE`,
    );
    if (lost.records.length > 0) print(`             they are about ${lost.records.join(', ')}`);
  }
}

function textOf(act: FileAct): string {
  switch (act.act) {
    case 'cut':
      return `cut ${act.foundBytes - act.bytes} bytes off ${act.path}`;
    case 'rename':
      return `rename ${act.path} to ${act.to}`;
    default:
      return `${act.act} ${act.path}`;
  }
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / 1_000_000)} MB`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
