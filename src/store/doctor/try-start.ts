import { messageOf, StartFailure } from '../../faults.ts';
import type { LogLine } from '../../protocol/commands.ts';
import { type Damage, DataRefused } from '../data-refused.ts';
import type { Files } from '../files.ts';
import { Store, type StoreParts } from '../store.ts';

/** The start of a store, and its end: the same code as a server's, on files that may be pretended. */

export type DoctorParts = Omit<StoreParts, 'files' | 'journalSync' | 'journalKeepBytes'>;

export type Verdict =
  | {
      readonly starts: true;
      /** The last change that is there then. */
      readonly sequence: number;
      readonly epoch: number;
      readonly storeId: string;
      readonly snapshot?: string;
      readonly replayedChanges: number;
      readonly records: Readonly<Record<string, number>>;
      /** Warnings and errors that the log would have. */
      readonly told: readonly string[];
    }
  | { readonly starts: false; readonly exitCode: number; readonly message: string; readonly damage?: Damage };

export async function tryStart(parts: DoctorParts, files: Files): Promise<Verdict> {
  try {
    const store = await Store.open({ ...parts, files, journalSync: 'always' });
    const { recovery, log } = store.report();
    let { status } = await store.run({ lane: 'read', query: { kind: 'store.fill', input: {} } });
    while (!status.filled && status.fatal === undefined) ({ status } = await store.run({ lane: 'read', query: { kind: 'store.fill', input: {} } }));
    await store.run({ lane: 'read', query: { kind: 'store.close', input: {} } });
    if (status.fatal !== undefined) return { starts: false, exitCode: 74, message: status.fatal };
    const { sequence, epoch, storeId, records } = status;
    const snapshot = recovery?.snapshot;
    const replayedChanges = recovery?.replayedChanges ?? 0;
    return { starts: true, sequence, epoch, storeId, ...(snapshot === undefined ? {} : { snapshot }), replayedChanges, records, told: toldIn(log) };
  } catch (error) {
    const damage = error instanceof DataRefused ? error.damage : undefined;
    const exitCode = error instanceof StartFailure ? error.exitCode : 1;
    return { starts: false, exitCode, message: messageOf(error), ...(damage === undefined ? {} : { damage }) };
  }
}

function toldIn(log: readonly LogLine[]): readonly string[] {
  return log.filter(({ level }) => level !== 'info').map(({ message }) => message);
}
