import { strict as assert } from 'node:assert';
import { request } from 'node:http';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { BULK_CHUNK_BYTES } from '../../src/http/bulk-items.ts';
import { node, type Rig, startRig, TOKEN } from './front-rig.ts';

const NDJSON = { 'content-type': 'application/x-ndjson' };
const lines = (records: readonly object[]): string => records.map((record) => JSON.stringify(record)).join('\n');
const named = (count: number): object[] =>
  Array.from({ length: count }, (_, index) => node(index, { xname: undefined, boot_mac: `02:00:00:00:${hex(index >> 8)}:${hex(index & 255)}` }));
const hex = (value: number): string => value.toString(16).padStart(2, '0');
const results = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const stages = (rig: Rig): string[] => rig.owner.commands.map(({ kind }) => kind).filter((kind) => kind.startsWith('bulk'));

test('a bulk of lines, or of an array, is stored as a whole and in order', async (context) => {
  const rig = await startRig(context);
  const first = await rig.ask('POST', '/inventory/ComputeNode/bulk', lines(named(2500)), NDJSON);
  assert.equal(first.status, 200, first.text);
  assert.deepEqual(first.json, { created: 2500, updated: 0, total: 2500, dry_run: false, sequence: 2500 });
  assert.deepEqual(stages(rig), ['bulk.stage', 'bulk.stage', 'bulk.stage', 'bulk.commit']);
  const again = await rig.ask('POST', '/ComputeNode/bulk?upsert=true&mode=atomic', named(2501));
  assert.deepEqual([again.json['created'], again.json['updated'], again.json['total']], [1, 2500, 2501]);
});

test('large records of a bulk go to the owner a few at a time', async (context) => {
  const rig = await startRig(context);
  const text = 'x'.repeat(1_500_000);
  const nic = { interface_name: 'eth0', mac_address: '02:00:00:00:00:01', extended_data: { text } };
  const records = named(15).map((record) => ({ ...record, network_interfaces: [nic] }));
  const answer = await rig.ask('POST', '/inventory/ComputeNode/bulk', lines(records), NDJSON);
  assert.deepEqual([answer.status, answer.json['created']], [200, 15], answer.text);
  const parts = rig.owner.commands.flatMap((command) => (command.kind === 'bulk.stage' ? [command.input.packedRecords.length] : []));
  assert(parts.length > 2);
  for (const bytes of parts) assert(bytes < BULK_CHUNK_BYTES + 2 * text.length, `${bytes} bytes`);
});

/** Sends the pieces one by one, late enough that none comes with the next. */
async function sendInPieces(rig: Rig, path: string, type: string, pieces: readonly Buffer[]): Promise<number | undefined> {
  const sending = request({ port: rig.front.port, method: 'POST', path, headers: { ...TOKEN, 'content-type': type } });
  const answered = new Promise<number | undefined>((resolve, reject) => {
    sending.on('error', reject);
    sending.on('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
  });
  for (const piece of pieces) {
    await new Promise((resolve) => sending.write(piece, resolve));
    await sleep(10);
  }
  sending.end();
  return answered;
}

const CUTS = [0, 1, 2, -1, 700];

/** A body cut before, behind and amid what separates its records, into pieces that have memory of their own. */
function cutAround(body: Buffer, separator: string): readonly Buffer[] {
  const pieces: Buffer[] = [];
  let from = 0;
  for (let turn = 0; from < body.length; turn++) {
    const at = body.indexOf(separator, from + 20_000);
    const to = at === -1 ? body.length : at + (CUTS[turn % CUTS.length] ?? 0);
    pieces.push(body.subarray(from, to));
    from = to;
  }
  return pieces;
}

test('a bulk that is cut anywhere on its way is stored as it was sent', async (context) => {
  const rig = await startRig(context);
  const records = named(300).map((record, index) => ({ ...record, description: `${index} ${'x'.repeat(1500 + index)}` }));
  const bodies = [
    ['application/x-ndjson', cutAround(Buffer.from(lines(records)), '\n')],
    ['application/json', cutAround(Buffer.from(JSON.stringify(records)), ',{')],
  ] as const;
  for (const [type, pieces] of bodies) {
    assert(pieces.length > 15);
    assert.equal(await sendInPieces(rig, '/inventory/ComputeNode/bulk?upsert=true', type, pieces), 200, type);
    const stored = JSON.parse((await rig.ask('GET', '/inventory/ComputeNode')).text) as { boot_mac: string; description: string }[];
    assert.equal(stored.length, 300);
    const sent = new Map(records.map((record) => [(record as { boot_mac?: string }).boot_mac, record.description]));
    for (const { boot_mac, description } of stored) assert.equal(description, sent.get(boot_mac));
  }
});

test('a dry run stores nothing', async (context) => {
  const rig = await startRig(context);
  const tried = await rig.ask('POST', '/inventory/ComputeNode/bulk?dry_run=true', named(3));
  assert.deepEqual([tried.json['created'], tried.json['dry_run']], [3, true]);
  assert.equal((await rig.ask('GET', '/inventory/ComputeNode')).text, '[]');
});

test('one bad record refuses the whole bulk before anything is committed, and every bad one is named', async (context) => {
  const rig = await startRig(context);
  const records = named(3000);
  records[500] = { hostname: 7, architecture: 'X86' };
  const refused = await rig.ask('POST', '/inventory/ComputeNode/bulk', `${lines(records)}\n{"hostname":`, NDJSON);
  assert.deepEqual([refused.status, refused.json['code']], [400, 'invalid']);
  assert.deepEqual(new Set(refused.errors.map(({ pointer }) => pointer)), new Set(['/500/hostname', '/3000']));
  assert.deepEqual(stages(rig), ['bulk.abort']);
  assert.equal((await rig.ask('GET', '/inventory/ComputeNode')).text, '[]');
});

test('a conflict at the owner aborts the bulk', async (context) => {
  const rig = await startRig(context);
  await rig.ask('POST', '/inventory/ComputeNode', named(1));
  const refused = await rig.ask('POST', '/inventory/ComputeNode/bulk', named(2));
  assert.deepEqual([refused.status, refused.errors[0]?.pointer], [409, '/0']);
  assert.deepEqual(stages(rig), ['bulk.stage', 'bulk.abort']);
});

test('a partial bulk gives one result for every item, in order', async (context) => {
  const rig = await startRig(context);
  await rig.ask('POST', '/inventory/ComputeNode', [named(3)[2]]);
  const body = `${lines(named(2))}\nnot json\n{"hostname":1}\n${lines(named(4).slice(2))}`;
  const answer = await rig.ask('POST', '/inventory/ComputeNode/bulk?mode=partial', body, NDJSON);
  assert.equal(answer.headers.get('content-type'), 'application/x-ndjson');
  const items = results(answer.text);
  assert.deepEqual(
    items.map(({ index, status, code }) => [index, status, code]),
    [
      [0, 201, undefined],
      [1, 201, undefined],
      [2, 400, 'malformed-json'],
      [3, 400, 'invalid'],
      [4, 409, 'conflict'],
      [5, 201, undefined],
    ],
  );
  assert.equal((await rig.ask('GET', `/inventory/ComputeNode/${items[0]?.['id']}`)).json['revision'], items[0]?.['revision']);
  const replaced = results((await rig.ask('POST', '/inventory/ComputeNode/bulk?mode=partial&upsert=true', named(1))).text);
  assert.deepEqual([replaced[0]?.['status'], replaced[0]?.['id']], [200, items[0]?.['id']]);
});

test('large records of a partial bulk go to the owner a few at a time', async (context) => {
  const rig = await startRig(context);
  const body = named(4).map((record) => JSON.stringify(record).replace('{', `{${' '.repeat(5_000_000)}`));
  const { text } = await rig.ask('POST', '/inventory/ComputeNode/bulk?mode=partial', body.join('\n'), NDJSON);
  assert.deepEqual(
    results(text).map(({ status }) => status),
    [201, 201, 201, 201],
  );
  assert.deepEqual(stages(rig), ['bulk.partial', 'bulk.partial']);
});

test('the results of a partial bulk that is broken off tell what was done', async (context) => {
  const rig = await startRig(context);
  const answer = await rig.ask('POST', '/inventory/ComputeNode/bulk?mode=partial', `${JSON.stringify(named(1200)).slice(0, -1)}`);
  const items = results(answer.text);
  assert.equal(items.length, 1200);
  assert.equal(items.at(-1)?.['code'], 'malformed-json');
  assert.equal(items[0]?.['status'], 201);
});

test('results are sent early when too many gather', async (context) => {
  const rig = await startRig(context, { limits: { bulkAnswerBytesMax: 1000 } });
  const answer = await rig.ask('POST', '/inventory/ComputeNode/bulk?mode=partial', lines(named(5000)), NDJSON);
  assert.equal(answer.headers.get('transfer-encoding'), 'chunked');
  assert.equal(results(answer.text).length, 5000);
});

test('a bulk takes no more than its limits, and gives back what it took', async (context) => {
  const rig = await startRig(context, { limits: { bulkBytesMax: 100_000, bulkBytesInFlightMax: 50_000 } });
  assert.equal((await rig.ask('POST', '/inventory/ComputeNode/bulk', lines(named(2000)), NDJSON)).status, 413);
  const overloaded = await rig.ask('POST', '/inventory/ComputeNode/bulk', lines(named(700)), NDJSON);
  assert.deepEqual([overloaded.status, overloaded.headers.get('retry-after')], [503, '1']);
  for (let turn = 0; turn < 5; turn++) assert.equal((await rig.ask('POST', '/inventory/ComputeNode/bulk?upsert=true', lines(named(200)), NDJSON)).status, 200);
});

test('short records of a bulk count as what they take in memory while they wait', async (context) => {
  const rig = await startRig(context, { limits: { bulkBytesMax: 100_000 } });
  const short = (count: number): string => '{}\n'.repeat(count);
  const many = await rig.ask('POST', '/inventory/ComputeNode/bulk', short(1000), NDJSON);
  assert.deepEqual([many.status, many.json['code']], [413, 'too-large']);
  assert.equal((await rig.ask('POST', '/inventory/ComputeNode/bulk', short(500), NDJSON)).status, 400, 'they are looked at');
  const parted = await rig.ask('POST', '/inventory/ComputeNode/bulk?mode=partial', short(500), NDJSON);
  assert.equal(results(parted.text).length, 500);
});

test('an idempotency key goes with the commit of an atomic bulk, and is refused for a partial one', async (context) => {
  const rig = await startRig(context);
  const headers = { ...NDJSON, 'idempotency-key': 'k' };
  await rig.ask('POST', '/inventory/ComputeNode/bulk', lines(named(1)), headers);
  const commit = rig.owner.commands.find(({ kind }) => kind === 'bulk.commit');
  assert.match(JSON.stringify(commit?.input), /"idempotency":\{"key":"[\w-]{43}","requestHash":"[\w-]{43}"\}/);
  assert.equal((await rig.ask('POST', '/inventory/ComputeNode/bulk?mode=partial', lines(named(1)), headers)).json['code'], 'invalid-parameter');
});

test('a bulk of an unknown mode or type is refused, and while the key index is rebuilt every bulk', async (context) => {
  const rig = await startRig(context);
  assert.equal((await rig.ask('POST', '/inventory/ComputeNode/bulk?mode=some', [])).status, 400);
  assert.equal((await rig.ask('POST', '/inventory/ComputeNode/bulk', 'a,b', { 'content-type': 'text/csv' })).status, 415);
  assert.equal((await rig.ask('POST', '/inventory/ComputeNode/bulk', [])).json['total'], 0);
  rig.owner.indexed = false;
  await rig.client.query('record.read', { kind: 'ComputeNode', name: 'x' });
  assert.equal((await rig.ask('POST', '/inventory/ComputeNode/bulk', [])).json['code'], 'recovering');
});
