import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverFor } from '../support/server-process.ts';

test('a cursor that somebody has changed is refused and harms nobody', async (context) => {
  const server = await serverFor(context);
  const nodes = Array.from({ length: 3 }, (_, number) => ({ hostname: `n${number}`, architecture: 'x86_64' }));
  await server.request('POST', '/inventory/ComputeNode', nodes);
  for (const sort of ['revision', 'created_at', 'hostname', 'status.power_state.on']) {
    const page = await server.request('GET', `/inventory/ComputeNode?limit=1&sort=${sort}`);
    const path = /^<(.*)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1] as string;
    const cursor = JSON.parse(Buffer.from(new URL(path, server.url).searchParams.get('after') as string, 'base64url').toString('utf8'));
    for (const value of ['zzz', '', 1e300, -1, true, null, 'x'.repeat(1000), '9999999-01-01', { a: 1 }, [1]]) {
      // Whatever the cursor's shape: every scalar in it is replaced.
      const forged = Buffer.from(JSON.stringify(replaced(cursor, value))).toString('base64url');
      const answer = await server.request('GET', `/inventory/ComputeNode?limit=1&sort=${sort}&after=${forged}`);
      assert.ok(answer.status === 200 || answer.status === 400, `${sort} after ${JSON.stringify(value)}: ${answer.status} ${answer.text}`);
    }
  }
  assert.equal((await server.request('GET', '/health')).status, 200);
  assert.equal((await server.request('POST', '/inventory/ComputeNode', nodes[0])).status, 201);
});

/** The cursor with its sort values (the longest array in it) replaced. */
function replaced(cursor: unknown, value: unknown): unknown {
  if (Array.isArray(cursor)) return cursor.map((inner) => (Array.isArray(inner) ? inner.map(() => value) : inner));
  if (typeof cursor !== 'object' || cursor === null) return cursor;
  return Object.fromEntries(Object.entries(cursor).map(([name, inner]) => [name, Array.isArray(inner) ? inner.map(() => value) : inner]));
}
