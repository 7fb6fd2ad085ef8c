import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import { loadKeys } from '../../src/keys.ts';
import { createLog } from '../../src/log.ts';
import { holdfast, type StubAnswer, temporary, withStub } from './running.ts';

const NODE = '{"hostname":"n1","architecture":"x86_64"}';
const ok = (): StubAnswer => ({ status: 201, body: '{"id":"1"}' });

test('create sends the record as it was given, with the token', async () => {
  await withStub(ok, async (url, received) => {
    const ran = await holdfast(['create', 'ComputeNode', '--data', NODE, '--url', url, '--jwt', 'a.b.c']);
    assert.deepEqual(ran, { code: 0, stdout: '{"id":"1"}\n', stderr: '' });
    const [request] = received;
    assert.deepEqual([request?.method, request?.url, request?.body, request?.headers.authorization], ['POST', '/inventory/ComputeNode', NODE, 'Bearer a.b.c']);
  });
});

test('options of the connection may stand before the command, and the URL may end in /inventory', async () => {
  await withStub(ok, async (url, received) => {
    const ran = await holdfast(['--url', `${url}/inventory/`, '--jwt', 't', 'get', 'BMC', 'x0c0s0b0']);
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(received[0]?.url, '/inventory/BMC/x0c0s0b0');
  });
});

test('URL and token come from the environment when no option names them', async () => {
  await withStub(ok, async (url, received) => {
    await holdfast(['get', 'BMC', 'a/b'], { environment: { HOLDFAST_URL: url, HOLDFAST_JWT: 'from.the.env' } });
    assert.equal(received[0]?.url, '/inventory/BMC/a%2Fb');
    assert.equal(received[0]?.headers.authorization, 'Bearer from.the.env');
  });
});

test('each command has its method and content type', async () => {
  await withStub(ok, async (url, received) => {
    for (const words of [
      ['update', 'BMC', 'b', '--data', '{}', '--if-match', '7', '--upsert'],
      ['patch', 'BMC', 'b', '--data', '{}'],
      ['patch', 'BMC', 'b', '--data', '[]', '--json-patch'],
      ['delete', 'BMC', 'b', '--force'],
      ['list', 'BMC', '--filter', 'xname=x0', '--filter', 'missing=description', '--limit', '5', '--sort', '-xname', '--fields', 'xname', '--ndjson'],
      ['snapshot', 'take', '--note', 'before'],
      ['snapshot', 'list'],
    ]) {
      const ran = await holdfast([...words, '--url', url]);
      assert.equal(ran.code, 0, ran.stderr);
    }
    assert.deepEqual(
      received.map(({ method, url: path, headers }) => [method, path, headers['content-type'] ?? headers.accept]),
      [
        ['PUT', '/inventory/BMC/b?upsert=true', 'application/json'],
        ['PATCH', '/inventory/BMC/b', 'application/merge-patch+json'],
        ['PATCH', '/inventory/BMC/b', 'application/json-patch+json'],
        ['DELETE', '/inventory/BMC/b?force=true', 'application/json'],
        ['GET', '/inventory/BMC?xname=x0&missing=description&limit=5&sort=-xname&fields=xname', 'application/x-ndjson'],
        ['POST', '/snapshots', 'application/json'],
        ['GET', '/snapshots', 'application/json'],
      ],
    );
    assert.equal(received[0]?.headers['if-match'], '"7"');
  });
});

test('what the server refuses is told in plain words, with exit code 1', async () => {
  const problem = {
    title: 'The record does not match its schema',
    status: 400,
    detail: '2 problems',
    errors: [{ pointer: '/hostname', detail: 'is required' }],
  };
  await withStub(
    () => ({ status: 400, headers: { 'content-type': 'application/problem+json' }, body: JSON.stringify(problem) }),
    async (url) => {
      const ran = await holdfast(['create', 'ComputeNode', '--data', '{}', '--url', url]);
      assert.deepEqual(ran, { code: 1, stdout: '', stderr: 'holdfast: The record does not match its schema (400)\n  2 problems\n  /hostname: is required\n' });
    },
  );
});

test('a server that cannot be reached is exit code 3', async () => {
  const ran = await holdfast(['get', 'BMC', '--url', 'http://127.0.0.1:9']);
  assert.equal(ran.code, 3);
  assert.match(ran.stderr, /cannot reach http:\/\/127\.0\.0\.1:9/);
});

test('wrong usage is exit code 2, and help is not', async () => {
  for (const words of [
    ['bogus'],
    ['get'],
    ['create', 'BMC'],
    ['create', 'BMC', '--data', '{'],
    ['list', 'BMC', '--filter', 'x'],
    ['get', 'BMC', '--url', 'nonsense'],
    ['snapshot', 'restore', 'x'],
  ]) {
    assert.equal((await holdfast(words)).code, 2, words.join(' '));
  }
  assert.equal((await holdfast(['--help'])).code, 0);
  assert.equal((await holdfast(['serve', '--help'])).code, 0);
});

test('the schemas that `schemas` wrote keep a wrong record from being sent', async () => {
  const directory = temporary();
  const written = await holdfast(['schemas', '-dir', 'out'], { directory });
  assert.equal(written.code, 0, written.stderr);
  assert.match(written.stdout, /out\/ComputeNode\.json/);
  await withStub(ok, async (url, received) => {
    const bad = await holdfast(['--schema-dir', 'out', '--url', url, 'create', 'ComputeNode', '--data', '{"hostname":"n1","colour":"red"}'], { directory });
    assert.equal(bad.code, 1);
    assert.match(bad.stderr, /not sent/);
    assert.match(bad.stderr, /architecture/);
    assert.match(bad.stderr, /colour/);
    assert.equal(received.length, 0);
    const good = await holdfast(['--schema-dir', 'out', '--url', url, 'create', 'ComputeNode', '--data', NODE], { directory });
    assert.equal(good.code, 0, good.stderr);
    assert.equal(received.length, 1);
  });
});

test('validate tells every mistake with its line', async () => {
  const ran = await holdfast(['validate', 'ComputeNode', '-'], { input: `${NODE}\n{"hostname":"n2"}\n{oops\n` });
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /line 2, item 1: .*architecture/);
  assert.match(ran.stderr, /line 3, item 2: /);
  assert.match(ran.stderr, /2 of 3 records/);
  assert.equal((await holdfast(['validate', 'computenode', '-'], { input: `[${NODE},\n${NODE}]` })).stdout, '2 records match the schema of computenode\n');
  assert.equal((await holdfast(['validate', 'Nothing', '-'])).code, 2);
});

test('token prints the bare token, with the scopes that were named or all', async () => {
  const directory = temporary();
  loadKeys(directory, {}, createLog({ level: 'error', format: 'json' }));
  const ran = await holdfast(['token', '--data-dir', directory, '--scope', 'query,snapshots', '--scope', 'admin', '--ttl', '15m', '--subject', 'me']);
  assert.equal(ran.code, 0, ran.stderr);
  const claims = decodeJwt(ran.stdout.trimEnd());
  assert.deepEqual([claims.sub, claims['scope'], (claims.exp ?? 0) - (claims.iat ?? 0)], ['me', 'query snapshots admin', 900]);
  const all = decodeJwt((await holdfast(['token', '--data-dir', directory])).stdout.trimEnd());
  assert.match(String(all['scope']), /inventory:write.*secrets:read.*admin/);
});

test('token says what is wrong with its options', async () => {
  const directory = temporary();
  assert.match((await holdfast(['token', '--data-dir', directory])).stderr, /there is no token secret yet/);
  assert.equal((await holdfast(['token', '--scope', 'everything'])).code, 2);
  assert.equal((await holdfast(['token', '--ttl', 'forever'])).code, 2);
});

test('with a data folder at hand, a command signs its own token, and sends it to this machine only', async () => {
  const directory = temporary();
  loadKeys(join(directory, 'holdfast-data'), {}, createLog({ level: 'error', format: 'json' }));
  await withStub(ok, async (url, received) => {
    await holdfast(['get', 'BMC', 'b', '--url', url], { directory });
    assert.match(received[0]?.headers.authorization ?? '', /^Bearer .+\..+\..+$/);
    const elsewhere = await holdfast(['get', 'BMC', 'b', '--url', url.replace('127.0.0.1', '[::ffff:127.0.0.1]')], { directory });
    assert.equal(elsewhere.code, 0, elsewhere.stderr);
    assert.equal(received[1]?.headers.authorization, undefined);
  });
});

test('serve tells every mistake of its configuration, understanding the flags of the original', async () => {
  const directory = temporary();
  writeFileSync(join(directory, 'c.yaml'), 'server: {prot: 1}\n');
  const ran = await holdfast(['serve', '-snapshot-freq', 'often', '-restore=maybe', '--config', 'c.yaml', '--port', '-1'], { directory });
  assert.equal(ran.code, 2);
  for (const expected of [
    /server\.prot: unknown; did you mean port/,
    /--snapshot-every: snapshots\.every/,
    /--restore: snapshots\.restore: must be boolean/,
    /--port/,
  ])
    assert.match(ran.stderr, expected);
});
