import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { FAULTS } from '../../src/faults.ts';
import { startRig } from './front-rig.ts';

/** What the server shows to people: problems explained, and the page of the description. */

test('the type of a problem leads to what it means', async (context) => {
  const rig = await startRig(context);
  const refused = await rig.ask('GET', '/inventory/ComputeNode?hostnam=n1');
  const { status, json, headers } = await rig.ask('GET', String(refused.json['type']));
  assert.deepEqual([status, json['code'], json['status'], json['title']], [200, refused.json['code'], refused.json['status'], refused.json['title']]);
  assert.match(String(json['remedy']), /openapi\.json/);
  assert.deepEqual([headers.get('content-type'), headers.get('vary')], ['application/json', 'Accept']);
  const { list } = await rig.ask('GET', '/problems');
  assert.deepEqual(
    list.map((each) => [each['code'], each['status'], each['retryable']]),
    Object.entries(FAULTS).map(([code, fault]) => [code, fault.status, fault.retryable]),
  );
  for (const each of list) assert.equal((await rig.ask('GET', String(each['type']))).text, JSON.stringify(each));
  assert.equal((await rig.ask('GET', '/problems/none')).status, 404);
});

test('a browser gets problems as a page, everybody else as JSON', async (context) => {
  const rig = await startRig(context);
  const type = async (accept: string): Promise<string | null> =>
    (await rig.ask('GET', '/problems/conflict', undefined, { accept })).headers.get('content-type');
  assert.equal(await type('text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'), 'text/html; charset=utf-8');
  for (const accept of ['*/*', 'application/json', 'application/json, text/plain, */*', 'text/html;q=0, */*', 'text/html;q=0.5, application/json']) {
    assert.equal(await type(accept), 'application/json', accept);
  }
  const { text, headers } = await rig.ask('GET', '/problems', undefined, { accept: 'text/html' });
  assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/);
  for (const code of Object.keys(FAULTS)) assert.ok(text.includes(`id="${code}"`), code);
});

test('the files of the docs page come from the installed package, and only those that it needs', async (context) => {
  const rig = await startRig(context);
  const page = await rig.ask('GET', '/docs');
  assert.match(
    page.headers.get('content-security-policy') ?? '',
    /^default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';/,
  );
  assert.doesNotMatch(page.text, /<script>|https?:/);
  const named = [...page.text.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path = '']) => path);
  assert.equal(named.length, 4);
  for (const path of named) {
    const { status, headers, text } = await rig.ask('GET', path);
    assert.deepEqual([status, headers.get('cache-control')], [200, 'no-cache'], path);
    const again = await rig.ask('GET', path, undefined, { 'if-none-match': headers.get('etag') ?? '' });
    assert.deepEqual([again.status, again.text], [304, ''], path);
    if (path.endsWith('.css')) assert.equal(text, readFileSync(createRequire(import.meta.url).resolve('swagger-ui-dist/swagger-ui.css'), 'utf8'));
  }
  for (const path of ['/docs/package.json', '/docs/index.html', '/docs/..%2fpackage.json', '/docs/toString']) {
    assert.equal((await rig.ask('GET', path)).status, 404, path);
  }
});
