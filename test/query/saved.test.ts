import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryServer } from '../support/query-server.ts';
import { promtool, Scrape, WITHOUT_PROMTOOL } from '../support/scrape.ts';
import type { ServerProcess } from '../support/server-process.ts';

/** Saved queries of a configuration, as whoever scrapes the server sees them. */

const CANARY = 'canary-9b2d-password';

const SAVED = [
  'saved:',
  '  - { name: nodes_by_architecture, description: "Nodes of each\\narchitecture.", sql: "SELECT architecture, count(*) AS value FROM ComputeNode GROUP BY ALL", every: 1s, labels: [architecture] }',
  '  - { name: odd, sql: "SELECT \'a\\"b\\\\c\\nd\' AS label, 0.5::DOUBLE AS value", every: 1s, labels: [label] }',
  '  - { name: greedy, sql: "SELECT range AS label, 1 AS value FROM range(1001)", every: 1d, labels: [label] }',
  '  - { name: secrets, sql: "SELECT to_json(b)::VARCHAR AS label, 1 AS value FROM BMC b", every: 1s, labels: [label] }',
];

test('the result of a saved query is a gauge, with its age and its failures beside it', async (context) => {
  const server = await queryServer(context, { settings: SAVED });
  const made = await server.request('POST', '/inventory/ComputeNode', [
    { hostname: 'n1', architecture: 'x86_64', xname: 'x1000c0s0b0n0' },
    { hostname: 'n2', architecture: 'arm64' },
    { hostname: 'n3', architecture: 'arm64' },
  ]);
  assert.equal(made.status, 201, made.text);
  await server.request('POST', '/inventory/BMC', { username: 'root', password: CANARY, mac_address: '02:00:00:00:00:01' });
  const scrape = await scraped(server, (each) => each.value('holdfast_query_nodes_by_architecture') === 3 && each.value('holdfast_query_secrets') === 2);

  const nodesOf = (architecture: string) => scrape.value('holdfast_query_nodes_by_architecture', { architecture });
  assert.deepEqual([nodesOf('arm64'), nodesOf('x86_64')], [2, 1]);
  const linesWith = (name: string) => scrape.text.split('\n').filter((line) => line.includes(name));
  assert.equal(linesWith('# HELP holdfast_query_nodes')[0], '# HELP holdfast_query_nodes_by_architecture Nodes of each\\narchitecture.');
  assert.equal(linesWith('holdfast_query_odd{')[0], 'holdfast_query_odd{label="a\\"b\\\\c\\nd"} 0.5');
  const takenSeconds = scrape.value('holdfast_saved_query_timestamp_seconds', { query: 'odd' }) ?? 0;
  assert.ok(Math.abs(takenSeconds - Date.now() / 1000) < 60);
  assert.equal(scrape.value('holdfast_saved_query_interval_seconds', { query: 'greedy' }), 86_400);
  assert.equal(scrape.value('holdfast_saved_query_failures_total', { query: 'odd' }), 0);

  await context.test('one with too many rows has none, and counts as failed', async () => {
    assert.equal(scrape.value('holdfast_query_greedy'), undefined);
    assert.equal(scrape.value('holdfast_saved_query_timestamp_seconds', { query: 'greedy' }), undefined);
    await scraped(server, (each) => each.value('holdfast_saved_query_failures_total', { query: 'greedy' }) === 1);
    assert.match(server.output(), /a saved query may have 1000 rows/);
  });

  await context.test('none has a secret, whatever it asks for', () => {
    assert.ok(scrape.text.includes('02:00:00:00:00:01'), 'the record is there');
    assert.ok(!scrape.text.includes(CANARY));
  });

  await context.test('Prometheus understands all of it', { skip: WITHOUT_PROMTOOL }, () => {
    assert.equal(promtool(['check', 'metrics'], scrape.text), '');
  });
});

async function scraped(server: ServerProcess, isThere: (scrape: Scrape) => boolean): Promise<Scrape> {
  for (const startedMs = performance.now(); performance.now() - startedMs < 15_000; ) {
    const scrape = await Scrape.of(server);
    if (isThere(scrape)) return scrape;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`never: ${server.output().slice(-2000)}`);
}
