import { strict as assert } from 'node:assert';
import { Agent, request as httpRequest } from 'node:http';
import { after, before, type TestContext, test } from 'node:test';
import { type ServerProcess, serverFor } from '../support/server-process.ts';

/** Names that only one record has, while clients fight for them and others look: on one thread, and on two front threads. */

const ROUNDS = 25;
const WINS = 10;
const ATTEMPTS_MAX = 5000;
const READERS = 3;

/** A connection that stays the same one, and so with the same thread. */
class Connection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #url: string;

  constructor(context: TestContext, server: ServerProcess) {
    this.#url = server.url;
    context.after(() => this.#agent.destroy());
  }

  get(path: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const call = httpRequest(`${this.#url}${path}`, { agent: this.#agent }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => {
          text += part;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      });
      call.on('error', reject);
      call.end();
    });
  }
}

interface Node {
  readonly id: string;
  readonly xname?: string;
  readonly hostname: string;
}

async function created(server: ServerProcess, hostname: string, xname?: string): Promise<Node> {
  const made = await server.request('POST', '/inventory/ComputeNode', { hostname, architecture: 'x86_64', ...(xname === undefined ? {} : { xname }) });
  assert.equal(made.status, 201, made.text);
  return made.json as Node;
}

for (const threads of [1, 2]) {
  const on = threads === 1 ? 'on the main thread' : 'on two front threads';
  let server: ServerProcess;
  const endings: (() => void | Promise<void>)[] = [];
  before(async () => {
    server = await serverFor({ after: (end) => void endings.push(end) }, ['--http-threads', String(threads)]);
  });
  after(async () => {
    for (const end of endings) await end();
  });

  test(`of two clients that fight for an xname each sees his node under it as long as he has it, ${on}`, async (context) => {
    const xname = 'x1000c0s1b0n0';
    const fight = async (name: string): Promise<number> => {
      const own = await created(server, name);
      const path = `/inventory/ComputeNode/${own.id}`;
      const readers = Array.from({ length: READERS }, () => new Connection(context, server));
      let won = 0;
      for (let attempt = 0; won < WINS && attempt < ATTEMPTS_MAX; attempt++) {
        const claim = await server.request('PATCH', path, { xname }, { 'content-type': 'application/merge-patch+json' });
        if (claim.status === 409) continue;
        assert.equal(claim.status, 200, claim.text);
        won += 1;
        for (const spelling of [xname, 'x01000c0s1b0n0']) {
          const reads = await Promise.all(readers.map((reader) => reader.get(`/inventory/ComputeNode/${spelling}`)));
          for (const { status, text } of reads) assert.deepEqual([status, (JSON.parse(text) as Node).id], [200, own.id]);
        }
        const lists = await Promise.all(readers.map((reader) => reader.get(`/inventory/ComputeNode?xname=${xname}&count=true`)));
        for (const { text } of lists)
          assert.deepEqual(
            (JSON.parse(text) as Node[]).map(({ id }) => id),
            [own.id],
          );
        const other = `x1000c0s1b0n${won % 200}`.replace('b0', name === 'one' ? 'b1' : 'b2');
        const given = await server.request('PATCH', path, { xname: other }, { 'content-type': 'application/merge-patch+json' });
        assert.equal(given.status, 200, given.text);
        const reads = await Promise.all(readers.map((reader) => reader.get(`/inventory/ComputeNode/${xname}`)));
        for (const { status, text } of reads) if (status !== 404) assert.notEqual((JSON.parse(text) as Node).id, own.id, 'he gave it up');
        for (const { text } of await Promise.all(readers.map((reader) => reader.get(`/inventory/ComputeNode/${other}`)))) {
          assert.equal((JSON.parse(text) as Node).id, own.id);
        }
      }
      return won;
    };
    assert.deepEqual(await Promise.all([fight('one'), fight('two')]), [WINS, WINS]);
  });

  test(`an xname that a bulk hands from one node to another is never seen with none of them, nor with both, ${on}`, async (context) => {
    const xname = 'x2000c0s1b0n0';
    const [one, two] = [await created(server, 'giver', xname), await created(server, 'taker')];
    let isOver = false;
    let looks = 0;
    const watch = async (): Promise<void> => {
      const reader = new Connection(context, server);
      while (!isOver) {
        const [byName, list] = [await reader.get(`/inventory/ComputeNode/${xname}`), await reader.get(`/inventory/ComputeNode?xname=${xname}`)];
        assert.deepEqual([byName.status, (JSON.parse(byName.text) as Node).xname], [200, xname]);
        assert.deepEqual(
          (JSON.parse(list.text) as Node[]).map((node) => node.xname),
          [xname],
        );
        looks += 1;
      }
    };
    const watching = Promise.all(Array.from({ length: READERS }, watch));
    for (let round = 0; round < ROUNDS; round++) {
      const [giver, taker] = round % 2 === 0 ? [one, two] : [two, one];
      const lines = [
        { id: giver.id, hostname: giver.hostname, architecture: 'x86_64' },
        { id: taker.id, hostname: taker.hostname, architecture: 'x86_64', xname },
      ];
      const bulk = await server.request('POST', '/inventory/ComputeNode/bulk?upsert=true', lines);
      assert.equal(bulk.status, 200, bulk.text);
      assert.equal((await server.request('GET', `/inventory/ComputeNode/${xname}`)).json.id, taker.id);
    }
    isOver = true;
    await watching;
    assert.ok(looks > READERS, `${looks} looks`);
  });
}

test('a parameter that is misspelt is refused, also when it is the name of a unique property with its value behind', async (context) => {
  const server = await serverFor(context);
  const made = await server.request('POST', '/inventory/NodeCollection', { name: 'name1', type: 'ad-hoc', nodes: [] });
  assert.equal(made.status, 201, made.text);
  assert.equal((await server.request('GET', '/inventory/NodeCollection?name=name1')).json.length, 1);
  const { status, json } = await server.request('GET', '/inventory/NodeCollection?name1');
  assert.deepEqual([status, json.code], [400, 'invalid-parameter']);
});

test('a name that is no plain one is looked up as it is meant, not as it is spelt', async (context) => {
  const server = await serverFor(context);
  const ids = new Map<string, string>();
  for (const name of ['%41', 'A', 'ä b/c?', 'DEADBEEF-0000-4000-8000-000000000001', '.', 'bulk']) {
    const made = await server.request('POST', '/inventory/NodeCollection', { name, type: 'ad-hoc', nodes: [] });
    if (made.status === 201) ids.set(name, made.json.id);
  }
  assert.ok(ids.size >= 4);
  for (const [name, id] of ids) {
    const path = `/inventory/NodeCollection/${encodeURIComponent(name)}`;
    const read = await server.request('GET', path);
    if (name === '.' || /^[0-9A-F]{8}-/.test(name)) continue;
    assert.deepEqual([read.status, read.json.id], [200, id], name);
  }
  assert.equal((await server.request('GET', '/inventory/NodeCollection/%41')).json.id, ids.get('A'), 'not the one whose name is %41');
  assert.equal((await server.request('GET', '/inventory/NodeCollection/DEADBEEF-0000-4000-8000-000000000001')).status, 404, 'an id in any spelling is an id');
  assert.equal((await server.request('GET', '/inventory/NodeCollection/B')).status, 404);
});
