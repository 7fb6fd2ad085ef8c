import { strict as assert } from 'node:assert';
import { before, test } from 'node:test';
import type { Kind } from '../../schemas/kind.ts';
import { loadKinds } from '../../schemas/registry.ts';
import type { Result } from '../../src/faults.ts';
import { FRONT_LIMITS } from '../../src/http/limits.ts';
import { type ListQuery, parseListQuery } from '../../src/http/list-query.ts';
import { parseQuery } from '../../src/http/query.ts';
import type { Condition } from '../../src/protocol/commands.ts';

let computeNode: Kind;
before(async () => {
  const kind = (await loadKinds()).find('ComputeNode');
  assert.ok(kind !== undefined);
  computeNode = kind;
});

function parse(text: string): Result<ListQuery> {
  const query = parseQuery(text, FRONT_LIMITS);
  return query.ok ? parseListQuery(computeNode, query.value) : query;
}

function conditions(text: string): readonly Condition[] {
  const parsed = parse(text);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.fault.detail);
  return parsed.value.find.conditions;
}

function refusal(text: string): string {
  const parsed = parse(text);
  assert.ok(!parsed.ok, `${text} is accepted`);
  assert.equal(parsed.fault.code, 'invalid-parameter');
  return parsed.fault.detail;
}

test('a repeated parameter means any of its values, a repeated negation none of them', () => {
  assert.deepEqual(conditions('hostname=a&hostname=b&hostname=a'), [{ path: ['hostname'], operator: 'equal', values: ['a', 'b'] }]);
  assert.deepEqual(conditions('hostname=!a&hostname=!b&hostname=c'), [
    { path: ['hostname'], operator: 'equal', values: ['c'] },
    { path: ['hostname'], operator: 'not-equal', values: ['a'] },
    { path: ['hostname'], operator: 'not-equal', values: ['b'] },
  ]);
});

test('properties are nested with dots, and values take their stored form', () => {
  assert.deepEqual(conditions('bmc.mac_address=AA-BB-CC-00-11-22'), [{ path: ['bmc', 'mac_address'], operator: 'equal', values: ['aa:bb:cc:00:11:22'] }]);
  assert.deepEqual(conditions('revision=7&status.power_state.on=true'), [
    { path: ['revision'], operator: 'equal', values: [7] },
    { path: ['status', 'power_state', 'on'], operator: 'equal', values: [true] },
  ]);
});

test('missing asks for absence, and with ! for presence', () => {
  assert.deepEqual(conditions('missing=xname&missing=!hostname'), [
    { path: ['xname'], operator: 'missing', values: [] },
    { path: ['hostname'], operator: 'present', values: [] },
  ]);
});

test('the names of node-orchestrator mean what they meant', () => {
  assert.deepEqual(conditions('arch=X86&bmc_mac=aa:bb:cc:00:11:22'), [
    { path: ['architecture'], operator: 'equal', values: ['X86'] },
    { path: ['bmc', 'mac_address'], operator: 'equal', values: ['aa:bb:cc:00:11:22'] },
  ]);
  assert.deepEqual(conditions('missingIPV4=true&missingXName=false'), [{ path: ['boot_ipv4_address'], operator: 'missing', values: [] }]);
  assert.match(refusal('missingIPV4=1'), /"missingIPV4"/);
});

test('values with an order are compared', () => {
  assert.deepEqual(conditions('revision.gte=5&created_at.lt=2026-01-01T01:00:00%2B01:00'), [
    { path: ['revision'], operator: 'gte', values: [5] },
    { path: ['created_at'], operator: 'lt', values: ['2026-01-01T00:00:00Z'] },
  ]);
  assert.match(refusal('status.power_state.on.gt=true'), /no order/);
});

test('what cannot be answered is refused by name', () => {
  for (const text of [
    'revision=seven',
    'revision=9007199254740993',
    'revision=',
    'created_at=yesterday',
    'status.power_state.on=yes',
    'bmc=x',
    'missing=nothing',
    'sort=nothing',
    'sort=network_interfaces',
    'sort=hostname,-hostname',
    'fields=nothing',
    'fields=',
    'limit=0',
    'limit=100001',
    'limit=-1',
    'limit=1&limit=2',
    'count=yes',
    'password=x',
    'bmc.password=x',
    '__proto__=x',
    'constructor=x',
    'hostname.gte.gte=x',
    'hostname=%ff',
  ]) {
    refusal(text);
  }
});

test('long and many parameters are refused quickly', () => {
  refusal(`hostname=${'x'.repeat(4097)}`);
  refusal(Array.from({ length: 1001 }, () => 'hostname=a').join('&'));
});
