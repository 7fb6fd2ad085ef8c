import { workerData } from 'node:worker_threads';
import { loadKinds } from '../schemas/registry.ts';
import { systemClock } from '../src/clock.ts';
import { IO_ERROR, messageOf, StartFailure } from '../src/faults.ts';
import type { OwnerReply, OwnerTask } from '../src/protocol/commands.ts';
import type { OwnerData, OwnerIntroduction, OwnerStart } from '../src/protocol/owner.ts';
import { StopFlag } from '../src/protocol/stop-flag.ts';
import { systemRandom } from '../src/random.ts';
import { openDuckDb } from '../src/store/duckdb-working-set.ts';
import { realFiles } from '../src/store/files.ts';
import { Store } from '../src/store/store.ts';
import { Vault } from '../src/store/vault.ts';

/**
 * The owner's thread. Recovery runs while this module loads: a thread that replaces a dead one recovers by itself before
 * it takes its first task. A recovery that fails is told as data; a thrown error would only make the pool try again.
 */

const data = workerData as OwnerData;

async function open(): Promise<Store | OwnerStart> {
  try {
    const random = systemRandom();
    const stop = new StopFlag(data.stop);
    return await Store.open({
      directory: data.directory,
      files: realFiles,
      clock: systemClock,
      random,
      kinds: await loadKinds(data.schemaDirectory),
      openWorkingSet: openDuckDb,
      vault: new Vault(
        Buffer.from(data.storeKey),
        random,
        data.olderStoreKeys?.map((key) => Buffer.from(key)),
      ),
      journalSync: data.journalSync,
      isUnwanted: () => stop.isRaised,
      ...(data.journalKeepBytes === undefined ? {} : { journalKeepBytes: data.journalKeepBytes }),
    });
  } catch (error) {
    if (error instanceof StartFailure) return { failed: error.message, exitCode: error.exitCode, stack: '' };
    if ((error as NodeJS.ErrnoException).syscall !== undefined)
      return { failed: `the data folder ${data.directory} cannot be read or written: ${messageOf(error)}`, exitCode: IO_ERROR, stack: '' };
    return { failed: messageOf(error), exitCode: 1, stack: (error as Error).stack ?? '' };
  }
}

const store = await open();

/** A thread that ends while DuckDB works for it takes the whole process along, so a defect waits until that is over. */
process.once('uncaughtException', (error) => {
  const closing = store instanceof Store ? store.run({ lane: 'read', query: { kind: 'store.close', input: {} } }) : Promise.resolve();
  void closing.catch(() => undefined).then(() => Promise.reject(error));
});

export default function run(task: OwnerTask | OwnerIntroduction): OwnerStart | Promise<OwnerReply> {
  if (!(store instanceof Store)) return store;
  if (task.lane === 'write' || task.lane === 'read') return store.run(task);
  store.show(task.shown);
  return { reply: store.report() };
}
