import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import { Replay, type Replayed, type ReplayRequest } from '../src/feed/replay.ts';
import { realFiles } from '../src/store/files.ts';
import { JournalReader } from '../src/store/journal-reader.ts';

/** The thread that reads the journal back for the feed. It only reads, and only what was committed. */

/** What it is started with. */
export interface JournalData {
  /** The data folder. */
  readonly directory: string;
}

const { directory } = workerData as JournalData;
const replay = new Replay(new JournalReader(realFiles, join(directory, 'journal')));

export default function run(request: ReplayRequest): Replayed {
  return replay.part(request);
}
