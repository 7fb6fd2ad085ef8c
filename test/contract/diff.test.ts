import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { applyPatch } from 'rfc6902';
import { Client } from '../../src/client/client.ts';
import { ReservationServer } from '../support/reservation-server.ts';
import { type Answer, holdfast, type ServerProcess, serverFor, temporaryFolder, tokenFor } from '../support/server-process.ts';

const NODE = '/inventory/ComputeNode';
const LINES = { accept: 'application/x-ndjson' };

interface Change {
  readonly kind: string;
  readonly key: string;
  readonly type: string;
  readonly patch?: readonly { readonly path: string }[];
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
}

function typesIn({ json }: Answer): readonly string[] {
  return json.changes.map(({ kind, type }: Change) => `${kind} ${type}`);
}

function nextOf({ headers }: Answer): string {
  const next = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
  assert.ok(next !== undefined, 'there is a next page');
  return next;
}

/** A BMC and three nodes; then a snapshot, and one node is changed, one deleted, one made. @returns the snapshot's name */
async function changed(server: ServerProcess): Promise<string> {
  await server.request('POST', NODE, { hostname: 'one', architecture: 'X86', xname: 'x1000c0s0b0n0' });
  for (const hostname of ['two', 'three']) await server.request('POST', NODE, { hostname, architecture: 'X86' });
  const { json } = await server.request('POST', '/snapshots');
  const nodes = (await server.request('GET', `${NODE}?sort=revision`)).json;
  await server.request('PATCH', `${NODE}/${nodes[0].id}`, { hostname: 'uno' });
  await server.request('DELETE', `${NODE}/${nodes[1].id}`);
  await server.request('POST', NODE, { hostname: 'four', architecture: 'X86' });
  return json.name;
}

test('a diff tells what was created, changed and deleted between two moments, in either direction', async (context) => {
  const server = await serverFor(context);
  const name = await changed(server);
  const before = (await server.request('GET', `${NODE}?at=${name}`)).json;
  const diff = await server.request('GET', `/diff?from=${name}`);
  assert.deepEqual(typesIn(diff), ['ComputeNode changed', 'ComputeNode deleted', 'ComputeNode created']);
  assert.deepEqual(diff.json.counts.ComputeNode, { created: 1, changed: 1, deleted: 1 });
  assert.deepEqual(diff.json.counts.BMC, { created: 0, changed: 0, deleted: 0 });
  assert.equal('reservations' in diff.json.counts, false);
  assert.deepEqual([diff.json.from.sequence, diff.json.from.source, diff.json.from.snapshot, diff.json.from.exact], [4, 'snapshot', name, true]);
  assert.deepEqual([diff.json.to.sequence, diff.json.to.source], [7, 'journal']);
  assert.equal(diff.headers.get('x-total-count'), '3');
  assert.match(diff.headers.get('x-holdfast-from') ?? '', new RegExp(`^4; time=\\S+; source=snapshot; snapshot=${name}; exact=true$`));
  const [{ key, patch, fromRevision, toRevision }, gone, made] = diff.json.changes;
  const record = before.find(({ id }: { id: string }) => id === key);
  assert.deepEqual([fromRevision, toRevision], [2, 5]);
  applyPatch(record, patch);
  assert.deepEqual(record, (await server.request('GET', `${NODE}/${key}`)).json);
  assert.equal(gone.before.hostname, 'two');
  assert.deepEqual(made.after, (await server.request('GET', `${NODE}/${made.key}`)).json);

  const records = await server.request('GET', `/diff?from=4&to=7&form=records`);
  assert.deepEqual([records.json.changes[0].before.hostname, records.json.changes[0].after.hostname], ['one', 'uno']);
  const reverse = await server.request('GET', `/diff?from=now&to=4`);
  assert.deepEqual(typesIn(reverse), ['ComputeNode changed', 'ComputeNode created', 'ComputeNode deleted']);
  assert.ok(reverse.json.changes[0].patch.some(({ path, value }: { path: string; value: unknown }) => path === '/hostname' && value === 'one'));
  const same = await server.request('GET', `/diff?from=${name}&to=latest`);
  assert.deepEqual([same.json.changes, same.headers.get('x-total-count')], [[], '0']);
  assert.equal((await server.request('GET', '/diff?from=5&to=5', undefined, LINES)).text, '');
  const counts = await server.request('GET', `/diff?from=earliest&form=counts`);
  assert.deepEqual(Object.keys(counts.json), ['from', 'to', 'counts']);
  assert.deepEqual(counts.json.counts.ComputeNode, { created: 3, changed: 0, deleted: 0 });
  const lines = await server.request('GET', `/diff?from=0&kind=bmc&kind=Component`, undefined, LINES);
  assert.deepEqual([JSON.parse(lines.text).kind, lines.headers.get('content-type')], ['BMC', 'application/x-ndjson']);
  const head = await server.request('HEAD', '/diff?from=0');
  assert.deepEqual([head.status, head.text, head.headers.get('x-total-count')], [200, '', '4']);
});

test('pages of a diff agree while the site changes, and their cursor belongs to them', async (context) => {
  const server = await serverFor(context);
  await changed(server);
  const whole = await server.request('GET', '/diff?from=0');
  const first = await server.request('GET', '/diff?from=0&limit=2');
  const pages: Change[] = [...first.json.changes];
  for (let page = first; page.headers.has('link'); ) {
    await server.request('POST', NODE, { hostname: 'more', architecture: 'X86' });
    page = await server.request('GET', nextOf(page));
    assert.deepEqual([page.json.from, page.json.to, page.json.counts], [first.json.from, first.json.to, first.json.counts]);
    pages.push(...page.json.changes);
  }
  assert.deepEqual(pages, whole.json.changes);
  assert.equal((await server.request('GET', '/diff?from=0&limit=4&to=7')).headers.has('link'), false);
  const after = new URL(nextOf(first), server.url).searchParams.get('after') ?? '';
  const forged = (change: (parts: unknown[]) => void): string => {
    const parts = JSON.parse(Buffer.from(after, 'base64url').toString());
    change(parts);
    return Buffer.from(JSON.stringify(parts)).toString('base64url');
  };
  const injected = forged((parts) => {
    (parts[2] as unknown[])[1] = '2026-11-22T10:00:00Z\r\nX-Own: 1';
  });
  const future = forged((parts) => {
    (parts[3] as unknown[])[0] = 1_000_000;
  });
  for (const query of [
    'to=0',
    'from=x',
    'from=0&from=1',
    'from=99',
    'from=0&to=2999-01-01T00:00:00Z',
    'from=0&kind=Rack',
    'from=0&kind=Reservations',
    'from=0&form=merge',
    'from=0&limit=0',
    'from=0&sort=key',
    'from=0&after=x',
    `from=1&limit=2&after=${after}`,
    `from=0&limit=2&kind=BMC&after=${after}`,
    `from=0&limit=2&after=${injected}`,
    `from=0&limit=2&after=${future}`,
  ]) {
    const { status, json } = await server.request('GET', `/diff?${query}`);
    assert.deepEqual([status, json.code], [400, 'invalid-parameter'], query);
  }
  const early = await server.request('GET', '/diff?from=2001-01-01T00:00:00Z');
  assert.deepEqual([early.status, /the earliest is change 1/.test(early.json.detail)], [404, true]);
  assert.match((await server.request('GET', '/diff?from=soon')).json.detail, /^"from" is the name of a snapshot/);
  assert.equal((await server.request('GET', '/diff?from=0', undefined, { accept: 'text/csv' })).status, 406);
});

test('what is only near what was asked for is compared, and says so', async (context) => {
  const config = join(temporaryFolder(context), 'holdfast.yaml');
  writeFileSync(config, 'storage:\n  journalKeepBytes: 0\n');
  const server = await serverFor(context, ['--config', config]);
  for (let count = 0; count < 6; count++) {
    await server.request('POST', NODE, { hostname: `n${count}`, architecture: 'X86' });
    if (count % 2 === 1) await server.request('POST', '/snapshots');
  }
  const { json, headers } = await server.request('GET', '/diff?from=3&to=6&limit=1');
  assert.deepEqual([json.from.sequence, json.from.exact, json.to.exact, json.counts.ComputeNode.created], [2, false, true, 4]);
  const page = await server.request('GET', /<([^>]+)>/.exec(headers.get('link') ?? '')?.[1] ?? '');
  assert.equal(page.json.from.exact, false);
  const { stderr } = await holdfast(['diff', '3', '6', '--format', 'summary'], { environment: { HOLDFAST_URL: server.url } });
  assert.match(stderr, /the nearest that is kept: snapshot \S+, change 2/);
});

test('reservations are compared alone, for who may see them, and without what only the server needs', async (context) => {
  const agent = new ReservationServer(context, temporaryFolder(context), {
    tick: '10s',
    endpoints: [{ name: 'try-it', plugin: 'null', schedulePeriod: '1h' }],
  });
  const server = await agent.start();
  const { json: joined } = await server.request('POST', '/join/try-it', { 'unit.vlan': '7', 'unit.password': 'canary' }, { 'idempotency-key': 'canary' });
  await server.request('POST', '/snapshots');
  await server.request('POST', `/leave/try-it/${joined.resId.id}`, {});
  for (const form of ['patch', 'records']) {
    for (const from of ['0', 'latest']) {
      const { json, text } = await server.request('GET', `/diff?from=${from}&kind=reservations&form=${form}`);
      assert.deepEqual([json.changes.length, json.changes[0].kind], [1, 'reservations']);
      assert.doesNotMatch(text, /canary|held_as|has_private|request_hash|idempotency|resume_state/);
    }
  }
  const { json } = await server.request('GET', '/diff?from=0&kind=reservations');
  assert.deepEqual(json.changes[0].after, (await server.request('GET', '/reservations')).json[0]);
  assert.equal((await server.request('GET', '/diff?from=0')).json.changes.length, 0);
  assert.equal((await server.request('GET', '/diff?from=0&kind=reservations&kind=BMC')).json.code, 'invalid-parameter');
  const stranger = { authorization: `Bearer ${tokenFor(agent.directory, ['inventory:read'])}` };
  assert.equal((await server.request('GET', '/diff?from=0&kind=reservations', undefined, stranger)).status, 403);
  assert.equal((await server.request('GET', '/diff?from=0&kind=reserv%61tions', undefined, { authorization: '' })).status, 401);
  assert.equal((await server.request('GET', '/diff?from=0', undefined, stranger)).status, 200);
});

test('a long diff that a slow client reads arrives whole, though its snapshots are pruned meanwhile', async (context) => {
  const config = join(temporaryFolder(context), 'holdfast.yaml');
  writeFileSync(config, 'storage:\n  journalKeepBytes: 0\nsnapshots:\n  retain: 2\n');
  const server = await serverFor(context, ['--config', config]);
  await server.request('POST', '/snapshots');
  // More than the kernel takes of an answer that nobody reads, and more than one part.
  const lines = Array.from({ length: 6000 }, (_, number) => {
    return JSON.stringify({ hostname: `n${number}`, architecture: 'X86', description: randomBytes(2500).toString('base64') });
  });
  await server.request('POST', `${NODE}/bulk`, lines.join('\n'), { 'content-type': 'application/x-ndjson' });
  const { json: newer } = await server.request('POST', '/snapshots');
  const response = await new Promise<IncomingMessage>((resolve) => get(`${server.url}/diff?from=0&to=${newer.name}`, { headers: LINES }, resolve));
  response.pause();
  for (let count = 0; count < 3; count++) {
    await server.request('POST', NODE, { hostname: 'more', architecture: 'X86' });
    await server.request('POST', '/snapshots');
  }
  assert.equal((await server.request('GET', `/diff?from=0&to=${newer.name}`)).status, 404);
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  const keys = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).key);
  assert.deepEqual([new Set(keys).size, response.headers['x-total-count'], response.complete], [6000, '6000', true]);
  assert.deepEqual(keys, [...keys].sort());
});

test('the command line and the client compare two moments', async (context) => {
  const server = await serverFor(context);
  const name = await changed(server);
  const environment = { HOLDFAST_URL: server.url };
  const run = async (expected: number, ...words: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await holdfast(['diff', ...words], { environment: { ...environment, NO_COLOR: '', FORCE_COLOR: '1' } });
    assert.equal(code, expected, stderr);
    return stdout;
  };
  const { json: whole } = await server.request('GET', `/diff?from=${name}`);
  assert.deepEqual(JSON.parse(await run(0, name)), whole);
  const records = (await run(4, name, '7', '--format', 'ndjson', '--records', '--exit-code')).trimEnd().split('\n');
  assert.equal(JSON.parse(records[0] ?? '').after.hostname, 'uno');
  const list = await run(4, 'latest', '--format', 'list', '--exit-code');
  assert.match(list, /^~ ComputeNode \S+ x1000c0s0b0n0 uno\n {4}hostname: "one" → "uno"\n- ComputeNode \S+ two\n\+ ComputeNode \S+ four\nfrom 4 \(/);
  const summary = await run(0, 'now', 'latest', '--format', 'summary');
  assert.match(summary, /^from 7 \(\S+\) to 4 \(\S+\)\nComputeNode: 1 created, 1 changed, 1 deleted\n$/);
  assert.match(await run(0, '7', '--kind', 'BMC', '--exit-code', '--format', 'summary'), /nothing is different/);
  await run(1, 'never');
  await run(2, '0', '--limit', 'x');

  await using client = new Client({ url: server.url });
  const diff = client.diff(name, 'now', { pageSize: 1 });
  assert.deepEqual(await diff.toArray(), whole.changes);
  assert.deepEqual(await diff.summary(), { from: whole.from, to: whole.to, counts: whole.counts });
  const nodes = client.diff<{ readonly hostname: string }>(0, new Date(whole.from.time), { kinds: 'ComputeNode', limit: 2 });
  assert.equal((await nodes.summary()).counts['ComputeNode']?.created, 3);
  assert.deepEqual(
    (await nodes.toArray()).map(({ after }) => after?.hostname),
    ['one', 'two'],
  );
  await assert.rejects(client.diff('never').toArray(), { code: 'invalid-parameter' });
});
