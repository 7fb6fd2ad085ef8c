import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { History } from '../../src/history/history.ts';
import { fault, Rig, value } from '../store/rig.ts';

test('the end of a hold is never refused, however many questions wait', async () => {
  const rig = await Rig.open();
  const history = new History({
    directory: rig.directory,
    memoryBytes: 64 * 1024 * 1024,
    present: () => ({ sequence: rig.status.sequence, storeId: rig.status.storeId, timeMs: Date.now() }),
    log: () => undefined,
  });
  const questions = Array.from({ length: 65 }, () => history.ask('past.resolve', { at: 'now', exactly: false, kind: 'BMC', schemaHash: '' }));
  const refused = history.ask('past.resolve', { at: 'now', exactly: false, kind: 'BMC', schemaHash: '' });
  const end = history.ask('past.hold', { sequence: undefined });
  fault(await refused, 'overloaded');
  assert.deepEqual(value(await end), { kinds: [] });
  await Promise.all(questions);
  await history.close();
  await rig.close();
});
