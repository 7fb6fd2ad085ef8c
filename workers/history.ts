import { setPriority } from 'node:os';
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import { loadKinds } from '../schemas/registry.ts';
import { systemClock } from '../src/clock.ts';
import { fail, messageOf } from '../src/faults.ts';
import { PAST_LIMITS } from '../src/past/limits.ts';
import { Past } from '../src/past/past.ts';
import type { PastReply, PastTask } from '../src/protocol/past.ts';
import { realFiles } from '../src/store/files.ts';
import { INTERNAL_KINDS } from '../src/store/reservations/kind.ts';

/**
 * The thread that answers what is asked about the past. It only reads; what it keeps in memory is a copy. A start that
 * fails is told as data: a thrown error would only make the pool try again, with its questions waiting.
 */

/** What it is started with. */
export interface HistoryData {
  /** The data folder. */
  readonly directory: string;
  readonly schemaDirectory?: string;
  readonly memoryBytes: number;
}

/** On Linux this is about the thread that says it, and those that it starts: whoever reads or writes now goes first. */
const NICE = 5;

async function open({ directory, schemaDirectory, memoryBytes }: HistoryData): Promise<Past | PastReply> {
  try {
    setPriority(0, NICE);
    return new Past({
      files: realFiles,
      journalDirectory: join(directory, 'journal'),
      snapshotDirectory: join(directory, 'snapshots'),
      clock: systemClock,
      kinds: [...INTERNAL_KINDS, ...(await loadKinds(schemaDirectory)).all],
      limits: { ...PAST_LIMITS, memoryBytes },
    });
  } catch (error) {
    return { result: fail('internal', `what reads the past could not start: ${messageOf(error)}`), log: [] };
  }
}

const past = await open(workerData as HistoryData);

/** `close`: no native call may be under way when a thread ends. */
export default function run(task: PastTask | 'close'): PastReply | Promise<PastReply | undefined> {
  if (!(past instanceof Past)) return past;
  return task === 'close' ? past.close().then(() => undefined) : past.answer(task);
}
