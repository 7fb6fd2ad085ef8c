import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Substrate } from '../../plugins/simulator/substrate.ts';
import { systemClock } from '../../src/clock.ts';
import { done, fail, type Result } from '../../src/faults.ts';
import { Feed } from '../../src/feed/feed.ts';
import { agentRoutes } from '../../src/http/agent-routes.ts';
import { feedRoutes } from '../../src/http/feed-routes.ts';
import { FrontCounts } from '../../src/http/front-counts.ts';
import { FRONT_LIMITS, type FrontLimits } from '../../src/http/limits.ts';
import { queryRoutes } from '../../src/http/query-routes.ts';
import { reservationRoutes } from '../../src/http/reservation-routes.ts';
import { restoreRoutes } from '../../src/http/restore-routes.ts';
import type { Route } from '../../src/http/route.ts';
import { SCOPES } from '../../src/http/scopes.ts';
import { RESERVATION_KIND } from '../../src/store/reservations/kind.ts';
import { endpoint, FakeAgent } from '../http/fake-agent.ts';
import { NO_HISTORY, NO_SNAPSHOTS, type Rig, startRig } from '../http/front-rig.ts';
import { Description, type OpenApiDocument, type Operation, type SeenAnswer } from './described.ts';
import { DigestClient } from './digest-client.ts';
import { ReservationServer } from './reservation-server.ts';
import { type Answer, temporaryFolder, tokenFor } from './server-process.ts';
import { substrateFor } from './substrate.ts';

/**
 * A real server with a substrate, and fronts that are too busy, or whose store or plugin does not answer: between them
 * every described status can be produced.
 */

/** New records, each unlike the ones before. */
let count = 0;
const MADE: Readonly<Record<string, () => Record<string, unknown>>> = {
  BMC: () => ({ username: 'root', password: 'correct horse', mac_address: `02:00:00:00:${hex(count >> 8)}:${hex(count & 255)}` }),
  Component: () => ({ ID: `x${1000 + count}c0s0b0n0`, Type: 'Node' }),
  ComputeNode: () => ({ hostname: `n${count}`, architecture: 'x86_64', xname: `x${1000 + count}c0s0b0n0` }),
  NodeCollection: () => ({ name: `collection ${count}`, type: 'ad-hoc', nodes: [] }),
  RedfishEndpoint: () => ({ ID: `x${1000 + count}c0s0b0`, Name: `endpoint ${count}` }),
};

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

export function made(kind: string): Record<string, unknown> {
  count += 1;
  const make = MADE[kind];
  assert.ok(make !== undefined, `a record of ${kind}`);
  return make();
}

/** Of 20 ms. */
const TURNS_MAX = 500;
const PASSED_TO_PLUGINS = { 'unit.vlan': '7' };
const NO_BODY: ReadonlySet<string> = new Set(['renewReservation']);
/** More than any body may have here. */
export const LARGE: string = 'x'.repeat(300_000);
const AS_JSON = { 'content-type': 'application/json' };
/** Requests with something wrong, for any operation. */
export const PROBES: readonly { readonly query?: string; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }[] = [
  {},
  { query: '?upsert=true', body: '{}', headers: AS_JSON },
  { query: '?upsert=perhaps&force=perhaps&mode=perhaps' },
  { query: '?limit=0' },
  { query: '?%ff' },
  { headers: { 'if-match': '"1"' }, body: '{}' },
  { headers: { 'if-match': 'nonsense' }, body: '{}' },
  { headers: { 'if-none-match': '*' }, body: '{}' },
  { headers: { accept: 'image/png' } },
  { headers: { 'idempotency-key': 'not one key', ...AS_JSON }, body: '{}' },
  { headers: { 'idempotency-key': 'one', ...AS_JSON }, body: '{"list":[]}' },
  { headers: { 'idempotency-key': 'one', ...AS_JSON }, body: '[]' },
  { headers: { 'content-type': 'text/plain' }, body: 'text' },
  { headers: { 'content-type': 'application/json-patch+json' }, body: '[{"op":"test","path":"/a","value":1}]' },
  { headers: { 'content-type': 'application/json; charset=utf-16' }, body: '{}' },
  { headers: AS_JSON, body: '{' },
  { headers: AS_JSON, body: '7' },
  { headers: AS_JSON, body: '\ufeff{}' },
  { headers: AS_JSON, body: '{"a":1,"a":2}' },
  { headers: AS_JSON, body: JSON.stringify({ note: LARGE, reason: LARGE, list: [LARGE] }) },
  { headers: { authorization: 'Bearer nonsense' } },
  { headers: { authorization: 'Digest nonsense' } },
];
const VERBS = /^(list|create|bulk|read|replace|overwrite|patch|delete|reveal|trace)(?=[A-Z])/;

/** What ends with a test, or with all tests of the file. */
interface Ending {
  after(end: () => void | Promise<void>): void;
}

type Ask = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<SeenAnswer & { readonly json: Answer['json'] }>;

/** A plugin that loses every answer, but for joins that ask it not to. */
const CARELESS = `
const lost = () => { throw Object.assign(new Error('no answer came'), { name: 'OutcomeUnknown' }); };
let count = 0;
export default () => ({
  initialize() {},
  join: (until, { keep }) => (keep === undefined ? lost() : { status: 0, reservationId: 'kept-' + ++count, properties: {} }),
  leave: lost,
  modify: lost,
  renew: lost,
  status: lost,
});
`;

/** The servers, and how each status comes about. */
export class Site {
  readonly description: Description;
  readonly #server: ReservationServer;
  readonly #substrate: Substrate;
  readonly #busy: Rig;
  readonly #hung: Rig;
  readonly #failing: Rig;
  readonly #greedy: Rig;

  private constructor(description: Description, server: ReservationServer, substrate: Substrate, rigs: readonly [Rig, Rig, Rig, Rig]) {
    this.description = description;
    this.#server = server;
    this.#substrate = substrate;
    [this.#busy, this.#hung, this.#failing, this.#greedy] = rigs;
  }

  static async start(context: Ending): Promise<Site> {
    const substrate = await substrateFor(context);
    const folder = temporaryFolder(context);
    const timeLimits = Object.fromEntries(['join', 'leave', 'modify', 'renew', 'status'].map((operation) => [operation, '1s']));
    const properties = { 'simulator.url': substrate.url, 'simulator.prefix': 'switch.' };
    const one = { name: 'switch', plugin: 'simulator', schedulePeriod: '1h', threads: 1, concurrentCalls: 4, timeLimits, properties };
    const careless = { name: 'careless', plugin: './careless.mjs', schedulePeriod: '1h', timeLimits };
    writeFileSync(join(folder, 'careless.mjs'), CARELESS);
    const agent = { tick: '1m', endpoints: [one, careless] };
    const server = new ReservationServer(context, folder, agent);
    server.configure(agent, { limits: { bodyBytes: '128KiB', bulkBytes: '128KiB' } });
    const { directory } = await server.start({ HOLDFAST_AGENT_PASSWORD: 'pass' });
    server.process.token = tokenFor(directory, SCOPES);
    const { json } = await server.process.request('GET', '/openapi.json');
    const rigs = [
      await busyRig(context, { inFlightMax: 0 }),
      await hungRig(context),
      await failingRig(context),
      await busyRig(context, { inFlightPerAddressMax: 0 }),
    ] as const;
    return new Site(new Description(json as OpenApiDocument), server, substrate, rigs);
  }

  /** An answer to this operation with this status. */
  async produce(operation: Operation, status: number): Promise<SeenAnswer> {
    const { operationId } = operation.about;
    const verb = VERBS.exec(operationId)?.[1];
    const own = this.#own[`${operationId} ${status}`] ?? (verb === undefined ? undefined : this.#own[`${verb} ${status}`]);
    const produce = own ?? this.#everywhere[status];
    assert.ok(produce !== undefined, `nobody knows how ${operation.title} comes to ${status}`);
    return produce(operation);
  }

  get url(): string {
    return this.#server.process.url;
  }

  readonly ask: Ask = (...call) => this.#server.process.request(...call);

  /** The path with names of what is there, and a body that is taken. */
  readonly #everywhere: Readonly<Record<number, (operation: Operation) => Promise<SeenAnswer>>> = {
    200: async (operation) => this.#send(operation, await this.#there(operation)),
    304: async (operation) => {
      const path = await this.#there(operation);
      const etag = (await this.#send(operation, path)).headers.get('etag') ?? '';
      return this.#send(operation, path, { 'if-none-match': etag });
    },
    400: (operation) => this.#send(operation, `${nowhere(operation)}?nonsense=1`),
    401: (operation) => this.#send(operation, nowhere(operation), { authorization: '' }),
    403: (operation) => this.#send(operation, nowhere(operation), { authorization: `Bearer ${tokenFor(this.#server.directory, ['query'])}` }),
    404: (operation) => this.#send(operation, nowhere(operation)),
    406: (operation) => this.#send(operation, nowhere(operation), { accept: 'image/png' }),
    412: (operation) => this.#send(operation, nowhere(operation), { 'if-match': '"1"' }),
    413: (operation) => this.ask(operation.method.toUpperCase(), nowhere(operation), { note: LARGE }),
    414: (operation) => this.#send(operation, `${nowhere(operation)}?x=${'x'.repeat(8200)}`),
    415: (operation) => this.#send(operation, nowhere(operation), { 'content-encoding': 'gzip' }),
    422: async (operation) => {
      const headers = { 'idempotency-key': `key-${operation.about.operationId}` };
      const path = await this.#there(operation);
      await this.#send(operation, path, headers);
      return this.#send(operation, path, headers);
    },
    429: (operation) => ask(this.#greedy, operation, nowhere(operation)),
    502: async (operation) => {
      const { json } = await this.ask('POST', '/join/careless', { keep: 'yes' });
      return this.#send(operation, operation.path.replace('{endpoint}', 'careless').replace('{id}', json.resId.id));
    },
    503: (operation) => ask(this.#busy, operation, nowhere(operation)),
    504: (operation) => ask(this.#hung, operation, slow(operation)),
  };

  /** By operation id, or by the verb that those of kinds begin with. */
  readonly #own: Readonly<Record<string, (operation: Operation) => Promise<SeenAnswer>>> = {
    // It has no end: what comes first says what it is.
    'getFeed 200': () => this.#beginning('/feed?since=0'),
    'getFeed 401': (operation) => this.#send(operation, '/feed?kinds=reservations', { authorization: '' }),
    'getFeed 403': (operation) => this.#send(operation, '/feed?kinds=reservations', { authorization: `Bearer ${tokenFor(this.#server.directory, ['query'])}` }),
    'getDiff 200': (operation) => this.#send(operation, '/diff?from=0'),
    'getDiff 404': (operation) => this.#send(operation, '/diff?from=2001-01-01T00:00:00Z'),
    'getDiff 401': (operation) => this.#send(operation, '/diff?from=0&kind=reservations', { authorization: '' }),
    'getDiff 403': (operation) =>
      this.#send(operation, '/diff?from=0&kind=reservations', { authorization: `Bearer ${tokenFor(this.#server.directory, ['query'])}` }),
    'create 201': (operation) => this.#send(operation, operation.path),
    'create 409': async (operation) => {
      const record = made(kindOf(operation));
      await this.ask('POST', operation.path, record);
      return this.ask('POST', operation.path, record);
    },
    // An atomic bulk that has come as a whole waits for the store as long as it takes.
    'bulk 504': (operation) => ask(this.#hung, operation, `${operation.path}?mode=partial`),
    'bulk 409': async (operation) => {
      const record = made(kindOf(operation));
      return this.ask('POST', operation.path, [record, record]);
    },
    'replace 201': (operation) => this.#upsert(operation),
    'overwrite 201': (operation) => this.#upsert(operation),
    'replace 404': (operation) => this.#upsert(operation, ''),
    'overwrite 404': (operation) => this.#upsert(operation, ''),
    'replace 409': (operation) => this.#collide(operation),
    'overwrite 409': (operation) => this.#collide(operation),
    'patch 409': async (operation) => {
      const path = await this.#there(operation);
      const patch = [{ op: 'remove', path: '/nothing_here' }];
      return this.ask('PATCH', path, patch, { 'content-type': 'application/json-patch+json' });
    },
    'delete 204': async (operation) => this.ask('DELETE', await this.#there(operation)),
    'deleteBMC 409': async (operation) => {
      const { json } = await this.ask('POST', '/inventory/ComputeNode', made('ComputeNode'));
      return this.ask('DELETE', operation.path.replace('{name}', json.bmc.id));
    },
    'replace 412': async (operation) => this.#send(operation, await this.#there(operation), { 'if-match': '"0"' }),
    'overwrite 412': async (operation) => this.#send(operation, await this.#there(operation), { 'if-match': '"0"' }),
    'patch 412': async (operation) => this.#send(operation, await this.#there(operation), { 'if-match': '"0"' }),
    'delete 412': async (operation) => this.#send(operation, await this.#there(operation), { 'if-match': '"0"' }),
    'takeSnapshot 201': (operation) => this.#send(operation, operation.path),
    'takeSnapshot 500': (operation) => ask(this.#failing, operation, operation.path),
    'getSnapshots 500': (operation) => ask(this.#failing, operation, operation.path),
    'getSnapshot 500': (operation) => ask(this.#failing, operation, nowhere(operation)),
    'removeSnapshot 500': (operation) => ask(this.#failing, operation, nowhere(operation)),
    'getSnapshotFile 500': (operation) => ask(this.#failing, operation, nowhere(operation)),
    'list 404': (operation) => this.#send(operation, `${operation.path}?at=2001-01-01T00:00:00Z`),
    'getReservations 404': (operation) => this.#send(operation, `${operation.path}?at=2001-01-01T00:00:00Z`),
    'getUnknownReservations 404': (operation) => this.#send(operation, `${operation.path}?at=2001-01-01T00:00:00Z`),
    'getSnapshot 200': async (operation) => {
      await this.ask('POST', '/snapshots');
      return this.#send(operation, '/snapshots/latest');
    },
    'getSnapshotFile 200': (operation) => this.#file(operation),
    'getSnapshotFile 206': (operation) => this.#file(operation, { range: 'bytes=0-9' }),
    'getSnapshotFile 304': async (operation) => {
      const { headers } = await this.#file(operation);
      return this.#file(operation, { 'if-none-match': headers.get('etag') ?? '' });
    },
    'removeSnapshot 204': async () => this.#removeOldest(),
    'removeSnapshot 409': async () => {
      for (let tries = 0; tries < 20; tries++) {
        const { json } = await this.ask('GET', '/snapshots');
        for (const { name } of json) {
          const answer = await this.ask('DELETE', `/snapshots/${name}`);
          if (answer.status === 409) return answer;
        }
      }
      throw new Error('every snapshot could be deleted');
    },
    'restoreSnapshot 200': async () => {
      await this.ask('POST', '/snapshots');
      return this.ask('POST', '/snapshots/latest/restore', { limit: 1 });
    },
    'restoreSnapshot 409': async () => {
      await this.ask('POST', '/inventory/BMC', made('BMC'));
      await this.ask('POST', '/snapshots');
      return this.ask('POST', '/snapshots/latest/restore', { sequence: 0 });
    },
    'query 403': (operation) => this.#send(operation, operation.path, { authorization: `Bearer ${tokenFor(this.#server.directory, ['inventory:read'])}` }),
    'query 404': (operation) => this.ask('POST', operation.path, { sql: 'SELECT 1', at: '2001-01-01T00:00:00Z' }),
    'query 413': (operation) => this.ask('POST', operation.path, { sql: 'SELECT * FROM range(2000000)' }),
    'query 507': (operation) => this.ask('POST', operation.path, { sql: "SELECT repeat('x', 2000000000)" }),
    'getHealth 503': (operation) => ask(this.#failing, operation, operation.path),
    'join 429': (operation) => this.#guess(operation, nowhere(operation)),
    'join 409': async (operation) => {
      const headers = { 'idempotency-key': 'left-again' };
      const { json } = await this.ask('POST', '/join/switch', {}, headers);
      await this.ask('POST', `/leave/switch/${json.resId.id}`, {});
      return this.ask('POST', this.#at(operation), {}, headers);
    },
    'join 412': async (operation) => {
      const answer = await this.#misbehaving({ duplicateIdNext: 1 }, () => this.ask('POST', this.#at(operation), {}));
      await this.#leftByItself();
      return answer;
    },
    'join 422': async (operation) => {
      await this.ask('POST', this.#at(operation), {}, { 'idempotency-key': 'two-joins' });
      return this.ask('POST', this.#at(operation), { a: 'b' }, { 'idempotency-key': 'two-joins' });
    },
    'join 500': (operation) => this.#misbehaving({ operations: { join: { failNext: 1, failStatus: 17 } } }, () => this.ask('POST', this.#at(operation), {})),
    'leave 409': (operation) => this.#uncertain(operation),
    'modify 409': (operation) => this.#uncertain(operation),
    'renewReservation 409': (operation) => this.#uncertain(operation),
    'releaseReservation 404': (operation) => this.ask('POST', nowhere(operation), { reason: 'gone' }),
  };

  #send(operation: Operation, path: string, headers: Readonly<Record<string, string>> = {}): Promise<SeenAnswer & { readonly json: Answer['json'] }> {
    return this.ask(operation.method.toUpperCase(), path, bodyOf(operation, undefined), headers);
  }

  /** The path of something that is there. */
  async #there(operation: Operation): Promise<string> {
    const kind = kindOf(operation);
    if (kind !== '' && operation.path.includes('{name}')) {
      const { status, headers, text } = await this.ask('POST', `/inventory/${kind}`, made(kind));
      assert.equal(status, 201, text);
      return operation.path.replace(`/inventory/${kind}/{name}`, headers.get('location') ?? '');
    }
    if (operation.path.includes('{id}')) {
      const { json, text } = await this.ask('POST', '/join/switch', PASSED_TO_PLUGINS);
      assert.equal(json.status, 0, text);
      return this.#at(operation).replace('{id}', json.resId.id);
    }
    return this.#at(operation).replace('{name}', NAMES[operation.about.operationId] ?? '');
  }

  async #guess(operation: Operation, path: string): Promise<SeenAnswer> {
    const guesser = new DigestClient(this.#server.process.url, 'wrong');
    for (let tries = 0; tries < 40; tries++) {
      const answer = await guesser.request(operation.method.toUpperCase(), path, bodyOf(operation, {}));
      if (answer.status === 429) return answer;
    }
    throw new Error('the guesses were never too many');
  }

  async #beginning(path: string): Promise<SeenAnswer> {
    const { status, headers, body } = await fetch(`${this.#server.process.url}${path}`);
    const reader = body?.getReader();
    const { value } = (await reader?.read()) ?? {};
    await reader?.cancel();
    return { status, headers, text: Buffer.from(value ?? []).toString('utf8') };
  }

  async #file(operation: Operation, headers: Readonly<Record<string, string>> = {}): Promise<SeenAnswer> {
    await this.ask('POST', '/snapshots');
    return this.#send(operation, '/snapshots/latest/files/schema.sql', headers);
  }

  async #removeOldest(): Promise<SeenAnswer> {
    for (let count = 0; count < 3; count++) {
      await this.ask('POST', '/inventory/BMC', made('BMC'));
      await this.ask('POST', '/snapshots');
    }
    const { json } = await this.ask('GET', '/snapshots');
    return this.ask('DELETE', `/snapshots/${json.at(-1).name}`);
  }

  #at({ path }: Operation): string {
    return path.replace('{endpoint}', 'switch');
  }

  async #upsert(operation: Operation, query = '?upsert=true'): Promise<SeenAnswer> {
    const kind = kindOf(operation);
    const record = made(kind);
    const name = record['ID'] ?? record['mac_address'] ?? record['xname'] ?? record['name'];
    return this.ask(operation.method.toUpperCase(), `${operation.path.replace('{name}', encodeURIComponent(String(name)))}${query}`, record);
  }

  /** Replaces one record by what another one has. */
  async #collide(operation: Operation): Promise<SeenAnswer> {
    const kind = kindOf(operation);
    const other = made(kind);
    await this.ask('POST', `/inventory/${kind}`, other);
    return this.ask(operation.method.toUpperCase(), await this.#there(operation), other);
  }

  /** What cannot be kept the server leaves by itself: that change comes before those of the next requests. */
  async #leftByItself(): Promise<void> {
    for (let turn = 0; turn < TURNS_MAX; turn++) {
      const { json } = await this.ask('GET', '/reservations');
      const cannotBeKept = ({ calls }: { calls: readonly { error?: string }[] }): boolean =>
        calls.some(({ error }) => error?.includes('another reservation holds'));
      if (json.filter(cannotBeKept).every(({ state }: { state: string }) => state === 'closed')) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('a reservation that cannot be kept was not left');
  }

  async #misbehaving<T>(behaviour: Parameters<Substrate['behave']>[0], work: () => Promise<T>): Promise<T> {
    this.#substrate.behave(behaviour);
    try {
      return await work();
    } finally {
      this.#substrate.behave({});
    }
  }

  /** Of a join whose outcome nobody knows: it has no reservation id, and so nothing can be done with it. */
  async #uncertain(operation: Operation): Promise<SeenAnswer> {
    await this.ask('POST', '/join/careless', {});
    const unknown = await this.ask('GET', '/reservations/unknown?endpoint=careless&missing=reservation_id&fields=operation_id');
    return this.#send(operation, operation.path.replace('{endpoint}', 'careless').replace('{id}', unknown.json[0].operation_id));
  }
}

/** What stands for `{name}` where it is no record. */
const NAMES: Readonly<Record<string, string>> = { getSchema: 'BMC.json', getProblem: 'conflict', getDocsFile: 'start.js' };

function kindOf({ path }: Operation): string {
  return path.startsWith('/inventory/') ? (path.split('/')[2] ?? '') : '';
}

export function nowhere({ path }: Operation): string {
  const name = path.startsWith('/snapshots/') ? '2020-01-01T00-00-00Z-000000000001' : 'x9999c0s0b0';
  return path.replace('{name}', name).replace('{file}', 'nothing.parquet').replace('{endpoint}', 'nowhere').replace('{id}', 'none');
}

/** Lists without parameters, and records as they are now, are answered without the store. */
function slow(operation: Operation): string {
  const isList = operation.about.operationId.startsWith('list') || operation.path === '/reservations' || operation.path === '/reservations/unknown';
  if (operation.about.operationId === 'getDiff') return '/diff?from=0';
  const isRecord = operation.method === 'get' && operation.path.startsWith('/inventory/') && operation.path.endsWith('/{name}');
  if (isRecord || operation.about.operationId === 'getReservation') return `${nowhere(operation)}?at=1`;
  return `${nowhere(operation).replace('nowhere', 'nulls')}${isList ? '?sort=revision' : ''}`;
}

/** A body that the operation takes; undefined where it takes none. */
function bodyOf(operation: Operation, otherwise: unknown): unknown {
  const { operationId, requestBody } = operation.about;
  const kind = kindOf(operation);
  if (requestBody === undefined) return NO_BODY.has(operationId) || operation.method === 'get' ? undefined : otherwise;
  if (operationId === 'importReservations') return { list: [{ name: 'switch', reservationId: `taken-${++count}`, deadline: Date.now() + 3_600_000 }] };
  if (operationId === 'query') return { sql: 'SELECT 1 AS one' };
  if (operationId === 'releaseReservation') return { reason: 'the switch was replaced' };
  if (kind === '') return {};
  if (operationId.startsWith('bulk')) return [made(kind)];
  if (operationId.startsWith('patch')) return {};
  const { ID, ...rest } = made(kind);
  // A replacement has its key in the path.
  return operation.path.includes('{name}') && kind === 'RedfishEndpoint' ? rest : { ...rest, ...(ID === undefined ? {} : { ID }) };
}

async function ask(rig: Rig, operation: Operation, path: string): Promise<SeenAnswer> {
  const headers = { authorization: 'Bearer everything' };
  const isPost = operation.method === 'post';
  return rig.ask(operation.method.toUpperCase(), path, bodyOf(operation, undefined), { ...headers, ...(isPost ? { 'content-type': 'application/json' } : {}) });
}

const EVERYTHING = { authenticate: () => done({ subject: 'tester', scopes: new Set<string>(SCOPES) }) };

function routesFor(agent: FakeAgent, { client: owner, view, kinds }: Rig, limits = FRONT_LIMITS, history = NO_HISTORY): readonly Route[] {
  const feed = new Feed({
    view,
    clock: systemClock,
    publish: () => undefined,
    replay: () => new Promise(() => undefined),
    newId: () => '',
    log: { error: () => undefined },
  });
  return [
    ...agentRoutes({ agent, limits, idempotencyKey: Buffer.alloc(32) }),
    ...reservationRoutes({ agent, owner, view, history, kind: RESERVATION_KIND, limits }),
    ...queryRoutes({ host: { query: () => new Promise(() => undefined) }, answerLimitMs: limits.requestTimeLimitMs }),
    ...restoreRoutes({ kinds, limits, restore: async () => fail('timeout', 'the past takes too long') }),
    ...feedRoutes({ feed, kinds, reservations: RESERVATION_KIND, publicReads: true, allowedOrigins: [], perAddressMax: 100, counts: new FrontCounts() }),
  ];
}

/** As many requests are under way as may be, of all or of one address. */
async function busyRig(context: Ending, limits: Partial<FrontLimits>): Promise<Rig> {
  const base = await startRig(context);
  return startRig(context, { authenticator: EVERYTHING, moreRoutes: routesFor(new FakeAgent(), base), limits });
}

class SilentAgent extends FakeAgent {
  override readonly endpoints = [endpoint('nulls', { timeLimitsMs: { join: 1, leave: 1, modify: 1, renew: 1, status: 1, find: 1, list: 1 } })];
  override gate = new Promise<void>(() => undefined);
  override async release(...call: Parameters<FakeAgent['release']>): ReturnType<FakeAgent['release']> {
    await this.gate;
    return super.release(...call);
  }
  override async takeOver(...call: Parameters<FakeAgent['takeOver']>): ReturnType<FakeAgent['takeOver']> {
    await this.gate;
    return super.takeOver(...call);
  }
}

/** Neither the owner nor a plugin answers. */
async function hungRig(context: Ending): Promise<Rig> {
  const limits = { ...FRONT_LIMITS, requestTimeLimitMs: 20, snapshotTimeLimitMs: 20 };
  const base = await startRig(context);
  const silence = new Promise<never>(() => undefined);
  const silentHistory = { ask: () => silence };
  const rig = await startRig(context, {
    authenticator: EVERYTHING,
    owner: base.client,
    view: base.view,
    moreRoutes: routesFor(new SilentAgent(), base, limits, silentHistory),
    limits,
    snapshots: { ...NO_SNAPSHOTS, take: () => silence, list: () => silence, read: () => silence, delete: () => silence },
    history: silentHistory,
  });
  base.owner.gate = silence;
  return rig;
}

const noRoom = async (): Promise<Result<never>> => fail('snapshot-failed', 'no room');

/** Not ready, and without room for snapshots. */
function failingRig(context: Ending): Promise<Rig> {
  return startRig(context, {
    authenticator: EVERYTHING,
    health: () => ({ status: 'recovering', live: true, ready: false, sequence: 0, records: {}, detail: 'not yet' }),
    snapshots: { ...NO_SNAPSHOTS, take: noRoom, list: noRoom, read: noRoom, delete: noRoom },
  });
}
