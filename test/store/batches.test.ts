import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Result } from '../../src/faults.ts';
import type { Command, Stored } from '../../src/protocol/commands.ts';
import { packMessage } from '../../src/protocol/wire.ts';
import { type Fields, fault, NODE, onlyKinds, Rig, type RigOptions, storedIn, temporaryFolder, value, withRig } from './rig.ts';

/** Commands that are judged together: each sees the ones before it, and a refused one was never there. */

const OPTIONS: RigOptions = { kinds: onlyKinds('BMC', 'Component', 'ComputeNode', 'NodeCollection', 'RedfishEndpoint') };

function store(name: string, work: (rig: Rig) => Promise<void>): void {
  test(name, () => withRig(Rig.open(temporaryFolder(), OPTIONS), work));
}

const create = (kind: string, record: Fields): Command => ({ kind: 'record.create', input: { kind, records: [record], asArray: false, origin: {} } });
const patch = (kind: string, name: string, document: unknown, ifMatch?: readonly number[] | '*'): Command => ({
  kind: 'record.patch',
  input: { kind, name, patch: { type: 'merge', document }, origin: {}, ...(ifMatch === undefined ? {} : { ifMatch }) },
});
const remove = (kind: string, name: string): Command => ({ kind: 'record.delete', input: { kind, name, force: false } });

/** `ok` or the code of the fault, for each command. */
async function verdicts(rig: Rig, commands: readonly Command[]): Promise<readonly string[]> {
  return (await rig.batch(commands)).map((answer) => (answer.ok ? 'ok' : answer.fault.code));
}

async function expectSameAfterRestart(rig: Rig): Promise<void> {
  await withRig(rig.another(), async (other) => {
    assert.deepEqual(other.images(), rig.images());
    assert.equal(other.status.sequence, rig.status.sequence);
  });
}

store('commands of a batch see what the ones before them did', async (rig) => {
  const answers = await verdicts(rig, [
    create('ComputeNode', { ...NODE, xname: 'x1000c0s0b0n0' }),
    create('ComputeNode', { ...NODE, xname: 'x1000c0s0b0n0' }),
    patch('ComputeNode', 'x1000c0s0b0n0', { description: 'one', xname: 'x1000c0s0b0n1' }),
    patch('ComputeNode', 'x1000c0s0b0n0', { description: 'two' }),
    create('ComputeNode', { ...NODE, xname: 'x1000c0s0b0n0' }),
    remove('ComputeNode', 'x1000c0s0b0n1'),
    remove('ComputeNode', 'x1000c0s0b0n1'),
    create('ComputeNode', { ...NODE, xname: 'x1000c0s0b0n1' }),
  ]);
  assert.deepEqual(answers, ['ok', 'conflict', 'ok', 'not-found', 'ok', 'ok', 'not-found', 'ok']);
  assert.deepEqual((await rig.found('ComputeNode')).map(({ xname }) => xname).sort(), ['x1000c0s0b0n0', 'x1000c0s0b0n1']);
  await expectSameAfterRestart(rig);
});

store('each write of a batch is answered with what it wrote itself, though a later one changes or deletes the record', async (rig) => {
  const { key } = await rig.created('ComputeNode', { ...NODE, hostname: 'first' });
  const answers = await rig.batch([
    patch('ComputeNode', key, { hostname: 'second' }),
    patch('ComputeNode', key, { hostname: 'third' }),
    remove('ComputeNode', key),
  ]);
  const revisions = answers.map((answer) => storedIn(value(answer as Result<{ stored: readonly Stored[] }>)).revision);
  for (const [index, hostname] of ['second', 'third'].entries()) {
    const revision = revisions[index] ?? 0;
    const image = rig.view.imageOf('ComputeNode', key, revision);
    const record = JSON.parse(image?.bytes.toString() ?? '{}') as Fields;
    assert.deepEqual([record['hostname'], record['revision'], image?.revision], [hostname, revision, revision]);
  }
  // Of a batch before the newest one there is what is there now.
  await rig.created('ComputeNode', NODE);
  assert.equal(rig.view.imageOf('ComputeNode', key, revisions[0] ?? 0), undefined);
});

store('a refused command leaves nothing behind: no record, no unique value, no sequence', async (rig) => {
  await rig.created('BMC', { username: 'u', password: 'p', mac_address: '00:00:5e:00:53:b1' });
  const answers = await verdicts(rig, [
    // Makes its BMC and stumbles over the second element.
    {
      kind: 'record.create',
      input: {
        kind: 'ComputeNode',
        records: [
          { ...NODE, xname: 'x1000c0s0b0n0', boot_mac: '00:00:5e:00:53:01' },
          { ...NODE, xname: 'x1000c0s0b0n1', boot_mac: '00:00:5e:00:53:01' },
        ],
        asArray: true,
        origin: {},
      },
    },
    create('ComputeNode', { ...NODE, boot_mac: '00:00:5e:00:53:01' }),
    create('BMC', { username: 'u', password: 'p', mac_address: '00:00:5e:00:53:b2', xname: 'x1000c0s0b0' }),
  ]);
  assert.deepEqual(answers, ['conflict', 'ok', 'ok']);
  assert.equal(rig.status.sequence, 3);
  assert.equal((await rig.found('BMC')).length, 2);
  await expectSameAfterRestart(rig);
});

store('a value that an update or a deletion frees can be taken in the same batch, and swapped in three steps', async (rig) => {
  const first = await rig.created('Component', { ID: 'x1c0', Type: 'Node' });
  const second = await rig.created('Component', { ID: 'x2c0', Type: 'Node' });
  assert.deepEqual(
    await verdicts(rig, [
      patch('Component', first.key, { ID: 'x9c0' }),
      patch('Component', second.key, { ID: 'x1c0' }),
      patch('Component', first.key, { ID: 'x2c0' }),
      remove('Component', 'x1c0'),
      create('Component', { ID: 'x1c0', Type: 'Node', Subtype: 'third' }),
      create('Component', { ID: 'x9c0', Type: 'Node' }),
    ]),
    ['ok', 'ok', 'ok', 'ok', 'ok', 'ok'],
  );
  assert.equal((await rig.image('Component', 'x2c0'))?.key, first.key);
  assert.equal((await rig.record('Component', 'x1c0'))['Subtype'], 'third');
  assert.equal(await rig.image('Component', second.key), undefined);
  await expectSameAfterRestart(rig);
});

store('If-Match is judged against the record as the batch has it by then', async (rig) => {
  const { revision } = await rig.created('Component', { ID: 'x1c0', Type: 'Node' });
  assert.deepEqual(
    await verdicts(rig, [
      patch('Component', 'x1c0', { Subtype: 'a' }, [revision]),
      patch('Component', 'x1c0', { Subtype: 'b' }, [revision]),
      patch('Component', 'x1c0', { Subtype: 'c' }, [revision, revision + 1]),
      patch('Component', 'x1c0', { Subtype: 'd' }, '*'),
      patch('Component', 'x2c0', { Subtype: 'e' }, '*'),
      patch('Component', 'x1c0', { Subtype: 'f' }, []),
      { kind: 'record.delete', input: { kind: 'Component', name: 'x1c0', force: false, ifMatch: [1] } },
      { kind: 'record.replace', input: { kind: 'Component', name: 'x3c0', record: { ID: 'x3c0', Type: 'Node' }, origin: {}, upsert: true, ifMatch: '*' } },
    ]),
    ['ok', 'precondition-failed', 'ok', 'ok', 'precondition-failed', 'precondition-failed', 'precondition-failed', 'precondition-failed'],
  );
  assert.equal((await rig.record('Component', 'x1c0'))['Subtype'], 'd');
});

store('a replacement keeps key and creation time, and drops what it does not bring', async (rig) => {
  const { key } = await rig.created('Component', { ID: 'x1c0', Type: 'Node', Subtype: 'old', NID: 7 });
  rig.clock.ms += 1500;
  const stored = storedIn(value(await rig.replace('Component', 'x1c0', { ID: 'x1c0', Type: 'Node', created_at: '1999-01-01T00:00:00Z', UID: 'mine' })));
  assert.deepEqual(stored, { key, revision: 2, created: false });
  assert.deepEqual(await rig.record('Component', 'x1c0'), {
    UID: key,
    ID: 'x1c0',
    Type: 'Node',
    created_at: '2026-11-22T02:10:00Z',
    updated_at: '2026-11-22T02:10:01.5Z',
    revision: 2,
  });
});

store('a replacement of what is not there makes it only when it is asked to', async (rig) => {
  fault(await rig.replace('Component', 'x1c0', { ID: 'x1c0', Type: 'Node' }), 'not-found');
  const made = storedIn(value(await rig.replace('Component', 'x1c0', { ID: 'x1c0', Type: 'Node' }, { upsert: true })));
  assert.equal(made.created, true);
  const id = '0192F0C4-7B1E-7C3A-9D52-3F6A1B0C8E11';
  assert.equal(storedIn(value(await rig.replace('Component', id, { ID: 'x2c0', Type: 'Node' }, { upsert: true }))).key, id.toLowerCase());
  fault(await rig.replace('Component', 'x3c0', { ID: 'x4c0', Type: 'Node' }, { upsert: true }), 'invalid-id');
  fault(await rig.replace('Component', 'nonsense', { ID: 'x3c0', Type: 'Node' }, { upsert: true }), 'invalid-id');
});

store('the key of a record that clients name cannot be changed by any write', async (rig) => {
  await rig.created('RedfishEndpoint', { ID: 'x1000c0' });
  fault(await rig.create('RedfishEndpoint', { ID: 'x01000c0' }), 'conflict');
  fault(await rig.patch('RedfishEndpoint', 'x1000c0', { ID: 'x2000c0' }), 'invalid');
  fault(await rig.replace('RedfishEndpoint', 'x1000c0', { ID: 'x2000c0' }), 'invalid');
  fault(await rig.replace('RedfishEndpoint', 'x3000c0', { ID: 'x2000c0' }, { upsert: true }), 'invalid');
  assert.deepEqual(
    (await rig.found('RedfishEndpoint')).map(({ ID }) => ID),
    ['x1000c0'],
  );
});

store('a patch is checked like a record, and a refused one changes nothing', async (rig) => {
  await rig.created('Component', { ID: 'x1c0', Type: 'Node', NID: 7 });
  const before = await rig.image('Component', 'x1c0');
  for (const document of [{ Type: 'nothing' }, { Type: null }, { Other: 1 }, { NID: 1.5 }, { NID: 2 ** 53 }, { ID: null }]) {
    fault(await rig.patch('Component', 'x1c0', document), 'invalid');
  }
  for (const document of ['text', 7, [], true]) fault(await rig.patch('Component', 'x1c0', document), 'invalid-request');
  const json = (document: unknown) => rig.send('record.patch', { kind: 'Component', name: 'x1c0', patch: { type: 'json', document }, origin: {} });
  fault(await json([{ op: 'replace', path: '/NID', value: 'x' }]), 'invalid');
  fault(
    await json([
      { op: 'test', path: '/NID', value: 8 },
      { op: 'remove', path: '/NID' },
    ]),
    'patch-failed',
  );
  fault(await json([{ op: 'remove', path: '/Role' }]), 'patch-failed');
  assert.equal((await json([{ op: 'add', path: '/__proto__/polluted', value: 1 }])).ok, false);
  fault(await json({ op: 'remove', path: '/NID' }), 'invalid-request');
  fault(await json([{ op: 'add', path: '/NID' }]), 'invalid-request');
  fault(await json([{ op: 'remove', path: '' }]), 'invalid-request');
  assert.deepEqual(await rig.image('Component', 'x1c0'), before);
  value(
    await json([
      { op: 'test', path: '/NID', value: 7 },
      { op: 'remove', path: '/NID' },
      { op: 'add', path: '/Role', value: 'Compute' },
    ]),
  );
  const { NID, Role } = await rig.record('Component', 'x1c0');
  assert.deepEqual([NID, Role], [undefined, 'Compute']);
  assert.equal(({} as Fields)['polluted'], undefined);
});

store('a batch of reads of its own writes by every name goes through one journal frame', async (rig) => {
  const many = Array.from({ length: 300 }, (_, index) => create('Component', { ID: `x${index}c0`, Type: 'Node' }));
  const answers = await rig.batch([...many, ...many.map((_, index) => patch('Component', `x${index}c0`, { NID: index })), remove('Component', 'x7c0')]);
  assert(answers.every(({ ok }) => ok));
  assert.equal(rig.status.sequence, 601);
  assert.equal((await rig.found('Component')).length, 299);
  await expectSameAfterRestart(rig);
});

store('PUT by another spelling of an unknown property order gives the same bytes', async (rig) => {
  await rig.created('Component', { Type: 'Node', ID: 'x1c0', NID: 3, Enabled: false });
  const first = (await rig.image('Component', 'x1c0'))?.text ?? '';
  value(await rig.replace('Component', 'x1c0', { Enabled: false, NID: 3, Role: null as unknown as string, ID: 'x1c0', Type: 'Node' }));
  assert.equal((await rig.image('Component', 'x1c0'))?.text, first.replace('"revision":1', '"revision":2'));
});

store('a merge patch cannot reach what objects inherit', async (rig) => {
  const { key } = await rig.created('ComputeNode', NODE);
  const document = JSON.parse('{"status":{"extended_data":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}}') as unknown;
  const reply = await rig.store.run({
    lane: 'write',
    commands: packMessage([{ kind: 'record.patch', input: { kind: 'ComputeNode', name: key, patch: { type: 'merge', document }, origin: {} } }]),
  });
  rig.take(reply);
  assert.equal(({} as Fields)['polluted'], undefined);
});

store('a defect while judging ends the store loudly, with an honest answer for every command and nothing lost', async (rig) => {
  await rig.created('ComputeNode', NODE);
  // What no caller can send: a command that the owner has no case for.
  const nonsense = { kind: 'record.nonsense', input: {} } as unknown as Command;
  assert.deepEqual(await verdicts(rig, [create('ComputeNode', { ...NODE }), nonsense]), ['outcome-unknown', 'outcome-unknown']);
  assert.match(rig.status.fatal ?? '', /a defect in the store.*record\.nonsense/s);
  await expectSameAfterRestart(rig);
});
