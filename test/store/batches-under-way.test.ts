import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { FaultCode, Result } from '../../src/faults.ts';
import type { Command, Stored } from '../../src/protocol/commands.ts';
import { diskError, type FileCall, troubledFiles } from './failing-files.ts';
import { fault, onlyKinds, Rig, type RigOptions, storedIn, temporaryFolder, value, withRig } from './rig.ts';

/** Batches that reach the store while it is still at the one before: each is judged by what came of that, or falls with it. */

const KINDS = onlyKinds('Component');
const OPTIONS: RigOptions = { kinds: KINDS };

const made = (result: Result<unknown> | undefined): Stored => {
  assert(result !== undefined);
  return storedIn(value(result) as { stored: readonly Stored[] });
};

function refused(result: Result<unknown> | undefined, code: FaultCode): void {
  assert(result !== undefined);
  fault(result, code);
}

function create(number: number): Command {
  return { kind: 'record.create', input: { kind: 'Component', records: [{ ID: `x${number}c0`, Type: 'Node' }], asArray: false, origin: {} } };
}

function replace(number: number, role: string, ifMatch: readonly number[]): Command {
  const name = `x${number}c0`;
  return { kind: 'record.replace', input: { kind: 'Component', name, record: { ID: name, Type: 'Node', Role: role }, origin: {}, upsert: false, ifMatch } };
}

const onJournal = (call: FileCall, name: FileCall['name']): boolean => call.name === name && call.path.endsWith('.journal');

test('a batch that comes while the one before it waits for a cold image is judged after it', async () => {
  const rig = await Rig.open(temporaryFolder(), OPTIONS);
  await rig.batch([create(1), create(2)]);
  await rig.snapshot();
  await withRig(rig.restart({ cold: true }), async (cold) => {
    while (!cold.status.indexed) await cold.ask('store.fill', {});
    // The first one has to read the image; the second one, which needs none that is cold, could go before it.
    const [first, second, third] = await Promise.all([
      cold.batch([replace(1, 'Compute', [1])]),
      cold.batch([create(3)]),
      cold.batch([replace(1, 'Storage', [1]), replace(1, 'Service', [3])]),
    ]);
    assert.equal(made(first[0]).revision, 3);
    assert.equal(made(second[0]).revision, 4);
    refused(third[0], 'precondition-failed');
    assert.equal(made(third[1]).revision, 5);
    assert.equal((await cold.record('Component', 'x1c0'))['Role'], 'Service');
  });
});

test('what a batch that did not fit on the disk would have made is not there for the batch behind it', async () => {
  const disk = troubledFiles();
  const rig = await Rig.open(temporaryFolder(), { ...OPTIONS, files: disk.files });
  await rig.batch([create(1)]);
  let writes = 0;
  disk.trouble = (call) => (onJournal(call, 'write') && ++writes === 1 ? diskError('ENOSPC') : undefined);
  const [first, second] = await Promise.all([rig.batch([create(2), create(1)]), rig.batch([replace(2, 'Compute', [2]), create(2), create(1)])]);
  for (const answer of first) fault(answer, 'not-durable');
  refused(second[0], 'precondition-failed');
  assert.equal(made(second[1]).revision, 2);
  refused(second[2], 'conflict');
  await withRig(rig.another(), async (other) => assert.deepEqual(other.images(), rig.images()));
  await rig.close();
});

test('when the sync of a batch fails, the batches behind it fail too, and the journal gets nothing of them', async () => {
  const disk = troubledFiles();
  const rig = await Rig.open(temporaryFolder(), { ...OPTIONS, files: disk.files });
  await rig.batch([create(1)]);
  const writes: string[] = [];
  disk.trouble = (call) => {
    if (onJournal(call, 'write')) writes.push(call.path);
    return onJournal(call, 'syncFile') ? diskError('EIO') : undefined;
  };
  const batches = await Promise.all([rig.batch([create(2)]), rig.batch([create(3), create(1)]), rig.batch([replace(2, 'Compute', [2])])]);
  for (const answer of batches.flat()) fault(answer, 'outcome-unknown');
  assert.equal(writes.length, 1);
  assert.match(rig.status.fatal ?? '', /fdatasync of .* failed: EIO/);
  assert.equal(await rig.image('Component', 'x3c0'), undefined);
  await rig.close();
});

test('a batch behind one that met a defect is not judged by the state that nobody knows', async () => {
  const rig = await Rig.open(temporaryFolder(), OPTIONS);
  const nonsense = { kind: 'record.nonsense', input: {} } as unknown as Command;
  const batches = await Promise.all([rig.batch([create(1), nonsense]), rig.batch([create(2)])]);
  for (const answer of batches.flat()) fault(answer, 'outcome-unknown');
  await withRig(rig.another(), async (other) => assert.equal(other.images().size, 0));
  await rig.close();
});
