import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Answer, type ServerProcess, serverFor } from '../support/server-process.ts';

/** The whole path of every form of request, through the real store. */
describe('the inventory over HTTP', () => {
  let server: ServerProcess;
  const cleanUp: (() => void | Promise<void>)[] = [];
  before(async () => {
    server = await serverFor({ after: (step) => void cleanUp.unshift(step) });
  });
  after(async () => {
    for (const step of cleanUp) await step();
  });

  const node = (number: number, more: Record<string, unknown> = {}): Record<string, unknown> => ({
    hostname: `host-${number}`,
    architecture: number % 2 === 0 ? 'x86_64' : 'arm64',
    xname: `x2000c0s${number}b0n0`,
    ...more,
  });

  describe('lists', () => {
    before(async () => {
      const nodes = Array.from({ length: 20 }, (_, number) =>
        node(number, {
          boot_mac: `02:00:00:00:00:${number.toString(16).padStart(2, '0')}`,
          ...(number < 10 ? { boot_ipv4_address: `10.0.0.${number}` } : {}),
          network_interfaces: number % 4 === 0 ? [{ interface_name: 'hsn0', mac_address: `02:01:00:00:00:${number.toString(16).padStart(2, '0')}` }] : [],
          description: `it's "number" ${number}; DROP TABLE`,
          status: { power_state: { on: number % 2 === 0, last_updated: `2026-01-${String(number + 1).padStart(2, '0')}T00:00:00+01:00` } },
        }),
      );
      assert.equal((await server.request('POST', '/inventory/ComputeNode', nodes)).status, 201);
    });

    const hosts = async (query: string): Promise<readonly number[]> => {
      const answer = await server.request('GET', `/inventory/ComputeNode?${query}`);
      assert.equal(answer.status, 200, `${query}: ${answer.text}`);
      return answer.json.map(({ hostname }: { hostname: string }) => Number(hostname.slice(5)));
    };
    const sorted = async (query: string): Promise<readonly number[]> => [...(await hosts(query))].sort((a, b) => a - b);
    const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, index) => from + index);

    for (const [query, expected] of [
      ['hostname=host-3', [3]],
      ['hostname=host-3&hostname=host-4', [3, 4]],
      ['hostname=!host-3&hostname=!host-4&missing=boot_ipv4_address', range(10, 20)],
      ['architecture=arm64&boot_ipv4_address=10.0.0.1', [1]],
      ['arch=arm64&missingIPV4=true', [11, 13, 15, 17, 19]],
      ['missingIPV4=false&hostname=host-12', [12]],
      ['missingIPV6=true&hostname=host-12', [12]],
      ['missing=network_interfaces&architecture=x86_64', [2, 6, 10, 14, 18]],
      ['network_interfaces.interface_name=hsn0', [0, 4, 8, 12, 16]],
      ['network_interfaces.interface_name=!hsn0&architecture=x86_64', [2, 6, 10, 14, 18]],
      ['missing=network_interfaces.mac_address&architecture=x86_64', [2, 6, 10, 14, 18]],
      ['xname=x2000c0s7b0n0', [7]],
      ['xname=x02000c0s07b0n0', [7]],
      ['boot_mac=02-00-00-00-00-0A', [10]],
      ['boot_mac=02:00:00:00:00:0a&arch=arm64', []],
      ['status.power_state.on=true&boot_ipv4_address=10.0.0.4', [4]],
      ['status.power_state.last_updated.gte=2026-01-19T00:00:00%2B01:00', [18, 19]],
      ['status.power_state.last_updated.lt=2026-01-02T00:00:00Z&status.power_state.last_updated.gt=2025-12-31T23:00:00Z', [1]],
      ['bmc.xname=x2000c0s9b0', [9]],
      ['bmc_mac=02:00:00:00:00:01', []],
      ['description=it%27s "number" 5; DROP TABLE', [5]],
      ['hostname.gte=host-8&hostname.lte=host-9', [8, 9]],
    ] as const) {
      test(`?${query} finds what it says`, async () => assert.deepEqual(await sorted(query), [...expected]));
    }

    test('sort orders, ascending and descending, and missing values come last', async () => {
      assert.deepEqual(await hosts('sort=-hostname&limit=3'), [9, 8, 7]);
      assert.deepEqual(await hosts('sort=-boot_ipv4_address,hostname&limit=12'), [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 10, 11]);
      assert.deepEqual((await hosts('sort=status.power_state.last_updated')).slice(0, 4), [0, 1, 2, 3]);
    });

    for (const sort of ['', '&sort=-boot_ipv4_address', '&sort=architecture,-status.power_state.last_updated', '&sort=revision']) {
      test(`pages with a cursor give every record once${sort}`, async () => {
        const all: number[] = [];
        let path: string | undefined = `/inventory/ComputeNode?limit=7&count=true${sort}`;
        let pages = 0;
        while (path !== undefined) {
          const answer: Answer = await server.request('GET', path);
          assert.equal(answer.status, 200, answer.text);
          assert.equal(answer.headers.get('x-total-count'), '20');
          all.push(...answer.json.map(({ hostname }: { hostname: string }) => Number(hostname.slice(5))));
          path = /^<(.*)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
          pages += 1;
        }
        assert.equal(pages, 3);
        assert.deepEqual(all, sort === '' ? await hosts('limit=100') : await hosts(`limit=100${sort}`));
        assert.deepEqual(
          [...all].sort((a, b) => a - b),
          range(0, 20),
        );
      });
    }

    test('fields leaves the others out, and NDJSON has a record a line', async () => {
      const { text } = await server.request('GET', '/inventory/ComputeNode?hostname=host-2&fields=hostname,bmc.xname');
      assert.match(text, /^\[\{"id":"[^"]+","hostname":"host-2","bmc":\{"xname":"x2000c0s2b0"\}\}\]$/);
      const lines = (await server.request('GET', '/inventory/ComputeNode', undefined, { accept: 'application/x-ndjson' })).text.trim().split('\n');
      assert.equal(lines.length, 20);
      assert.equal(new Set(lines.map((line) => JSON.parse(line).id)).size, 20);
    });

    test('an empty list is [], and an unknown or malformed parameter is named', async () => {
      assert.equal((await server.request('GET', '/inventory/Component')).text, '[]');
      for (const query of ['nonsense=1', 'limit=x', 'sort=nope', 'after=zzz', 'status.power_state.on=maybe', 'missing=nope', 'fields=nope']) {
        const answer = await server.request('GET', `/inventory/ComputeNode?${query}`);
        assert.equal(answer.status, 400, query);
        assert.equal(answer.headers.get('content-type'), 'application/problem+json');
        assert.match(answer.json.detail, new RegExp(query.split('=')[0]?.replaceAll('.', '\\.') as string), query);
      }
    });
  });

  test('a record is created, read, replaced, patched both ways and deleted', async () => {
    const created = await server.request('POST', '/inventory/ComputeNode', node(100, { id: 'ignored', revision: 7 }));
    assert.equal(created.status, 201);
    const path = created.headers.get('location') as string;
    const etag = created.headers.get('etag') as string;
    assert.equal(path, `/inventory/ComputeNode/${created.json.id}`);
    assert.equal(etag, `"${created.json.revision}"`);
    assert.equal((await server.request('GET', path, undefined, { 'if-none-match': etag })).status, 304);
    const replaced = await server.request('PUT', path, node(100, { hostname: 'replaced' }), { 'if-match': etag });
    assert.equal(replaced.status, 200);
    assert.ok(replaced.json.revision > created.json.revision);
    assert.equal(replaced.json.created_at, created.json.created_at);
    assert.equal((await server.request('PUT', path, node(100), { 'if-match': etag })).status, 412);
    assert.equal((await server.request('POST', path, node(100, { hostname: 'posted' }))).json.hostname, 'posted');
    const merged = await server.request('PATCH', path, { description: 'merged', boot_mac: null }, { 'content-type': 'application/merge-patch+json' });
    assert.equal(merged.json.description, 'merged');
    const operations = [
      { op: 'test', path: '/description', value: 'merged' },
      { op: 'replace', path: '/hostname', value: 'patched' },
    ];
    const patched = await server.request('PATCH', path, operations, { 'content-type': 'application/json-patch+json' });
    assert.equal(patched.json.hostname, 'patched');
    assert.equal(
      (await server.request('PATCH', path, [{ op: 'test', path: '/hostname', value: 'no' }], { 'content-type': 'application/json-patch+json' })).status,
      409,
    );
    assert.equal((await server.request('PATCH', path, { hostname: 5 }, { 'content-type': 'application/merge-patch+json' })).status, 400);
    assert.equal((await server.request('DELETE', path)).status, 204);
    for (const method of ['GET', 'DELETE'] as const) assert.equal((await server.request(method, path)).status, 404);
    assert.equal((await server.request('PUT', path, node(100))).status, 404);
    const remade = await server.request('PUT', `${path}?upsert=true`, node(100));
    assert.equal(remade.status, 201);
    assert.equal(remade.json.id, created.json.id);
  });

  test('an array is created whole or not at all', async () => {
    const before = (await server.request('GET', '/inventory/ComputeNode')).json.length;
    const refused = await server.request('POST', '/inventory/ComputeNode', [node(110), node(111), node(110, { hostname: 'twin' })]);
    assert.equal(refused.status, 409);
    assert.equal(refused.json.errors[0].pointer, '/2/xname');
    assert.equal((await server.request('GET', '/inventory/ComputeNode')).json.length, before);
    const invalid = await server.request('POST', '/inventory/ComputeNode', [node(110), { hostname: 'x', nonsense: 1 }]);
    assert.equal(invalid.status, 400);
    assert.deepEqual(invalid.json.errors.map(({ pointer }: { pointer: string }) => pointer).sort(), ['/1/architecture', '/1/nonsense']);
  });

  test('of a hundred clients that create the same xname at once, one wins', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => server.request('POST', '/inventory/ComputeNode', node(120))));
    assert.equal(answers.filter(({ status }) => status === 201).length, 1);
    assert.equal(answers.filter(({ status }) => status === 409).length, 99);
  });

  test('concurrent patches of one record lose nothing', async () => {
    const { json } = await server.request('POST', '/inventory/NodeCollection', { name: 'busy', type: 'ad-hoc', nodes: [], cloud_init_data: { start: 'x' } });
    await Promise.all(
      Array.from({ length: 50 }, (_, number) => server.request('PATCH', `/inventory/NodeCollection/${json.id}`, { cloud_init_data: { [`k${number}`]: 'v' } })),
    );
    const { cloud_init_data } = (await server.request('GET', '/inventory/NodeCollection/busy')).json;
    assert.equal(Object.keys(cloud_init_data).length, 51);
  });

  describe('bulk', () => {
    const ndjson = (items: readonly unknown[]): string => items.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))).join('\n');
    const bulk = (query: string, items: readonly unknown[]): Promise<Answer> =>
      server.request('POST', `/inventory/Component/bulk${query}`, ndjson(items), { 'content-type': 'application/x-ndjson' });
    const component = (number: number, more = {}): Record<string, unknown> => ({ ID: `x3000c0s${number}b0n0`, Type: 'Node', NID: number, ...more });

    test('atomic: all or nothing, with the place of each mistake', async () => {
      const many = Array.from({ length: 3000 }, (_, number) => component(number));
      const bad = await bulk('', [...many, { Type: 'Node' }, component(5, { Type: 'Toaster' })]);
      assert.equal(bad.status, 400);
      assert.deepEqual(
        bad.json.errors.map(({ pointer }: { pointer: string }) => pointer),
        ['/3000/ID', '/3001/Type'],
      );
      const twin = await bulk('', [...many, component(7)]);
      assert.equal(twin.status, 409);
      assert.equal(twin.json.errors[0].pointer, '/3000/ID');
      assert.equal((await server.request('GET', '/inventory/Component')).text, '[]');
      const dry = await bulk('?dry_run=true', many);
      assert.deepEqual([dry.status, dry.json.created, dry.json.dry_run], [200, 3000, true]);
      assert.equal((await server.request('GET', '/inventory/Component')).text, '[]');
      const done = await bulk('', many);
      assert.deepEqual([done.status, done.json.created, done.json.updated, done.json.total], [200, 3000, 0, 3000]);
      assert.equal((await server.request('GET', '/inventory/Component?limit=1&count=true')).headers.get('x-total-count'), '3000');
    });

    test('upsert replaces by natural key', async () => {
      const before = (await server.request('GET', '/inventory/Component/x3000c0s1b0n0')).json;
      const done = await bulk('?upsert=true', [component(1, { State: 'On' }), component(9001, { ID: 'x3000c0s1b1n1' })]);
      assert.deepEqual([done.json.created, done.json.updated], [1, 1]);
      const after = (await server.request('GET', '/inventory/Component/x3000c0s1b0n0')).json;
      assert.equal(after.UID, before.UID);
      assert.equal(after.State, 'On');
    });

    test('partial: a line for each item, in order', async () => {
      const answer = await bulk('?mode=partial', [
        component(2),
        component(9002, { ID: 'x3000c0s2b2n2' }),
        '{"ID": 5}',
        'no json',
        component(9003, { ID: 'x3000c0s3b3n3' }),
      ]);
      assert.equal(answer.status, 200);
      const lines = answer.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      assert.deepEqual(
        lines.map(({ status }) => status),
        [409, 201, 400, 400, 201],
      );
      assert.deepEqual(
        lines.map(({ index }) => index),
        [0, 1, 2, 3, 4],
      );
      assert.equal((await server.request('GET', `/inventory/Component/${lines[1].id}`)).json.NID, 9002);
    });

    test('a bulk with an idempotency key is done once', async () => {
      const items = ndjson([component(1, { ID: 'x9000c0s0b0n0' })]);
      const send = (body: string): Promise<Answer> =>
        server.request('POST', '/inventory/Component/bulk', body, { 'content-type': 'application/x-ndjson', 'idempotency-key': 'bulk-1' });
      const first = await send(items);
      const second = await send(items);
      assert.deepEqual([first.status, second.status], [200, 200]);
      assert.equal(second.text, first.text);
      assert.equal((await send(`${items}\n`.repeat(2))).status, 422);
    });

    test('an array as application/json works too', async () => {
      const answer = await server.request('POST', '/inventory/RedfishEndpoint/bulk', [{ ID: 'x1c0s0b0' }, { ID: 'x1c0s1b0', Password: 'p' }]);
      assert.equal(answer.status, 200, answer.text);
      assert.equal((await server.request('GET', '/RedfishEndpoint/x1c0s1b0')).json.PasswordSet, true);
    });
  });

  test('methods and paths that do not exist are told apart', async () => {
    const wrong = await server.request('PATCH', '/inventory/ComputeNode');
    assert.equal(wrong.status, 405);
    assert.match(wrong.headers.get('allow') ?? '', /GET.*POST|POST.*GET/);
    assert.equal((await server.request('GET', '/inventory/Nothing')).status, 404);
  });
});
