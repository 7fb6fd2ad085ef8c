import { strict as assert } from 'node:assert';
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { messageOf, type Result, StartFailure } from '../../src/faults.ts';
import type { RetentionRules } from '../../src/protocol/commands.ts';
import { realFiles } from '../../src/store/files.ts';
import { damageOf, nameOfFolder, readManifest } from '../../src/store/manifest.ts';
import { diskError, type FileCall, troubledFiles } from './failing-files.ts';
import { creation, type Fields, onlyKinds, Rig, type RigOptions, temporaryFolder, withRig } from './rig.ts';

/** One call to the file system fails, each in its turn; whatever was acknowledged must be there after a restart. */

const KINDS = onlyKinds('Component');
const KEEP_TWO: RetentionRules = { newest: 2, hourly: 0, daily: 0, weekly: 0 };

/** What clients were told: acknowledged content by name, and names of which nothing is known. */
class Ledger {
  readonly acknowledged: Map<string, string>;
  readonly unknown: Set<string>;
  answers: number;

  constructor(before?: Ledger) {
    this.acknowledged = new Map(before?.acknowledged);
    this.unknown = new Set(before?.unknown);
    this.answers = before?.answers ?? 0;
  }

  note(name: string, subtype: string, result: Result<unknown>): void {
    if (result.ok) this.acknowledged.set(name, subtype);
    else if (result.fault.code === 'outcome-unknown') this.unknown.add(name);
    else assert(['not-durable'].includes(result.fault.code), `${result.fault.code}: ${result.fault.detail}`);
  }
}

async function put(rig: Rig, ledger: Ledger, name: string, subtype: string): Promise<void> {
  const record: Fields = { ID: name, Type: 'Node', Subtype: subtype };
  ledger.note(name, subtype, await rig.replace('Component', name, record, { upsert: true }));
}

async function takeSnapshot(rig: Rig): Promise<void> {
  rig.clock.ms += 1000;
  await rig.ask('snapshot.take', { reason: 'demand', retention: KEEP_TWO, skipUnchanged: false });
}

async function rememberAnswer(rig: Rig, ledger: Ledger): Promise<void> {
  const empty = { ...creation(rig, 'Component', []), asArray: true, idempotency: { key: 'empty', requestHash: 'hash' } };
  if ((await rig.send('record.create', empty)).ok) ledger.answers += 1;
}

/** Two snapshots, and a journal that ends in a frame with an answer to remember and no change. */
async function prepare(rig: Rig, ledger: Ledger): Promise<void> {
  await put(rig, ledger, 'x1c0', 'first');
  await takeSnapshot(rig);
  await put(rig, ledger, 'x1c0', 'second');
  await put(rig, ledger, 'x2c0', 'first');
  await takeSnapshot(rig);
  await rememberAnswer(rig, ledger);
}

async function expectAll(directory: string, ledger: Ledger, when: string): Promise<void> {
  await withRig(Rig.open(directory, { kinds: KINDS }), async (rig) => {
    for (const [name, subtype] of ledger.acknowledged) {
      const image = await rig.image('Component', name);
      assert(image !== undefined, `${when}: ${name} was acknowledged and is gone`);
      if (!ledger.unknown.has(name)) assert.equal((JSON.parse(image.text) as Fields)['Subtype'], subtype, `${when}: ${name}`);
    }
    for (const record of await rig.found('Component')) {
      const name = String(record['ID']);
      assert(ledger.acknowledged.has(name) || ledger.unknown.has(name), `${when}: ${name} was refused and is there`);
    }
    if (ledger.answers > 0) {
      const again = await rig.send('record.create', { ...creation(rig, 'Component', []), asArray: true, idempotency: { key: 'empty', requestHash: 'hash' } });
      assert(again.ok && 'replay' in again.value, `${when}: an answer was forgotten`);
    }
    await rig.created('Component', { ID: 'x99c0', Type: 'Node' });
  });
  // A second start takes time, and only what was to be changed in the journal can tell it anything new.
  if (!/: (create|write|truncate|sync|remove).*journal/.test(when)) return;
  await withRig(Rig.open(directory, { kinds: KINDS }), async (rig) => {
    assert.notEqual(await rig.image('Component', 'x99c0'), undefined, `${when}: a write after the restart is there after the next`);
    assert.deepEqual(
      rig.log.filter((line) => /cut off|cannot be used/.test(line)),
      [],
      `${when}: the second start finds nothing to mend`,
    );
  });
}

function expectWholeSnapshots(directory: string, when: string): void {
  const folder = join(directory, 'snapshots');
  // The very first start may have failed before it made one.
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder)) {
    if (nameOfFolder(entry) === undefined) continue;
    const read = readManifest(realFiles, join(folder, entry));
    assert(read.ok, `${when}: ${entry}: ${read.ok ? '' : read.reason}`);
    assert.equal(damageOf(realFiles, join(folder, entry), read.manifest), undefined, `${when}: ${entry}`);
  }
}

/** Runs `run` on a copy of `origin`, once for each call to the file system that `concerns` it; that call fails. Returns their number. */
async function failEachOnce(
  origin: string,
  prepared: Ledger,
  run: (rig: Rig, ledger: Ledger) => Promise<void>,
  concerns: (call: FileCall) => boolean = () => true,
): Promise<number> {
  for (let failAt = 0; ; failAt++) {
    const code = failAt % 2 === 0 ? 'EIO' : 'ENOSPC';
    let failed: string | undefined;
    let count = 0;
    const disk = troubledFiles((call) => {
      if (!concerns(call) || count++ !== failAt) return undefined;
      failed = `call ${failAt}: ${call.name} of ${call.path.split('/').slice(-2).join('/')} (${code})`;
      return diskError(code);
    });
    disk.tornWriteBytes = 20;
    const directory = temporaryFolder();
    cpSync(origin, directory, { recursive: true });
    const ledger = new Ledger(prepared);
    const rig = await openOrFail(directory, { kinds: KINDS, files: disk.files });
    if (rig !== undefined) {
      for (const name of ledger.acknowledged.keys()) assert.notEqual(await rig.image('Component', name), undefined, `${failed}: ${name}`);
      await run(rig, ledger);
      await rig.ask('store.close', {});
    }
    if (failed === undefined) return failAt;
    expectWholeSnapshots(directory, failed);
    await expectAll(directory, ledger, failed);
  }
}

/** A start that meets a broken disk fails as a whole. */
async function openOrFail(directory: string, options: RigOptions): Promise<Rig | undefined> {
  try {
    return await Rig.open(directory, options);
  } catch (error) {
    assert(error instanceof StartFailure || /injected/.test(messageOf(error)), messageOf(error));
    return undefined;
  }
}

test('whichever call to the file system fails during a very first start and its first writes, nothing acknowledged is lost', async () => {
  const calls = await failEachOnce(temporaryFolder(), new Ledger(), async (rig, ledger) => {
    await put(rig, ledger, 'x1c0', 'first');
    await put(rig, ledger, 'x2c0', 'first');
  });
  assert(calls > 10, `${calls} calls`);
});

test('whichever call to the file system fails during recovery, writes, a snapshot and retention, nothing acknowledged is lost', async () => {
  const prepared = new Ledger();
  const origin = await withRig(Rig.open(temporaryFolder(), { kinds: KINDS }), async (rig) => {
    await prepare(rig, prepared);
    return rig.directory;
  });
  const run = async (rig: Rig, ledger: Ledger): Promise<void> => {
    rig.clock.ms += 60_000;
    await put(rig, ledger, 'x1c0', 'third');
    await takeSnapshot(rig);
    await put(rig, ledger, 'x3c0', 'first');
  };
  // Many calls only read a little more of what is open already; one kind of read that fails is like another.
  const calls = await failEachOnce(origin, prepared, run, ({ name }) => !['read', 'size', 'exists'].includes(name));
  assert(calls > 60, `${calls} calls`);
});

test('whichever call to the file system fails while a journal without new changes is rolled and pruned, nothing acknowledged is lost', async () => {
  const prepared = new Ledger();
  const origin = await withRig(Rig.open(temporaryFolder(), { kinds: KINDS }), async (rig) => {
    await prepare(rig, prepared);
    return rig.directory;
  });
  const run = async (rig: Rig, ledger: Ledger): Promise<void> => {
    rig.clock.ms += 60_000;
    await takeSnapshot(rig);
    await put(rig, ledger, 'x3c0', 'first');
  };
  const calls = await failEachOnce(origin, prepared, run, ({ name, path }) => path.endsWith('.journal') && name !== 'readAll');
  assert(calls > 5, `${calls} calls`);
});
