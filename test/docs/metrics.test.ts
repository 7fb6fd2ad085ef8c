import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AgentCounts } from '../../src/agent/agent-counts.ts';
import { OWNER_CLIENT_LIMITS } from '../../src/dispatch/owner-client.ts';
import { FEED_LIMITS } from '../../src/feed/limits.ts';
import { FrontCounts } from '../../src/http/front-counts.ts';
import { FRONT_LIMITS } from '../../src/http/limits.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { ServerCounts } from '../../src/metrics/server-counts.ts';
import { Scrape } from '../support/scrape.ts';
import { codeIn, readPage, tableOf } from './markdown.ts';

const PAGE = readPage('docs/metrics.md');

/** A server that has not come to anything yet. */
function emptyMetrics(): ReturnType<typeof createMetrics> {
  return createMetrics({
    http: { front: new FrontCounts(), limits: FRONT_LIMITS },
    feed: {
      feed: { counts: { eventsTold: 0, fellBehind: 0, resets: 0, droppedSlow: 0 }, subscribers: { websocket: 0, sse: 0 }, partsReplayed: 0 },
      limits: FEED_LIMITS,
    },
    store: {
      owner: { status: undefined, recovery: undefined, queueLength: 0, exclusiveLength: 0, queriesUnderWay: 0, limits: OWNER_CLIENT_LIMITS },
      server: new ServerCounts(),
      isReady: () => false,
      snapshotIntervalSeconds: undefined,
      journalBytesMax: 1,
      nowMs: () => 0,
    },
    agent: { agent: { figures: { endpoints: [], unwritten: 0 } }, counts: new AgentCounts() },
    questions: { past: { waiting: { length: 0, lengthMax: 64 } }, sql: undefined },
    queries: { figures: { values: () => [] } },
    memory: { store: () => Promise.resolve(undefined) },
    process: { version: '1.2.3', directory: '/' },
  });
}

test('the page lists every metric with its type, labels and meaning, and no other', (context) => {
  const metrics = emptyMetrics();
  context.after(() => metrics.stop());
  assert.deepEqual(
    tableOf(PAGE, 'Metric').map((row) => ({ name: codeIn(row['Metric'])[0], type: row['Type'], labels: codeIn(row['Labels']), help: row['What it is'] })),
    metrics.all.map(({ name, type, labels, help }) => ({ name, type, labels, help })),
  );
});

test('the page explains every label', (context) => {
  const metrics = emptyMetrics();
  context.after(() => metrics.stop());
  const explained = tableOf(PAGE, 'Label').flatMap((row) => codeIn(row['Label']));
  assert.deepEqual(explained.sort(), [...new Set(metrics.all.flatMap(({ labels }) => labels))].sort());
});

test('before the store has recovered what is known is told, and nothing else', async (context) => {
  const metrics = emptyMetrics();
  context.after(() => metrics.stop());
  const scrape = new Scrape(await metrics.render());
  assert.deepEqual([scrape.value('holdfast_ready'), scrape.value('holdfast_build'), scrape.value('holdfast_owner_restarts_total')], [0, 1, 0]);
  const fromOwner = scrape.samples.filter(({ name }) =>
    /^holdfast_(journal_(?!pending_limit)|working_set|record|snapshot_last|recovery|reservations\b)/.test(name),
  );
  assert.deepEqual(
    fromOwner.map(({ name }) => name),
    [],
  );
});
