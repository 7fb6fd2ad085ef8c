import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeDrafts } from '../../../bench/data.ts';
import { runOpenLoop } from '../../../bench/load/open-loop.ts';
import { ReservationServer } from '../../support/reservation-server.ts';
import { Scrape } from '../../support/scrape.ts';
import { type ServerProcess, temporaryFolder, tokenFor } from '../../support/server-process.ts';

/** `npm run bench -- --only overload` measures how much work is still done, and how fast. */

const NODES = 400;
const IN_FLIGHT = 48;
const CONNECTIONS = 300;
const PER_SECOND = 3000;
const LOAD_SECONDS = 1.5;
/** What waits, and how much of it may. */
const QUEUES = [
  ['holdfast_http_requests_in_flight', 'holdfast_http_requests_in_flight_limit'],
  ['holdfast_http_long_answers', 'holdfast_http_long_answers_limit'],
  ['holdfast_owner_queue_length', 'holdfast_owner_queue_limit'],
  ['holdfast_owner_bulks_waiting', 'holdfast_owner_bulks_waiting_limit'],
  ['holdfast_owner_queries', 'holdfast_owner_queries_limit'],
  ['holdfast_plugin_queue_length', 'holdfast_plugin_queue_limit'],
  ['holdfast_past_questions_waiting', 'holdfast_past_questions_waiting_limit'],
  ['holdfast_sql_queries_waiting', 'holdfast_sql_queries_waiting_limit'],
] as const;

test('when far more is asked than can be done, queues keep to their bounds, every request has an answer, and then all is as before', async (context) => {
  const server = await site(context, temporaryFolder(context));
  const requests = await requestsFor(server);
  const peaks = new Map<string, number>();
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      const scrape = new Scrape(await (await fetch(`${server.url}/metrics`)).text());
      for (const [name, limit] of QUEUES) {
        const [value = 0, most = 0] = [scrape.value(name), scrape.value(limit)];
        assert.ok(value <= most, `${name} is ${value} of ${most}`);
        peaks.set(name, Math.max(peaks.get(name) ?? 0, value));
      }
      await sleep(20);
    }
  })();
  const load = { port: Number(new URL(server.url).port), requests, connections: CONNECTIONS, perSecond: PER_SECOND, seconds: LOAD_SECONDS, seed: 1 };
  const outcome = await runOpenLoop(load);
  isOver = true;
  await watching;
  assert.equal(outcome.failed, 0, outcome.examples.join('\n'));
  assert.equal(outcome.accepted + outcome.refused, outcome.sent);
  assert.ok(outcome.refused > 0 && outcome.accepted > 0, JSON.stringify(outcome));
  assert.ok((peaks.get('holdfast_http_requests_in_flight') ?? 0) > IN_FLIGHT / 2, JSON.stringify([...peaks]));

  const again = await runOpenLoop({ ...load, connections: 4, perSecond: 100, seconds: 0.3 });
  assert.deepEqual([again.refused, again.failed, again.accepted], [0, 0, again.sent]);
  const rest = new Scrape(await (await fetch(`${server.url}/metrics`)).text());
  for (const [name] of QUEUES) assert.equal(rest.value(name) ?? 0, 0, name);
  assert.equal((await server.request('GET', '/health')).status, 200);
});

async function site(context: Parameters<typeof temporaryFolder>[0], folder: string): Promise<ServerProcess> {
  const endpoints = [{ name: 'nulls', plugin: 'null', threads: 1, concurrentCalls: 1, queueLength: 4, schedulePeriod: '1d' }];
  const agent = { tick: '1m', endpoints };
  const reservations = new ReservationServer(context, folder, agent);
  reservations.configure(agent, { limits: { inFlight: IN_FLIGHT } });
  const server = await reservations.start();
  server.token = tokenFor(server.directory, ['inventory:read', 'inventory:write', 'reservations', 'snapshots', 'query']);
  const body = [...nodeDrafts(NODES, 1)].map((draft) => JSON.stringify(draft)).join('\n');
  assert.equal((await server.request('POST', '/inventory/ComputeNode/bulk', body, { 'content-type': 'application/x-ndjson' })).status, 200);
  return server;
}

/** All sorts, as they go over the wire. */
async function requestsFor(server: ServerProcess): Promise<readonly string[]> {
  const drafts = [...nodeDrafts(NODES, 1)].slice(0, 50);
  const authorization = `Authorization: Bearer ${server.token}\r\n`;
  const request = (method: string, path: string, body = '', type = 'application/json'): string => {
    const entity = body === '' ? '' : `Content-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
    return `${method} ${path} HTTP/1.1\r\nHost: x\r\n${authorization}${entity}\r\n${body}`;
  };
  const node = '/inventory/ComputeNode';
  return drafts.flatMap((draft, index) => [
    request('GET', `${node}/${draft.xname}`),
    request('GET', `${node}?hostname=${draft.hostname}`),
    request('PUT', `${node}/${draft.xname}`, JSON.stringify({ ...draft, description: `written again ${index}` })),
    request('GET', node),
    request('POST', `${node}/bulk?upsert=true`, drafts.map((each) => JSON.stringify(each)).join('\n'), 'application/x-ndjson'),
    request('POST', '/join/nulls', JSON.stringify({ vlan: String(index) })),
    request('GET', '/reservations?limit=5'),
    request('GET', `${node}?at=now&limit=5`),
    request('POST', '/query', '{"sql":"SELECT count(*) AS nodes FROM ComputeNode"}'),
  ]);
}
