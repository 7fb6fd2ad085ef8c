import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ask, childrenOf, queryServer } from '../support/query-server.ts';

/** SQL over states between snapshots, which are built from a snapshot and the journal after it. */

const CANARY = 'canary-e2f1-password';

test('SQL is asked at any moment that is kept: between snapshots, before the first, and by time', async (context) => {
  const server = await queryServer(context, { settings: ['memory: 256MiB'] });
  const made = (hostname: string) => server.request('POST', '/inventory/ComputeNode', { hostname, architecture: 'x86_64' });
  const first = (await made('n1')).json;
  const { name } = (await server.request('POST', '/snapshots')).json;
  const second = (await made('n2')).json;
  await server.request('DELETE', `/inventory/ComputeNode/${first.id}`);
  await server.request('POST', '/inventory/BMC', { username: 'root', password: CANARY, mac_address: '02:00:00:00:00:01' });
  await made('n3');

  const seen = async (at: string): Promise<readonly unknown[]> => {
    const { json, headers } = await ask(server, 'SELECT hostname FROM ComputeNode ORDER BY 1', at);
    const asOf = /^(\d+);.*source=(\w+)(?:; snapshot=([^;]+))?; exact=(\w+)$/.exec(headers.get('x-holdfast-as-of') ?? '')?.slice(1);
    return [json.code ?? json.map((row: Record<string, unknown>) => row['hostname']).join(' '), ...(asOf ?? [])];
  };
  assert.deepEqual(await seen('0'), ['', '0', 'journal', undefined, 'true']);
  assert.deepEqual(await seen('1'), ['n1', '1', 'snapshot', name, 'true']);
  assert.deepEqual(await seen('latest'), ['n1', '1', 'snapshot', name, 'true']);
  assert.deepEqual(await seen('2'), ['n1 n2', '2', 'journal', name, 'true']);
  assert.deepEqual(await seen(second.created_at), ['n1 n2', '2', 'journal', name, 'true']);
  assert.deepEqual(await seen('now'), ['n2 n3', '5', 'live', undefined, 'true']);
  assert.deepEqual(await seen('6'), ['invalid-parameter']);
  assert.deepEqual(await seen('3'), ['n2', '3', 'journal', name, 'true']);

  await context.test('the same moment is answered by the same process, and by what a list of that moment has', async () => {
    assert.deepEqual(await seen('3'), ['n2', '3', 'journal', name, 'true']);
    const [process] = childrenOf(server);
    const rows = (await ask(server, 'SELECT id, hostname, revision, created_at FROM ComputeNode', '3')).json;
    assert.deepEqual(childrenOf(server), [process]);
    const listed = (await server.request('GET', '/inventory/ComputeNode?at=3&fields=id,hostname,revision,created_at')).json;
    assert.deepEqual(rows, listed);
  });

  await context.test('no more files are kept than of two such moments, and none has a secret', async () => {
    assert.ok(readdirSync(join(server.directory, 'query')).length <= 3);
    const { text } = await ask(server, 'SELECT to_json(b) FROM BMC b', '4');
    assert.ok(text.includes('02:00:00:00:00:01') && !text.includes(CANARY), text);
  });

  await context.test('queries at several moments at once get each its own', async () => {
    const moments = ['3', '2', '3', '2'];
    const all = await Promise.all(moments.map((at) => seen(at)));
    assert.deepEqual(
      all.map(([names]) => names),
      ['n2', 'n1 n2', 'n2', 'n1 n2'],
    );
  });
});

test('what is answered is told of this question, whoever has loaded its snapshot', async (context) => {
  const others = ['storage:', '  journalKeepBytes: 0', 'snapshots:', '  retain: {newest: 20}'];
  const server = await queryServer(context, { others });
  for (let count = 1; count <= 12; count++) {
    await server.request('POST', '/inventory/ComputeNode', { hostname: `n${count}`, architecture: 'x86_64' });
    if (count % 3 === 0) await server.request('POST', '/snapshots');
  }
  const asOf = async (at: string): Promise<string | undefined> => {
    const { json, headers } = await ask(server, 'SELECT count(*) AS nodes FROM ComputeNode', at);
    const [, sequence, exact] = /^(\d+); time=\d.*; source=snapshot; .*exact=(\w+)$/.exec(headers.get('x-holdfast-as-of') ?? '') ?? [];
    return `${json[0]?.nodes} nodes, change ${sequence}, exact ${exact}`;
  };
  assert.equal(await asOf('3'), '3 nodes, change 3, exact true');
  const [process] = childrenOf(server);
  assert.equal(await asOf('5'), '3 nodes, change 3, exact false');
  assert.deepEqual(childrenOf(server), [process], 'the same process has answered');
  assert.equal(await asOf('7'), '6 nodes, change 6, exact false');
  assert.equal(await asOf('6'), '6 nodes, change 6, exact true');
});

test('files of a moment are kept while they are written and loaded, however many others are asked meanwhile', async (context) => {
  const server = await queryServer(context, { children: 3, settings: ['memory: 256MiB'] });
  const nodes = Array.from({ length: 7 }, (_, index) => ({ hostname: `n${index + 1}`, architecture: 'x86_64' }));
  for (const node of nodes) await server.request('POST', '/inventory/ComputeNode', node);
  const moments = [1, 2, 3, 4, 5, 6];
  const answers = await Promise.all(moments.map((at) => ask(server, 'SELECT count(*) AS n FROM ComputeNode', String(at))));
  assert.deepEqual(
    answers.map(({ json }) => json),
    moments.map((n) => [{ n }]),
  );
  assert.ok(readdirSync(join(server.directory, 'query')).length <= 3, 'and not much longer');
});
