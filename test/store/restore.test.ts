import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAULT_DETAILS_MAX } from '../../schemas/registry.ts';
import type { RestoreEntry, RestoreVerdict } from '../../src/protocol/commands.ts';
import { packMessage } from '../../src/protocol/wire.ts';
import { Rig } from './rig.ts';

const NODE = { hostname: 'n', architecture: 'x86_64' };
const BMC = { username: 'root', password: 'first', mac_address: '02:00:00:00:00:01' };

type Wanted = readonly [kind: string, key: string, record: Record<string, unknown> | null, secrets?: RestoreEntry[3]];

interface Restored extends RestoreVerdict {
  /** Of the last change; absent when something stood against it. */
  readonly committed?: number;
}

async function restore(
  rig: Rig,
  wanted: readonly Wanted[],
  { dryRun = false, wholeKinds = [], properties }: { dryRun?: boolean; wholeKinds?: readonly string[]; properties?: readonly (readonly string[])[] } = {},
): Promise<Restored> {
  const bulkId = `restore ${rig.replies.length}`;
  const entries = wanted.map(([kind, key, record, secrets]): RestoreEntry => {
    const image = record === null ? null : Buffer.from(JSON.stringify(record));
    return secrets === undefined ? [kind, key, image] : [kind, key, image, secrets];
  });
  for (let first = 0; first < Math.max(1, entries.length); first += 2) {
    const part = entries.slice(first, first + 2);
    assert.ok((await rig.send('restore.stage', { bulkId, firstIndex: first, entries: part.length, packedEntries: packMessage(part) })).ok);
  }
  const judged = await rig.send('restore.judge', { bulkId, wholeKinds, changesMax: 10, ...(properties === undefined ? {} : { properties }) });
  assert.ok(judged.ok, JSON.stringify(judged));
  if (dryRun) {
    assert.ok((await rig.send('bulk.abort', { bulkId })).ok);
    return judged.value;
  }
  const committed = await rig.send('restore.commit', { bulkId });
  if (judged.value.brokenCount > 0) assert.equal(committed.ok ? '' : committed.fault.code, 'outcome-unknown');
  else assert.ok(committed.ok);
  return { ...judged.value, ...(committed.ok ? { committed: committed.value.sequence } : {}) };
}

/** What stood against it, a line each. */
function refusals({ broken }: Restored): string {
  return broken.map(({ pointer, detail }) => `${pointer} ${detail}`).join('\n');
}

async function create(rig: Rig, kind: string, record: Record<string, unknown>): Promise<Record<string, unknown>> {
  const created = await rig.send('record.create', { kind, records: [record], asArray: false, origin: {} });
  assert.ok(created.ok && 'stored' in created.value, JSON.stringify(created));
  return recordOf(rig, kind, created.value.stored[0]?.key ?? '');
}

async function recordOf(rig: Rig, kind: string, key: string): Promise<Record<string, unknown>> {
  const image = await rig.image(kind, key);
  assert.ok(image !== undefined, `${kind} ${key} is there`);
  return JSON.parse(image.text) as Record<string, unknown>;
}

async function patch(rig: Rig, kind: string, key: unknown, document: object): Promise<void> {
  const patched = await rig.send('record.patch', { kind, name: String(key), patch: { type: 'merge', document }, origin: {} });
  assert.ok(patched.ok, JSON.stringify(patched));
}

async function remove(rig: Rig, kind: string, key: unknown): Promise<void> {
  assert.ok((await rig.send('record.delete', { kind, name: String(key), force: true })).ok);
}

function entry(kind: string, record: Record<string, unknown>): Wanted {
  return [kind, String(record['id']), record];
}

test('a restore brings back what was changed and deleted, takes away what was made, and revisions rise', async () => {
  const rig = await Rig.open();
  const changed = await create(rig, 'ComputeNode', { ...NODE, hostname: 'changed' });
  const deleted = await create(rig, 'ComputeNode', { ...NODE, hostname: 'deleted', xname: 'x1000c0s0b0n0' });
  const same = await create(rig, 'ComputeNode', { ...NODE, hostname: 'same' });
  const bmc = await recordOf(rig, 'BMC', String((deleted['bmc'] as { id: string }).id));
  await patch(rig, 'ComputeNode', changed['id'], { hostname: 'other', description: 'new' });
  await remove(rig, 'ComputeNode', deleted['id']);
  const made = await create(rig, 'ComputeNode', { ...NODE, hostname: 'made' });
  const before = rig.status.sequence;
  const entries: readonly Wanted[] = [
    ...[changed, deleted, same].map((node) => entry('ComputeNode', node)),
    ['ComputeNode', String(made['id']), null],
    entry('BMC', bmc),
  ];
  const planned = await restore(rig, entries, { dryRun: true });
  assert.deepEqual(planned.counts, { ComputeNode: { created: 1, updated: 1, deleted: 1 } });
  assert.equal(planned.sequence, before);
  assert.deepEqual(
    planned.changes.map(({ key, type, before: was, after }) => [key, type, was?.['hostname'], after?.['hostname']]),
    [
      [changed['id'], 'updated', 'other', 'changed'],
      [deleted['id'], 'created', undefined, 'deleted'],
      [made['id'], 'deleted', 'made', undefined],
    ],
  );
  assert.equal(rig.status.sequence, before, 'a dry run changes nothing');
  assert.equal((await restore(rig, entries)).committed, before + 3);
  for (const was of [changed, deleted]) {
    const { revision, updated_at: _, ...now } = await recordOf(rig, 'ComputeNode', String(was['id']));
    const { revision: old, updated_at: __, ...then } = was;
    assert.deepEqual(now, then);
    assert.ok(Number(revision) > before && Number(revision) > Number(old));
  }
  assert.deepEqual(await recordOf(rig, 'ComputeNode', String(same['id'])), same);
  assert.equal(await rig.image('ComputeNode', String(made['id'])), undefined);
  const again = await rig.restart();
  assert.equal((await recordOf(again, 'ComputeNode', String(deleted['id'])))['hostname'], 'deleted');
  await again.close();
});

test('unique values may change hands in a restore, and are still unique after it', async () => {
  const rig = await Rig.open();
  const left = await create(rig, 'Component', { ID: 'x1c0s0b0n0', Type: 'Node' });
  const nodes = [
    await create(rig, 'ComputeNode', { ...NODE, boot_mac: '02:00:00:00:00:0a' }),
    await create(rig, 'ComputeNode', { ...NODE, boot_mac: '02:00:00:00:00:0b' }),
  ];
  const [a, b] = nodes as [Record<string, unknown>, Record<string, unknown>];
  await patch(rig, 'ComputeNode', a['id'], { boot_mac: '02:00:00:00:00:0c' });
  await patch(rig, 'ComputeNode', b['id'], { boot_mac: '02:00:00:00:00:0a' });
  await patch(rig, 'ComputeNode', a['id'], { boot_mac: '02:00:00:00:00:0b' });
  const swapped = await restore(rig, [entry('ComputeNode', a), entry('ComputeNode', b)]);
  assert.deepEqual(swapped.counts, { ComputeNode: { created: 0, updated: 2, deleted: 0 } });
  assert.notEqual(swapped.committed, undefined);
  const taken = await rig.send('record.create', { kind: 'ComputeNode', records: [{ ...NODE, boot_mac: '02:00:00:00:00:0b' }], asArray: false, origin: {} });
  assert.equal(taken.ok ? '' : taken.fault.code, 'conflict');
  assert.equal((await rig.image('ComputeNode', '02:00:00:00:00:0a'))?.key, a['id']);
  assert.equal((await rig.image('ComputeNode', '02:00:00:00:00:0b'))?.key, b['id']);
  assert.ok(left);
  await rig.close();
});

test('a restore of some records that would break a rule is refused as a whole, with every place', async () => {
  const rig = await Rig.open();
  const first = await create(rig, 'ComputeNode', { ...NODE, boot_mac: '02:00:00:00:00:0a' });
  await patch(rig, 'ComputeNode', first['id'], { boot_mac: '02:00:00:00:00:0b' });
  const holder = await create(rig, 'ComputeNode', { ...NODE, boot_mac: '02:00:00:00:00:0a' });
  const withBmc = await create(rig, 'ComputeNode', { ...NODE, bmc: BMC });
  const bmcId = String((withBmc['bmc'] as { id: string }).id);
  await remove(rig, 'ComputeNode', withBmc['id']);
  await remove(rig, 'BMC', bmcId);
  const partition = await create(rig, 'NodeCollection', { name: 'p1', type: 'partition', nodes: ['x1000c0s1b0n0'] });
  await patch(rig, 'NodeCollection', partition['id'], { nodes: [] });
  await create(rig, 'NodeCollection', { name: 'p2', type: 'partition', nodes: ['x1000c0s1b0n0'] });
  const before = rig.status.sequence;
  const cases: readonly (readonly [Wanted, RegExp])[] = [
    [entry('ComputeNode', first), new RegExp(`/ComputeNode/${first['id']}/boot_mac ComputeNode ${holder['id']} has 02:00:00:00:00:0a already`)],
    [entry('ComputeNode', withBmc), /there is no BMC/],
    [entry('NodeCollection', partition), /x1000c0s1b0n0 is in partition "p2"/],
    [['ComputeNode', String(first['id']), { ...first, architecture: 7 }], /\/architecture/],
  ];
  for (const [wanted, detail] of cases) {
    const refused = await restore(rig, [wanted]);
    assert.equal(refused.committed, undefined);
    assert.match(refusals(refused), detail);
  }
  const all = await restore(rig, cases.map(([wanted]) => wanted).slice(0, 3));
  for (const [, detail] of cases.slice(0, 3)) assert.match(refusals(all), detail);
  assert.ok(all.brokenCount >= 3 && all.broken.length <= FAULT_DETAILS_MAX);
  assert.equal(rig.status.sequence, before, 'nothing of a refused restore is there');
  assert.equal((await recordOf(rig, 'ComputeNode', String(first['id'])))['boot_mac'], '02:00:00:00:00:0b');
  await rig.close();
});

test('a BMC that a node still has is not taken away by a restore, and a restored one shows in its nodes', async () => {
  const rig = await Rig.open();
  const node = await create(rig, 'ComputeNode', { ...NODE, xname: 'x1000c0s0b0n0' });
  const bmcId = String((node['bmc'] as { id: string }).id);
  const then = await recordOf(rig, 'BMC', bmcId);
  await patch(rig, 'BMC', bmcId, { mac_address: '02:00:00:00:00:09' });
  assert.equal(((await recordOf(rig, 'ComputeNode', String(node['id'])))['bmc'] as Record<string, unknown>)['mac_address'], '02:00:00:00:00:09');
  const refused = await restore(rig, [['BMC', bmcId, null]]);
  assert.match(refusals(refused), /belongs to ComputeNode/);
  assert.notEqual((await restore(rig, [entry('BMC', then)])).committed, undefined);
  assert.deepEqual((await recordOf(rig, 'ComputeNode', String(node['id'])))['bmc'], node['bmc']);
  await rig.close();
});

test('secrets of today stay, and a restored record without one, or with one that does not open, does not claim to have it', async () => {
  const rig = await Rig.open();
  const kept = await create(rig, 'BMC', BMC);
  const lost = await create(rig, 'BMC', { ...BMC, mac_address: '02:00:00:00:00:02' });
  await patch(rig, 'BMC', kept['id'], { password: 'second', username: 'admin' });
  const forged = await create(rig, 'BMC', { ...BMC, mac_address: '02:00:00:00:00:03' });
  await remove(rig, 'BMC', lost['id']);
  await remove(rig, 'BMC', forged['id']);
  const secrets = { password: Buffer.alloc(40, 1), nothing: Buffer.alloc(40, 1) };
  const [kind, key, image] = entry('BMC', forged);
  const restored = await restore(rig, [entry('BMC', kept), entry('BMC', lost), [kind, key, image, secrets]]);
  assert.notEqual(restored.committed, undefined);
  assert.deepEqual([restored.lostSecrets, restored.lostSecretsCount], [[lost, forged].map(({ id }) => ({ kind: 'BMC', key: id, secrets: ['password'] })), 2]);
  const secretsOf = (key: unknown): Promise<unknown> => rig.query('secrets.read', { kind: 'BMC', name: String(key) });
  assert.deepEqual(await secretsOf(kept['id']), { password: 'second' });
  assert.deepEqual(await secretsOf(lost['id']), {});
  assert.equal((await recordOf(rig, 'BMC', String(kept['id'])))['username'], 'root');
  assert.equal((await recordOf(rig, 'BMC', String(kept['id'])))['password_set'], true);
  assert.equal((await recordOf(rig, 'BMC', String(lost['id'])))['password_set'], undefined);
  await rig.close();
});

test('only some properties go back, in records that are there', async () => {
  const rig = await Rig.open();
  const changed = await create(rig, 'ComputeNode', { ...NODE, hostname: 'then', memory: { total_capacity: 1 }, description: 'then' });
  const deleted = await create(rig, 'ComputeNode', { ...NODE, hostname: 'deleted' });
  await patch(rig, 'ComputeNode', changed['id'], { hostname: 'now', description: 'now', xname: 'x1000c0s0b0n0' });
  await remove(rig, 'ComputeNode', deleted['id']);
  const made = await create(rig, 'ComputeNode', { ...NODE, hostname: 'made' });
  const entries: readonly Wanted[] = [entry('ComputeNode', changed), entry('ComputeNode', deleted), ['ComputeNode', String(made['id']), null]];
  const { counts, committed } = await restore(rig, entries, { properties: [['hostname'], ['xname']] });
  assert.deepEqual(counts, { ComputeNode: { created: 0, updated: 1, deleted: 0 } });
  assert.notEqual(committed, undefined);
  const { hostname, description, xname } = await recordOf(rig, 'ComputeNode', String(changed['id']));
  assert.deepEqual([hostname, description, xname], ['then', 'now', undefined]);
  assert.equal(await rig.image('ComputeNode', String(deleted['id'])), undefined);
  assert.equal((await recordOf(rig, 'ComputeNode', String(made['id'])))['hostname'], 'made');
  await rig.close();
});

test('a node that goes leaves its collections, unless those are what they were as a whole', async () => {
  const rig = await Rig.open();
  const nodes = ['x1000c0s0b0n0', 'x1000c0s1b0n0'];
  const { id } = await create(rig, 'NodeCollection', { name: 'planned', type: 'ad-hoc', nodes });
  for (const [wholeKinds, left, others] of [
    [['NodeCollection'], nodes, {}],
    [[], nodes.slice(1), { NodeCollection: { created: 0, updated: 1, deleted: 0 } }],
  ] as const) {
    const made = await create(rig, 'ComputeNode', { ...NODE, xname: nodes[0] });
    const { counts } = await restore(rig, [['ComputeNode', String(made['id']), null]], { wholeKinds });
    assert.deepEqual(counts, { ComputeNode: { created: 0, updated: 0, deleted: 1 }, ...others });
    assert.deepEqual((await recordOf(rig, 'NodeCollection', String(id)))['nodes'], left);
  }
  await rig.close();
});

test('a restore whose parts are gone says so, and one of a kind that is gone is refused', async () => {
  const rig = await Rig.open();
  const node = await create(rig, 'ComputeNode', NODE);
  const bulkId = 'r';
  const packedEntries = packMessage([['ComputeNode', node['id'], Buffer.from(JSON.stringify(node))]]);
  assert.ok((await rig.send('restore.stage', { bulkId, firstIndex: 0, entries: 1, packedEntries })).ok);
  await create(rig, 'ComputeNode', NODE);
  const gone = await rig.send('restore.judge', { bulkId, wholeKinds: [], changesMax: 0 });
  assert.equal(gone.ok ? '' : gone.fault.code, 'outcome-unknown');
  assert.match(refusals(await restore(rig, [['Rack', 'r1', { id: 'r1' }]])), /^\/Rack\/r1 there is no kind Rack any more$/);
  await rig.close();
});
