import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { loadKinds } from '../../schemas/registry.ts';
import { parseFeedQuery } from '../../src/http/feed-query.ts';
import type { QueryParameters } from '../../src/http/query.ts';
import { shownKind } from '../../src/http/reservation-view.ts';
import { RESERVATION_KIND } from '../../src/store/reservations/kind.ts';

const EVERYTHING = { inventory: true, reservations: true };

async function detailOf(query: QueryParameters): Promise<string | undefined> {
  const parsed = parseFeedQuery(await loadKinds(), shownKind(RESERVATION_KIND), query, EVERYTHING, undefined);
  return parsed.ok ? undefined : parsed.fault.detail;
}

const PROPERTIES = ['hostname', 'architecture', 'xname', 'boot_mac', 'description'] as const;

/** Eight of each property: equal, excluded, there, absent, and four comparisons. */
function different(index: number): readonly [string, string] {
  const name = PROPERTIES[Math.floor(index / 8)] ?? '';
  const parameters = [
    [name, 'x'],
    [name, '!x'],
    ['missing', name],
    ['missing', `!${name}`],
    ...['gt', 'gte', 'lt', 'lte'].map((each) => [`${name}.${each}`, 'x']),
  ];
  const [parameter = '', value = ''] = parameters[index % 8] ?? [];
  return [parameter, value];
}

function many(count: number, parameter: (index: number) => readonly [string, string], kind = 'NodeCollection'): QueryParameters {
  return [['kinds', kind], ...Array.from({ length: count }, (_, index) => parameter(index))];
}

test('a filter has so many conditions at most; values of one property that are asked for or excluded are one', async () => {
  assert.equal(await detailOf(many(500, (index) => ['name', `!n${index}`])), undefined);
  assert.equal(await detailOf(many(500, (index) => ['name', `n${index}`])), undefined);
  assert.equal(await detailOf(many(500, () => ['missing', 'name'])), undefined);
  assert.equal(await detailOf(many(32, different, 'ComputeNode')), undefined);
  assert.equal(await detailOf(many(33, different, 'ComputeNode')), 'the filter has 33 conditions, and 32 is the most');
});

test('an empty key is refused: nothing would ever come', async () => {
  for (const keys of ['', 'a,', ',a']) assert.equal(await detailOf([['keys', keys]]), '"keys" has an empty key, which no record has', keys);
  assert.equal(await detailOf([['keys', 'a,b']]), undefined);
});
