import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { canonical } from '../../schemas/canonical.ts';
import type { Column, Kind, NamedColumn } from '../../schemas/kind.ts';
import { type Kinds, loadKinds } from '../../schemas/registry.ts';
import { agentRoutes } from '../../src/http/agent-routes.ts';
import type { FrontOptions } from '../../src/http/front.ts';
import { FRONT_LIMITS } from '../../src/http/limits.ts';
import { reservationRoutes } from '../../src/http/reservation-routes.ts';
import { accessOf, type Route } from '../../src/http/route.ts';
import { RESERVATION_KIND } from '../../src/store/reservations/kind.ts';
import { recordsOf } from '../store/arbitrary-records.ts';
import { type DescribedParameter, Description, type Fields, type OpenApiDocument } from '../support/described.ts';
import { fc } from '../support/properties.ts';
import { temporaryFolder } from '../support/server-process.ts';
import { FakeAgent } from './fake-agent.ts';
import { NO_HISTORY, type Rig, startRig, undescribed } from './front-rig.ts';

/** The description of the API against the route tables and the kinds that it is made from. */

/** A front with all routes of the product. */
async function fullRig(context: TestContext, options: Partial<FrontOptions> = {}): Promise<{ rig: Rig; description: Description }> {
  const agent = new FakeAgent();
  const { client: owner, view } = await startRig(context);
  const limits = FRONT_LIMITS;
  const moreRoutes = [
    ...agentRoutes({ agent, limits, idempotencyKey: Buffer.alloc(32) }),
    ...reservationRoutes({ agent, owner, view, history: NO_HISTORY, kind: RESERVATION_KIND, limits }),
  ];
  const rig = await startRig(context, { moreRoutes, ...options });
  const { status, json } = await rig.ask('GET', '/openapi.json');
  assert.equal(status, 200);
  return { rig, description: new Description(json as unknown as OpenApiDocument) };
}

/** A kind of a site, with what schemas may have and those of the product do not. */
const ODD_KIND = {
  type: 'object',
  'x-holdfast': { key: 'tag', naturalKeys: ['label'], aliases: ['odds'] },
  additionalProperties: false,
  required: ['tag', 'pin', 'parts'],
  minProperties: 1,
  properties: {
    tag: { type: 'string', minLength: 1 },
    label: { type: 'string', 'x-holdfast-unique': 'exact' },
    weight: { type: 'number', examples: [1.5] },
    colour: { type: 'string', enum: ['red', 'blue'] },
    pin: { $ref: '#/$defs/a pin.' },
    pin_set: { type: 'boolean', readOnly: true },
    parts: { type: 'array', items: { $ref: '#/$defs/part-write' } },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    nested: { type: 'object', additionalProperties: false, required: ['a'], properties: { a: { type: 'integer' }, b: { $ref: '#/$defs/part-write' } } },
    created_at: { type: 'string', format: 'date-time', readOnly: true },
    updated_at: { type: 'string', format: 'date-time', readOnly: true },
    revision: { type: 'integer', readOnly: true },
  },
  $defs: {
    'a pin.': { type: 'string', minLength: 4, 'x-holdfast-secret': 'pin_set' },
    'part-write': { type: 'object', additionalProperties: false, required: ['serial'], properties: { serial: { type: 'string' } } },
  },
};

async function kindsOfASite(context: TestContext): Promise<Kinds> {
  const folder = join(temporaryFolder(context), 'kinds');
  mkdirSync(folder);
  for (const name of ['Problem', 'Reservation', 'Write'])
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ ...ODD_KIND, 'x-holdfast': { key: 'tag' } }));
  writeFileSync(join(folder, 'Odd.json'), JSON.stringify(ODD_KIND));
  return loadKinds(folder);
}

test('the description is valid OpenAPI 3.1, with kinds of a site as well, whatever they are called', async (context) => {
  for (const kinds of [await loadKinds(), await kindsOfASite(context)]) {
    const { description } = await fullRig(context, { kinds });
    const { valid, errors } = await new Validator({ strict: false }).validate(structuredClone(description.document) as unknown as Fields);
    assert.ok(valid, JSON.stringify(errors)?.slice(0, 2000));
    for (const { name } of kinds.all) assert.ok(description.operationAt('GET', `/inventory/${name}/x`) !== undefined, name);
    for (const { name, secrets } of kinds.all) {
      const [read, write] = [description.propertiesOf(name), description.propertiesOf(`${name}-write`)];
      for (const { path, flag } of secrets) {
        if (path.length > 1) continue;
        assert.deepEqual([path.join() in read, path.join() in write, flag in read, flag in write], [false, true, true, false], name);
      }
    }
  }
});

test('every route has its operation, every operation its route, and every name of a path is among its aliases', async (context) => {
  const { rig, description } = await fullRig(context, { kinds: await kindsOfASite(context) });
  const all = (await kindsOfASite(context)).all;
  const expected = new Set<string>();
  for (const { method, path, about } of rig.front.routes) {
    for (const kind of path.includes('{Kind}') ? all : [undefined]) {
      for (const name of kind === undefined ? [''] : [kind.name, ...kind.aliases]) {
        const at = path.replace('{Kind}', name);
        const operation = description.operationAt(method, at.replaceAll(/[{}]/g, ''));
        assert.ok(operation !== undefined, `${method} ${at} has no operation`);
        const isSame = 'sameAs' in about;
        if (!isSame && name === (kind?.name ?? '')) {
          assert.equal(operation.path, at);
          expected.add(`${method.toLowerCase()} ${at}`);
        } else {
          const target = (isSame ? about.sameAs : path).replace('{Kind}', kind?.name ?? '');
          assert.equal(operation.path, target);
          assert.ok(description.aliasesOf(target).includes(at), at);
        }
      }
    }
  }
  assert.deepEqual(description.operations.map(({ title }) => title).sort(), [...expected].sort());
});

test('what a route takes and who may call it is what its operation says', async (context) => {
  const { rig, description } = await fullRig(context);
  for (const route of rig.front.routes) {
    const { method, path, parameters, about } = route;
    if ('sameAs' in about) continue;
    const access = accessOf(route, '');
    const operation = description.operationAt(method, path.replace('{Kind}', 'ComputeNode').replaceAll(/[{}]/g, ''));
    assert.ok(operation !== undefined);
    const described = (operation.about.parameters ?? []).map((each) => description.resolved<DescribedParameter>(each));
    const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    assert.deepEqual(
      described.filter((each) => each.in === 'path').map(({ name }) => name),
      inPath,
      operation.title,
    );
    const query = described.filter((each) => each.in === 'query').map(({ name }) => name);
    if (parameters !== 'any') assert.deepEqual(query.toSorted(), [...parameters].sort(), operation.title);
    const scope = access === 'public' || access === 'read' ? [] : [{ token: [access] }];
    assert.deepEqual(operation.about.security, access === 'reservations' ? [...scope, { digest: [] }] : scope, operation.title);
  }
});

test('where reading needs a token, the description says so and needs one itself', async (context) => {
  const { rig } = await fullRig(context, { publicReads: true });
  const closed = await startRig(context, { publicReads: false });
  assert.equal((await closed.ask('GET', '/openapi.json')).status, 401);
  const { json } = await closed.ask('GET', '/openapi.json', undefined, { authorization: 'Bearer read' });
  const description = new Description(json as unknown as OpenApiDocument);
  assert.deepEqual(description.operationAt('GET', '/inventory/BMC')?.about.security, [{ token: ['inventory:read'] }]);
  assert.ok(description.operationAt('GET', '/inventory/BMC')?.about.responses['403'] !== undefined);
  const open = new Description((await rig.ask('GET', '/openapi.json')).json as unknown as OpenApiDocument);
  assert.equal(open.operationAt('GET', '/inventory/BMC')?.about.responses['403'], undefined);
});

test('the description is sent once to who keeps it', async (context) => {
  const { rig } = await fullRig(context);
  const first = await rig.ask('GET', '/openapi.json');
  const etag = first.headers.get('etag') ?? '';
  const again = await rig.ask('GET', '/openapi.json', undefined, { 'if-none-match': etag });
  assert.deepEqual([again.status, again.text, again.headers.get('etag')], [304, '', etag]);
});

test('every example in the description is what its schema says', async (context) => {
  const { description } = await fullRig(context);
  let count = 0;
  const look = (value: unknown, place: string): void => {
    if (typeof value !== 'object' || value === null) return;
    const fields = value as Fields;
    const { examples, schema, example } = fields;
    if (Array.isArray(examples)) {
      const { examples: _, ...rest } = fields;
      for (const each of examples) {
        description.validates(rest, each, place);
        count += 1;
      }
    }
    if (example !== undefined && schema !== undefined) {
      description.validates(schema as Fields, example, place);
      count += 1;
    }
    if (schema !== undefined && typeof examples === 'object' && !Array.isArray(examples)) {
      for (const named of Object.values(examples as Record<string, Fields>)) {
        description.validates(schema as Fields, description.resolved<Fields>(named as { $ref: string })['value'], place);
        count += 1;
      }
    }
    for (const [name, member] of Object.entries(fields)) if (name !== 'example' && name !== 'value') look(member, `${place}/${name}`);
  };
  look(description.document, '');
  assert.ok(count > 200, `${count} examples`);
});

test('every record that can be stored is what the read form of its kind says, and a part of it is too', async (context) => {
  const kinds = await kindsOfASite(context);
  const { description } = await fullRig(context, { kinds });
  const uuid = '0192f0c4-7b1e-7c3a-9d52-3f6a1b0c8e11';
  const times = { created_at: '2026-11-22T02:10:00Z', updated_at: '2026-11-22T02:10:00Z', revision: 7 };
  for (const kind of kinds.all) {
    const read = { $ref: `#/components/schemas/${kind.name}` };
    fc.assert(
      fc.property(recordsOf(kind), (record) => {
        const stored = canonical(kind, { ...record, ...(kind.keyIsServerSet ? { [kind.key]: uuid } : {}), ...times });
        description.validates(read, stored, kind.name);
        description.validates(read, { [kind.key]: stored[kind.key] }, kind.name);
      }),
      { numRuns: 30 },
    );
  }
});

test('a record that is taken is what the write form says, and what is read holds no secret', async (context) => {
  const { rig, description } = await fullRig(context);
  for (const operation of description.operations.filter(({ about }) => about.operationId.startsWith('create'))) {
    const example = operation.about.requestBody?.content['application/json']?.example;
    assert.ok(example !== undefined, operation.title);
    const { status, text } = await rig.ask('POST', operation.path, example);
    assert.equal(status, 201, text);
  }
  for (const name of ['BMC', 'RedfishEndpoint', 'ComputeNode', 'ComputeNode.NodeBMC']) {
    const properties = description.propertiesOf(name);
    assert.ok(!Object.keys(properties).some((property) => /^password$/i.test(property)), name);
    assert.doesNotMatch(JSON.stringify(properties), /bmc_password"|writeOnly/);
  }
  const write = { $ref: '#/components/schemas/BMC-write' };
  description.validates(write, { username: 'root', mac_address: '00:00:5e:00:53:b1' }, 'a replacement may leave the secret out');
  assert.throws(() => description.validates(write, { id: 'x', username: 'root', mac_address: '00:00:5e:00:53:b1' }, 'a server-set key'));
  const patch = { $ref: '#/components/schemas/ComputeNode-patch' };
  description.validates(patch, { description: null, bmc: null, boot_data: { kernel_url: null }, status: { extended_data: { a: 1 } } }, 'a patch');
  assert.throws(() => description.validates(patch, { hostname: null }, 'what is required cannot be taken out'));
});

test('every list parameter that is described is taken, and every property that can be asked for is described', async (context) => {
  const { rig, description } = await fullRig(context);
  const kinds = await loadKinds();
  const lists: readonly (readonly [string, Kind])[] = [
    ...kinds.all.map((kind) => [`/inventory/${kind.name}`, kind] as const),
    ['/reservations', RESERVATION_KIND],
  ];
  for (const [path, kind] of lists) {
    const operation = description.operationAt('GET', path);
    const described = (operation?.about.parameters ?? []).map((each) => description.resolved<DescribedParameter>(each)).filter((each) => each.in === 'query');
    for (const { name, schema } of described) {
      // A cursor, and a question that the owner is not asked.
      if (name === 'after' || name === 'at') continue;
      const value = valueFor(name, schema, kind);
      const { status, text } = await rig.ask('GET', `${path}?${name}=${encodeURIComponent(value)}`, undefined, { authorization: 'Bearer all' });
      if (path === '/reservations') continue;
      assert.equal(status, 200, `${path}?${name}=${value}: ${text}`);
    }
    const names = new Set(described.map(({ name }) => name));
    if (path === '/reservations') continue;
    for (const leaf of leavesOf(kind.columns)) assert.ok(names.has(leaf), `${path}?${leaf}`);
    for (const old of Object.keys(kind.parameters)) assert.ok(names.has(old), old);
    for (const control of ['limit', 'after', 'sort', 'fields', 'count', 'missing']) assert.ok(names.has(control), control);
  }
});

test('a route whose description is not what it takes keeps the server from starting', async (context) => {
  const route: Route = { method: 'GET', path: '/one', access: 'public', about: undescribed('one'), parameters: [], handler: () => undefined };
  await assert.rejects(startRig(context, { moreRoutes: [{ ...route, parameters: ['a'] }] }), /takes the parameters "a"/);
  await assert.rejects(startRig(context, { moreRoutes: [route, { ...route, path: '/two' }] }), /another route is described as one/);
  await assert.rejects(startRig(context, { moreRoutes: [{ ...route, about: { sameAs: '/nowhere' } }] }), /which is not described/);
});

/** A value that fits the parameter. */
function valueFor(name: string, schema: Fields, kind: Kind): string {
  if (name === 'sort' || name === 'fields' || name === 'missing') return kind.key;
  const items = (schema['items'] ?? schema) as Fields;
  if (items['type'] === 'boolean') return 'true';
  if (items['type'] === 'integer' || items['type'] === 'number') return '1';
  if (items['format'] === 'date-time') return '2026-11-22T02:10:00Z';
  const pattern = items['pattern'];
  if (typeof pattern !== 'string') return name.endsWith('at') || name.endsWith('last_updated') || name.endsWith('LastAttempt') ? '!2026-11-22T02:10:00Z' : '!x';
  return new RegExp(pattern).test('!true') ? '!true' : '!1';
}

function leavesOf(columns: readonly NamedColumn[], path = ''): readonly string[] {
  return columns.flatMap(({ name, column }): readonly string[] => {
    let inner: Column = column;
    while (inner.type === 'list') inner = inner.element;
    if (inner.type === 'json') return [];
    return inner.type === 'object' ? leavesOf(inner.columns, `${path}${name}.`) : [`${path}${name}`];
  });
}
