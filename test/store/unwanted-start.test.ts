import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { StartStopped } from '../../src/faults.ts';
import { PretendedFiles } from '../../src/store/doctor/pretended-files.ts';
import { openDuckDb } from '../../src/store/duckdb-working-set.ts';
import { realFiles } from '../../src/store/files.ts';
import type { OpenWorkingSet } from '../../src/store/working-set.ts';
import { onlyKinds, Rig, type RigOptions, temporaryFolder, withRig } from './rig.ts';

/** A start that somebody stops ends soon, and has changed nothing. */

const OPTIONS: RigOptions = { kinds: onlyKinds('Component') };
const FRAMES = 40;

async function withFrames(rig: Rig): Promise<ReadonlyMap<string, string>> {
  for (let number = 0; number < FRAMES; number++) await rig.created('Component', { ID: `x${number}c0`, Type: 'Node' });
  return rig.images();
}

/** The files, which it leaves as they are, and what it does with them. */
class WatchedFiles extends PretendedFiles {
  readonly open = new Set<number>();
  reads = 0;

  override openToRead(path: string): number {
    const file = super.openToRead(path);
    this.open.add(file);
    return file;
  }

  override read(file: number, bytes: Uint8Array, position: number): number {
    this.reads += 1;
    return super.read(file, bytes, position);
  }

  override close(file: number): void {
    this.open.delete(file);
    super.close(file);
  }
}

test('a replay that nobody waits for any more ends at the next frame, and nothing of the folder has changed', async () => {
  const rig = await Rig.open(temporaryFolder(), OPTIONS);
  const images = await withFrames(rig);
  await rig.close();
  // Of a start that is not stopped, which asks so often.
  let asked = 0;
  const always = (): boolean => {
    asked += 1;
    return false;
  };
  await withRig(rig.another({ isUnwanted: always }), async (other) => assert.deepEqual(other.images(), images));
  assert(asked >= FRAMES, `${asked} looks`);
  for (let stopAt = 1; stopAt <= FRAMES; stopAt += 13) {
    const files = new WatchedFiles(realFiles);
    let looks = 0;
    let readsThen = 0;
    const isUnwanted = (): boolean => {
      looks += 1;
      if (looks === stopAt) readsThen = files.reads;
      return looks >= stopAt;
    };
    await assert.rejects(rig.another({ files, isUnwanted }), StartStopped);
    assert.equal(files.reads, readsThen, 'nothing was read after that');
    assert.deepEqual(files.acts, [], 'nothing was written');
    assert.equal(files.open.size, 0);
  }
  await withRig(rig.another(), async (other) => assert.deepEqual(other.images(), images));
});

test('a snapshot that DuckDB is at for long is let go when nobody waits for it any more', async () => {
  const rig = await Rig.open(temporaryFolder(), OPTIONS);
  const images = await withFrames(rig);
  await rig.snapshot();
  await rig.close();
  let isUnwanted = false;
  const openWorkingSet: OpenWorkingSet = async (kinds, log) => {
    const workingSet = await openDuckDb(kinds, log);
    const close = workingSet.close.bind(workingSet);
    return Object.assign(workingSet, {
      load: () =>
        new Promise<void>((_resolve, reject) => {
          isUnwanted = true;
          workingSet.close = () => {
            reject(new Error('interrupted'));
            return close();
          };
        }),
    });
  };
  const files = new PretendedFiles(realFiles);
  await assert.rejects(rig.another({ files, openWorkingSet, isUnwanted: () => isUnwanted }), StartStopped);
  assert.deepEqual(files.acts, []);
  await withRig(rig.another(), async (other) => assert.deepEqual(other.images(), images));
});
