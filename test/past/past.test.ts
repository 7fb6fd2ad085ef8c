import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadKinds } from '../../schemas/registry.ts';
import { TimeIndex } from '../../src/past/time-index.ts';
import type { RestoreEntry } from '../../src/protocol/commands.ts';
import { unpackMessage } from '../../src/protocol/wire.ts';
import { openDatabase } from '../../src/store/database.ts';
import { encodeManifest, folderOf, SUCCESS_NAME, snapshotName } from '../../src/store/manifest.ts';
import { type Fields, fault, onlyKinds, Rig, temporaryFolder, value, withRig } from '../store/rig.ts';
import { PastRig } from './past-rig.ts';

const KINDS = onlyKinds('Component', 'RedfishEndpoint');
const KEEP_TWO = { newest: 2, hourly: 0, daily: 0, weekly: 0 };

function component(number: number, more: Fields = {}): Fields {
  return { ID: `x${number}c0s0b0n0`, Type: 'Node', ...more };
}

/** Runs with a store and what the history thread would be beside it. */
async function withPast(work: (rig: Rig, past: PastRig) => Promise<void>, options: Parameters<typeof Rig.open>[1] = {}): Promise<void> {
  await withRig(Rig.open(undefined, { kinds: KINDS, ...options }), async (rig) => {
    const past = new PastRig(() => rig);
    try {
      await work(rig, past);
    } finally {
      await past.past.close();
    }
  });
}

function idsIn(records: readonly Fields[]): readonly unknown[] {
  return records.map(({ ID }) => ID).sort();
}

test('before the first snapshot the journal alone tells every state', async () => {
  await withPast(async (rig, past) => {
    await rig.created('Component', component(1));
    rig.clock.ms += 1000;
    await rig.created('Component', component(2));
    assert.deepEqual(await past.asOf('1'), { sequence: 1, time: '2026-11-22T02:10:00.000Z', source: 'journal', exact: true });
    assert.deepEqual(idsIn(await past.list(1, 'Component')), ['x1c0s0b0n0']);
    assert.deepEqual(await past.list(0, 'Component'), []);
    assert.equal((await past.asOf('earliest')).sequence, 1);
    assert.equal((await past.asOf('now')).sequence, 2);
    const { detail } = fault(await past.ask('past.resolve', { at: '2026-11-22T02:09:59Z', exactly: false, kind: 'Component', schemaHash: '' }), 'not-found');
    assert.match(detail, /the earliest is change 1, of 2026-11-22T02:10:00.000Z/);
  });
});

test('between two snapshots without their journal the older one is as near as it gets, and the answer says so', async () => {
  await withPast(async (rig, past) => {
    for (let number = 1; number <= 12; number++) {
      await rig.created('Component', component(number));
      if (number % 3 === 0) await rig.snapshot();
      rig.clock.ms += 60_000;
    }
    assert.deepEqual(rig.segments(), ['0000000000000010.journal'], 'the journal has gone as far as two snapshots have it');
    const between = await past.asOf('5');
    assert.deepEqual([between.sequence, between.source, between.exact], [3, 'snapshot', false]);
    assert.equal(between.time, '2026-11-22T02:12:00.000Z');
    assert.deepEqual(await past.asOf('2026-11-22T02:14:30Z'), between);
    assert.deepEqual([(await past.asOf('6')).sequence, (await past.asOf('6')).exact], [6, true]);
    assert.deepEqual([(await past.asOf('10')).sequence, (await past.asOf('10')).source], [10, 'journal']);
    assert.equal((await past.list(10, 'Component')).length, 10);
    fault(await past.ask('past.resolve', { at: '2', exactly: false, kind: 'Component', schemaHash: '' }), 'not-found');
    fault(await past.ask('past.resolve', { at: '5', exactly: true, kind: 'Component', schemaHash: '' }), 'not-found');
    // No change was between the ninth and the tenth.
    assert.equal((await past.asOf('2026-11-22T02:18:59Z')).exact, true);
  });
});

test('what is no place in the past, or none yet, is refused in words', async () => {
  await withPast(async (rig, past) => {
    await rig.created('Component', component(1));
    const refusal = async (at: string): Promise<string> =>
      fault(await past.ask('past.resolve', { at, exactly: false, kind: 'Component', schemaHash: '' }), 'invalid-parameter').detail;
    for (const at of ['', 'yesterday', '-1', '1.5', '99999999999999999', '2026-02-30T00:00:00Z', '../../keys', '2026-11-22'])
      assert.match(await refusal(at), /RFC 3339/);
    assert.match(await refusal('2'), /in the future: the newest change is 1/);
    assert.match(await refusal('2026-11-22T02:10:00.001Z'), /in the future: here it is 2026-11-22T02:10:00.000Z/);
    for (const at of ['latest', '2026-11-22T02-10-00Z-000000000009']) {
      fault(await past.ask('past.resolve', { at, exactly: false, kind: 'Component', schemaHash: '' }), 'not-found');
    }
  });
});

test('of changes with one time the last counts, and a clock that was set back loses none', () => {
  const index = new TimeIndex();
  index.extend([
    { sequence: 1, timeMs: 10 },
    { sequence: 3, timeMs: 20 },
    { sequence: 4, timeMs: 20 },
    { sequence: 5, timeMs: 15 },
    { sequence: 6, timeMs: 30 },
  ]);
  const newest = [9, 10, 14, 15, 20, 29, 30, 99].map((timeMs) => index.newestAt(timeMs)?.sequence);
  assert.deepEqual(newest, [undefined, 1, 1, 5, 5, 5, 6, 6]);
  assert.equal(index.reached, 6);
});

test('a snapshot that is deleted while it is read stays readable, also tables that nobody has asked for before', async () => {
  await withPast(async (rig, past) => {
    await rig.created('Component', component(1));
    await rig.created('RedfishEndpoint', { ID: 'x1c0s0b0', Name: 'one' });
    const { name } = await rig.snapshot();
    assert.equal((await past.list(2, 'Component')).length, 1);
    await rig.created('Component', component(2));
    await rig.snapshot();
    await rig.created('Component', component(3));
    await rig.snapshot({ retention: KEEP_TWO });
    assert.ok(!rig.snapshots().some((folder) => folder.endsWith(name)));
    assert.deepEqual(
      (await past.list(2, 'RedfishEndpoint')).map(({ Name }) => Name),
      ['one'],
    );
    // Who has not begun is told.
    const late = new PastRig(() => rig);
    fault(
      await late.ask('past.find', { sequence: 2, find: { kind: 'Component', conditions: [], sort: [], count: false }, rowsMax: 9, separator: ',' }),
      'not-found',
    );
    await late.past.close();
  });
});

test('a damaged snapshot is passed over: the one before it and the journal give the same', async () => {
  await withPast(
    async (rig, past) => {
      await rig.created('Component', component(1));
      await rig.snapshot();
      await rig.created('Component', component(2));
      const { name } = await rig.snapshot();
      await rig.created('Component', component(3));
      const path = join(rig.snapshotDirectory, folderOf(name), 'Component.parquet');
      const bytes = readFileSync(path);
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
      writeFileSync(path, bytes);
      const asOf = await past.asOf(name);
      assert.deepEqual([asOf.sequence, asOf.exact, asOf.source, asOf.snapshot?.endsWith('000000000001')], [2, true, 'journal', true]);
      assert.equal((await past.list(2, 'Component')).length, 2);
      assert.equal((await past.list(3, 'Component')).length, 3);
      assert.match(past.log.join('\n'), new RegExp(`${name} cannot be used.*Component.parquet does not match its checksum`));
      assert.equal(past.log.length, 1, 'it is said once');
    },
    { journalKeepBytes: 1_000_000 },
  );
});

test('a state is read by the schemas of then: properties that came, went, or changed their type since do not matter', async () => {
  const bookkeeping = {
    created_at: { type: 'string', format: 'date-time', readOnly: true },
    updated_at: { type: 'string', format: 'date-time', readOnly: true },
    revision: { type: 'integer', readOnly: true },
  };
  const rack = async (properties: Fields): Promise<Awaited<ReturnType<typeof loadKinds>>> => {
    const folder = temporaryFolder();
    const schema = {
      'x-holdfast': { key: 'name' },
      type: 'object',
      additionalProperties: false,
      properties: { name: { type: 'string' }, ...properties, ...bookkeeping },
    };
    writeFileSync(join(folder, 'Rack.json'), JSON.stringify(schema));
    const kinds = await loadKinds(folder);
    return { ...kinds, all: kinds.all.filter(({ name }) => name === 'Rack') };
  };
  const first = await rack({ height: { type: 'integer' }, remark: { type: 'string' } });
  const second = await rack({ owner: { type: 'string' }, height: { type: 'number' } });
  let rig = await Rig.open(undefined, { kinds: first, journalKeepBytes: 1_000_000 });
  await rig.created('Rack', { name: 'r1', height: 42, remark: 'full' });
  const { name } = await rig.snapshot();
  await rig.created('Rack', { name: 'r2', height: 7, remark: 'new' });
  for (const key of ['r1', 'r2']) await rig.patch('Rack', key, { remark: null });
  await rig.snapshot();
  rig = await rig.restart({ kinds: second });
  await rig.patch('Rack', 'r1', { owner: 'ops', height: 42.5 });
  await rig.created('Rack', { name: 'r3', owner: 'lab' });
  const past = new PastRig(() => rig);
  const shown = async (sequence: number): Promise<readonly string[]> =>
    (await past.list(sequence, 'Rack')).map(({ created_at, updated_at, revision, ...record }) => JSON.stringify(record));
  assert.deepEqual(await shown(1), ['{"name":"r1","height":42,"remark":"full"}']);
  assert.deepEqual(await shown(2), ['{"name":"r1","height":42,"remark":"full"}', '{"name":"r2","height":7,"remark":"new"}']);
  assert.deepEqual(await shown(4), ['{"name":"r1","height":42}', '{"name":"r2","height":7}']);
  assert.deepEqual(await shown(6), ['{"name":"r1","owner":"ops","height":42.5}', '{"name":"r2","height":7}', '{"name":"r3","owner":"lab"}']);
  // Its schema comes with the answer, so that its properties can be asked for.
  const [kind] = second.all;
  const { schema } = await past.query('past.resolve', { at: name, exactly: false, kind: 'Rack', schemaHash: kind?.schemaHash ?? '' });
  assert.ok(schema?.properties !== undefined && 'remark' in schema.properties && !('owner' in schema.properties));
  const byRemark = await past.list(2, 'Rack', {
    conditions: [{ path: ['remark'], operator: 'equal', values: ['new'] }],
    sort: [{ path: ['height'], descending: true }],
  });
  assert.deepEqual(
    byRemark.map(({ name: key }) => key),
    ['r2'],
  );
  assert.equal(await past.text(3, 'Rack', 'r2'), (await past.texts(3, 'Rack'))[1]);
  // The same, where the older snapshot has to be carried through the change of schemas.
  rmSync(join(rig.snapshotDirectory, rig.snapshots().at(-1) ?? ''), { recursive: true });
  const again = new PastRig(() => rig);
  assert.deepEqual(
    (await again.list(6, 'Rack')).map(({ name: key, owner, height }) => [key, owner, height]),
    [
      ['r1', 'ops', 42.5],
      ['r2', undefined, 7],
      ['r3', 'lab', undefined],
    ],
  );
  await Promise.all([past.past.close(), again.past.close(), rig.close()]);
});

test('pages of a list of the past are what one list of it is, in any order', async () => {
  await withPast(async (rig, past) => {
    await rig.bulk(
      'Component',
      Array.from({ length: 300 }, (_, number) => component(1000 + number, { NID: number % 7 })),
    );
    await rig.snapshot();
    await rig.patch('Component', 'x1003c0s0b0n0', { NID: 99 });
    const sort = [{ path: ['NID'], descending: true }];
    const whole = await past.list(301, 'Component', { sort });
    assert.deepEqual(
      whole.map(({ NID }) => NID),
      whole.map(({ NID }) => NID as number).sort((a, b) => b - a),
    );
    assert.equal((await past.texts(301, 'Component', { sort }, 17)).join(), (await past.texts(301, 'Component', { sort })).join());
    const find = { kind: 'Component', conditions: [], sort, limit: 100, count: true };
    const page = await past.query('past.find', { sequence: 301, find, rowsMax: 30, separator: ',', fields: [['NID']] });
    assert.deepEqual([page.rows, page.count], [30, 300]);
    assert.deepEqual(Object.keys(JSON.parse(`[${Buffer.from(page.bytes).toString()}]`)[0]), ['UID', 'NID']);
    assert.ok(page.next !== undefined && page.more !== undefined);
    const behind = await past.list(301, 'Component', { sort, after: page.next });
    assert.deepEqual(behind, whole.slice(100));
  });
});

test('no secret is in a state of the past, nor in the history of a record', async () => {
  await withPast(
    async (rig, past) => {
      const bmc = { username: 'root', password: 'canary-1', mac_address: '02:00:00:00:00:01' };
      const { key } = await rig.created('BMC', bmc);
      await rig.snapshot();
      await rig.patch('BMC', key, { password: 'canary-2' });
      const texts = [...(await past.texts(1, 'BMC')), ...(await past.texts(2, 'BMC'))];
      const { versions } = await past.query('past.versions', { kind: 'BMC', key, limit: 9, patch: false });
      for (const { image } of versions) texts.push(Buffer.from(image ?? []).toString());
      const patches = await past.query('past.versions', { kind: 'BMC', key, limit: 9, patch: true });
      texts.push(JSON.stringify(patches.versions.map(({ patch }) => patch)));
      assert.equal(texts.length, 5);
      assert.doesNotMatch(texts.join(), /canary/);
    },
    { kinds: onlyKinds('BMC', 'ComputeNode', 'NodeCollection') },
  );
});

test('what only snapshots have seen of a record is in its history, also that it went and came back', async () => {
  await withPast(async (rig, past) => {
    const endpoint = { ID: 'x1c0s0b0', Name: 'first' };
    const more = async (): Promise<void> => {
      rig.clock.ms += 60_000;
      await rig.created('Component', component(rig.status.sequence + 1));
      await rig.snapshot();
    };
    await rig.created('RedfishEndpoint', endpoint);
    await more();
    await rig.patch('RedfishEndpoint', 'x1c0s0b0', { Name: 'never seen' });
    await rig.remove('RedfishEndpoint', 'x1c0s0b0');
    await more();
    await rig.created('RedfishEndpoint', { ...endpoint, Name: 'second' });
    for (let count = 0; count < 3; count++) await more();
    assert.deepEqual(rig.segments(), ['0000000000000009.journal']);
    const seen = async (): Promise<readonly unknown[]> => {
      const { versions } = await past.query('past.versions', { kind: 'RedfishEndpoint', key: 'x1c0s0b0', limit: 9, patch: false });
      return versions.map(({ sequence, type, source, image }) => [sequence, type, source, JSON.parse(Buffer.from(image ?? []).toString()).Name]);
    };
    const older = [
      [6, 'created', 'snapshot', 'second'],
      [5, 'deleted', 'snapshot', 'first'],
      [1, 'created', 'snapshot', 'first'],
    ];
    assert.deepEqual(await seen(), older);
    await rig.remove('RedfishEndpoint', 'x1c0s0b0');
    assert.deepEqual(await seen(), [[10, 'deleted', 'journal', 'second'], ...older]);
    for (let count = 0; count < 2; count++) await more();
    await rig.remove('Component', 'x3c0s0b0n0');
    assert.deepEqual((await seen()).slice(1), older);
    assert.deepEqual((await seen())[0], [11, 'deleted', 'snapshot', 'second'], 'the journal has let its deletion go');
  });
});

test('what a question had no time to finish is there for the next one', async () => {
  await withRig(Rig.open(undefined, { kinds: KINDS }), async (rig) => {
    for (let number = 1; number <= 20; number++) await rig.created('Component', component(number));
    const past = new PastRig(() => rig, { replayBytes: 500 });
    const find = { kind: 'Component', conditions: [], sort: [], count: false };
    const { nowMs } = rig.clock;
    let looks = 0;
    rig.clock.nowMs = () => {
      looks += 1;
      return nowMs.call(rig.clock) + (looks > 6 ? 5000 : 0);
    };
    fault(await past.ask('past.find', { sequence: 20, find, rowsMax: 99, separator: ',' }, rig.clock.ms + 1000), 'timeout');
    rig.clock.nowMs = nowMs;
    assert.equal((await past.list(20, 'Component')).length, 20);
    await past.past.close();
  });
});

test('a question whose time is over is not worked on', async () => {
  await withPast(async (rig, past) => {
    await rig.created('Component', component(1));
    fault(await past.ask('past.versions', { kind: 'Component', key: 'x', limit: 1, patch: false }, rig.clock.ms - 1), 'timeout');
  });
});

test('a million records are read in bounded memory, and a state that does not fit is refused without harm', async () => {
  const kinds = onlyKinds('Component');
  await withRig(Rig.open(undefined, { kinds }), async (rig) => {
    const rows = 1_000_000;
    await millionComponents(rig, rows);
    const small = new PastRig(
      () => rig,
      { memoryBytes: 64 * 1024 * 1024 },
      () => rows,
    );
    const find = { kind: 'Component', conditions: [], sort: [], count: true };
    const { detail } = fault(await small.ask('past.find', { sequence: rows, find, rowsMax: 10, separator: ',' }), 'overloaded');
    assert.match(detail, /history.memoryBytes/);
    await small.past.close();
    const past = new PastRig(
      () => rig,
      { memoryBytes: 512 * 1024 * 1024 },
      () => rows,
    );
    const page = await past.query('past.find', { sequence: rows, find, rowsMax: 100_000, separator: ',' });
    assert.equal(page.count, rows);
    assert.ok(page.rows < 100_000 && page.bytes.length < 9 * 1024 * 1024, `${page.bytes.length} bytes in one part`);
    await past.past.close();
  });
});

/** A snapshot as the store would write it, without a million writes. */
async function millionComponents(rig: Rig, rows: number): Promise<void> {
  const [kind] = rig.kinds.all;
  const { name: empty } = await rig.snapshot();
  const folder = join(rig.snapshotDirectory, folderOf(empty));
  const { checksum: _checksum, ...manifest } = JSON.parse(readFileSync(join(folder, '_manifest.json'), 'utf8'));
  const name = snapshotName(rig.clock.ms, rows);
  const target = join(rig.snapshotDirectory, folderOf(name));
  mkdirSync(target);
  const database = await openDatabase();
  const session = await database.open();
  const path = join(target, 'Component.parquet');
  const columns = (kind?.columns ?? []).map(({ name: column }) => {
    const values: Record<string, string> = {
      UID: "format('01a20197-0000-7000-8000-{:012d}', range)",
      ID: "format('x{}c0s0b0n0', range)",
      Type: "'Node'",
      NID: 'range',
      created_at: "TIMESTAMPTZ '2026-11-22 02:00:00Z'",
      updated_at: "TIMESTAMPTZ '2026-11-22 02:00:00Z'",
      revision: 'range + 1',
      Enabled: 'NULL::BOOLEAN',
      ReservationDisabled: 'NULL::BOOLEAN',
      Locked: 'NULL::BOOLEAN',
    };
    return `${values[column] ?? 'NULL::VARCHAR'} AS "${column}"`;
  });
  await session.alone((sql) => sql.run(`COPY (SELECT ${columns.join(', ')} FROM range(${rows})) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`));
  await session.close();
  database.close();
  const others = manifest.files.filter((file: Fields) => file['name'] !== 'Component.parquet');
  for (const { name: file } of others) writeFileSync(join(target, file), readFileSync(join(folder, file)));
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
  const files = [...others, { name: 'Component.parquet', bytes: statSync(path).size, sha256 }];
  const counted = { ...manifest.kinds, Component: { ...manifest.kinds.Component, rows } };
  writeFileSync(join(target, '_manifest.json'), encodeManifest({ ...manifest, name, sequence: rows, kinds: counted, files }));
  writeFileSync(join(target, SUCCESS_NAME), '');
}

test('a state that is held stays whatever else is asked, though its snapshot has gone, and its records are there to go back to', async () => {
  await withPast(async (rig) => {
    const past = new PastRig(() => rig, { statesMax: 2 });
    const { key: one } = await rig.created('Component', component(1));
    const { key: two } = await rig.created('Component', component(2));
    const { name } = await rig.snapshot();
    assert.deepEqual((await past.query('past.hold', { sequence: 2 })).kinds.includes('Component'), true);
    const lines = (await past.query('past.revisions', { sequence: 2, kind: 'Component' })).lines.map((each) => Buffer.from(each).toString('utf8')).join('\n');
    assert.deepEqual(lines.split('\n').sort(), [`1 "${one}"`, `2 "${two}"`]);
    for (let count = 3; count < 8; count++) {
      await rig.created('Component', component(count));
      await rig.snapshot({ retention: KEEP_TWO });
    }
    assert.ok(!rig.snapshots().some((folder) => folder.endsWith(name)));
    for (const sequence of [6, 7]) assert.equal((await past.list(sequence, 'Component')).length, sequence);
    const { packedEntries } = await past.query('past.images', { sequence: 2, kind: 'Component', keys: [one, 'nobody', two] });
    const entries = unpackMessage(packedEntries) as readonly RestoreEntry[];
    assert.deepEqual(
      entries.map(([kind, key, image]) => [kind, key, image === null ? null : (JSON.parse(Buffer.from(image).toString('utf8')) as Fields)['ID']]),
      [
        ['Component', one, 'x1c0s0b0n0'],
        ['Component', 'nobody', null],
        ['Component', two, 'x2c0s0b0n0'],
      ],
    );
    assert.equal((await past.query('past.moved', { after: 6 })).moved?.get('Component')?.size, 1);
    assert.equal((await past.query('past.moved', { after: 1 })).moved, undefined, 'the journal does not reach back so far');
    // Let go, it is one of those that go first.
    value(await past.ask('past.hold', { sequence: undefined }, rig.clock.nowMs() - 1));
    for (const sequence of [6, 7]) await past.list(sequence, 'Component');
    fault(await past.ask('past.hold', { sequence: 2 }), 'not-found');
    await past.past.close();
  });
});

test('a history comes in pages of a few megabytes, however many versions are asked for, and none is left out', async () => {
  await withRig(Rig.open(temporaryFolder(), { kinds: onlyKinds('Component'), journalKeepBytes: 1e9 }), async (rig) => {
    const { key } = await rig.created('Component', { ID: 'x1c0s0b0n0', Type: 'Node' });
    for (let count = 0; count < 20; count++) value(await rig.patch('Component', key, { Subtype: String(count).padStart(200, '0') }));
    const past = new PastRig(() => rig, { partBytes: 1500 });
    const sequences: number[] = [];
    let pages = 0;
    for (let before: number | undefined, more = true; more; pages++) {
      const page = await past.query('past.versions', {
        kind: 'Component',
        key,
        limit: 1000,
        patch: pages % 2 === 1,
        ...(before === undefined ? {} : { before }),
      });
      assert(page.versions.length > 0 && page.versions.length < 8, `${page.versions.length} versions`);
      sequences.push(...page.versions.map(({ sequence }) => sequence));
      before = sequences.at(-1);
      more = page.more;
    }
    assert.deepEqual(
      sequences,
      Array.from({ length: 21 }, (_, index) => 21 - index),
    );
    await past.past.close();
  });
});
