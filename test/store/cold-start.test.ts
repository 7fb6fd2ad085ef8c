import { strict as assert } from 'node:assert';
import { cpSync } from 'node:fs';
import { before, type TestContext, test } from 'node:test';
import type { Command } from '../../src/protocol/commands.ts';
import { Statements } from '../../src/store/database.ts';
import { openDuckDb } from '../../src/store/duckdb-working-set.ts';
import type { OpenWorkingSet } from '../../src/store/working-set.ts';
import { type Fields, fault, NODE, onlyKinds, Rig, type RigOptions, storedIn, temporaryFolder, value, withRig } from './rig.ts';

/** A start answers before its memory is full: what it answers must be what it would answer later. */

const OPTIONS: RigOptions = { kinds: onlyKinds('BMC', 'Component', 'ComputeNode', 'NodeCollection', 'RedfishEndpoint') };
const COLD: RigOptions = { ...OPTIONS, cold: true };
const MANY = 40_000;

interface Prepared {
  readonly directory: string;
  readonly images: ReadonlyMap<string, string>;
}
let many: Prepared;
let few: Prepared;

before(async () => {
  many = await withRig(Rig.open(temporaryFolder(), OPTIONS), async (rig) => {
    value(
      await rig.bulk(
        'Component',
        Array.from({ length: MANY }, (_, index) => ({ ID: `x${10_000 + index}c0`, Type: 'Node', NID: index })),
      ),
    );
    await rig.snapshot();
    value(await rig.patch('Component', 'x10007c0', { Subtype: 'after the snapshot' }));
    value(await rig.remove('Component', 'x10008c0'));
    return { directory: rig.directory, images: rig.images() };
  });
  few = await withRig(Rig.open(temporaryFolder(), OPTIONS), async (rig) => {
    for (let slot = 0; slot < 20; slot++) await rig.created('ComputeNode', { ...NODE, xname: `x1000c0s${slot}b0n0`, description: `slot ${slot}` });
    await rig.created('NodeCollection', { name: 'p1', type: 'partition', nodes: ['x1000c0s0b0n0', 'x1000c0s1b0n0'] });
    await rig.created('NodeCollection', { name: 'p2', type: 'partition', nodes: ['x1000c0s2b0n0'] });
    await rig.created('RedfishEndpoint', { ID: 'x1000c0', Password: 'secret' });
    await rig.snapshot();
    return { directory: rig.directory, images: rig.images() };
  });
});

async function cold({ directory }: Prepared): Promise<Rig> {
  const copy = temporaryFolder();
  cpSync(directory, copy, { recursive: true });
  return await Rig.open(copy, COLD);
}

/** A start that has its key index: writes may come. */
async function indexed(prepared: Prepared): Promise<Rig> {
  const rig = await cold(prepared);
  await rig.query('store.fill', {});
  assert.deepEqual([rig.status.indexed, rig.status.filled], [true, false]);
  return rig;
}

test('reads and lists are answered before anything is filled', async () => {
  await withRig(cold(many), async (rig) => {
    assert.equal((await rig.record('Component', 'x10007c0'))['Subtype'], 'after the snapshot');
    assert.equal(await rig.image('Component', 'x10008c0'), undefined);
    assert.equal(await rig.image('Component', 'x9c0'), undefined);
  });
  await withRig(cold(many), async (rig) => {
    const [found, ...others] = await rig.found('Component', [{ path: ['NID'], operator: 'equal', values: [1234] }]);
    assert.deepEqual([found?.['ID'], others], ['x11234c0', []]);
    assert.equal((await rig.found('Component')).length, MANY - 1);
  });
});

test('before the tables have anything a record is read by its key from the journal and the file of the snapshot, byte for byte', async (context) => {
  const changed = await withRig(cold(few), async (rig) => {
    await rig.fill();
    const [first, second] = [...rig.images().keys()].filter((place) => place.startsWith('ComputeNode/')).map((place) => place.slice('ComputeNode/'.length));
    assert(first !== undefined && second !== undefined);
    value(await rig.patch('ComputeNode', first, { description: 'after the snapshot' }));
    value(await rig.remove('ComputeNode', second));
    return { directory: rig.directory, images: rig.images(), gone: second };
  });
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { run } = Statements.prototype;
  const filling = context.mock.method(Statements.prototype, 'run', async function (this: Statements, ...call: Parameters<Statements['run']>) {
    if (/^INSERT INTO .* BY NAME/.test(call[0])) await held;
    await run.apply(this, call);
  });
  await withRig(cold(changed), async (rig) => {
    for (const [place, bytes] of changed.images) {
      const [kind = '', key = ''] = place.split('/');
      const image = await rig.image(kind, key);
      assert.equal(`${image?.revision} ${image?.text}`, bytes, place);
    }
    const hasBegun = (): boolean => filling.mock.calls.some(({ arguments: [sql] }) => sql.includes(' BY NAME '));
    assert.equal(hasBegun(), false, 'nothing of this needed the tables');
    const [gone, list] = [rig.image('ComputeNode', changed.gone), rig.found('ComputeNode')];
    const first = await Promise.race([gone, list, new Promise((resolve) => setImmediate(resolve, 'waits'))]);
    assert.equal(first, 'waits', 'what only the tables know waits for them');
    while (!hasBegun()) await new Promise((resolve) => setImmediate(resolve));
    release();
    assert.equal(await gone, undefined);
    assert.equal((await list).length, 19);
    await rig.fill();
    assert.deepEqual(rig.images(), changed.images);
  });
});

/** Keeps tables from being loaded. @returns what lets them go on */
function holdLoads(context: TestContext): () => void {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { run } = Statements.prototype;
  context.mock.method(Statements.prototype, 'run', async function (this: Statements, ...call: Parameters<Statements['run']>) {
    if (/^INSERT INTO .* BY NAME/.test(call[0])) await held;
    await run.apply(this, call);
  });
  return () => release();
}

test('before the tables have anything writes are judged by what the snapshot and the journal have, and the tables get all of it', async (context) => {
  const OPEN = { description: 'written while the tables were empty' };
  const node = (slot: number): string => `x1000c0s${slot}b0n0`;
  const changed = await withRig(cold(few), async (rig) => {
    await rig.fill();
    value(await rig.patch('ComputeNode', node(1), { description: 'after the snapshot' }));
    value(await rig.remove('ComputeNode', node(3)));
    await rig.created('ComputeNode', { ...NODE, xname: 'x1000c0s21b0n0', description: 'slot 21' });
    value(await rig.patch('NodeCollection', 'p2', { nodes: [node(4)] }));
    return { directory: rig.directory, images: rig.images() };
  });
  const release = holdLoads(context);
  await withRig(cold(changed), async (rig) => {
    await rig.query('store.fill', {});
    assert.equal(rig.status.indexed, true);
    value(await rig.patch('ComputeNode', node(1), OPEN));
    value(await rig.patch('ComputeNode', node(2), OPEN));
    value(await rig.patch('ComputeNode', 'x1000c0s21b0n0', OPEN));
    value(await rig.remove('ComputeNode', node(5)));
    fault(await rig.create('ComputeNode', { ...NODE, xname: 'x1000c00s21b0n0' }), 'conflict');
    fault(await rig.create('NodeCollection', { name: 'p3', type: 'partition', nodes: [node(4)] }), 'conflict');
    await rig.created('ComputeNode', { ...NODE, xname: node(3) });
    value(await rig.patch('NodeCollection', 'p2', { nodes: [node(2)] }));
    assert.equal((await rig.record('ComputeNode', node(2)))['description'], OPEN.description);
    const list = rig.found('ComputeNode');
    release();
    assert.equal((await list).length, 20);
    assert.equal((await rig.found('ComputeNode', [{ path: ['description'], operator: 'equal', values: [OPEN.description] }])).length, 3);
    await rig.fill();
    await withRig(rig.another(), async (other) => assert.deepEqual(other.images(), rig.images()));
  });
});

test('a snapshot that the tables are still to be filled from is not deleted before they are', async (context) => {
  const twice = await withRig(cold(few), async (rig) => {
    await rig.fill();
    value(await rig.patch('ComputeNode', 'x1000c0s1b0n0', { description: 'after the first snapshot' }));
    rig.clock.ms += 60_000;
    await rig.snapshot();
    return { directory: rig.directory, images: rig.images() };
  });
  const release = holdLoads(context);
  await withRig(cold(twice), async (rig) => {
    const [loaded, older] = (await rig.query('snapshot.list', {})).toSorted((a, b) => b.sequence - a.sequence);
    assert(loaded !== undefined && older !== undefined);
    let isAnswered = false;
    const deleting = rig.ask('snapshot.delete', { name: loaded.name }).finally(() => {
      isAnswered = true;
    });
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isAnswered, false);
    release();
    value(await deleting);
    await rig.fill();
    assert.deepEqual(rig.images(), twice.images);
  });
});

test('what begins to read in the moment after the journal went into the tables misses none of it', async (context) => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let isReached = false;
  const { run } = Statements.prototype;
  context.mock.method(Statements.prototype, 'run', async function (this: Statements, ...call: Parameters<Statements['run']>) {
    await run.apply(this, call);
    if (call[0] !== 'DROP TABLE _images') return;
    isReached = true;
    await held;
  });
  const [place] = [...many.images].find(([, image]) => image.includes('after the snapshot')) ?? [];
  assert(place !== undefined);
  await withRig(cold(many), async (rig) => {
    const list = rig.found('Component');
    // The rows are loaded and the changes applied then, and the last statement is held.
    while (!isReached) await new Promise((resolve) => setImmediate(resolve));
    const reading = [rig.record('Component', place.slice('Component/'.length)), rig.query('store.fill', {})] as const;
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
    release();
    assert.equal((await reading[0])['Subtype'], 'after the snapshot');
    await reading[1];
    assert.equal((await list).length, MANY - 1);
    await rig.fill();
    assert.deepEqual(rig.images(), many.images);
  });
});

test('a read before the key index finds a record by any spelling of its name', async () => {
  for (const name of ['x1000c0s3b0n0', 'x01000c0s03b0n0']) {
    await withRig(cold(few), async (rig) => {
      assert.equal(rig.status.indexed, false);
      assert.equal((await rig.record('ComputeNode', name))['description'], 'slot 3', name);
    });
  }
  await withRig(cold(few), async (rig) => assert.equal((await rig.image('RedfishEndpoint', 'x01000c0'))?.key, 'x1000c0'));
  await withRig(cold(few), async (rig) =>
    assert.deepEqual(await rig.query('secrets.read', { kind: 'RedfishEndpoint', name: 'x1000c0' }), { Password: 'secret' }),
  );
});

test('filling brings every image as it was, byte for byte', async () => {
  for (const prepared of [many, few]) {
    await withRig(cold(prepared), async (rig) => {
      await rig.fill();
      assert.equal(rig.images().size, prepared.images.size);
      assert.deepEqual(rig.images(), prepared.images);
    });
  }
});

test('a read that comes before the key index does not make it be filled twice: the second time would undo the first writes', async () => {
  await withRig(cold(many), async (rig) => {
    await Promise.all([
      rig.image('Component', 'x10100c0'),
      rig.query('store.fill', {}),
      rig.found('Component', [{ path: ['NID'], operator: 'equal', values: [1] }]),
    ]);
    assert.equal(rig.status.indexed, true);
    value(await rig.remove('Component', 'x49999c0'));
    value(await rig.patch('Component', 'x49997c0', { ID: 'x7c0' }));
    let steps = 0;
    for (; !rig.status.filled; steps++) await rig.query('store.fill', {});
    assert.equal(steps, Math.ceil(MANY / 16_384));
    assert.equal(await rig.image('Component', 'x49999c0'), undefined, 'what was deleted stays deleted');
    assert.equal(await rig.image('Component', 'x49997c0'), undefined, 'a name that was given up is free');
    assert.equal(rig.images().size, MANY - 2);
  });
});

test('writes between the steps of filling are not overwritten by it, also when DuckDB has them already', async () => {
  await withRig(indexed(many), async (rig) => {
    for (let round = 0; !rig.status.filled; round++) {
      const name = (offset: number): string => `x${10_000 + ((round * 7919 + offset * 12_347) % MANY)}c0`;
      for (let offset = 0; offset < 3; offset++) await rig.patch('Component', name(offset), { Subtype: `round ${round}` });
      await rig.remove('Component', name(3));
      await rig.replace('Component', name(4), { ID: name(4), Type: 'Drive' }, { upsert: true });
      const [removed, created] = await rig.batch([
        { kind: 'record.delete', input: { kind: 'Component', name: name(5), force: false } },
        { kind: 'record.create', input: { kind: 'Component', records: [{ ID: name(5), Type: 'CEC' }], asArray: false, origin: {} } },
      ]);
      assert(removed !== undefined && created !== undefined);
      value(created);
      if (round % 2 === 1) await rig.query('store.apply', {});
      await rig.query('store.fill', {});
    }
    await withRig(rig.another(), async (other) => {
      assert.equal(other.images().size, rig.images().size);
      assert.deepEqual(other.images(), rig.images());
    });
  });
});

test('a snapshot and a bulk in the middle of filling lose nothing', async () => {
  await withRig(indexed(many), async (rig) => {
    await rig.remove('Component', 'x10000c0');
    rig.clock.ms += 60_000;
    await rig.snapshot();
    await rig.query('store.fill', {});
    const upserts = Array.from({ length: 20_000 }, (_, index) => ({ ID: `x${5000 + index}c0`, Type: 'Node', Subtype: 'bulk' }));
    const counts = value(await rig.bulk('Component', upserts, true));
    assert(!('replay' in counts));
    // x10000c0 and x10008c0 are gone: 14 998 of the names were there.
    assert.deepEqual([counts.created, counts.updated], [5002, 14_998]);
    await rig.snapshot();
    await rig.fill();
    assert.equal(rig.images().size, MANY - 2 + 5002);
    await withRig(rig.another(), async (other) => assert.deepEqual(other.images(), rig.images()));
  });
});

test('a node whose implied BMC is cold keeps the password in its specification', async () => {
  await withRig(indexed(few), async (rig) => {
    const { key } = await rig.created('ComputeNode', { ...NODE, xname: 'x1000c0s0b0n1', spec: { bmc_username: 'u', bmc_password: 'nested' } });
    assert.deepEqual((await rig.record('ComputeNode', key))['spec'], { bmc_username: 'u', bmc_password_set: true });
    assert.deepEqual(await rig.query('secrets.read', { kind: 'ComputeNode', name: key }), { 'spec.bmc_password': 'nested' });
  });
});

test('a BMC whose nodes are cold takes the password that comes with its replacement', async () => {
  await withRig(indexed(few), async (rig) => {
    const replacement = { xname: 'x1000c0s0b0', username: 'u', password: 'fresh', mac_address: '00:00:5e:00:53:01' };
    value(await rig.replace('BMC', 'x1000c0s0b0', replacement));
    assert.deepEqual(await rig.query('secrets.read', { kind: 'BMC', name: 'x1000c0s0b0' }), { password: 'fresh' });
    assert.equal(((await rig.record('ComputeNode', 'x1000c0s0b0n0'))['bmc'] as Fields)['password_set'], true);
  });
});

test('a batch that stops for a cold record is judged again as it was sent', async () => {
  await withRig(indexed(few), async (rig) => {
    const commands: readonly Command[] = [
      { kind: 'record.create', input: { kind: 'ComputeNode', records: [{ ...NODE, xname: 'x2000c0s0b0n0' }], asArray: false, origin: {} } },
      { kind: 'record.create', input: { kind: 'RedfishEndpoint', records: [{ ID: 'x2000c0', Password: 'p' }], asArray: false, origin: {} } },
      {
        kind: 'record.patch',
        input: { kind: 'ComputeNode', name: 'x1000c0s5b0n0', patch: { type: 'merge', document: { description: 'warm' } }, origin: {} },
      },
      { kind: 'record.delete', input: { kind: 'ComputeNode', name: 'x1000c0s0b0n0', force: false } },
    ];
    for (const answer of await rig.batch(commands)) value(answer);
    assert.deepEqual(await rig.query('secrets.read', { kind: 'RedfishEndpoint', name: 'x2000c0' }), { Password: 'p' });
    assert.deepEqual((await rig.record('NodeCollection', 'p1'))['nodes'], ['x1000c0s1b0n0']);
    await rig.fill();
    await withRig(rig.another(), async (other) => assert.deepEqual(other.images(), rig.images()));
  });
});

test('rules judge by cold records as by warm ones', async () => {
  await withRig(indexed(few), async (rig) => {
    fault(await rig.create('NodeCollection', { name: 'p3', type: 'partition', nodes: ['x01000c0s2b0n0'] }), 'conflict');
    fault(await rig.create('ComputeNode', { ...NODE, xname: 'x1000c00s3b0n0' }), 'conflict');
    fault(await rig.remove('BMC', 'x1000c0s4b0'), 'conflict');
    fault(await rig.create('RedfishEndpoint', { ID: 'x01000c0' }), 'conflict');
    fault(await rig.patch('ComputeNode', 'x1000c0s6b0n0', { description: 'x' }, { ifMatch: [1] }), 'precondition-failed');
    const { items } = value(
      await rig.send('bulk.partial', {
        kind: 'ComputeNode',
        records: [{ ...NODE, xname: 'x1000c0s7b0n0' }],
        options: { upsert: true, dryRun: false },
        origin: {},
      }),
    );
    assert.equal('created' in (items[0] ?? {}) && (items[0] as { created: boolean }).created, false);
  });
});

test('a batch that needs very many cold records is answered all the same', async () => {
  await withRig(indexed(few), async (rig) => {
    const answers = await rig.batch(
      Array.from({ length: 20 }, (_, slot) => ({
        kind: 'record.patch' as const,
        input: { kind: 'ComputeNode', name: `x1000c0s${slot}b0n0`, patch: { type: 'merge' as const, document: { bmc: { description: 'x' } } }, origin: {} },
      })),
    );
    for (const answer of answers) value(answer);
    for (const { bmc } of await rig.found('ComputeNode')) assert.equal((bmc as Fields)['description'], 'x');
  });
});

test('a replacement under a name that is cold is one, not a new record', async () => {
  await withRig(indexed(few), async (rig) => {
    const stored = storedIn(value(await rig.replace('ComputeNode', 'x1000c0s9b0n0', { ...NODE, xname: 'x1000c0s9b0n0' }, { upsert: true })));
    assert.equal(stored.created, false);
    assert.equal((await rig.record('ComputeNode', 'x1000c0s9b0n0'))['description'], undefined);
  });
});

test('who waits to read a record from the file of a snapshot is answered when that snapshot is deleted meanwhile', async () => {
  await withRig(indexed(many), async (rig) => {
    const reads = Promise.allSettled(Array.from({ length: 1000 }, (_, index) => rig.record('Component', `x${11_000 + index}c0`)));
    const behindThem = rig.patch('Component', 'x12000c0', { Subtype: 'behind them' });
    await rig.snapshot();
    rig.clock.ms += 1000;
    await rig.snapshot({ retention: { newest: 2, hourly: 0, daily: 0, weekly: 0 } });
    const kept = await rig.query('snapshot.list', {});
    assert(!kept.some(({ sequence }) => sequence === MANY), 'what the start was from has gone');
    value(await behindThem);
    for (const [index, read] of (await reads).entries()) assert.equal(read.status === 'fulfilled' && read.value['NID'], 1000 + index);
    assert.equal(rig.status.fatal, undefined);
  });
});

test('the key index takes what the journal has changed a part at a time, and others have their turns in between', async () => {
  const changed = await withRig(cold(many), async (rig) => {
    await rig.fill();
    value(
      await rig.bulk(
        'Component',
        Array.from({ length: 9000 }, (_, index) => ({ ID: `x${20_000 + index}c0`, Type: 'Node', Subtype: 'changed' })),
        true,
      ),
    );
    return { directory: rig.directory, images: rig.images() };
  });
  let turn = 0;
  const turns: number[] = [];
  const openWorkingSet: OpenWorkingSet = async (kinds, log) => {
    const workingSet = await openDuckDb(kinds, log);
    const eachOfIndex = workingSet.eachOfIndex.bind(workingSet);
    return Object.assign(workingSet, {
      eachOfIndex: (...[kind, paths, take]: Parameters<typeof eachOfIndex>) =>
        eachOfIndex(kind, paths, (columns, rows) => {
          turns.push(turn);
          take(columns, rows);
        }),
    });
  };
  let isCounting = true;
  const count = (): void => {
    turn += 1;
    if (isCounting) setImmediate(count);
  };
  setImmediate(count);
  await withRig(Rig.open(changed.directory, { ...COLD, openWorkingSet }), async (rig) => {
    await rig.query('store.fill', {});
    isCounting = false;
    assert(turns.length > 10, 'of the file and of the journal');
    assert.equal(new Set(turns).size, turns.length);
    await rig.fill();
    assert.deepEqual(rig.images(), changed.images);
  });
});

test('what a start waited for gives way once all of it is there, also when there was nothing, or somebody else has brought it', async () => {
  for (const [records, fillsByItself] of [
    [0, false],
    [3, false],
    [3, true],
  ] as const) {
    const rig = await Rig.open(temporaryFolder(), { kinds: onlyKinds('Component') });
    for (let number = 0; number < records; number++) await rig.created('Component', { ID: `x${number}c0`, Type: 'Node' });
    await rig.close();
    let times = 0;
    const openWorkingSet: OpenWorkingSet = async (kinds, log) => {
      const workingSet = await openDuckDb(kinds, log);
      return Object.assign(workingSet, { giveWay: async () => void times++ });
    };
    await withRig(rig.another({ cold: true, openWorkingSet }), async (cold) => {
      for (let isEnded = false; !isEnded; ) {
        assert.equal(times, 0, 'until then everybody waits for it');
        isEnded = (await cold.query('store.fill', {})).ended;
        if (fillsByItself && cold.status.indexed) await cold.bulk('Component', [{ ID: 'x9c0', Type: 'Node' }], true);
      }
      assert(cold.status.filled);
      assert.equal(times, 1);
      assert.equal((await cold.query('store.fill', {})).ended, true);
      assert.equal(times, 1);
    });
  }
});
