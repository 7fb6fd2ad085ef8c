import { strict as assert } from 'node:assert';
import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SCOPES } from '../../src/http/scopes.ts';
import { openSocket, openStream } from '../support/feed-client.ts';
import { type Answer, ServerProcess, signed, temporaryFolder } from '../support/server-process.ts';

/**
 * Words that are in no dictionary are put wherever a secret can go, a real server is made to do all that it does, goes
 * wrong and crashes, and then nothing that it wrote or said may have any of them.
 */

const CANARIES = {
  bmc: 'canary-bmc-9d1f',
  nested: 'canary-nested-77ab',
  specification: 'canary-spec-c03e',
  redfish: 'canary-redfish-5c21',
  second: 'canary-second-18ef',
  wrong: 'canary-wrong-b2d4',
  tooLong: 'canary-long-40aa',
  endpoint: 'canary"endpoint-6f6f',
  caller: 'canary caller/e1e1',
  modified: 'canary-modified-3b3b',
  idempotency: 'canary-idempotency-8888',
  digest: 'canary-digest-password-1d1d',
  tokenSecret: 'canary-token-secret-that-is-long-enough-abcdefgh',
  restored: 'canary-restored-aaaa',
  inQuery: 'canary-query-0e0e',
  inSql: 'canary-sql-7c7c',
} as const;
/** Twenty-four bytes of it are text, so that it would be seen however it is written. */
const STORE_KEY = Buffer.from('canary-store-key-32-bytes-long!!');

/** A plugin that tells everybody what it was told. */
const TELLTALE = `
let known = {};
const tell = (properties) => JSON.stringify({ ...known, ...properties });
const fine = (properties) => ({ status: 0, reservationId: 'kept', properties: { told: 'nothing' } });
export default () => ({
  initialize: (config, properties) => { known = properties; console.log('started with ' + tell({})); },
  join: (until, properties, { log }) => {
    log.warn('joins with ' + tell(properties));
    console.error('printed ' + tell(properties));
    if (properties.do === 'throw') throw new Error('cannot join with ' + tell(properties));
    if (properties.do === 'refuse') return { status: 7, errorMessage: 'refused: ' + Object.values({ ...known, ...properties }).join(' ') };
    if (properties.do === 'junk') return { status: tell(properties) };
    if (properties.do === 'exit') { setTimeout(() => { throw new Error('late: ' + tell(properties)); }, 1); return new Promise(() => {}); }
    return fine(properties);
  },
  leave: (id, properties, sched) => { throw new Error('cannot leave with ' + encodeURIComponent(Object.values({ ...known, ...properties, ...sched }).join(' '))); },
  modify: (id, properties, sched) => fine({ ...properties, ...sched }),
  renew: (id, until, joined, sched) => { throw new Error('cannot renew with ' + tell({ ...joined, ...sched })); },
  status: (id, sched) => ({ status: 3, reservationId: id, errorMessage: tell(sched) }),
});
`;

type Ask = (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answer>;

test('secrets that are put everywhere they can go are in nothing that the server says or writes, whatever it does and however it ends', async (context) => {
  const folder = temporaryFolder(context);
  const directory = join(folder, 'data');
  writeFileSync(join(folder, 'telltale.mjs'), TELLTALE);
  const endpoint = { name: 'telltale', plugin: './telltale.mjs', schedulePeriod: '1h', properties: { 'switch.password': CANARIES.endpoint, name: 'plain' } };
  const config = join(folder, 'holdfast.yaml');
  writeFileSync(
    config,
    JSON.stringify({ agent: { endpoints: [endpoint, { ...endpoint, name: 'in-process', isolation: 'process' }] }, query: { children: 1 } }),
    { mode: 0o600 },
  );
  const environment = {
    HOLDFAST_JWT_SECRET: CANARIES.tokenSecret,
    HOLDFAST_STORE_KEY: STORE_KEY.toString('base64'),
    HOLDFAST_AGENT_PASSWORD: CANARIES.digest,
  };
  const token = signed(Buffer.from(CANARIES.tokenSecret), { scope: SCOPES.join(' ') });
  const heard: string[] = [];
  const start = async (): Promise<ServerProcess> => {
    const server = await ServerProcess.start({ directory, flags: ['--config', config, '--log-level', 'debug'], environment, token });
    context.after(async () => void (await server.kill()));
    return server;
  };
  let server = await start();
  const ask: Ask = async (method, path, body, headers = {}) => {
    const answer = await server.request(method, path, body, headers);
    heard.push(`${method} ${path.split('?')[0]} ${answer.status} ${JSON.stringify([...answer.headers])} ${answer.text}`);
    return answer;
  };
  const listeners = [await openStream(server.url, 'patch=true', { authorization: `Bearer ${token}` }), await openSocket(server.url, '', { token })];
  const ids = await writeEverything(ask);
  await failEverywhere(ask, ids);
  await readEverything(ask, ids);
  for (const { events } of listeners) {
    assert.ok(events.length > 5);
    heard.push(JSON.stringify(events));
  }
  await server.kill('SIGABRT');
  const outputs = [server.output()];
  server = await start();
  await readEverything(ask, ids);
  assert.deepEqual((await server.request('GET', `/inventory/BMC/${ids.bmc}/secrets`)).json, { password: CANARIES.restored }, 'they are there all the same');
  await server.kill('SIGTERM');
  outputs.push(server.output());

  const words: readonly [string, string][] = [
    ...Object.entries(CANARIES),
    ['storeKey', STORE_KEY.toString('base64')],
    ['rawStoreKey', STORE_KEY.toString()],
    ['token', token],
  ];
  const places: [string, string][] = [
    ...heard.map((text): [string, string] => ['an answer', text]),
    ...outputs.map((text): [string, string] => ['the log', text]),
  ];
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, file);
    if (file === 'holdfast.yaml' || !lstatSync(path).isFile()) continue;
    places.push([file, readFileSync(path, 'latin1')]);
  }
  assert.ok(places.length > 100, `${places.length} places were looked at`);
  const found = words.flatMap(([name, word]) =>
    places.flatMap(([place, text]) => (spellings(word).some((each) => text.includes(each)) ? [`${name} is in ${place}: ${around(text, word)}`] : [])),
  );
  assert.deepEqual(found, []);
});

interface Made {
  readonly bmc: string;
  readonly node: string;
  readonly endpoint: string;
}

async function writeEverything(ask: Ask): Promise<Made> {
  const once = { 'idempotency-key': CANARIES.idempotency };
  const made = async (path: string, body: unknown, headers = {}): Promise<Record<string, string>> => {
    const { status, text, json } = await ask('POST', path, body, headers);
    assert.ok(status === 201 || status === 200, text);
    return json;
  };
  const bmc = await made('/inventory/BMC', { username: 'root', password: CANARIES.bmc, mac_address: '02:00:00:00:00:01' }, once);
  await made('/inventory/BMC', { username: 'root', password: CANARIES.bmc, mac_address: '02:00:00:00:00:01' }, once);
  const node = await made('/inventory/ComputeNode', {
    hostname: 'nid1',
    architecture: 'x86_64',
    bmc: { username: 'root', password: CANARIES.nested, mac_address: '02:00:00:00:00:02' },
    spec: { bmc_username: 'root', bmc_password: CANARIES.specification },
  });
  const endpoint = await made('/inventory/RedfishEndpoint', { ID: 'x1000c0s0b0', Password: CANARIES.redfish });
  const bulk = [{ username: 'root', password: CANARIES.second, mac_address: '02:00:00:00:00:03' }];
  await made('/inventory/BMC/bulk', bulk, { 'idempotency-key': `${CANARIES.idempotency}-bulk` });
  assert.equal((await ask('PATCH', `/inventory/BMC/${bmc['id']}`, { password: CANARIES.restored })).status, 200);
  await made('/snapshots', { note: 'with everything' });
  assert.equal((await ask('DELETE', `/inventory/BMC/${bmc['id']}`)).status, 204);
  await made('/snapshots/latest/restore', { confirm: false });
  await made('/snapshots/latest/restore', { confirm: true });
  const properties = { 'unit.password': CANARIES.caller, name: 'plain' };
  await made('/join/telltale', properties, { 'idempotency-key': `${CANARIES.idempotency}-join` });
  assert.equal((await ask('POST', '/modify/telltale/kept', { api_token: CANARIES.modified })).status, 200);
  return { bmc: bmc['id'] ?? '', node: node['id'] ?? '', endpoint: endpoint['ID'] ?? '' };
}

/** What is refused, what is no JSON, and what plugins say when they fail. */
async function failEverywhere(ask: Ask, ids: Made): Promise<void> {
  const refused = async (method: string, path: string, body: unknown, headers = {}): Promise<void> => {
    const { status, text } = await ask(method, path, body, headers);
    assert.ok(status >= 400 && status < 500, `${method} ${path} ${status} ${text}`);
  };
  const bmc = { username: 'root', mac_address: '02:00:00:00:00:09' };
  for (const password of [{ inside: CANARIES.wrong }, [CANARIES.wrong], `${CANARIES.tooLong}${'x'.repeat(100_000)}`]) {
    await refused('POST', '/inventory/BMC', { ...bmc, password });
    await refused('PUT', `/inventory/BMC/${ids.bmc}`, { ...bmc, password });
    await refused('PATCH', `/inventory/BMC/${ids.bmc}`, { password });
    await refused('POST', '/inventory/BMC/bulk', [{ ...bmc, password }]);
  }
  await refused('POST', '/inventory/BMC', { ...bmc, mac_address: 'none', password: CANARIES.wrong });
  await refused('POST', '/inventory/BMC', { ...bmc, mac_address: '02:00:00:00:00:03', password: CANARIES.wrong });
  await refused('POST', '/inventory/BMC', `{"password": "${CANARIES.wrong}", "password": "${CANARIES.wrong}"}`);
  await refused('POST', '/inventory/BMC', `{"password": "${CANARIES.wrong}`);
  await refused('PATCH', `/inventory/BMC/${ids.bmc}`, [{ op: 'test', path: '/password', value: CANARIES.wrong }], {
    'content-type': 'application/json-patch+json',
  });
  await refused('GET', `/inventory/BMC?password=${CANARIES.inQuery}`, undefined);
  await refused('GET', `/inventory/BMC/${ids.bmc}/secrets?token=${CANARIES.inQuery}`, undefined);
  await refused('POST', '/inventory/BMC', bmc, { 'idempotency-key': `${CANARIES.idempotency} and a blank` });
  await refused('GET', '/snapshots', undefined, { authorization: `Basic ${CANARIES.wrong}` });
  await refused('GET', '/snapshots', undefined, { authorization: `Bearer ${CANARIES.wrong}` });
  await refused('POST', '/join/telltale', { 'unit.password': { inside: CANARIES.wrong } });
  for (const name of ['telltale', 'in-process']) {
    for (const how of ['throw', 'refuse', 'junk', 'exit']) await ask('POST', `/join/${name}`, { 'unit.password': CANARIES.caller, do: how });
  }
  await ask('POST', '/leave/telltale/kept', { 'leave.secret': CANARIES.caller });
  await ask('GET', '/status/telltale/kept');
  await ask('POST', '/reservations/telltale/kept/renew');
}

async function readEverything(ask: Ask, ids: Made): Promise<void> {
  const paths = [
    '/',
    '/health',
    '/metrics',
    '/openapi.json',
    '/plugins',
    '/schedule',
    '/reservations',
    '/reservations/unknown',
    '/expired',
    '/snapshots',
    '/snapshots/latest',
    '/diff?from=0',
  ];
  for (const kind of ['BMC', 'ComputeNode', 'RedfishEndpoint']) {
    paths.push(`/inventory/${kind}`, `/inventory/${kind}?at=latest`, `/inventory/${kind}?sort=created_at`);
  }
  for (const one of [`BMC/${ids.bmc}`, `ComputeNode/${ids.node}`, `RedfishEndpoint/${ids.endpoint}`])
    paths.push(`/inventory/${one}`, `/inventory/${one}/history`);
  for (const path of paths) await ask('GET', path);
  const { json } = await ask('GET', '/snapshots/latest');
  for (const { name } of json.files) await ask('GET', `/snapshots/latest/files/${name}`);
  assert.equal((await ask('GET', '/snapshots/latest/files/_private')).status, 404);
  for (const table of ['BMC', 'ComputeNode', 'RedfishEndpoint', 'reservations']) {
    const { status, text } = await ask('POST', '/query', { sql: `SELECT * FROM ${table}` });
    assert.equal(status, 200, text);
  }
}

/** As it is, as in JSON, and as in a URL. */
function spellings(word: string): readonly string[] {
  return [word, JSON.stringify(word).slice(1, -1), encodeURIComponent(word)];
}

function around(text: string, word: string): string {
  const at = Math.max(...spellings(word).map((each) => text.indexOf(each)));
  return JSON.stringify(text.slice(Math.max(0, at - 200), at + 80));
}
