import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverFor } from '../support/server-process.ts';
import { runHttpExamples } from './http-examples.ts';
import { assertAlike } from './likeness.ts';
import { blocksUnder, readPage } from './markdown.ts';

const PAGE = readPage('docs/history.md');

test('every request on the page gets the answer that the page shows', async (context) => {
  const server = await serverFor(context);
  // The example of a history names a record by the id that it has on the page.
  const { request } = server;
  let id = '';
  server.request = async (method, path, body, headers) => {
    const answer = await request.call(server, method, path.replace(/[0-9a-f-]{36}/, id), body, headers);
    if (method === 'POST' && path === '/inventory/ComputeNode') id = answer.json.id;
    return answer;
  };
  assert.ok((await runHttpExamples(PAGE.path, PAGE.blocks, server)) > 9);
  const shown = blocksUnder(PAGE, 'All that a record has been').find(({ language }) => language === 'json');
  const { json } = await request.call(server, 'GET', `/inventory/ComputeNode/${id}/history?limit=2&patch=true&after=5`);
  const [{ record }] = json;
  assert.deepEqual(Object.keys(record), ['id', 'hostname', 'xname', 'architecture', 'bmc', 'created_at', 'updated_at', 'revision']);
  json[0].record = { id: record.id, hostname: record.hostname, '…': '…' };
  assertAlike(JSON.stringify(json), shown?.text ?? '', PAGE.path);
});
