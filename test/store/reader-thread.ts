import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { RecordReader, UNSURE } from '../../src/protocol/record-reader.ts';
import { NOWHERE } from '../../src/protocol/slab.ts';

/** A thread that reads beside a writer without a pause, and says at the end what it saw and when. */

export const KIND = 'Component';

/** The writer's cells: the batch that it has begun last, the one that it has finished last, and whether it goes on. */
export const CELLS = { begun: 0, finished: 1, stop: 2 } as const;

export interface ReaderTask {
  readonly port: MessagePort;
  readonly cells: Int32Array;
  readonly keys: readonly string[];
  readonly seed: number;
}

/** One look at a key, or (key -1) at the whole list. */
export interface Sight {
  readonly key: number;
  /** The batches between which it took place. */
  readonly from: number;
  readonly upTo: number;
  /** The revision that was read, or the sum of all; -1: no such record. */
  readonly saw: number;
  /** Of a list: how many records. */
  readonly count?: number;
}

export interface Seen {
  readonly sights: readonly Sight[];
  readonly unsure: number;
  /** What should never be. */
  readonly wrong: readonly string[];
}

const SIGHTS_MAX = 150_000;
const LIST_EVERY = 200;
const WRONG_MAX = 10;

function watch({ port, cells, keys, seed }: ReaderTask): Seen {
  const reader = new RecordReader();
  reader.follow(port);
  const sights: Sight[] = [];
  const wrong: string[] = [];
  let unsure = 0;
  let state = seed;
  for (let look = 1; Atomics.load(cells, CELLS.stop) === 0 && wrong.length < WRONG_MAX; look++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    const from = Atomics.load(cells, CELLS.finished);
    if (look % LIST_EVERY === 0) {
      const locations = reader.listed(KIND);
      const upTo = Atomics.load(cells, CELLS.begun);
      if (locations === undefined) unsure += 1;
      else {
        let saw = 0;
        for (const location of locations) saw += reader.revisionAt(location);
        sights.push({ key: -1, from, upTo, saw, count: locations.length });
      }
      reader.letGo();
      continue;
    }
    const key = (state >>> 8) % keys.length;
    const location = reader.locate(KIND, keys[key] as string);
    const upTo = Atomics.load(cells, CELLS.begun);
    if (location === UNSURE) unsure += 1;
    else if (location === NOWHERE) sights.push({ key, from, upTo, saw: -1 });
    else if (location < 0) wrong.push(`${keys[key]} is at ${location}`);
    else {
      const { bytes, revision } = reader.imageAt(location);
      const head = `{"UID":"${keys[key]}","revision":${revision}`;
      if (bytes.toString('latin1', 0, head.length) !== head) wrong.push(`${keys[key]} reads ${bytes.toString('latin1', 0, 100)}, not ${head}`);
      sights.push({ key, from, upTo, saw: revision });
    }
    if (sights.length >= SIGHTS_MAX) sights.length = 0;
  }
  return { sights, unsure, wrong };
}

if (parentPort !== null) {
  parentPort.postMessage('ready');
  parentPort.postMessage(watch(workerData as ReaderTask));
}
