import { strict as assert } from 'node:assert';
import { type TestContext, test } from 'node:test';
import { kindOf } from '../../schemas/kind.ts';
import type { Condition } from '../../src/protocol/commands.ts';
import { openDatabase } from '../../src/store/database.ts';
import { findSql } from '../../src/store/find.ts';
import { createTable } from '../../src/store/tables.ts';

/** Conditions that lead into free-form objects, on a table of their own. */

const text = { type: 'string' };
const KIND = kindOf('Thing', {
  type: 'object',
  'x-holdfast': { key: 'id' },
  additionalProperties: false,
  properties: {
    id: text,
    given: { type: 'object' },
    kept: { type: 'object' },
    inner: { type: 'object', additionalProperties: false, properties: { given: { type: 'object' } } },
    created_at: { type: 'string', format: 'date-time' },
    updated_at: { type: 'string', format: 'date-time' },
    revision: { type: 'integer' },
  },
});

interface Thing {
  readonly given?: object;
  readonly kept?: object;
  readonly inner?: object;
}

async function things(context: TestContext, rows: Readonly<Record<string, Thing>>): Promise<(...conditions: Condition[]) => Promise<string>> {
  const database = await openDatabase();
  const session = await database.open();
  context.after(async () => {
    await session.close();
    database.close();
  });
  const json = (value: object | undefined): string | null => (value === undefined ? null : JSON.stringify(value));
  await session.alone(async (sql) => {
    await sql.run(createTable(KIND));
    for (const [id, { given, kept, inner }] of Object.entries(rows)) {
      await sql.run('INSERT INTO "Thing" (id, given, kept, "inner") VALUES ($1, $2, $3, CASE WHEN $4 IS NULL THEN NULL ELSE {given: $4::JSON} END)', [
        id,
        json(given),
        json(kept),
        json(inner),
      ]);
    }
  });
  return (...conditions) =>
    session.alone(async (sql) => {
      const { rows: query, rowParameters, count, countParameters } = findSql(KIND, { kind: 'Thing', conditions, sort: [], count: true });
      const found = (await sql.rows(query, rowParameters)).map(([id]) => String(id)).sort();
      assert.deepEqual(await sql.rows(count, countParameters), [[BigInt(found.length)]], 'the count counts what is found');
      return found.join(' ');
    });
}

const where = (path: readonly string[], operator: Condition['operator'], ...values: string[]): Condition => ({ path, operator, values });

test('a condition reaches into a free-form object, by any name that a member may have', async (context) => {
  const names = [
    'vlan',
    'vlan.tag',
    'a"b',
    "a'b",
    'a/b',
    'a~b',
    '~1',
    '$',
    '$.x',
    '*',
    '[0]',
    '0',
    '',
    ' ',
    'a\\b',
    'é',
    '🙂',
    '__proto__',
    'n'.repeat(300),
    `${'n'.repeat(300)}m`,
    'x; DROP TABLE "Thing"',
  ];
  const find = await things(
    context,
    Object.fromEntries(
      names.map((name, index) => [
        `t${index}`,
        {
          given: Object.fromEntries([
            [name, 'v'],
            ['other', 'w'],
          ]),
        },
      ]),
    ),
  );
  for (const [index, name] of names.entries()) {
    assert.equal(await find(where(['given', name], 'equal', 'v')), `t${index}`, name);
    assert.equal(await find(where(['given', name], 'equal', 'w')), '', name);
  }
});

test('every comparison works on a member as on a text property', async (context) => {
  const find = await things(context, { a: { given: { v: '1' } }, b: { given: { v: '2' } }, c: { given: { v: '10' } }, none: { given: { w: '1' } }, empty: {} });
  const v = ['given', 'v'];
  assert.equal(await find(where(v, 'equal', '1', '2')), 'a b');
  assert.equal(await find(where(v, 'not-equal', '1')), 'b c empty none');
  assert.equal(await find(where(v, 'missing')), 'empty none');
  assert.equal(await find(where(v, 'present')), 'a b c');
  assert.equal(await find(where(v, 'gt', '1')), 'b c', 'as text');
  assert.equal(await find(where(v, 'lte', '10')), 'a c');
  assert.equal(await find(where(v, 'equal', '1'), where(['given', 'w'], 'missing')), 'a');
});

test('a condition on several places holds when it holds at one of them', async (context) => {
  const find = await things(context, {
    given: { given: { v: '1' } },
    kept: { kept: { v: '1' } },
    both: { given: { v: '1' }, kept: { v: '2' } },
    neither: { given: { v: '3' }, kept: { v: '3' } },
  });
  const either = (value: string): Condition => ({ ...where(['given', 'v'], 'equal', value), orPaths: [['kept', 'v']] });
  assert.equal(await find(either('1')), 'both given kept');
  assert.equal(await find(either('2')), 'both');
  assert.equal(await find(either('1'), either('2')), 'both', 'alternatives of one condition do not leak into the next');
});

test('a free-form object may lie inside another property', async (context) => {
  const find = await things(context, { a: { inner: { v: '1' } }, b: { inner: { v: '2' } }, c: {} });
  assert.equal(await find(where(['inner', 'given', 'v'], 'equal', '2')), 'b');
});
