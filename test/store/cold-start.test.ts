import { strict as assert } from 'node:assert';
import { cpSync } from 'node:fs';
import { before, test } from 'node:test';
import type { Command } from '../../src/protocol/commands.ts';
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
