import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { nodeDrafts } from '../../../bench/data.ts';
import { type ServerProcess, serverFor } from '../../support/server-process.ts';
import { injectInto, lacksStrace } from '../../support/strace.ts';

/** The network takes nothing at some moments, which may be any: what is sent in parts is what would have been sent otherwise. */

const NODES = 3000;
/** So many calls from one that the network refuses to the next: with each of these, other places of an answer are refused. */
const REFUSED_EACH = [2, 3, 5];

for (const threads of [1, 2]) {
  const name = `answers of any length arrive whole when the network takes nothing for a moment, with ${threads === 1 ? 'one thread' : `${threads} threads`}`;
  test(name, { timeout: 120_000 }, async (context) => {
    if (lacksStrace(context)) return;
    await comparedAnswers(context, await serverFor(context, ['--http-threads', String(threads)]));
  });
}

async function comparedAnswers(context: TestContext, server: ServerProcess): Promise<void> {
  const body = [...nodeDrafts(NODES, 1)].map((draft) => JSON.stringify(draft)).join('\n');
  const imported = await server.request('POST', '/inventory/ComputeNode/bulk', body, { 'content-type': 'application/x-ndjson' });
  assert.equal(imported.status, 200, imported.text);
  const snapshot = await server.request('POST', '/snapshots');
  const asked: readonly [string, Readonly<Record<string, string>>][] = [
    ['/inventory/ComputeNode', {}],
    ['/inventory/ComputeNode', { accept: 'application/x-ndjson' }],
    ['/inventory/ComputeNode?fields=hostname,xname', {}],
    [`/inventory/ComputeNode?at=${snapshot.json.name}`, {}],
    [`/snapshots/${snapshot.json.name}/files/ComputeNode.parquet`, {}],
    ['/openapi.json', {}],
  ];
  const ask = async ([path, headers]: (typeof asked)[number]): Promise<string> => {
    const answer = await server.request('GET', path, undefined, headers);
    assert.equal(answer.status, 200, `${path}: ${answer.text.slice(0, 300)}`);
    return answer.text;
  };
  const expected: string[] = [];
  for (const each of asked) expected.push(await ask(each));
  const events = await replayed(server, 2 * NODES);
  assert.equal(JSON.parse(expected[0] ?? '').length, NODES);
  for (const each of REFUSED_EACH) {
    const letGo = await injectInto(context, server.pid, [`sendto:error=EAGAIN:when=${each}+${each}`]);
    for (const [index, question] of asked.entries()) {
      assert.ok((await ask(question)) === expected[index], `${question[0]} is another answer when every call number ${each} is refused`);
    }
    assert.deepEqual(await replayed(server, 2 * NODES), events, `the feed has other events when every call number ${each} is refused`);
    await letGo();
  }
}

/** The sequences that the feed tells from the beginning, so many of them. */
async function replayed(server: ServerProcess, count: number): Promise<readonly string[]> {
  const stopping = new AbortController();
  const stream = await fetch(`${server.url}/feed?since=0`, { headers: { accept: 'text/event-stream' }, signal: stopping.signal });
  assert.ok(stream.body !== null);
  const ids: string[] = [];
  let rest = '';
  for await (const part of stream.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + part).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('id: ')) ids.push(line.slice(4));
    if (ids.length >= count) break;
  }
  stopping.abort();
  return ids.slice(0, count);
}
