import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Packr } from 'msgpackr';
import { type Files, realFiles } from '../../src/store/files.ts';
import { encodeManifest, type Manifest, sha256 } from '../../src/store/manifest.ts';
import { Vault } from '../../src/store/vault.ts';
import { KEEP_ALL, onlyKinds, Rig, seededRandom, temporaryFolder, value, withRig } from './rig.ts';

/** A long history stays affordable: what did not change is the same bytes in every snapshot. */

const FEW = { kinds: onlyKinds('BMC', 'ComputeNode') };
const NODES = 5000;
const CHANGED = NODES / 100;
const BLOCK_BYTES = 4096;

test('when one node in a hundred has changed, most blocks of the next snapshot are those of the one before', async () => {
  await withRig(Rig.open(temporaryFolder(), FEW), async (rig) => {
    const nodes = Array.from({ length: NODES }, (_, index) => ({
      hostname: `nid${index}`,
      architecture: 'x86_64',
      description: createHash('sha1').update(String(index)).digest('hex'),
      spec: { bmc_password: `p${index}` },
    }));
    value(await rig.bulk('ComputeNode', nodes));
    await rig.snapshot();
    const keys = (await rig.found('ComputeNode')).map(({ id }) => String(id)).sort();
    rig.clock.ms += 60_000;
    for (let index = 0; index < CHANGED; index++) {
      const key = keys[(index * 7919) % NODES] ?? '';
      value(await rig.patch('ComputeNode', key, { status: { power_state: { on: index % 2 === 0, last_updated: '2026-11-22T02:11:00Z' } } }));
    }
    await rig.snapshot();
    const [before, after] = rig.snapshots().map((name) => blocksOf(join(rig.snapshotDirectory, name)));
    assert(before !== undefined && after !== undefined);
    const fresh = [...after].filter((block) => !before.has(block)).length;
    assert(after.size > 50, `${after.size} blocks are enough to tell`);
    assert(fresh / after.size < 0.2, `${fresh} of ${after.size} blocks are new`);
  });
});

function blocksOf(folder: string): ReadonlySet<string> {
  const blocks = new Set<string>();
  for (const name of readdirSync(folder)) {
    const bytes = readFileSync(join(folder, name));
    for (let start = 0; start < bytes.length; start += BLOCK_BYTES) blocks.add(sha256(bytes.subarray(start, start + BLOCK_BYTES)));
  }
  return blocks;
}

test('every start reads a small manifest of each snapshot once, and lists read none again', async () => {
  const rig = await Rig.open(temporaryFolder(), FEW);
  for (let count = 0; count < 5; count++) {
    await rig.created('ComputeNode', { hostname: `nid${count}`, architecture: 'x86_64' });
    await rig.snapshot();
  }
  await rig.close();
  const read: number[] = [];
  const files: Files = {
    ...realFiles,
    readAll: (path) => {
      const bytes = realFiles.readAll(path);
      if (path.endsWith('_manifest.json')) read.push(bytes.length);
      return bytes;
    },
  };
  await withRig(rig.another({ files }), async (again) => {
    for (let count = 0; count < 3; count++) assert.equal((await again.query('snapshot.list', {})).length, 5);
    assert.equal(read.length, 5);
    assert(Math.max(...read) < 4096, `${read} bytes`);
    await again.created('ComputeNode', { hostname: 'nid5', architecture: 'x86_64' });
    await again.snapshot();
    assert.equal((await again.query('snapshot.list', {})).length, 6);
  });
});

test('an answer that has expired is in no further snapshot', async () => {
  await withRig(Rig.open(temporaryFolder(), FEW), async (rig) => {
    const node = { hostname: 'nid1', architecture: 'x86_64', description: 'x'.repeat(4000) };
    await rig.created('ComputeNode', node, { idempotency: { key: 'k', requestHash: 'h' } });
    const privateBytes = async (): Promise<number> => {
      const { name } = await rig.snapshot();
      return readFileSync(join(rig.snapshotDirectory, `snapshot=${name}`, '_private')).length;
    };
    assert((await privateBytes()) > 4000);
    rig.clock.ms += 24 * 3_600_000 + 1;
    assert((await privateBytes()) < 1000);
  });
});

test('a snapshot of format 1, whose private part was sealed as a whole, is still loaded', async () => {
  const rig = await Rig.open(temporaryFolder(), FEW);
  await rig.created('ComputeNode', { hostname: 'nid1', architecture: 'x86_64', xname: 'x1000c0s0b0n0', spec: { bmc_password: 'secret' } });
  const { name, sequence } = await rig.snapshot();
  await rig.close();
  const folder = join(rig.snapshotDirectory, `snapshot=${name}`);
  const packr = new Packr({ useRecords: false, mapsAsObjects: true });
  const { secrets } = packr.unpack(readFileSync(join(folder, '_private'))) as { secrets: unknown };
  const vault = new Vault(Buffer.alloc(32, 7), seededRandom());
  const sealed = vault.seal(packr.pack({ secrets, answers: [] }), `snapshot private part at ${sequence}`);
  writeFileSync(join(folder, '_private'), sealed);
  const { checksum, ...manifest } = JSON.parse(readFileSync(join(folder, '_manifest.json'), 'utf8')) as Manifest & { checksum: string };
  const files = manifest.files.map((file) => (file.name === '_private' ? { ...file, bytes: sealed.length, sha256: sha256(sealed) } : file));
  writeFileSync(join(folder, '_manifest.json'), encodeManifest({ ...manifest, format: 1, files }));
  renameSync(rig.journalDirectory, `${rig.journalDirectory}.away`);
  await withRig(rig.another(), async (again) => {
    assert.equal((await again.query('secrets.read', { kind: 'ComputeNode', name: 'x1000c0s0b0n0' }))?.['spec.bmc_password'], 'secret');
    await again.query('snapshot.take', { reason: 'demand', retention: KEEP_ALL, skipUnchanged: false });
  });
});
