import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { eventLine } from '../../src/cli/event-line.ts';
import { eventIn } from '../../src/client/events.ts';
import { packageRoot } from '../../src/package-root.ts';
import { beginFeed, fakeServer, position, problem, reset, told } from '../client/fake-server.ts';
import { holdfast } from './running.ts';

test('watch asks for what its options say, prints one JSON event a line, and ends after --count', async (context) => {
  const server = await fakeServer(context, (response) => {
    beginFeed(response);
    response.write(position(4) + told(5) + told(6) + told(7));
  });
  const options = ['--filter', 'state=Ready', '--filter', 'state=On', '--filter', 'hostname=!n1', '--filter', 'revision.gte=5', '--filter', 'missing=!xname'];
  const more = ['--key', 'a', '--key', 'b', '--since', '1-4', '--patch', '--count', '2', '--url', server.url, '--jwt', 'a.b.c'];
  const ran = await holdfast(['watch', 'ComputeNode', ...options, ...more]);
  assert.equal(ran.code, 0, ran.stderr);
  const lines = ran.stdout.trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as { sequence: number }).sequence),
    [5, 6],
  );
  const asked = new URL(server.asked[0] ?? '', server.url);
  assert.deepEqual(
    [...asked.searchParams].map(([name, value]) => `${name}=${value}`),
    ['kinds=ComputeNode', 'keys=a,b', 'state=Ready', 'state=On', 'revision.gte=5', 'hostname=!n1', 'missing=!xname', 'patch=true', 'since=1-4'],
  );
  assert.equal(server.requests[0]?.headers.authorization, 'Bearer a.b.c');
});

test('watch says on standard error that it goes on, and that something was missed', async (context) => {
  const server = await fakeServer(context, (response, _request, nth) => {
    beginFeed(response);
    if (nth === 1) response.end(told(5));
    else response.write(reset(9, 'too-old') + told(10));
  });
  const ran = await holdfast(['watch', '--count', '3', '--url', server.url]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /^the server ended the connection; going on after 1-5 in \d\.\d s$/m);
  assert.match(ran.stderr, /^what was missed cannot be told \(too-old\): list again; going on after 1-9$/m);
  assert.equal(ran.stdout.trimEnd().split('\n').length, 3);
});

test('Ctrl-C ends a watch as if it were done', async (context) => {
  const server = await fakeServer(context, (response) => {
    beginFeed(response);
    response.write(told(1));
  });
  const child = spawn(process.execPath, [
    join(packageRoot(), 'dist/src/cli/holdfast.js'),
    'watch',
    'reservations',
    '--endpoint',
    'try-it',
    '--url',
    server.url,
  ]);
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  assert.deepEqual(server.asked, ['/feed?kinds=reservations&endpoint=try-it']);
});

test('what the server refuses ends a watch with exit code 1, one that is not there with 3, wrong options with 2', async (context) => {
  const server = await fakeServer(context, (response) => problem(response, 403, 'forbidden'));
  const refused = await holdfast(['watch', '--url', server.url]);
  assert.deepEqual([refused.code, refused.stderr], [1, 'holdfast: A title (403)\n  a detail\n']);
  assert.equal((await holdfast(['watch', '--url', 'http://127.0.0.1:9'])).code, 3);
  for (const words of [
    ['--since', 'yesterday'],
    ['--count', '0'],
    ['--filter', 'x'],
    ['--filter', 'x=1', '--filter', 'x=!2'],
  ]) {
    assert.equal((await holdfast(['watch', 'BMC', ...words, '--url', server.url])).code, 2, words.join(' '));
  }
});

test('a line for people says when, what, which, and what changed; and nothing in it steers the terminal', () => {
  const line = (more: Readonly<Record<string, unknown>>): string => {
    const event = eventIn(/^data: (.*)$/m.exec(told(5, more))?.[1] ?? '');
    assert.ok(event.topic !== 'position' && event.topic !== 'other');
    return stripVTControlCharacters(eventLine(event));
  };
  assert.equal(line({}), '2026-11-22T10:00:00.000Z  ComputeNode updated       k  n5');
  const patch = { datacontenttype: 'application/merge-patch+json', data: { hostname: 'a\u001b[2Jb', description: null, revision: 5 }, matches: false };
  assert.equal(line(patch), '2026-11-22T10:00:00.000Z  ComputeNode updated       k  hostname=a [2Jb description=(none)  (fits no more)');
  const reservation = { type: 'holdfast.reservation.active', subject: 'op', data: { endpoint: 'try-it', reservation_id: 'r1' } };
  assert.equal(line(reservation), '2026-11-22T10:00:00.000Z  reservation active        op  try-it/r1');
  assert.equal(line({ type: 'holdfast.snapshot.taken', sequence: undefined, subject: 's' }), '2026-11-22T10:00:00.000Z  snapshot taken            s');
});
