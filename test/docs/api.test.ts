import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadKinds } from '../../schemas/registry.ts';
import { serverFor } from '../support/server-process.ts';
import { runHttpExamples } from './http-examples.ts';
import { codeIn, readPage, tableOf } from './markdown.ts';

const PAGE = readPage('docs/api.md');

test('every request on the page gets the answer that the page shows', async (context) => {
  const server = await serverFor(context);
  const requests = await runHttpExamples(PAGE.path, PAGE.blocks, server);
  assert.ok(requests > 20, `${requests} requests`);
});

test('the page names every method that a path has, and no other', async (context) => {
  const server = await serverFor(context);
  const documented = new Map<string, Set<string>>();
  for (const row of tableOf(PAGE, 'Route')) {
    for (const route of codeIn(row['Route'])) {
      const path = route.replace('K', 'BMC').replace('{id}', 'x0c0s0b0');
      const methods = documented.get(path) ?? new Set();
      for (const method of codeIn(row['Method'])) methods.add(method);
      documented.set(path, methods);
    }
  }
  for (const [path, methods] of documented) {
    const { status, headers } = await server.request('OPTIONS', path);
    assert.equal(status, 204, path);
    const allowed = (headers.get('allow') ?? '').split(', ').filter((method) => method !== 'HEAD' && method !== 'OPTIONS');
    // A name may be any word, "bulk" too.
    const expected = path.endsWith('/bulk') ? allowed.filter((method) => method === 'POST') : allowed;
    assert.deepEqual(expected.sort(), [...methods].sort(), path);
  }
});

test('the page tells scopes as the routes ask for them', async (context) => {
  const server = await serverFor(context);
  server.token = '';
  for (const row of tableOf(PAGE, 'Route')) {
    const route = codeIn(row['Route'])[0] ?? '';
    const needs = codeIn(row['Needs'])[0];
    for (const method of codeIn(row['Method'])) {
      // The answer to a GET may be without end.
      const { status } = await server.request(method === 'GET' ? 'HEAD' : method, route.replace('K', 'BMC').replace('{id}', 'x0c0s0b0'));
      assert.equal(status === 401, needs !== undefined, `${method} ${route} without a token: ${status}`);
    }
  }
});

test('the table of kinds says what the schemas say', async () => {
  const { all } = await loadKinds();
  const rows = tableOf(PAGE, 'Kind');
  assert.deepEqual(
    rows.map((row) => ({
      name: codeIn(row['Kind'])[0],
      key: codeIn(row['Key'])[0],
      isServerSet: row['Key']?.includes('(server)'),
      naturalKeys: codeIn(row['Natural keys']),
      uniques: codeIn(row['Unique']),
      required: codeIn(row['Required']),
      aliases: codeIn(row['Also known as']),
    })),
    all.map((kind) => ({
      name: kind.name,
      key: kind.key,
      isServerSet: kind.keyIsServerSet,
      naturalKeys: kind.naturalKeys,
      uniques: kind.uniques.map(({ property }) => property),
      required: kind.schema.required ?? [],
      aliases: kind.aliases,
    })),
  );
});
