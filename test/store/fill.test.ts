import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { Filling } from '../../src/store/fill.ts';
import { KeyIndex } from '../../src/store/key-index.ts';
import { RecordLog } from '../../src/store/record-log.ts';
import { SharedMemory } from '../../src/store/shared-memory.ts';
import type { WorkingSet } from '../../src/store/working-set.ts';
import { onlyKinds } from './rig.ts';

/** Steps of filling, at a pace that the test sets. */

test('the record log is full when all steps are done, also when the last one would be done first', async () => {
  const { all: kinds } = onlyKinds('Component');
  const memory = new SharedMemory();
  const log = new RecordLog(memory);
  const index = new KeyIndex(kinds, [], memory, log);
  const lines = Array.from({ length: 3 }, (_, number) => ({ key: `x${number}c0`, revision: number + 1, image: Buffer.from('{}'), needsReparse: false }));
  let goOn: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const workingSet: Partial<WorkingSet> = {
    eachOfIndex: async (_kind, _paths, take) => take([lines.map(({ key }) => key)]),
    rowsEnd: async () => lines.length,
    rowsBetween: async (_kind, from) => {
      if (from > 0) return [];
      await held;
      return lines;
    },
  };
  const filling = new Filling(workingSet as WorkingSet, index, log);
  await filling.fillIndex();
  const steps = [filling.step(), filling.step()];
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(filling.filled, false, 'the images are on their way still');
  goOn();
  await Promise.all(steps);
  assert.equal(filling.filled, true);
  for (const address of index.of('Component').addresses.addresses()) assert.equal(log.isStub(address), false);
});
