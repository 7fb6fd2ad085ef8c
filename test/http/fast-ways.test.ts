import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadKinds } from '../../schemas/registry.ts';
import { longAnswers } from '../../src/http/long-answers.ts';
import { fc } from '../support/properties.ts';
import { temporaryFolder } from '../support/server-process.ts';
import { type Answer, type Rig, startRig } from './front-rig.ts';

/**
 * The shortest ways to a record, beside the ordinary way, which knows every rule: an empty parameter more says nothing, and
 * is not plain enough for the shortest ways.
 */

const BOOKKEEPING = {
  created_at: { type: 'string', format: 'date-time', readOnly: true },
  updated_at: { type: 'string', format: 'date-time', readOnly: true },
  revision: { type: 'integer', readOnly: true },
};
const UNIQUE = { type: 'string', 'x-holdfast-unique': 'exact' };
/** Nothing here says how long a text may be. */
const SITE = {
  Tag: { 'x-holdfast': { key: 'tag', naturalKeys: ['label'], aliases: ['tags'] }, properties: { tag: { type: 'string' }, label: UNIQUE, ...BOOKKEEPING } },
  Card: { 'x-holdfast': { key: 'mac', naturalKeys: ['label'] }, properties: { mac: { type: 'string', format: 'mac-address' }, label: UNIQUE, ...BOOKKEEPING } },
  Unit: {
    'x-holdfast': { key: 'id', naturalKeys: ['label'] },
    properties: { id: { type: 'string', format: 'uuid', readOnly: true }, label: UNIQUE, sort: UNIQUE, ...BOOKKEEPING },
  },
};

const LONG = { key: 'k'.repeat(1025), name: 'n'.repeat(2000), value: 'v'.repeat(4097), url: 'u'.repeat(9000) };
const RECORDS: readonly (readonly [kind: string, record: object])[] = [
  ['Tag', { tag: 'One', label: 'one' }],
  ['Tag', { tag: 'one', label: 'first' }],
  ['Tag', { tag: LONG.key, label: LONG.value }],
  ['Tag', { tag: 'k'.repeat(1024), label: LONG.name }],
  ['Tag', { tag: 'far', label: LONG.url }],
  ['Card', { mac: '02:00:00:00:00:aa', label: 'card' }],
  // What names this record names another one as well, which has it as its key.
  ['Card', { mac: '02:00:00:00:00:bb', label: '02:00:00:00:00:AA' }],
  ['Unit', { label: 'unit', sort: 'label' }],
  ['Unit', { label: LONG.name, sort: 'other' }],
  ['Unit', { label: '00000000-0000-4000-8000-00000000000A' }],
];

async function siteRig(context: Parameters<typeof startRig>[0] & Parameters<typeof temporaryFolder>[0]): Promise<{ rig: Rig; names: readonly string[] }> {
  const folder = temporaryFolder(context);
  for (const [name, schema] of Object.entries(SITE)) {
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ title: name, type: 'object', additionalProperties: false, ...schema }));
  }
  const rig = await startRig(context, { kinds: await loadKinds(folder) });
  const names = ['nobody', '.', '..', '', 'a b', 'first%20', '%ff', '%00'];
  for (const [kind, record] of RECORDS) {
    const created = await rig.ask('POST', `/inventory/${kind}`, record);
    assert.equal(created.status, 201, created.text);
    for (const value of Object.values<unknown>(created.json)) if (typeof value === 'string') names.push(value, value.toUpperCase());
  }
  return { rig, names };
}

/** All of an answer that is not its own request's. */
function seen({ status, text, headers }: Answer): unknown {
  const all = new Map(headers);
  const id = all.get('x-request-id') ?? '';
  all.delete('x-request-id');
  all.delete('date');
  return [status, text.replaceAll(id, ''), [...all].sort()];
}

const HEADERS = fc.record(
  {
    accept: fc.constantFrom('*/*', 'application/json', 'application/x-ndjson', 'image/png'),
    'if-none-match': fc.constantFrom('*', '"1"', 'W/"2"', 'nonsense'),
    'content-encoding': fc.constantFrom('identity', 'gzip', 'br'),
  },
  { requiredKeys: [] },
);
const KINDS = fc.constantFrom('/inventory/Tag', '/tags', '/inventory/tags', '/inventory/Card', '/Card', '/inventory/Unit', '/Unit');

test('the shortest ways answer what the ordinary way answers, whatever is asked for', { timeout: 60_000 }, async (context) => {
  const { rig, names } = await siteRig(context);
  const name = fc.oneof(
    fc.constantFrom(...names),
    fc.string({ maxLength: 40 }).map(encodeURIComponent),
    fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,50}$/),
  );
  const query = fc.tuple(fc.constantFrom('tag', 'label', 'mac', 'id', 'sort', 'limit', 'at'), name).map((pair) => pair.join('='));
  const same = async (path: string, parameters: string, headers: Record<string, string>): Promise<void> => {
    const ask = (more: string): Promise<Answer> => rig.ask('GET', path + more, undefined, headers);
    const shortest = seen(await ask(parameters === '' ? '' : `?${parameters}`));
    assert.deepEqual(shortest, seen(await ask(`?${parameters}&`)), `${path}?${parameters}`);
  };
  for (const kind of ['Tag', 'Card', 'Unit']) {
    for (const each of names) {
      await same(`/inventory/${kind}/${each}`, '', {});
      await same(`/inventory/${kind}`, `label=${each}`, {});
    }
  }
  await fc.assert(
    fc.asyncProperty(KINDS, name, HEADERS, (path, each, headers) => same(`${path}/${each}`, '', headers)),
    { numRuns: 300 },
  );
  await fc.assert(
    fc.asyncProperty(KINDS, query, HEADERS, (path, each, headers) => same(path, each, headers)),
    { numRuns: 300 },
  );
});

test('a list of one large record counts as a long answer, of which an address may have so many', async (context) => {
  const rig = await startRig(context);
  for (const [name, length] of [
    ['small', 1000],
    ['large', 1_000_000],
  ] as const) {
    const made = await rig.ask('POST', '/inventory/NodeCollection', { name, type: 'job', nodes: [], cloud_init_data: { data: 'x'.repeat(length) } });
    assert.equal(made.status, 201, made.text.slice(0, 500));
  }
  const statusOf = async (name: string): Promise<number> => (await rig.ask('GET', `/inventory/NodeCollection?name=${name}`)).status;
  assert.deepEqual([await statusOf('small'), await statusOf('large')], [200, 200]);
  let entered = 0;
  for (; longAnswers.refusalFor('127.0.0.1') === undefined; entered++) longAnswers.enter('127.0.0.1');
  assert.deepEqual([await statusOf('small'), await statusOf('large')], [200, 429]);
  for (; entered > 0; entered--) longAnswers.leave('127.0.0.1');
  assert.equal(await statusOf('large'), 200);
});
