import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Operation } from '../support/described.ts';
import { made, nowhere, PROBES, Site } from '../support/described-site.ts';

/**
 * Every status that the description of the API has is produced here, and the answer is what the description says. Most
 * come from a real server with a substrate; those of a server that is too busy, or whose store or plugin does not answer,
 * come from a front of which that is true.
 */

/** What cannot be produced on purpose. `operation status`, with `*` for any operation. */
const NOT_HERE: Readonly<Record<string, string>> = {
  '* 500': 'a defect of the server; test/http/front.test.ts puts one there',
  'deleteComponent 409': 'nothing refers to it',
  'deleteComputeNode 409': 'what refers to it is changed with it',
  'deleteNodeCollection 409': 'nothing refers to it',
  'deleteRedfishEndpoint 409': 'nothing refers to it',
  'replaceRedfishEndpoint 409': 'its only unique value is its key, which does not change',
  'overwriteRedfishEndpoint 409': 'as above',
  'getFeed 101': 'a WebSocket, which these requests cannot ask for; test/contract/feed.test.ts does',
  'releaseReservation 409': 'takes another release in the same moment',
};

/** A request that nobody answers should fail here and not in five minutes. */
function within<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), ANSWER_LIMIT_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

const ANSWER_LIMIT_MS = 10_000;

let site: Site;
const endings: (() => void | Promise<void>)[] = [];
before(async () => {
  site = await Site.start({ after: (end) => void endings.unshift(end) });
});
after(async () => {
  for (const end of endings) await end();
});

test('every status of every operation comes about, and its answer is what the description says', async () => {
  const excused = new Set<string>();
  const wrong: string[] = [];
  let produced = 0;
  for (const operation of site.description.operations) {
    for (const status of Object.keys(operation.about.responses).map(Number)) {
      const what = `${operation.title} ${status}`;
      const excuse = [`${operation.about.operationId} ${status}`, `* ${status}`].find((name) => name in NOT_HERE);
      const canBeMade = ['takeSnapshot 500', 'getSnapshots 500', 'join 500'].includes(`${operation.about.operationId} ${status}`);
      if (excuse !== undefined && !canBeMade) {
        excused.add(excuse);
        continue;
      }
      try {
        const answer = await within(site.produce(operation, status));
        assert.equal(answer.status, status, `${what}: ${answer.text.slice(0, 500)}`);
        site.description.fits(operation, answer, what);
        produced += 1;
      } catch (error) {
        wrong.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
  assert.deepEqual([...excused].sort(), Object.keys(NOT_HERE).sort());
  assert.ok(produced > 400, `${produced} answers`);
});

test('answers in other forms are what the description says', async () => {
  const { description, ask } = site;
  const lines = { accept: 'application/x-ndjson' };
  const page = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
  const node = {
    ...made('ComputeNode'),
    boot_mac: '02:00:00:00:99:01',
    network_interfaces: [{ interface_name: 'eth0', mac_address: '02-00-00-00-99-02', serial: '7' }],
  };
  const calls: readonly (readonly [string, string, unknown?, Readonly<Record<string, string>>?])[] = [
    ['POST', '/inventory/ComputeNode', [node, made('ComputeNode')]],
    ['POST', '/inventory/ComputeNode', [], { 'idempotency-key': 'nothing' }],
    ['POST', '/inventory/ComputeNode/bulk?mode=partial', [node, { hostname: 1 }, made('ComputeNode')]],
    ['POST', '/inventory/ComputeNode/bulk?dry_run=true', [made('ComputeNode')]],
    ['PUT', '/inventory/ComputeNode/02:00:00:00:99:01', node, { 'idempotency-key': 'again' }],
    ['PUT', '/inventory/ComputeNode/02:00:00:00:99:01', node, { 'idempotency-key': 'again' }],
    ['GET', '/inventory/ComputeNode?limit=1&count=true'],
    ['GET', '/inventory/ComputeNode?fields=bmc.xname,network_interfaces.serial'],
    ['GET', '/inventory/ComputeNode', undefined, lines],
    ['GET', '/inventory/bmc'],
    ['GET', '/nodes?fields=hostname', undefined, lines],
    [
      'PATCH',
      '/inventory/ComputeNode/02:00:00:00:99:01',
      { boot_data: { kernel_url: 'http://boot.example.org/k' }, status: { extended_data: { a: null, b: [1.5, null] } } },
    ],
    ['GET', '/inventory/ComputeNode/02:00:00:00:99:01'],
    ['POST', '/inventory/BMC', made('BMC')],
    ['GET', '/inventory/BMC?missing=!username&fields=username'],
    ['POST', '/join/switch', {}],
    ['GET', '/reservations', undefined, lines],
    ['GET', '/reservations?fields=calls.operation&count=true'],
    ['GET', '/diff?from=0'],
    ['GET', '/diff?from=0&to=3&form=records&limit=2'],
    ['GET', '/diff?from=now&to=1', undefined, lines],
    ['GET', '/diff?from=1&form=counts'],
    ['GET', '/diff?from=0&kind=reservations'],
    ['GET', '/schedule'],
    ['GET', '/plugins'],
    ['GET', '/problems', undefined, page],
    ['GET', '/problems/conflict', undefined, page],
    ['GET', '/healthz'],
    ['GET', '/inventory'],
    ['GET', '/docs/swagger-ui.css'],
    ['GET', '/docs/swagger-ui-bundle.js'],
  ];
  for (const [method, url, body, headers] of calls) {
    const operation = description.operationAt(method, url.split('?')[0] ?? '');
    assert.ok(operation !== undefined, url);
    const answer = await ask(method, url, body, headers);
    assert.ok(answer.status < 300, `${method} ${url}: ${answer.text.slice(0, 300)}`);
    description.fits(operation, answer, `${method} ${url}`);
  }
  const { json } = await ask('GET', '/inventory/BMC?limit=1');
  const secrets = await ask('GET', `/inventory/BMC/${json[0].id}/secrets`);
  description.fits(description.operationAt('GET', '/inventory/BMC/x/secrets') as Operation, secrets, 'secrets');
  const imported = await ask('POST', '/reservations/import', {
    list: ['switch', 'nowhere'].map((name) => ({ name, reservationId: 'taken', deadline: Date.now() + 3_600_000, joinProperties: null })),
  });
  assert.deepEqual([imported.json.taken, imported.json.refused], [1, 1]);
  description.fits(description.operationAt('POST', '/reservations/import') as Operation, imported, 'import');
});

test('whatever is sent, no operation answers what its description does not have', async () => {
  const { description, ask } = site;
  const seen = new Set<number>();
  for (const operation of description.operations) {
    // An answer without end is not waited for.
    const isEndless = operation.about.operationId === 'getFeed';
    const method = isEndless ? 'HEAD' : operation.method.toUpperCase();
    // The request itself looks whether the answer is known.
    await ask(method, operation.path.replaceAll(/\{\w+\}/g, '%ff'));
    for (const { query = '', body, headers = {} } of PROBES) {
      const { status } = await ask(method, `${nowhere(operation)}${query}`, method === 'GET' || method === 'HEAD' ? undefined : body, headers);
      seen.add(status);
    }
  }
  for (const status of [200, 201, 304, 400, 401, 404, 406, 412, 413, 415]) assert.ok(seen.has(status), `${status}`);
});
