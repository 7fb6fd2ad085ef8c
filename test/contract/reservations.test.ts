import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DigestClient } from '../support/digest-client.ts';
import { holdfast, ServerProcess, temporaryFolder, tokenFor } from '../support/server-process.ts';

/** NodeAgent2's protocol as its clients speak it: an XML file as it was, HTTP Digest, and bodies to the letter. */

const NULL_CLASS = 'org.renci.nodeagent2.null_agent.Main';

interface Na2 {
  readonly folder: string;
  readonly client: DigestClient;
  readonly server: ServerProcess;
  /** Kills the server and starts it again. */
  again(): Promise<Na2>;
}

async function na2(context: { after(fn: () => void | Promise<void>): void }, plugins: string, folder: string = temporaryFolder(context)): Promise<Na2> {
  const file = join(folder, 'agent.xml');
  writeFileSync(
    file,
    `<?xml version="1.0" encoding="UTF-8"?>
<agentConfig xmlns="http://geni-orca.renci.org/xml/node-agent2/AgentConfig" password="pass"><tick length="2"><second/></tick>
<plugins>${plugins}</plugins></agentConfig>`,
    { mode: 0o600 },
  );
  const server = await ServerProcess.start({ directory: join(folder, 'data'), flags: ['--agent-config', file] });
  context.after(async () => void (await server.kill()));
  server.token = tokenFor(server.directory, ['reservations', 'admin']);
  const again = async (): Promise<Na2> => {
    await server.kill();
    return na2(context, plugins, folder);
  };
  return { folder, client: new DigestClient(server.url, 'pass'), server, again };
}

function plugin(name: string, period: string, more = ''): string {
  return `<plugin name="${name}"><jar>/opt/na2/null.jar</jar><mainClass>${NULL_CLASS}</mainClass><schedulePeriod length="${period.slice(0, -1)}">${
    period.endsWith('h') ? '<hour/>' : '<second/>'
  }</schedulePeriod>${more}</plugin>`;
}

const PROPERTIES = '<properties><property name="pr" value="val"/><property name="switch.password" value="canary"/></properties>';
const NULLS =
  plugin('Null-One', '1h', `${PROPERTIES}<description>Nothing at all</description>`) + plugin('Null-Two', '3h', '<renewAdvanceTicks>2</renewAdvanceTicks>');

/** For the tests that leave nothing behind. */
let site: Na2;
const endings: (() => void | Promise<void>)[] = [];
before(async () => {
  site = await na2({ after: (end) => void endings.unshift(end) }, NULLS);
});
after(async () => {
  for (const end of endings) await end();
});

test('join, status, modify, the schedule and leave answer what NodeAgent2 answered, to the letter', async () => {
  const { client, server } = site;
  const beforeMs = Date.now();
  const joined = await client.post('/join/Null-One', { 'unit.vlan': '17' });
  const afterMs = Date.now();
  assert.match(joined.headers.get('content-type') ?? '', /^application\/json/);
  const id: string = joined.json.resId.id;
  assert.match(id, /^[0-9a-z]{10}$/);
  assert.equal(joined.text, `{"status":0,"properties":{"key1":"val1","key2":"val2","key3":"string35"},"resId":{"id":"${id}"},"errorMsg":null}`);

  const schedule = await client.get('/schedule');
  const { deadline } = schedule.json.list[0];
  const entry = `{"status":0,"errorMsg":null,"name":"Null-One","reservationId":"${id}","deadline":${deadline},"joinProperties":{"unit.vlan":"17"},"schedProperties":{"key1":"val1","key2":"val2","key3":"string35"}}`;
  assert.equal(schedule.text, `{"list":[${entry}]}`);
  // The end, a tick and a second before.
  assert.ok(deadline >= beforeMs + 3_600_000 - 3000 && deadline <= afterMs + 3_600_000 - 3000, `${deadline}`);
  for (const path of ['/schedule/Null-One', `/schedule/Null-One/${id}`, '/schedule/', `/schedule/Null-One/${id}/`]) {
    assert.equal((await client.get(path)).text, `{"list":[${entry}]}`, path);
  }
  for (const path of ['/schedule/Null-Two', '/schedule/Nobody-There', '/schedule/Null-One/none', `/schedule/Null-Two/${id}`, '/expired']) {
    const { status, text } = await client.get(path);
    assert.deepEqual([status, text], [200, '{"list":[]}'], path);
  }

  const changed = '{"key12":"val12","key22":"val22","key32":"String67"}';
  const modified = await client.post(`/modify/Null-One/${id}`, { 'unit.vlan': '18' });
  assert.equal(modified.text, `{"status":0,"properties":${changed},"resId":{"id":"${id}"},"errorMsg":null}`);
  const status = await client.get(`/status/Null-One/${id}`);
  assert.deepEqual(status.json, {
    status: 0,
    properties: { key1: 'val1', key2: 'val2', key3: 'string35', ...JSON.parse(changed) },
    resId: { id },
    errorMsg: null,
  });
  const left = await client.post(`/leave/Null-One/${id}`);
  assert.equal(left.text, `{"status":0,"properties":{"key11":"val11","key21":"val21","key31":"stgring46"},"resId":{"id":"${id}"},"errorMsg":null}`);
  assert.equal((await client.get('/schedule')).text, '{"list":[]}');

  // One challenge for all of it.
  assert.equal(client.requests, 16);
  const { json } = await server.request('GET', `/reservations/Null-One/${id}`);
  assert.deepEqual(
    [json.state, json.calls.map(({ operation, caller, outcome }: Record<string, string>) => `${operation} ${caller} ${outcome}`)],
    ['closed', ['join admin done', 'modify admin done', 'leave admin done']],
  );
});

test('plugins and descriptions are told as the XML file has them, without its secrets', async () => {
  const { client, server } = site;
  const one = {
    jar: 'null',
    mainClass: 'default',
    schedulePeriod: { length: 1, unit: 'HOUR' },
    renewAdvanceTicks: 1,
    config: null,
    properties: {
      property: [
        { name: 'pr', value: 'val' },
        { name: 'switch.password', value: '******' },
      ],
    },
    description: 'Nothing at all',
    name: 'Null-One',
  };
  const two = { ...one, schedulePeriod: { length: 3, unit: 'HOUR' }, renewAdvanceTicks: 2, properties: { property: [] }, description: null, name: 'Null-Two' };
  assert.equal((await client.get('/plugins')).text, JSON.stringify({ name: null, plugins: [one, two] }));
  assert.equal((await client.get('/plugins/all')).text, JSON.stringify({ name: 'all', plugins: [one, two] }));
  assert.equal((await client.get('/plugins/Null-Two/')).text, JSON.stringify({ name: 'Null-Two', plugins: [two] }));
  const described = await client.get('/description/Null-One');
  assert.deepEqual([described.text, described.headers.get('content-type')?.split(';')[0]], ['Nothing at all', 'text/plain']);
  assert.equal((await client.get('/description/Null-Two')).text, 'No description provided for Null-Two');
  assert.ok(!server.output().includes('canary'), 'the log has no secret either');
});

test('errors have what old clients read and what new ones read', async () => {
  const { client, server } = site;
  const id: string = (await client.post('/join/Null-One')).json.resId.id;
  const calls: readonly (readonly [number, string, string, unknown?, Record<string, string>?])[] = [
    [404, 'POST', '/join/Nobody-There', {}],
    [404, 'POST', '/leave/Nobody-There/x', {}],
    [404, 'POST', '/leave/Null-One/none', {}],
    [404, 'POST', `/leave/Null-Two/${id}`, {}],
    [404, 'POST', '/modify/Null-One/none', {}],
    [404, 'GET', '/status/Null-One/none'],
    [404, 'GET', '/description/Nobody-There'],
    [404, 'GET', '/plugins/Nobody-There'],
    [415, 'POST', '/join/Null-One', '{}', { 'content-type': 'text/plain' }],
    [415, 'POST', '/join/Null-One', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }],
    [400, 'POST', '/join/Null-One', '{"a":'],
    [400, 'POST', '/join/Null-One', { a: 1 }],
    [400, 'POST', '/join/Null-One', []],
    [405, 'GET', '/join/Null-One'],
  ];
  for (const [status, method, path, body, headers] of calls) {
    const answer = await client.request(method, path, body, headers);
    assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
    const { timestamp, status: integer, error, message, path: named, type, title, detail, instance } = answer.json;
    assert.ok(Math.abs(timestamp - Date.now()) < 60_000, 'the time in milliseconds');
    assert.deepEqual([integer, named, instance, message], [status, path, path, detail], `${method} ${path}`);
    for (const text of [error, message, type, title]) assert.ok(typeof text === 'string' && text !== '', answer.text);
  }
  assert.equal((await client.get('/status/Null-One/none')).json.error, 'Not Found');
  assert.equal((await server.request('GET', '/reservations?state=!closed&count=true')).headers.get('x-total-count'), '1', 'nothing of it joined anything');

  const stranger = new DigestClient(server.url, 'wrong');
  for (const refused of [await stranger.post('/join/Null-One'), await fetch(`${server.url}/schedule`)]) {
    assert.equal(refused.status, 401);
    assert.match(
      refused.headers.get('www-authenticate') ?? '',
      /^Digest .*realm="NA2 Digest Authentication Realm".*qop="auth".*algorithm=MD5.*Digest .*algorithm=SHA-256/s,
    );
  }
  const { status, json } = await server.request('POST', '/join/Null-One', {}, { authorization: `Bearer ${tokenFor(server.directory, ['inventory:write'])}` });
  assert.deepEqual([status, json.status], [403, 403]);
});

test('reservations survive a kill, whatever their ids are made of, and what a NodeAgent2 held is taken over', async (context) => {
  const before = await na2(context, NULLS);
  const made: string[] = [];
  for (const [name, properties] of [
    ['Null-One', { 'unit.name': 'Übertragung – 17', empty: '' }],
    ['Null-Two', {}],
  ] as const) {
    made.push((await before.client.post(`/join/${name}`, properties)).json.resId.id);
  }
  const deadline = Date.now() + 3_000_000;
  const ids = ['circuit.17', 'a b/c', 'übertragung', '100%', '…'];
  const list = ids.map((reservationId, index) => ({
    status: 0,
    errorMsg: null,
    name: 'Null-Two',
    reservationId,
    deadline: deadline + index,
    joinProperties: { vlan: `${index}` },
    schedProperties: { made: 'elsewhere' },
  }));
  const file = join(before.folder, 'schedule.json');
  writeFileSync(file, JSON.stringify({ list: [...list, { ...list[0], name: 'Gone-Away' }, { ...list[0], reservationId: made[1] }] }));
  const took = await holdfast(['import-na2', '--schedule', file, '--url', before.server.url, '--jwt', before.server.token]);
  assert.equal(took.code, 1, took.stderr);
  assert.deepEqual(JSON.parse(took.stdout), { taken: ids.length, refused: 2 });
  assert.match(took.stderr, /refused {2}Gone-Away\/circuit\.17: .*404.*\n/);
  assert.match(took.stderr, new RegExp(`refused {2}Null-Two/${made[1]}: .*409`));

  const { text } = await before.client.get('/schedule');
  const { client, server } = await before.again();
  assert.equal((await client.get('/schedule')).text, text);
  for (const [index, id] of ids.entries()) {
    const at = `Null-Two/${encodeURIComponent(id)}`;
    const status = await client.get(`/status/${at}/`);
    assert.deepEqual(status.json, { status: 0, properties: { made: 'elsewhere' }, resId: { id }, errorMsg: null }, id);
    assert.deepEqual((await client.get(`/schedule/${at}`)).json.list, [list[index]]);
    assert.equal((await client.post(`/modify/${at}/`, {})).json.resId.id, id);
    assert.equal((await client.post(`/leave/${at}`)).json.status, 0);
    assert.equal((await client.get(`/status/${at}`)).status, 404);
    assert.equal((await server.request('GET', `/reservations/${at}`)).json.state, 'closed');
  }
  assert.deepEqual(
    (await client.get('/schedule')).json.list.map(({ reservationId }: { reservationId: string }) => reservationId),
    made,
  );
});

test('reservations are renewed by the ticks, and that shows in the schedule and in their history', async (context) => {
  const { client, server } = await na2(context, plugin('Null-Fast', '4s') + plugin('Null-Never', '0h'));
  const id: string = (await client.post('/join/Null-Fast', { a: 'b' })).json.resId.id;
  const never: string = (await client.post('/join/Null-Never')).json.resId.id;
  const [first] = (await client.get('/schedule/Null-Fast')).json.list;
  let [now] = [first];
  for (const startedMs = Date.now(); now.deadline === first.deadline; [now] = (await client.get('/schedule/Null-Fast')).json.list) {
    assert.ok(Date.now() - startedMs < 8000, 'it is renewed');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.ok(now.deadline > first.deadline + 900);
  assert.deepEqual([now.joinProperties, now.schedProperties], [{ a: 'b' }, { ...first.schedProperties, key13: 'val13', key23: 'val23', key33: 'string78' }]);
  const { json } = await server.request('GET', `/reservations/Null-Fast/${id}`);
  const renewal = json.calls[1];
  assert.deepEqual([renewal.operation, renewal.outcome, renewal.caller, typeof renewal.duration_ms], ['renew', 'done', undefined, 'number']);
  const renewedMs = Date.parse(renewal.started_at);
  assert.ok(renewedMs >= first.deadline && renewedMs <= first.deadline + 3200, 'at the first tick after its deadline');
  assert.equal(Date.parse(json.renew_deadline), now.deadline);
  assert.equal(Date.parse(json.until), now.deadline + 3000);

  const kept = await server.request('GET', `/reservations/Null-Never/${never}`);
  assert.deepEqual([kept.json.state, kept.json.renew_deadline, kept.json.calls.length], ['active', undefined, 1], 'with period 0 it is kept and not renewed');
  assert.equal((await client.get('/schedule/Null-Never')).text, '{"list":[]}');
  assert.equal((await client.post(`/leave/Null-Never/${never}`)).json.status, 0);
});
