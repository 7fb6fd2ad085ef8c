import { strict as assert } from 'node:assert';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { applyPatch, type Operation } from 'rfc6902';
import { loadKinds } from '../../schemas/registry.ts';
import type { Result } from '../../src/faults.ts';
import { jsonPatchOf } from '../../src/json-patch.ts';
import type { DiffPart, DiffPlace, PastQueries } from '../../src/protocol/past.ts';
import { type Fields, fault, KEEP_ALL, onlyKinds, Rig, temporaryFolder, value, withRig } from '../store/rig.ts';
import { fc } from '../support/properties.ts';
import { PastRig } from './past-rig.ts';

const KINDS = onlyKinds('Component', 'RedfishEndpoint');
const KEEP_TWO = { newest: 2, hourly: 0, daily: 0, weekly: 0 };

interface Change {
  readonly kind: string;
  readonly key: string;
  readonly type: 'created' | 'changed' | 'deleted';
  readonly fromRevision?: number;
  readonly toRevision?: number;
  readonly patch?: Operation[];
  readonly before?: Fields;
  readonly after?: Fields;
}

type Asked = Partial<PastQueries['past.diff']['in']>;

/** All changes, part by part. */
async function changes(past: PastRig, from: number, to: number, more: Asked = {}): Promise<readonly Change[]> {
  const all: Change[] = [];
  for (let after: DiffPlace | undefined = more.after; ; ) {
    const part: DiffPart = await past.query('past.diff', {
      from,
      to,
      rowsMax: 8192,
      form: 'patch',
      separator: ',',
      ...more,
      ...(after === undefined ? {} : { after }),
      ...(more.limit === undefined ? {} : { limit: more.limit - all.length }),
    });
    const list = JSON.parse(`[${Buffer.from(part.bytes).toString()}]`) as Change[];
    assert.equal(list.length, part.rows);
    all.push(...list);
    if (part.more === undefined) return all;
    after = part.more;
  }
}

/** Page by page, as somebody would ask who follows links. */
async function paged(past: PastRig, from: number, to: number, limit: number): Promise<readonly Change[]> {
  const all: Change[] = [];
  for (let after: DiffPlace | undefined; ; ) {
    const more: Asked = { limit, ...(after === undefined ? {} : { after }) };
    const page = await changes(past, from, to, more);
    assert.ok(page.length <= limit && (page.length > 0 || after === undefined));
    all.push(...page);
    const { next } = await past.query('past.diff', { from, to, rowsMax: 1, form: 'patch', separator: ',', ...more });
    if (next === undefined) return all;
    after = next;
    assert.equal(next.key, page.at(-1)?.key);
  }
}

type State = ReadonlyMap<string, Fields>;

function stateOf(rig: Rig): State {
  return new Map([...rig.images()].map(([place, text]) => [place, JSON.parse(text.slice(text.indexOf(' ') + 1)) as Fields]));
}

function applied(state: State, list: readonly Change[]): State {
  const result = new Map(state);
  for (const { kind, key, type, patch = [], before, after, fromRevision, toRevision } of list) {
    const place = `${kind}/${key}`;
    const old = result.get(place);
    assert.equal(old?.['revision'], fromRevision);
    if (type === 'deleted') {
      assert.deepEqual(before, old);
      result.delete(place);
    } else if (type === 'created') {
      result.set(place, after ?? {});
    } else {
      const record = structuredClone(old ?? {});
      assert.deepEqual(
        applyPatch(record, patch).filter((error) => error !== null),
        [],
      );
      result.set(place, record);
    }
    assert.equal(result.get(place)?.['revision'], toRevision);
  }
  return result;
}

function sorted(state: State): readonly (readonly [string, Fields])[] {
  return [...state].sort(([a], [b]) => (a < b ? -1 : 1));
}

type Step =
  | { readonly type: 'write'; readonly kind: number; readonly id: number; readonly nid: number }
  | { readonly type: 'remove'; readonly kind: number; readonly id: number }
  | { readonly type: 'bulk'; readonly ids: readonly number[] }
  | { readonly type: 'snapshot'; readonly keep: boolean }
  | { readonly type: 'restart' };

const id = fc.nat(7);
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ type: fc.constant('write' as const), kind: fc.nat(1), id, nid: fc.nat(99) }) },
    { weight: 4, arbitrary: fc.record({ type: fc.constant('remove' as const), kind: fc.nat(1), id }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('bulk' as const), ids: fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 8 }) }) },
    { weight: 3, arbitrary: fc.record({ type: fc.constant('snapshot' as const), keep: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('restart' as const) }) },
  ),
  { minLength: 5, maxLength: 25 },
);

async function take(rig: Rig, step: Step): Promise<Rig> {
  rig.clock.ms += 1000;
  switch (step.type) {
    case 'write': {
      const [kind, name] = step.kind === 0 ? ['Component', `x${step.id}c0s0b0n0`] : ['RedfishEndpoint', `x${step.id}c0s0b0`];
      const document = step.kind === 0 ? { NID: step.nid } : { Name: `"${step.nid}" é` };
      if (!(await rig.patch(kind, name, document)).ok) await rig.create(kind, { ID: name, ...(step.kind === 0 ? { Type: 'Node' } : {}), ...document });
      return rig;
    }
    case 'remove':
      await rig.remove(step.kind === 0 ? 'Component' : 'RedfishEndpoint', `x${step.id}c0s0b0${step.kind === 0 ? 'n0' : ''}`);
      return rig;
    case 'bulk':
      value(
        await rig.bulk(
          'Component',
          step.ids.map((number) => ({ ID: `x${number}c0s0b0n0`, Type: 'Node', NID: number })),
          true,
        ),
      );
      return rig;
    case 'snapshot':
      await rig.snapshot({ retention: step.keep ? KEEP_ALL : KEEP_TWO });
      return rig;
    case 'restart':
      return await rig.restart();
  }
}

test('a diff makes the second state of the first one, its counts agree, and its pages are what it is in one go', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(steps, fc.infiniteStream(fc.nat(1_000_000)), fc.boolean(), async (list, random, isKept) => {
      let rig = await Rig.open(undefined, { kinds: KINDS, journalKeepBytes: isKept ? 0 : 1_000_000 });
      const below = (max: number): number => Number(random.next().value) % max;
      const states = new Map<number, State>([[0, new Map()]]);
      for (const step of list) {
        rig = await take(rig, step);
        states.set(rig.status.sequence, stateOf(rig));
      }
      const past = new PastRig(() => rig, { partBytes: 200 + below(5000), memoryBytes: below(2) === 0 ? 1 << 28 : 20_000 });
      const exact: number[] = [];
      for (const sequence of states.keys()) {
        const resolved = await past.ask('past.resolve', { at: String(sequence), exactly: true, kind: '', schemaHash: '' });
        if (resolved.ok) exact.push(sequence);
      }
      for (let count = 0; count < 6 && exact.length > 0; count++) {
        const [from, to] = [exact[below(exact.length)] ?? 0, exact[below(exact.length)] ?? 0];
        const [before, after] = [states.get(from) ?? new Map(), states.get(to) ?? new Map()];
        const whole = await changes(past, from, to);
        assert.deepEqual(sorted(applied(before, whole)), sorted(after), `from ${from} to ${to}`);
        const { counts, next } = await past.query('past.diff', { from, to, rowsMax: 9, limit: 0, form: 'patch', separator: ',' });
        assert.equal(next, undefined);
        for (const [kind, expected] of Object.entries(counts)) {
          const types = whole.filter((change) => change.kind === kind).map(({ type }) => type);
          for (const type of ['created', 'changed', 'deleted'] as const) assert.equal(types.filter((each) => each === type).length, expected[type]);
        }
        assert.deepEqual(await paged(past, from, to, 1 + below(4)), whole);
        assert.deepEqual(
          (await changes(past, to, from, { form: 'records' })).map(({ key, before: now, after: then }) => [key, then, now]),
          (await changes(past, from, to, { form: 'records' })).map(({ key, before: then, after: now }) => [key, then, now]),
        );
        compared += whole.length;
      }
      await past.past.close();
      await rig.close();
    }),
    { numRuns: 12, endOnFailure: true },
  );
  assert.ok(compared > 100, `${compared} differences`);
});

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

function component(number: number, more: Fields = {}): Fields {
  return { ID: `x${number}c0s0b0n0`, Type: 'Node', ...more };
}

test('snapshots and journal that are pruned while a diff is read do not break it, and who begins then is told', async () => {
  await withPast(async (rig, past) => {
    for (let number = 1; number <= 40; number++) await rig.created('Component', component(number));
    await rig.snapshot();
    for (let number = 1; number <= 20; number++) await rig.patch('Component', `x${number}c0s0b0n0`, { NID: number });
    await rig.remove('Component', 'x40c0s0b0n0');
    const ask = { from: 40, to: 61, form: 'patch', separator: ',' } as const;
    const first = await past.query('past.diff', { ...ask, rowsMax: 5 });
    for (let count = 0; count < 3; count++) {
      await rig.patch('Component', 'x1c0s0b0n0', { NID: 100 + count });
      await rig.snapshot({ retention: KEEP_TWO });
    }
    fault(await past.ask('past.resolve', { at: '61', exactly: true, kind: '', schemaHash: '' }), 'not-found');
    const rest = await changes(past, 40, 61, { after: first.more as DiffPlace });
    assert.equal(first.rows + rest.length, 21);
    const late = new PastRig(() => rig);
    assert.match(fault(await late.ask('past.diff', { ...ask, rowsMax: 5 }), 'not-found').detail, /is not kept any more/);
    await late.past.close();
  });
});

test('columns that came, went, or changed their type between two snapshots are told as what the records were', async () => {
  const stamp = { type: 'string', format: 'date-time', readOnly: true };
  const rack = async (properties: Fields): Promise<Awaited<ReturnType<typeof loadKinds>>> => {
    const folder = temporaryFolder();
    const schema = {
      'x-holdfast': { key: 'name' },
      type: 'object',
      additionalProperties: false,
      properties: { name: { type: 'string' }, ...properties, created_at: stamp, updated_at: stamp, revision: { type: 'integer', readOnly: true } },
    };
    writeFileSync(join(folder, 'Rack.json'), JSON.stringify(schema));
    const kinds = await loadKinds(folder);
    return { ...kinds, all: kinds.all.filter(({ name }) => name === 'Rack') };
  };
  const first = await rack({ height: { type: 'integer' }, remark: { type: 'string' }, since: stamp });
  const second = await rack({ owner: { type: 'string' }, height: { type: 'number' }, since: { type: 'string' } });
  let rig = await Rig.open(undefined, { kinds: first });
  await rig.created('Rack', { name: 'r1', height: 42, remark: 'full' });
  await rig.created('Rack', { name: 'r2', height: 7 });
  await rig.created('Rack', { name: 'r3', height: 8 });
  await rig.snapshot();
  await rig.patch('Rack', 'r1', { remark: null });
  await rig.snapshot();
  rig = await rig.restart({ kinds: second });
  rig.clock.ms += 1000;
  await rig.patch('Rack', 'r1', { owner: 'ops', height: 42.5 });
  await rig.created('Rack', { name: 'r4', owner: 'lab' });
  const expected = [
    ['r1', 'changed', { height: 42, remark: 'full' }, { height: 42.5, owner: 'ops' }],
    ['r4', 'created', undefined, { owner: 'lab' }],
  ];
  const shown = async (past: PastRig, to: number): Promise<readonly unknown[]> =>
    (await changes(past, 3, to, { form: 'records' })).map(({ key, type, before, after }) => [key, type, plain(before), plain(after)]);
  const past = new PastRig(() => rig);
  assert.deepEqual(await shown(past, 6), expected, 'a snapshot and the journal');
  await rig.snapshot({ retention: KEEP_ALL });
  assert.deepEqual(await shown(past, 6), expected, 'what was compared once');
  const again = new PastRig(() => rig);
  assert.deepEqual(await shown(again, 6), expected, 'two snapshots');
  const [change] = await changes(again, 3, 6);
  assert.deepEqual(change?.patch?.map(({ op, path }) => `${op} ${path}`).sort(), [
    'add /owner',
    'remove /remark',
    'replace /height',
    'replace /revision',
    'replace /updated_at',
  ]);
  await Promise.all([past.past.close(), again.past.close(), rig.close()]);
});

function plain(record: Fields | undefined): Fields | undefined {
  if (record === undefined) return undefined;
  const { name, created_at, updated_at, revision, ...rest } = record;
  return rest;
}

test('a kind that there is no schema of any more, or was none of then, is part of the diff', async () => {
  const both = onlyKinds('Component', 'RedfishEndpoint');
  const one = onlyKinds('Component');
  let rig = await Rig.open(undefined, { kinds: both });
  await rig.created('RedfishEndpoint', { ID: 'x1c0s0b0', Name: 'one' });
  await rig.snapshot();
  await rig.remove('RedfishEndpoint', 'x1c0s0b0');
  await rig.snapshot();
  rig = await rig.restart({ kinds: one });
  const past = new PastRig(() => rig);
  assert.deepEqual(
    (await changes(past, 1, 2)).map(({ kind, type }) => [kind, type]),
    [['RedfishEndpoint', 'deleted']],
  );
  assert.equal((await changes(past, 2, 1, { kinds: ['RedfishEndpoint'] }))[0]?.type, 'created');
  const ask = { from: 1, to: 2, rowsMax: 9, form: 'patch', separator: ',' } as const;
  assert.match(fault(await past.ask('past.diff', { ...ask, kinds: ['Rack'] }), 'invalid-parameter').detail, /"Rack", which is no kind, and was none then/);
  fault(await past.ask('past.diff', { ...ask, to: 3 }), 'invalid-parameter');
  await Promise.all([past.past.close(), rig.close()]);
});

test('a comparison that had no time to finish goes on with the next question', async () => {
  await withPast(async (rig, past) => {
    await rig.bulk(
      'Component',
      Array.from({ length: 9000 }, (_, number) => component(number + 1)),
    );
    const { nowMs } = rig.clock;
    let looks = 0;
    rig.clock.nowMs = () => nowMs.call(rig.clock) + (++looks > 4 ? 5000 : 0);
    const ask = { from: 0, to: 9000, rowsMax: 1, form: 'patch', separator: ',' } as const;
    fault(await past.ask('past.diff', ask, rig.clock.ms + 1000), 'timeout');
    rig.clock.nowMs = nowMs;
    assert.deepEqual((await past.query('past.diff', ask)).counts['Component'], { created: 9000, changed: 0, deleted: 0 });
    // More than is read at once.
    assert.equal(new Set((await changes(past, 0, 9000)).map(({ key }) => key)).size, 9000);
  });
});

test('columns that are the same bytes in two snapshots are left alone, but never when the rows are others', async () => {
  await withPast(async (rig, past) => {
    const names = async (from: number, to: number): Promise<readonly string[]> =>
      (await changes(past, from, to)).map(({ type, patch = [] }) => `${type} ${patch.map(({ op, path }) => `${op} ${path}`).sort()}`);
    const endpoint = (number: number, more: Fields): Fields => ({ ID: `x${number}c0s0b0`, ...more });
    const kept = { retention: KEEP_ALL };
    await rig.bulk(
      'RedfishEndpoint',
      [1, 2, 3].map((number) => endpoint(number, { Name: `${number}`, Hostname: 'h' })),
    );
    await rig.snapshot(kept);
    rig.clock.ms += 1000;
    await rig.patch('RedfishEndpoint', 'x2c0s0b0', { Name: '7', Hostname: null });
    await rig.snapshot(kept);
    assert.deepEqual(await names(3, 4), ['changed remove /Hostname,replace /Name,replace /revision,replace /updated_at']);
    const [{ before, after } = {}] = await changes(past, 3, 4, { form: 'records' });
    assert.deepEqual([before?.['ID'], before?.['Name'], after?.['ID'], after?.['Name']], ['x2c0s0b0', '2', 'x2c0s0b0', '7']);
    // What comes out of the journal has all of its columns.
    rig.clock.ms += 1000;
    await rig.patch('RedfishEndpoint', 'x3c0s0b0', { Name: '8' });
    assert.deepEqual(await names(3, 5), [
      'changed remove /Hostname,replace /Name,replace /revision,replace /updated_at',
      'changed replace /Name,replace /revision,replace /updated_at',
    ]);
    await rig.snapshot(kept);
    // As many rows with the same values, in other records.
    await rig.remove('RedfishEndpoint', 'x1c0s0b0');
    for (const [number, Name] of [
      [2, '1'],
      [3, '7'],
    ] as const)
      await rig.patch('RedfishEndpoint', `x${number}c0s0b0`, { Name });
    await rig.created('RedfishEndpoint', endpoint(4, { Name: '8' }));
    await rig.snapshot(kept);
    const list = await changes(past, 5, 9);
    assert.deepEqual(
      list.map(({ type, patch = [] }) => [type, patch.flatMap((each) => (each.path === '/Name' && each.op === 'replace' ? [each.value] : []))]),
      [
        ['deleted', []],
        ['changed', ['1']],
        ['changed', ['7']],
        ['created', []],
      ],
    );
  });
});

test('a snapshot that is damaged or gone is passed over where the journal reaches', async () => {
  await withPast(
    async (rig, past) => {
      await rig.created('Component', component(1));
      await rig.snapshot();
      await rig.created('Component', component(2));
      const { name } = await rig.snapshot();
      await rig.patch('Component', 'x1c0s0b0n0', { NID: 1 });
      rmSync(join(rig.snapshotDirectory, `snapshot=${name}`), { recursive: true });
      assert.deepEqual(
        (await changes(past, 2, 3)).map(({ type }) => type),
        ['changed'],
      );
      assert.deepEqual(
        (await changes(past, 0, 3)).map(({ type }) => type),
        ['created', 'created'],
      );
    },
    { journalKeepBytes: 1_000_000 },
  );
});

test('no secret is in a diff', async () => {
  await withPast(
    async (rig, past) => {
      const { key } = await rig.created('BMC', { username: 'root', password: 'canary-1', mac_address: '02:00:00:00:00:01' });
      await rig.snapshot();
      await rig.patch('BMC', key, { password: 'canary-2' });
      for (const form of ['patch', 'records'] as const) {
        const texts = JSON.stringify([await changes(past, 1, 2, { form }), await changes(past, 0, 2, { form })]);
        assert.doesNotMatch(texts, /canary/);
        assert.match(texts, /"changed"/);
      }
    },
    { kinds: onlyKinds('BMC', 'ComputeNode', 'NodeCollection') },
  );
});

test('patches of long lists are right, and take no time', () => {
  // No record has the first of these, and who applies patches goes through none of them.
  const name = fc.string().filter((text) => !['__proto__', 'constructor', 'prototype'].includes(text));
  const list = fc.array(
    fc.oneof(fc.nat(5), fc.record({ a: fc.nat(2) }), fc.array(fc.nat(1), { maxLength: 2 }), fc.record({ b: fc.array(fc.nat(1), { maxLength: 2 }) })),
    { maxLength: 80 },
  );
  const record = fc
    .record({ list, more: fc.dictionary(name, list, { noNullPrototype: true }) }, { noNullPrototype: true })
    .map((each) => JSON.parse(JSON.stringify(each)));
  fc.assert(
    fc.property(record, record, (before, after) => {
      const patched = structuredClone(before);
      applyPatch(patched, [...jsonPatchOf(before, after)]);
      assert.deepEqual(patched, after);
    }),
  );
  const nodes = Array.from({ length: 20_000 }, (_, number) => `x${number}`);
  const [first, second] = [
    [...nodes.slice(0, 9000), ...nodes.slice(9001)],
    [...nodes, 'new'],
  ];
  const before = process.cpuUsage();
  assert.deepEqual(jsonPatchOf({ nodes }, { nodes: first }), [{ op: 'remove', path: '/nodes/9000' }]);
  assert.deepEqual(jsonPatchOf({ nodes }, { nodes: second }), [{ op: 'add', path: '/nodes/20000', value: 'new' }]);
  assert.deepEqual(
    jsonPatchOf({ nodes }, { nodes: [...nodes].reverse() }).map(({ op, path }) => [op, path]),
    [['replace', '/nodes']],
  );
  const cube = (value: number): unknown =>
    Array.from({ length: 32 }, () => Array.from({ length: 32 }, () => Array.from({ length: 32 }, (_, index) => value + index)));
  assert.equal(jsonPatchOf({ l: { m: cube(0) } }, { l: { m: cube(1000) } }).length, 32);
  const wide = (value: number): unknown =>
    Array.from({ length: 32 }, () => Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`p${index}`, value])));
  assert.equal(jsonPatchOf({ l: wide(0) }, { l: wide(1) }).length, 32);
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 2_000_000);
});

test('the time limit also ends what finds nothing in a long journal, and the next question goes on from there', async () => {
  await withRig(Rig.open(undefined, { kinds: KINDS, journalKeepBytes: 1024 ** 3 }), async (rig) => {
    value(await rig.create('RedfishEndpoint', { ID: 'x0c0s0b0' }));
    for (let cabinet = 0; cabinet < 60; cabinet++) value(await rig.create('Component', { ID: `x${1000 + cabinet}c0s0b0n0`, Type: 'Node' }));
    const past = new PastRig(() => rig);
    const to = rig.status.sequence;
    const deadlineMs = rig.clock.ms + 25_000;
    const { nowMs } = rig.clock;
    const find = { kind: 'RedfishEndpoint', conditions: [], sort: [], count: true };
    const asked: readonly (() => Promise<Result<{ readonly rows: number }>>)[] = [
      () => past.ask('past.diff', { from: 0, to, kinds: ['RedfishEndpoint'], rowsMax: 10, form: 'patch', separator: ',' }, deadlineMs),
      () => past.ask('past.find', { sequence: to, find, rowsMax: 10, separator: ',' }, deadlineMs),
    ];
    for (const ask of asked) {
      // Each question may look so often before its time is over.
      const looksUntilLate = 30;
      let looks = 0;
      rig.clock.nowMs = () => nowMs.call(rig.clock) + (++looks > looksUntilLate ? 60_000 : 0);
      fault(await ask(), 'timeout');
      looks = 0;
      fault(await ask(), 'timeout');
      looks = 0;
      assert.equal(value(await ask()).rows, 1);
      rig.clock.nowMs = nowMs;
    }
    await past.past.close();
  });
});
