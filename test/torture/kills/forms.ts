import type { Prng } from '../../../bench/prng.ts';
import { type Asked, MARK_OF, type Part } from './asked.ts';
import type { Known } from './known.ts';
import type { Fields } from './world.ts';

/** The forms in which the inventory is written to, and how often each is taken. */

export interface Given {
  readonly random: Prng;
  readonly known: Known;
}

type Made = Omit<Asked, 'form' | 'outcome' | 'sentAfter'>;

export interface Form {
  readonly name: string;
  readonly weight: number;
  make(given: Given): Made;
}

const NODE = '/inventory/ComputeNode';
/** Places for nodes: few enough that clients get in each other's way. */
const SLOTS = 160;
/** Beyond so many, more are deleted than made. */
const NODES_WANTED = 90;
const COLLECTIONS_WANTED = 24;
const BMCS_WANTED = 200;
/** Keys that clients bring: these come back after they were deleted. */
const OWN_KEYS = 12;
const ENDPOINTS = 24;
const MERGE = { 'content-type': 'application/merge-patch+json' };
const JSON_PATCH = { 'content-type': 'application/json-patch+json' };
const NDJSON = { 'content-type': 'application/x-ndjson' };

export const forms: readonly Form[] = [
  { name: 'post', weight: 12, make: (given) => (given.known.count('ComputeNode') > NODES_WANTED ? removal(given, 'ComputeNode') : create(given)) },
  { name: 'post array', weight: 4, make: (given) => (given.known.count('ComputeNode') > NODES_WANTED ? removal(given, 'ComputeNode') : createArray(given)) },
  { name: 'put', weight: 16, make: put },
  { name: 'put upsert by xname', weight: 8, make: putByXname },
  { name: 'put upsert by key', weight: 6, make: putByKey },
  { name: 'patch merge', weight: 18, make: (given) => patch(given, 'ComputeNode', MERGE) },
  { name: 'patch json', weight: 10, make: (given) => patch(given, 'ComputeNode', JSON_PATCH) },
  { name: 'delete', weight: 5, make: (given) => removal(given, 'ComputeNode') },
  { name: 'bulk atomic', weight: 3, make: (given) => bulk(given, 'atomic') },
  { name: 'bulk partial', weight: 2, make: (given) => bulk(given, 'partial') },
  { name: 'bmc post', weight: 4, make: (given) => (given.known.count('BMC') > BMCS_WANTED ? removal(given, 'BMC') : createBmc(given)) },
  { name: 'bmc patch', weight: 6, make: (given) => patch(given, 'BMC', MERGE) },
  { name: 'bmc upsert', weight: 3, make: upsertBmc },
  { name: 'bmc delete', weight: 2, make: (given) => removal(given, 'BMC', '?force=true') },
  {
    name: 'collection post',
    weight: 5,
    make: (given) => (given.known.count('NodeCollection') > COLLECTIONS_WANTED ? removal(given, 'NodeCollection') : createCollection(given)),
  },
  { name: 'collection patch', weight: 5, make: patchCollection },
  { name: 'collection delete', weight: 3, make: (given) => removal(given, 'NodeCollection') },
  { name: 'endpoint upsert', weight: 5, make: upsertEndpoint },
  { name: 'invalid', weight: 1, make: invalid },
];

function create({ random, known }: Given): Made {
  const node = nodeAt(slot(random), known.mark(), random);
  return withKey(whole('ComputeNode', 'POST', NODE, node), random);
}

function createArray({ random, known }: Given): Made {
  const nodes = slots(random, 2 + random.below(4)).map((at) => nodeAt(at, known.mark(), random));
  return withKey(several('ComputeNode', NODE, nodes, JSON.stringify(nodes), {}), random);
}

function put(given: Given): Made {
  const { random, known } = given;
  const target = known.pick('ComputeNode', random);
  if (target === undefined) return create(given);
  const node = nodeAt(slot(random), known.mark(), random);
  const made = whole('ComputeNode', 'PUT', `${NODE}/${target.key}`, node);
  return random.next() < 0.5 ? withCondition(made, target.revision) : withKey(made, random);
}

function putByXname({ random, known }: Given): Made {
  const node = nodeAt(slot(random), known.mark(), random);
  return withKey(whole('ComputeNode', 'PUT', `${NODE}/${String(node['xname'])}?upsert=true`, node), random);
}

function putByKey({ random, known }: Given): Made {
  const key = `0195d2a0-0000-7000-8000-${String(random.below(OWN_KEYS)).padStart(12, '0')}`;
  return whole('ComputeNode', 'PUT', `${NODE}/${key}?upsert=true`, nodeAt(slot(random), known.mark(), random));
}

function patch(given: Given, kind: 'ComputeNode' | 'BMC', headers: Readonly<Record<string, string>>): Made {
  const { random, known } = given;
  const target = known.pick(kind, random);
  if (target === undefined) return kind === 'BMC' ? createBmc(given) : create(given);
  const mark = known.mark();
  const change: Fields = { description: mark, ...(kind === 'BMC' ? { ipv4_address: `192.0.2.${random.below(250)}` } : { hostname: `h${random.below(40)}` }) };
  const body = headers === MERGE ? change : Object.entries(change).map(([name, value]) => ({ op: 'add', path: `/${name}`, value }));
  const made = { kind, isAtomic: true, parts: [{ mark, expected: (before: Fields = {}) => ({ ...before, ...change }) }] };
  const request = { method: 'PATCH', path: `/inventory/${kind}/${target.key}`, body: JSON.stringify(body), headers };
  return random.next() < 0.3 ? withCondition({ ...made, request }, target.revision) : { ...made, request };
}

function removal({ random, known }: Given, kind: string, query = ''): Made {
  const { key, revision } = known.pick(kind, random) ?? { key: '0195d2a0-0000-7000-8000-ffffffffffff', revision: 1 };
  const made = { kind, isAtomic: true, parts: [], removes: key };
  const request = { method: 'DELETE', path: `/inventory/${kind}/${key}${query}`, body: undefined, headers: {} };
  return random.next() < 0.3 ? withCondition({ ...made, request }, revision) : { ...made, request };
}

function bulk({ random, known }: Given, mode: 'atomic' | 'partial'): Made {
  const nodes = slots(random, 3 + random.below(30)).map((at) => nodeAt(at, known.mark(), random, false));
  const made = several('ComputeNode', `${NODE}/bulk?upsert=true&mode=${mode}`, nodes, nodes.map((node) => JSON.stringify(node)).join('\n'), NDJSON);
  return { ...made, isAtomic: mode === 'atomic' };
}

function createBmc({ random, known }: Given): Made {
  const at = random.below(SLOTS);
  const bmc = {
    ...(random.next() < 0.5 ? { xname: `x1000c1s${at}b0` } : {}),
    username: 'root',
    mac_address: mac(0xb0, random.below(4000)),
    description: known.mark(),
  };
  return withKey(whole('BMC', 'POST', '/inventory/BMC', bmc, { password: `p-${bmc.description}` }), random);
}

function upsertBmc({ random, known }: Given): Made {
  const xname = `x1000c1s${random.below(SLOTS)}b0`;
  const bmc = { xname, username: 'root', mac_address: mac(0xb1, Number(/s(\d+)/.exec(xname)?.[1])), description: known.mark() };
  return whole('BMC', 'PUT', `/inventory/BMC/${xname}?upsert=true`, bmc, { password: `p-${bmc.description}` });
}

function createCollection({ random, known }: Given): Made {
  const mark = known.mark();
  const type = random.pick(['partition', 'tenant', 'ad-hoc'] as const);
  const collection = { name: `c${mark}`, type, nodes: slots(random, 1 + random.below(4)).map(xname), description: mark };
  return withKey(whole('NodeCollection', 'POST', '/inventory/NodeCollection', collection), random);
}

function patchCollection(given: Given): Made {
  const { random, known } = given;
  const target = known.pick('NodeCollection', random);
  if (target === undefined) return createCollection(given);
  const mark = known.mark();
  const change = { nodes: slots(random, 1 + random.below(4)).map(xname), description: mark };
  const request = { method: 'PATCH', path: `/inventory/NodeCollection/${target.key}`, body: JSON.stringify(change), headers: MERGE };
  return { kind: 'NodeCollection', isAtomic: true, request, parts: [{ mark, expected: (before: Fields = {}) => ({ ...before, ...change }) }] };
}

function upsertEndpoint({ random, known }: Given): Made {
  const endpoint = { ID: `x1000c2s${random.below(ENDPOINTS)}b0`, Name: known.mark() };
  return whole('RedfishEndpoint', 'PUT', `/inventory/RedfishEndpoint/${endpoint.ID}?upsert=true`, endpoint);
}

/** Refused before anybody has looked at what is there. */
function invalid({ random, known }: Given): Made {
  const node = { ...nodeAt(slot(random), known.mark(), random), colour: 'red' };
  return whole('ComputeNode', 'POST', NODE, node);
}

function whole(kind: string, method: string, path: string, record: Fields, secrets: Fields = {}): Made {
  const request = { method, path, body: JSON.stringify({ ...record, ...secrets }), headers: {} };
  return { kind, isAtomic: true, request, parts: [partOf(kind, record)] };
}

function several(kind: string, path: string, records: readonly Fields[], body: string, headers: Readonly<Record<string, string>>): Made {
  return { kind, isAtomic: true, request: { method: 'POST', path, body, headers }, parts: records.map((record) => partOf(kind, record)) };
}

function partOf(kind: string, record: Fields): Part {
  return { mark: String(record[MARK_OF[kind] ?? '']), expected: () => record };
}

function withCondition(made: Made, revision: number): Made {
  return { ...made, ifMatch: revision, request: { ...made.request, headers: { ...made.request.headers, 'if-match': `"${revision}"` } } };
}

/** Some requests may be sent again when nothing was heard of them. */
function withKey(made: Made, random: Prng): Made {
  const [part] = made.parts;
  if (part === undefined || random.next() > 0.3) return made;
  const idempotencyKey = `key-${part.mark}`;
  return { ...made, idempotencyKey, request: { ...made.request, headers: { ...made.request.headers, 'idempotency-key': idempotencyKey } } };
}

function nodeAt(at: number, mark: string, random: Prng, hasMac = true): Fields {
  return {
    hostname: `h${random.below(40)}`,
    xname: xname(at),
    architecture: random.pick(['x86_64', 'arm64'] as const),
    ...(hasMac ? { boot_mac: mac(0xa0, at) } : {}),
    description: mark,
  };
}

function slot(random: Prng): number {
  return random.below(SLOTS);
}

/** Different ones. */
function slots(random: Prng, count: number): readonly number[] {
  return [...new Set(Array.from({ length: count }, () => slot(random)))];
}

function xname(at: number): string {
  return `x1000c0s${at}b0n0`;
}

function mac(range: number, number: number): string {
  return [2, 0, range, (number >> 16) & 255, (number >> 8) & 255, number & 255].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
