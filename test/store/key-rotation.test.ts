import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { test } from 'node:test';
import { packMessage } from '../../src/protocol/wire.ts';
import { realFiles } from '../../src/store/files.ts';
import { JournalReader } from '../../src/store/journal-reader.ts';
import { sealedFiles } from '../../src/store/key-use.ts';
import { keyIdOf, Vault } from '../../src/store/vault.ts';
import { KEEP_ALL, onlyKinds, Rig, type RigOptions, seededRandom, value, withRig } from './rig.ts';

/** What becomes of sealed secrets when the store key is another one, with the old one to read with. */

const OLD = Buffer.alloc(32, 1);
const NEW = Buffer.alloc(32, 2);
const KINDS = onlyKinds('BMC', 'ComputeNode');
const WITH_OLD: RigOptions = { kinds: KINDS, storeKey: OLD, olderStoreKeys: [] };
const WITH_BOTH: RigOptions = { kinds: KINDS, storeKey: NEW, olderStoreKeys: [OLD] };
const TURNED_BACK: RigOptions = { kinds: KINDS, storeKey: OLD, olderStoreKeys: [NEW] };
const WITH_NEW: RigOptions = { kinds: KINDS, storeKey: NEW, olderStoreKeys: [] };

async function addBmc(rig: Rig, password: string, last: string): Promise<string> {
  const { key } = await rig.created('BMC', { username: 'root', password, mac_address: `02:00:00:00:00:${last}` });
  return key;
}

function secretsOf(rig: Rig, key: string): Promise<unknown> {
  return rig.query('secrets.read', { kind: 'BMC', name: key });
}

/** Every start of this list finds both secrets, each after a crash of the one before it, and the last one has the old key no more. */
async function starts(rig: Rig, wanted: Readonly<Record<string, string>>, ...steps: readonly RigOptions[]): Promise<Rig> {
  let current = rig;
  for (const [index, options] of steps.entries()) {
    current = await current.another(options);
    for (const [key, password] of Object.entries(wanted)) assert.deepEqual(await secretsOf(current, key), { password }, `start ${index}`);
  }
  return current;
}

test('after a rotation secrets open with the old key, from journal and snapshot, whenever the server crashes', async () => {
  const first = await Rig.open(undefined, WITH_OLD);
  const inSnapshot = await addBmc(first, 'in the snapshot', '01');
  await first.snapshot();
  const inJournal = await addBmc(first, 'in the journal', '02');
  const wanted = { [inSnapshot]: 'in the snapshot', [inJournal]: 'in the journal' };
  // Nothing is written in the first two; then something is, before and after somebody goes back to the old key.
  const rotated = await starts(first, wanted, WITH_BOTH, WITH_BOTH);
  const later = await addBmc(rotated, 'under the new one', '03');
  const turnedBack = await starts(rotated, { ...wanted, [later]: 'under the new one' }, WITH_BOTH, TURNED_BACK);
  const last = await addBmc(turnedBack, 'and the old one again', '04');
  const end = await starts(turnedBack, { ...wanted, [later]: 'under the new one', [last]: 'and the old one again' }, TURNED_BACK, WITH_BOTH);
  await end.close();
});

test('while something that a start reads needs the old key, a start without it is refused', async () => {
  const first = await Rig.open(undefined, WITH_OLD);
  await addBmc(first, 'secret', '01');
  const rotated = await first.another(WITH_BOTH);
  await addBmc(rotated, 'other', '02');
  await assert.rejects(rotated.another(WITH_NEW), { name: 'StartFailure', message: /another store key/, exitCode: 65 });
  await assert.rejects(rotated.another(WITH_OLD), { name: 'StartFailure', message: /another store key/, exitCode: 65 });
});

test('the next snapshot has every secret under the new key, although no record has changed, and then the old key is needed no more', async () => {
  const first = await Rig.open(undefined, { ...WITH_OLD, journalKeepBytes: 0 });
  const bmc = await addBmc(first, 'secret', '01');
  await first.snapshot();
  const rotated = await first.another({ ...WITH_BOTH, journalKeepBytes: 0 });
  rotated.clock.ms += 1000;
  const taken = await rotated.snapshot({ reason: 'interval', skipUnchanged: true });
  const again = await rotated.query('snapshot.take', { reason: 'interval', retention: KEEP_ALL, skipUnchanged: true });
  assert.equal(again.taken, undefined, 'once is enough');
  const ofNewKey = sealedFiles(realFiles, rotated.directory).filter(({ keyId }) => keyId === keyIdOf(NEW));
  assert.deepEqual(
    ofNewKey.map(({ path }) => path),
    [join(rotated.snapshotDirectory, `snapshot=${taken.name}`)],
  );
  // The segment that is being written goes with the snapshot after the next change.
  await addBmc(rotated, 'other', '02');
  rotated.clock.ms += 1000;
  await rotated.snapshot();
  await withRig(rotated.another(WITH_NEW), async (rig) => assert.deepEqual(await secretsOf(rig, bmc), { password: 'secret' }));
});

test('a restore brings a secret of the old key back under the new one', async () => {
  const first = await Rig.open(undefined, WITH_OLD);
  const bmc = await addBmc(first, 'secret', '01');
  const image = Buffer.from((await first.image('BMC', bmc))?.text ?? '');
  await first.close();
  // As the history thread hands it over: sealed as it was then.
  const sealed = new Vault(OLD, seededRandom(3)).seal(Buffer.from('secret'), `BMC/${bmc}/password`);
  const rotated = await first.another(WITH_BOTH);
  value(await rotated.remove('BMC', bmc));
  const bulkId = 'restore';
  value(await rotated.send('restore.stage', { bulkId, firstIndex: 0, entries: 1, packedEntries: packMessage([['BMC', bmc, image, { password: sealed }]]) }));
  value(await rotated.send('restore.judge', { bulkId, wholeKinds: [], changesMax: 10 }));
  value(await rotated.send('restore.commit', { bulkId }));
  assert.deepEqual(await secretsOf(rotated, bmc), { password: 'secret' });
  const journaled = [...new JournalReader(realFiles, rotated.journalDirectory).secretsAfter(2, rotated.status.sequence)];
  const restored = journaled.at(-1)?.secrets?.['password'];
  assert(restored !== undefined);
  assert.equal(new Vault(NEW, seededRandom()).open(restored, `BMC/${bmc}/password`).toString(), 'secret');
});

test('a sealed text that was cut short, moved, changed, or sealed with a third key does not open', () => {
  const vault = new Vault(NEW, seededRandom(), [OLD]);
  const sealed = vault.seal(Buffer.from('secret'), 'BMC/1/password');
  assert.equal(vault.open(sealed, 'BMC/1/password').toString(), 'secret');
  for (let length = 0; length < sealed.length; length++) assert.throws(() => vault.open(sealed.subarray(0, length), 'BMC/1/password'), `${length} bytes`);
  for (let index = 0; index < sealed.length; index++) {
    const changed = Buffer.from(sealed);
    changed[index] = (changed[index] ?? 0) ^ 1;
    assert.throws(() => vault.open(changed, 'BMC/1/password'), `byte ${index}`);
  }
  assert.throws(() => vault.open(sealed, 'BMC/2/password'));
  assert.throws(() => new Vault(OLD, seededRandom()).open(sealed, 'BMC/1/password'));
  assert.equal(new Vault(OLD, seededRandom()).keyIds.has(vault.keyId), false);
});

test('the same secret is never sealed to the same bytes twice', () => {
  const vault = new Vault(NEW, seededRandom());
  const sealed = new Set(Array.from({ length: 1000 }, () => vault.seal(Buffer.from('secret'), 'BMC/1/password').toString('hex')));
  assert.equal(sealed.size, 1000);
});
