import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { Client, type ImportCounts } from '../../src/client/client.ts';
import { type ServerProcess, serverFor } from '../support/server-process.ts';
import { fakeServer, json } from './fake-server.ts';

let server: ServerProcess;
let client: Client;

before(async (context) => {
  server = await serverFor(context as TestContext);
  client = new Client({ url: server.url, token: server.token });
  (context as TestContext).after(() => client.close());
});

interface Draft {
  hostname: string;
  architecture: string;
  boot_mac?: string;
}

function* nodes(count: number, architecture: string): Generator<Draft> {
  for (let index = 0; index < count; index++) {
    const mac = `02:00:00:00:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`;
    yield { hostname: `${architecture}${index}`, architecture, boot_mac: mac };
  }
}

test('an import of all takes an iterable of any length, and says what it did', async () => {
  const kind = client.kind('ComputeNode');
  const made = await kind.importAll(nodes(3000, 'all'));
  assert.deepEqual({ created: made.created, updated: made.updated, total: made.total }, { created: 3000, updated: 0, total: 3000 });
  async function* asStored(): AsyncGenerator<Draft> {
    yield* kind.list({ where: { architecture: 'all' }, pageSize: 700 });
  }
  const again = await kind.importAll(asStored(), { upsert: true });
  assert.deepEqual([again.created, again.updated], [0, 3000]);
});

test('one record that is wrong takes everything back', async () => {
  const kind = client.kind('ComputeNode');
  function* oneWrong(): Generator<Draft> {
    yield* nodes(10, 'wrong');
    yield { hostname: 'no architecture' } as Draft;
  }
  await assert.rejects(kind.importAll(oneWrong()), { code: 'invalid', status: 400 });
  assert.equal(await kind.count({ where: { architecture: 'wrong' } }), 0);
});

test('what the iterable itself throws comes out as it was thrown, and nothing is imported', async () => {
  const kind = client.kind('ComputeNode');
  const failure = new Error('the file ended');
  function* failing(): Generator<Draft> {
    yield* nodes(10, 'failing');
    throw failure;
  }
  await assert.rejects(kind.importAll(failing()), failure);
  await assert.rejects(kind.importEach(failing(), { partSize: 100 }), failure);
  assert.equal(await kind.count({ where: { architecture: 'failing' } }), 0);
});

test('an import of each takes what is good and tells the rest, with the item', async () => {
  const kind = client.kind('BMC');
  const refused: [number, string | undefined][] = [];
  const parts: ImportCounts[] = [];
  function* bmcs(): Generator<{ username: string; password: string; mac_address: string }> {
    for (let index = 0; index < 7; index++) yield { username: 'u', password: 'p', mac_address: index === 4 ? 'no mac' : `02:00:00:00:aa:0${index}` };
  }
  const counts = await kind.importEach(bmcs(), {
    partSize: 3,
    onRefused: ({ index, item, problem }) => {
      assert.equal(item.mac_address, 'no mac');
      refused.push([index, problem.code]);
    },
    onPart: (soFar) => void parts.push(soFar),
  });
  assert.deepEqual(counts, { created: 6, updated: 0, refused: 1 });
  assert.deepEqual(refused, [[4, 'invalid']]);
  assert.deepEqual(
    parts.map(({ created }) => created),
    [3, 5, 6],
  );
  assert.deepEqual(await kind.importEach(bmcs(), { upsert: true }), { created: 0, updated: 6, refused: 1 });
});

test('a dry run changes nothing', async () => {
  const kind = client.kind('ComputeNode');
  const draft = { hostname: 'dry', architecture: 'dry' };
  assert.equal((await kind.importAll([draft], { dryRun: true })).dry_run, true);
  assert.equal((await kind.importEach([draft], { dryRun: true })).created, 1);
  assert.equal(await kind.count({ where: { architecture: 'dry' } }), 0);
});

test('the same import with the same key is made once', async () => {
  const kind = client.kind('ComputeNode');
  const options = { idempotencyKey: 'import-1' };
  const first = await kind.importAll([{ hostname: 'k', architecture: 'key' }], options);
  assert.deepEqual(await kind.importAll([{ hostname: 'k', architecture: 'key' }], options), first);
  assert.equal(await kind.count({ where: { architecture: 'key' } }), 1);
});

test('JSON in bytes goes as it is, over several lines too', async () => {
  const bytes = Buffer.from('{\r\n  "hostname": "bytes",\n  "architecture": "bytes"\n}');
  assert.equal((await client.kind('ComputeNode').importEach([bytes])).created, 1);
  assert.equal((await client.kind('ComputeNode').importAll([bytes])).created, 1);
});

test('items that the server had no time for are sent again, and only those', async (context) => {
  const bodies: string[] = [];
  const fake = await fakeServer(context, async (response, request) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    bodies.push(body);
    const lines = body.trim().split('\n');
    const verdicts = lines.map((line, index) =>
      bodies.length === 2 && line.includes('"b"') ? { index, status: 503, code: 'overloaded' } : { index, status: 201 },
    );
    if (bodies.length === 1) json(response, 503, { code: 'recovering' }, { 'retry-after': '1' });
    else response.end(verdicts.map((verdict) => `${JSON.stringify(verdict)}\n`).join(''));
  });
  const waits: number[] = [];
  const wait = async (ms: number): Promise<void> => void waits.push(ms);
  await using patient = new Client({ url: fake.url, retry: { wait, random: () => 0 } });
  assert.deepEqual(await patient.kind('Rack').importEach([{ a: 'a' }, { a: 'b' }]), { created: 2, updated: 0, refused: 0 });
  assert.deepEqual(bodies, ['{"a":"a"}\n{"a":"b"}\n', '{"a":"a"}\n{"a":"b"}\n', '{"a":"b"}\n']);
  assert.deepEqual(waits, [1000, 1000]);
});

test('what comes after the place where the server refused more at once is sent again', async (context) => {
  const bodies: string[] = [];
  const fake = await fakeServer(context, async (response, request) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    bodies.push(body);
    // A caller whose bulks together hold too much is cut off where he is: one line says so, and there are none for the rest.
    const verdicts =
      bodies.length === 1
        ? [
            { index: 0, status: 201 },
            { index: 1, status: 429, code: 'too-many-requests' },
          ]
        : [{ status: 201 }, { status: 201 }];
    response.end(verdicts.map((verdict) => `${JSON.stringify(verdict)}\n`).join(''));
  });
  await using patient = new Client({ url: fake.url, retry: { wait: async () => undefined } });
  assert.deepEqual(await patient.kind('Rack').importEach([{ a: 'a' }, { a: 'b' }, { a: 'c' }]), { created: 3, updated: 0, refused: 0 });
  assert.deepEqual(bodies[1], '{"a":"b"}\n{"a":"c"}\n');
});

test('a source is read no faster than it is sent', async (context) => {
  const fake = await fakeServer(context, async (response, request) => {
    // Nothing of the body is read until the client has stopped sending.
    let before = -1;
    while (before !== taken) {
      before = taken;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    request.resume();
    request.on('end', () => json(response, 200, { created: taken }));
  });
  let taken = 0;
  let atPause = 0;
  function* endless(): Generator<{ text: string }> {
    const text = 'x'.repeat(1024 * 1024);
    for (taken = 0; taken < 100; taken++) yield { text };
  }
  await using sender = new Client({ url: fake.url });
  const sending = sender.kind('Rack').importAll(endless());
  await new Promise((resolve) => setTimeout(resolve, 150));
  atPause = taken;
  await sending;
  assert.ok(atPause < 50, `${atPause} MiB were read from the source while nobody took them`);
});
