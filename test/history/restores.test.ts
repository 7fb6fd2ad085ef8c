import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { onlyKinds, Rig } from '../store/rig.ts';
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
