import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Unique } from '../../schemas/kind.ts';
import { RecordReader } from '../../src/protocol/record-reader.ts';

/** A thread that looks at records by a value that goes from one to the other, and says at the end whom it saw with it. */

export const KIND = 'Component';

/** The writer's cells: the batch that it has begun last, the one that it has finished last, and whether it goes on. */
export const CELLS = { begun: 0, finished: 1, stop: 2 } as const;

export interface ReaderTask {
  readonly port: MessagePort;
  readonly cells: Int32Array;
  readonly unique: Unique;
  readonly tokens: readonly string[];
}

/** One look at a value. */
export interface Sight {
  readonly token: number;
  /** The batches between which it took place. */
  readonly from: number;
  readonly upTo: number;
  /** The batch that gave it the value, as its record says. */
  readonly givenBy: number;
}

export interface Seen {
  readonly sights: readonly Sight[];
  readonly unsure: number;
  /** What should never be. */
  readonly wrong: readonly string[];
}

const SIGHTS_MAX = 150_000;
const WRONG_MAX = 10;

function watch({ port, cells, unique, tokens }: ReaderTask): Seen {
  const reader = new RecordReader();
  reader.follow(port);
  const sights: Sight[] = [];
  const wrong: string[] = [];
  let unsure = 0;
  for (let look = 1; Atomics.load(cells, CELLS.stop) === 0 && wrong.length < WRONG_MAX; look++) {
    if (look % 200 === 0) reader.letGo();
    const token = look % tokens.length;
    const value = tokens[token] as string;
    const from = Atomics.load(cells, CELLS.finished);
    const found = reader.locateHolders(KIND, unique, [value, `nobody has ${look}`]);
    const upTo = Atomics.load(cells, CELLS.begun);
    if (found === undefined) {
      unsure += 1;
      continue;
    }
    const images = Array.from(found, (location) => reader.imageAt(location).bytes.toString('utf8'));
    const [record] = images.map((image) => JSON.parse(image) as { ID?: string; batch: number });
    if (found.length !== 1 || record?.ID !== value) wrong.push(`after batch ${from} ${value} is at ${images.join(' and ') || 'nobody'}`);
    else sights.push({ token, from, upTo, givenBy: record.batch });
    if (sights.length >= SIGHTS_MAX) sights.length = 0;
  }
  return { sights, unsure, wrong };
}

if (parentPort !== null) {
  parentPort.postMessage('ready');
  parentPort.postMessage(watch(workerData as ReaderTask));
}
