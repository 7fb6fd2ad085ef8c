import { isDeepStrictEqual } from 'node:util';
import type { Draft, Name, PatchDocument } from '../../../src/protocol/commands.ts';
import { type Fields, type ModelChange, type ModelState, no, timeText, type Verdict, yes } from './model-state.ts';

/**
 * The rules of the inventory in their plainest form: every question is answered by looking through all records. Nothing of
 * the store is used here, so what both come to was thought out twice.
 */

/** What one command does to the state while it is judged. */
export interface Judging {
  readonly state: ModelState;
  readonly nowMs: number;
  /** Who asks. */
  readonly subject: string | undefined;
  readonly changes: ModelChange[];
}

export interface ModelStored {
  readonly change: ModelChange;
  readonly created: boolean;
}

type IfMatch = readonly number[] | '*' | undefined;

interface PlainSecret {
  readonly path: readonly string[];
  readonly flag: string;
  readonly required: boolean;
}

interface PlainKind {
  readonly key: string;
  /** In the order in which a name is looked up, with the form in which values are compared. */
  readonly uniques: Readonly<Record<string, (text: string) => string>>;
  readonly secrets: readonly PlainSecret[];
  /** Properties that clients may send, and what is acceptable in them. */
  readonly properties: Readonly<Record<string, (value: unknown) => boolean>>;
  readonly required: readonly string[];
}

/** Leading zeros mean nothing. */
export function plainXname(text: string): string {
  return text.replaceAll(/\d+/g, (digits) => String(Number(digits)));
}

export function plainMac(text: string): string {
  return text.toLowerCase().split('-').join(':');
}

const same = (text: string): string => text;
const text = (value: unknown): boolean => typeof value === 'string';
const filled = (value: unknown): boolean => typeof value === 'string' && value.length > 0;
const object = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
const matches =
  (pattern: RegExp) =>
  (value: unknown): boolean =>
    typeof value === 'string' && pattern.test(value);
const NODE = /^x\d{3,5}c\d{1,3}s\d{1,3}b\d{1,3}n\d{1,3}$/;
const BMC = /^x\d{3,5}c\d{1,3}s\d{1,3}b\d{1,3}$/;
const MAC = /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const NODE_BMC: Readonly<Record<string, (value: unknown) => boolean>> = {
  id: matches(UUID),
  xname: matches(BMC),
  username: filled,
  password: filled,
  password_set: (value) => typeof value === 'boolean',
  mac_address: matches(MAC),
  description: text,
  location_string: text,
};

export const PLAIN_KINDS: Readonly<Record<string, PlainKind>> = {
  ComputeNode: {
    key: 'id',
    uniques: { xname: plainXname, boot_mac: plainMac },
    secrets: [{ path: ['spec', 'bmc_password'], flag: 'bmc_password_set', required: false }],
    properties: {
      hostname: filled,
      xname: matches(NODE),
      architecture: filled,
      boot_mac: matches(MAC),
      description: text,
      location_string: text,
      bmc: (value) =>
        object(value) &&
        ['id', 'xname', 'mac_address'].some((name) => name in (value as Fields)) &&
        Object.entries(value as Fields).every(([name, inner]) => NODE_BMC[name]?.(inner) === true),
      spec: object,
    },
    required: ['hostname', 'architecture'],
  },
  BMC: {
    key: 'id',
    uniques: { xname: plainXname, mac_address: plainMac },
    secrets: [{ path: ['password'], flag: 'password_set', required: true }],
    properties: { xname: matches(BMC), username: filled, password: filled, mac_address: matches(MAC), description: text, location_string: text },
    required: ['username', 'mac_address'],
  },
  NodeCollection: {
    key: 'id',
    uniques: { name: same },
    secrets: [],
    properties: {
      name: filled,
      type: (value) => ['ad-hoc', 'tenant', 'job', 'partition'].includes(value as string),
      nodes: (value) => Array.isArray(value) && value.every(matches(NODE)),
      description: text,
    },
    required: ['name', 'type', 'nodes'],
  },
  Component: {
    key: 'UID',
    uniques: { ID: plainXname },
    secrets: [],
    properties: {
      ID: filled,
      Type: (value) => ['Node', 'NodeBMC', 'Cabinet'].includes(value as string),
      Subtype: text,
      NID: (value) => Number.isInteger(value) && (value as number) >= 0,
      Enabled: (value) => typeof value === 'boolean',
    },
    required: ['ID', 'Type'],
  },
};

/** What only the server sets. */
const SERVER_SET = ['created_at', 'updated_at', 'revision', 'creator_subject', 'password_set'];
/** What a node does not carry of its BMC. */
const BOOKKEEPING = ['created_at', 'updated_at', 'revision'];

function plain(kind: string): PlainKind {
  const found = PLAIN_KINDS[kind];
  if (found === undefined) throw new Error(`the model does not know ${kind}`);
  return found;
}

export function holderOf(state: ModelState, kind: string, property: string, value: string): string | undefined {
  const form = plain(kind).uniques[property] ?? same;
  const wanted = form(value);
  for (const [key, { fields }] of state.of(kind)) {
    const other = fields[property];
    if (typeof other === 'string' && form(other) === wanted) return key;
  }
  return undefined;
}

/** The record that a path names. */
export function keyOf(state: ModelState, kind: string, name: Name): string | undefined {
  const key = UUID.test(name) ? name.toLowerCase() : name;
  if (state.get(kind, key) !== undefined) return key;
  for (const property of Object.keys(plain(kind).uniques)) {
    const holder = holderOf(state, kind, property, name);
    if (holder !== undefined) return holder;
  }
  return undefined;
}

function copyOf(state: ModelState, kind: string, key: string): Fields | undefined {
  const record = state.get(kind, key);
  return record === undefined ? undefined : (structuredClone(record.fields) as Fields);
}

/** No nulls, no empty objects, MAC addresses and UUIDs in one spelling. */
export function plainForm(value: Readonly<Fields>): Fields {
  const form: Fields = {};
  for (const [name, inner] of Object.entries(value)) {
    if (inner === null || inner === undefined) continue;
    if (name === 'mac_address' || name === 'boot_mac') form[name] = plainMac(inner as string);
    else if (name === 'id' || name === 'UID') form[name] = (inner as string).toLowerCase();
    else if (object(inner)) {
      const kept = plainForm(inner as Fields);
      if (Object.keys(kept).length > 0) form[name] = kept;
    } else form[name] = inner;
  }
  return form;
}

export function create(judging: Judging, kind: string, draft: Draft): Verdict<ModelStored> {
  return stored(store(judging, kind, judging.state.freshKey(), draft, undefined, { isLenient: false }), true);
}

export function replace(judging: Judging, kind: string, name: Name, draft: Draft, upsert: boolean, ifMatch: IfMatch): Verdict<ModelStored> {
  const { state } = judging;
  const key = keyOf(state, kind, name);
  if (!isMet(state, kind, key, ifMatch)) return no('precondition-failed');
  if (key !== undefined) return stored(store(judging, kind, key, draft, copyOf(state, kind, key), { isLenient: false }), false);
  if (!upsert) return no('not-found');
  if (UUID.test(name)) return stored(store(judging, kind, name.toLowerCase(), draft, undefined, { isLenient: false }), true);
  if (Object.keys(plain(kind).uniques).some((property) => draft[property] === name)) return create(judging, kind, draft);
  return no('invalid-id');
}

/** An item of an import: the record with its key or one of its natural keys is replaced, else a new one is made. */
export function upsert(judging: Judging, kind: string, draft: Draft): Verdict<ModelStored> {
  const { state } = judging;
  const given = draft[plain(kind).key] as string | undefined;
  let key = given !== undefined && state.get(kind, given.toLowerCase()) !== undefined ? given.toLowerCase() : undefined;
  for (const property of Object.keys(plain(kind).uniques)) {
    const value = draft[property];
    if (key === undefined && typeof value === 'string') key = holderOf(state, kind, property, value);
  }
  if (key !== undefined) return stored(store(judging, kind, key, draft, copyOf(state, kind, key), { isLenient: false }), false);
  if (given !== undefined) return stored(store(judging, kind, given.toLowerCase(), draft, undefined, { isLenient: false }), true);
  return create(judging, kind, draft);
}

export function patch(judging: Judging, kind: string, name: Name, document: PatchDocument, ifMatch: IfMatch): Verdict<ModelStored> {
  const { state } = judging;
  const key = keyOf(state, kind, name);
  if (!isMet(state, kind, key, ifMatch)) return no('precondition-failed');
  if (key === undefined) return no('not-found');
  const current = copyOf(state, kind, key) as Fields;
  const patched = document.type === 'merge' ? yes(merged(structuredClone(current), document.document) as Fields) : jsonPatched(current, document.document);
  if (!patched.ok) return patched;
  const draft = withoutNulls(patched.value);
  for (const property of [...SERVER_SET, plain(kind).key]) delete draft[property];
  if (!isValid(kind, draft, current)) return no('invalid');
  const cleared = new Set<string>();
  if (document.type === 'merge') {
    for (const { path } of plain(kind).secrets) if (valueAt(document.document, path) === null) cleared.add(path.join('.'));
  }
  return stored(store(judging, kind, key, draft, current, { isLenient: cleared.size === 0, cleared }), false);
}

export function remove(judging: Judging, kind: string, name: Name, force: boolean, ifMatch: IfMatch): Verdict<ModelStored> {
  const { state } = judging;
  const key = keyOf(state, kind, name);
  if (!isMet(state, kind, key, ifMatch)) return no('precondition-failed');
  if (key === undefined) return no('not-found');
  const nodesOfBmc = kind === 'BMC' ? nodesWithBmc(state, key) : [];
  if (nodesOfBmc.length > 0 && !force) return no('conflict');
  const xname = kind === 'ComputeNode' ? (state.get(kind, key)?.fields['xname'] as string | undefined) : undefined;
  const change: ModelChange = { kind, key, after: undefined };
  judging.changes.push(change);
  state.set(kind, key, undefined);
  for (const node of nodesOfBmc) {
    const { bmc: _gone, ...rest } = state.get('ComputeNode', node)?.fields ?? {};
    rewrite(judging, 'ComputeNode', node, rest);
  }
  if (xname !== undefined) leaveCollections(judging, plainXname(xname));
  return yes({ change, created: false });
}

function leaveCollections(judging: Judging, xname: string): void {
  for (const [key, { fields }] of [...judging.state.of('NodeCollection')]) {
    const nodes = fields['nodes'] as readonly string[];
    const staying = nodes.filter((node) => plainXname(node) !== xname);
    if (staying.length < nodes.length) rewrite(judging, 'NodeCollection', key, { ...fields, nodes: staying });
  }
}

function nodesWithBmc(state: ModelState, bmc: string): readonly string[] {
  return [...state.of('ComputeNode')].filter(([, { fields }]) => (fields['bmc'] as Fields | undefined)?.['id'] === bmc).map(([key]) => key);
}

function isMet(state: ModelState, kind: string, key: string | undefined, ifMatch: IfMatch): boolean {
  if (ifMatch === undefined) return true;
  const record = key === undefined ? undefined : state.get(kind, key);
  return record !== undefined && (ifMatch === '*' || ifMatch.includes(record.revision));
}

/** A change that follows from another one: the record is as it was but for this. */
function rewrite({ state, nowMs, changes }: Judging, kind: string, key: string, fields: Readonly<Fields>): void {
  const before = state.get(kind, key);
  if (before === undefined) return;
  const after = { fields: plainForm({ ...fields, updated_at: timeText(nowMs) }), secrets: before.secrets };
  changes.push({ kind, key, after });
  state.set(kind, key, { ...after, revision: Number.POSITIVE_INFINITY, text: '' });
}

interface StoreOptions {
  /** Required secrets may be missing. */
  readonly isLenient: boolean;
  readonly cleared?: ReadonlySet<string>;
  /** The node that this BMC is stored for. */
  readonly onBehalfOf?: string;
}

/** Everything that makes or changes a record comes through here. */
function store(judging: Judging, kind: string, key: string, draft: Fields, current: Fields | undefined, options: StoreOptions): Verdict<ModelChange> {
  const { state, nowMs, changes } = judging;
  const secrets = takeSecrets(kind, draft, current === undefined ? {} : (state.get(kind, key)?.secrets ?? {}), options.cleared ?? new Set());
  if (!options.isLenient && plain(kind).secrets.some(({ path, required }) => required && secrets[path.join('.')] === undefined)) return no('invalid');
  const ruled = followRules(judging, kind, key, draft, current);
  if (!ruled.ok) return ruled;
  for (const property of Object.keys(plain(kind).uniques)) {
    const value = draft[property];
    const holder = typeof value === 'string' ? holderOf(state, kind, property, value) : undefined;
    if (holder !== undefined && holder !== key) return no('conflict');
  }
  const times = { created_at: current?.['created_at'] ?? timeText(nowMs), updated_at: timeText(nowMs) };
  const { revision: _old, ...rest } = draft;
  const after = { fields: plainForm({ ...rest, [plain(kind).key]: key, ...times }), secrets };
  const change: ModelChange = { kind, key, after };
  changes.push(change);
  state.set(kind, key, { ...after, revision: Number.POSITIVE_INFINITY, text: '' });
  if (kind === 'BMC') renewCopies(judging, key, options.onBehalfOf);
  return yes(change);
}

function followRules(judging: Judging, kind: string, key: string, draft: Fields, current: Fields | undefined): Verdict<void> {
  switch (kind) {
    case 'BMC':
      return agreeOnLocation(draft, BMC);
    case 'ComputeNode': {
      const agreed = agreeOnLocation(draft, NODE);
      return agreed.ok ? giveBmc(judging, key, draft, current) : agreed;
    }
    case 'NodeCollection': {
      const creator = current === undefined ? judging.subject : current['creator_subject'];
      if (creator !== undefined) draft['creator_subject'] = creator;
      const nodes = draft['nodes'] as readonly string[];
      draft['nodes'] = nodes.filter((node, index) => nodes.findIndex((other) => plainXname(other) === plainXname(node)) === index);
      return isExclusive(judging.state, key, draft) ? yes(undefined) : no('conflict');
    }
    default:
      return yes(undefined);
  }
}

/** A location that is an xname is the xname. */
function agreeOnLocation(draft: Fields, pattern: RegExp): Verdict<void> {
  const location = draft['location_string'];
  if (typeof location !== 'string' || !pattern.test(location)) return yes(undefined);
  if (draft['xname'] === undefined) draft['xname'] = location;
  return plainXname(draft['xname'] as string) === plainXname(location) ? yes(undefined) : no('invalid');
}

/** A node is in at most one partition and at most one tenant. */
function isExclusive(state: ModelState, key: string, draft: Readonly<Fields>): boolean {
  const { type } = draft;
  if (type !== 'partition' && type !== 'tenant') return true;
  const mine = new Set((draft['nodes'] as readonly string[]).map(plainXname));
  for (const [other, { fields }] of state.of('NodeCollection')) {
    if (other !== key && fields['type'] === type && (fields['nodes'] as readonly string[]).some((node) => mine.has(plainXname(node)))) return false;
  }
  return true;
}

/** A node has the BMC that it names, else the one that its xname implies, and carries a copy of it. */
function giveBmc(judging: Judging, node: string, draft: Fields, current: Fields | undefined): Verdict<void> {
  const { state } = judging;
  const given = draft['bmc'] as Fields | undefined;
  const xname = draft['xname'] as string | undefined;
  const isImplied = given === undefined || isMoved(given, xname, current);
  if (isImplied && xname === undefined) {
    delete draft['bmc'];
    return yes(undefined);
  }
  const key = isImplied ? impliedBmc(judging, node, bmcXname(xname as string)) : givenBmc(judging, node, given);
  if (!key.ok) return key;
  draft['bmc'] = bmcCopy(state.get('BMC', key.value)?.fields ?? {});
  return yes(undefined);
}

function bmcXname(node: string): string {
  return node.replace(/n\d+$/, '');
}

/** A node that has moved gets the BMC of its new place, unless its client says which. */
function isMoved(given: Fields, xname: string | undefined, current: Fields | undefined): boolean {
  const before = current?.['xname'] as string | undefined;
  if (before === undefined || xname === undefined || plainXname(before) === plainXname(xname)) return false;
  const bmc = given['xname'] as string | undefined;
  return bmc !== undefined && plainXname(bmc) === plainXname(bmcXname(before)) && isDeepStrictEqual(given, current?.['bmc']);
}

function impliedBmc(judging: Judging, node: string, xname: string): Verdict<string> {
  const holder = holderOf(judging.state, 'BMC', 'xname', xname);
  if (holder !== undefined) return yes(holder);
  return keyIn(store(judging, 'BMC', judging.state.freshKey(), { xname }, undefined, { isLenient: true, onBehalfOf: node }));
}

function givenBmc(judging: Judging, node: string, given: Fields): Verdict<string> {
  const { state } = judging;
  const id = (given['id'] as string | undefined)?.toLowerCase();
  let key: string | undefined;
  if (id !== undefined && id !== '00000000-0000-0000-0000-000000000000') {
    if (state.get('BMC', id) === undefined) return no('invalid');
    key = id;
  } else {
    const byXname = given['xname'] === undefined ? undefined : holderOf(state, 'BMC', 'xname', given['xname'] as string);
    const byMac = given['mac_address'] === undefined ? undefined : holderOf(state, 'BMC', 'mac_address', given['mac_address'] as string);
    if (byXname !== undefined && byMac !== undefined && byXname !== byMac) return no('conflict');
    key = byXname ?? byMac;
  }
  if (key === undefined) {
    const isNamedOnly = Object.keys(given).length === 1 && given['xname'] !== undefined;
    const isComplete = given['username'] !== undefined && given['mac_address'] !== undefined && given['password'] !== undefined;
    if (!isNamedOnly && !isComplete) return no('invalid');
    return keyIn(store(judging, 'BMC', state.freshKey(), { ...given }, undefined, { isLenient: true, onBehalfOf: node }));
  }
  const current = copyOf(state, 'BMC', key) as Fields;
  const asGiven = Object.fromEntries(Object.entries(given).filter(([name]) => name !== 'id' && !SERVER_SET.includes(name)));
  const { password, ...visible } = { ...current, ...asGiven } as Fields;
  if (asGiven['password'] === undefined && isDeepStrictEqual(plainForm(visible), plainForm(current))) return yes(key);
  const draft = password === undefined ? visible : { ...visible, password };
  return keyIn(store(judging, 'BMC', key, draft, current, { isLenient: true, onBehalfOf: node }));
}

function keyIn(change: Verdict<ModelChange>): Verdict<string> {
  return change.ok ? yes(change.value.key) : change;
}

function bmcCopy(bmc: Readonly<Fields>): Fields {
  return Object.fromEntries(Object.entries(bmc).filter(([name]) => !BOOKKEEPING.includes(name)));
}

function renewCopies(judging: Judging, bmc: string, except: string | undefined): void {
  const { state } = judging;
  const copy = bmcCopy(state.get('BMC', bmc)?.fields ?? {});
  for (const node of nodesWithBmc(state, bmc)) {
    const fields = state.get('ComputeNode', node)?.fields ?? {};
    if (node !== except && !isDeepStrictEqual(fields['bmc'], copy)) rewrite(judging, 'ComputeNode', node, { ...fields, bmc: copy });
  }
}

/** Moves secrets out of a draft; one that does not come stays, as long as what is around it does. */
function takeSecrets(kind: string, draft: Fields, before: Readonly<Record<string, string>>, cleared: ReadonlySet<string>): Record<string, string> {
  const after: Record<string, string> = {};
  for (const { path, flag } of plain(kind).secrets) {
    const place = path.join('.');
    const name = path.at(-1) as string;
    const parent = path.length === 1 ? draft : (draft[path[0] as string] as Fields | undefined);
    if (parent === undefined) continue;
    const given = parent[name];
    const kept = cleared.has(place) ? undefined : before[place];
    const secret = typeof given === 'string' ? given : kept;
    delete parent[name];
    delete parent[flag];
    if (secret === undefined) continue;
    after[place] = secret;
    parent[flag] = true;
  }
  return after;
}

function isValid(kind: string, draft: Readonly<Fields>, current: Readonly<Fields>): boolean {
  const { properties, required } = plain(kind);
  if (required.some((name) => draft[name] === undefined && current[name] !== undefined)) return false;
  return Object.entries(draft).every(([name, value]) => properties[name]?.(value) === true);
}

function merged(target: unknown, patch: unknown): unknown {
  if (!object(patch)) return patch;
  const result = object(target) ? (target as Fields) : {};
  for (const [name, value] of Object.entries(patch as Fields)) {
    if (value === null) delete result[name];
    else result[name] = merged(result[name], value);
  }
  return result;
}

/** Operations on members of the record itself, which is all that the commands here have. */
function jsonPatched(record: Readonly<Fields>, operations: unknown): Verdict<Fields> {
  const result = structuredClone(record) as Fields;
  for (const { op, path, value } of operations as readonly { op: string; path: string; value?: unknown }[]) {
    const name = path.slice(1);
    if (op !== 'add' && !(name in result)) return no('patch-failed');
    if (op === 'test' && !isDeepStrictEqual(result[name], value)) return no('patch-failed');
    if (op === 'remove') delete result[name];
    else if (op !== 'test') result[name] = value;
  }
  return yes(result);
}

function withoutNulls(record: Fields): Fields {
  return Object.fromEntries(
    Object.entries(record)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, object(value) ? withoutNulls(value as Fields) : value]),
  );
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => (object(inner) ? (inner as Fields)[name] : undefined), value);
}

function stored(change: Verdict<ModelChange>, created: boolean): Verdict<ModelStored> {
  return change.ok ? yes({ change: change.value, created }) : change;
}
