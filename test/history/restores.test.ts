import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { fail } from '../../src/faults.ts';
import type { OwnerTask, Stored } from '../../src/protocol/commands.ts';
import { type Fields, fault, KEEP_ALL, onlyKinds, Rig, value } from '../store/rig.ts';
import { RestoreRig } from './restore-rig.ts';

/** What a restore plans, tells, and does when something comes in between. */

async function restoreRig(...kinds: readonly string[]): Promise<RestoreRig> {
  return new RestoreRig(await Rig.open(undefined, { kinds: onlyKinds(...kinds), journalKeepBytes: 1024 ** 3 }));
}

test('a long list of which nothing is left is told at once, as a whole', async () => {
  const site = await restoreRig('NodeCollection');
  const nodes = (cabinet: number): readonly string[] => Array.from({ length: 2000 }, (_, node) => `x${cabinet}c${node % 8}s${node >> 3}b0n0`);
  const { key, revision } = await site.created('NodeCollection', { name: 'c', type: 'ad-hoc', nodes: nodes(1000) });
  await site.patched('NodeCollection', key, { nodes: nodes(2000) });
  const { changes } = await site.report({ at: String(revision) });
  assert.deepEqual(
    changes.map(({ patch }) => patch),
    [[{ op: 'replace', path: '/nodes', value: nodes(1000) }]],
  );
  await site.close();
});

test('an owner that died with the safety snapshot, and is not indexed again, is sent nothing that would end it', async () => {
  const site = await restoreRig('Component');
  const { key, revision } = await site.created('Component', { ID: 'x1c0s0b0n0', Type: 'Node', State: 'On' });
  await site.patched('Component', key, { State: 'Off' });
  const tasks: OwnerTask[] = [];
  site.takeSnapshot = async (note) => {
    site.transport = () => Promise.reject(new Error('the thread ended'));
    const failed = await site.snapshot(note);
    site.transport = (task) => {
      tasks.push(task);
      return site.run(task);
    };
    const [start] = site.rig.replies;
    assert(start !== undefined && !start.status.indexed, 'as it is right after a start');
    site.owner.revive(start);
    // As where the snapshot failed by itself, and the owner died afterwards.
    return failed.ok ? failed : fail('snapshot-failed', failed.fault.detail);
  };
  fault(await site.restore({ at: String(revision), confirm: true }), 'snapshot-failed');
  assert.deepEqual(tasks, []);
  assert.equal(site.rig.status.fatal, undefined);
  await site.close();
});

test('latest is no safety snapshot: the same restore asked for twice changes nothing the second time', async () => {
  const site = await restoreRig('Component');
  const { key } = await site.created('Component', { ID: 'x1c0s0b0n0', Type: 'Node', State: 'On' });
  const taken = value(await site.owner.query('snapshot.take', { reason: 'interval', retention: KEEP_ALL, skipUnchanged: true })).taken;
  await site.patched('Component', key, { State: 'Off' });
  const counts = [];
  for (let count = 0; count < 3; count++) {
    const { total, as_of } = await site.report({ confirm: true });
    assert.equal(as_of.snapshot, taken?.name);
    counts.push(total.updated);
  }
  assert.deepEqual(counts, [1, 0, 0]);
  value(await site.owner.query('snapshot.delete', { name: taken?.name ?? '' }));
  assert.match(fault(await site.restore({}), 'not-found').detail, /only snapshots that restores took/);
  await site.close();
});

test('records that rules change because of others are told and counted, each once', async () => {
  const site = await restoreRig('BMC', 'ComputeNode', 'NodeCollection');
  const bmc = await site.created('BMC', { username: 'then', password: 'p', mac_address: '02:00:00:00:00:01' });
  const node = await site.created('ComputeNode', { hostname: 'n', architecture: 'X86', bmc: { id: bmc.key } });
  const collection = await site.created('NodeCollection', { name: 'c', type: 'ad-hoc', nodes: [] });
  const then = site.owner.status?.sequence ?? 0;
  await site.patched('BMC', bmc.key, { username: 'now' });
  const late = await site.created('ComputeNode', { hostname: 'late', architecture: 'X86', xname: 'x1000c0s0b0n0' });
  const now = await site.patched('NodeCollection', collection.key, { nodes: ['x1000c0s0b0n0'] });

  const nodes = await site.report({ at: String(then), kinds: ['ComputeNode'] });
  // The node's copy of its BMC was changed back to what it is: nothing becomes of it.
  assert.deepEqual(nodes.counts, { ComputeNode: { created: 0, updated: 0, deleted: 1 }, NodeCollection: { created: 0, updated: 1, deleted: 0 } });
  assert.deepEqual(nodes.total, { created: 0, updated: 1, deleted: 1 });
  assert.deepEqual(
    nodes.changes.map(({ key, type, patch }) => [key, type, patch]),
    [
      [late.key, 'deleted', undefined],
      [collection.key, 'updated', [{ op: 'remove', path: '/nodes/0' }]],
    ],
  );
  const whole = await site.report({ at: String(then) });
  assert.deepEqual([whole.counts['ComputeNode'], whole.counts['NodeCollection']?.updated], [{ created: 0, updated: 1, deleted: 1 }, 1]);
  const bmcs = await site.report({ at: String(then), kinds: ['BMC'], fits: (record) => (record as { id: string }).id === bmc.key, confirm: true });
  assert.deepEqual(bmcs.total, { created: 0, updated: 2, deleted: 0 });
  assert.deepEqual(
    bmcs.changes.map(({ key, patch }) => [key, patch]),
    [
      [bmc.key, [{ op: 'replace', path: '/username', value: 'then' }]],
      [node.key, [{ op: 'replace', path: '/bmc/username', value: 'then' }]],
    ],
  );
  assert.equal(bmcs.sequence, now + 2);
  await site.close();
});

test('a filter is asked again about records that move while they are planned', async () => {
  const site = await restoreRig('Component', 'NodeCollection');
  const component = (id: string): Promise<Stored> => site.created('Component', { ID: id, Type: 'Node', State: 'On' });
  const [comes, goes] = [await component('x1c0s0b0n0'), await component('x1c0s1b0n0')];
  const collection = await site.created('NodeCollection', { name: 'c', type: 'ad-hoc', nodes: [] });
  const then = site.owner.status?.sequence ?? 0;
  await site.patched('Component', comes.key, { State: 'Off' });
  await site.patched('Component', goes.key, { State: 'Standby' });
  await site.patched('NodeCollection', collection.key, { description: 'now' });
  let questions = 0;
  site.asking = async (kind) => {
    if (kind !== 'past.images') return;
    questions += 1;
    // Components have been planned, and it is the turn of collections.
    if (questions !== 2) return;
    await site.patched('Component', comes.key, { State: 'Standby' });
    await site.patched('Component', goes.key, { State: 'Off' });
  };
  const fits = (record: unknown): boolean => (record as Fields)['State'] === 'Standby' || (record as Fields)['name'] === 'c';
  const { changes } = await site.report({ at: String(then), kinds: ['Component', 'NodeCollection'], fits });
  assert.deepEqual(new Set(changes.map(({ key }) => key)), new Set([comes.key, collection.key]));
  assert.ok(questions > 2);
  await site.close();
});
