import { columnAt, type Kind } from '../../schemas/kind.ts';
import { done, fail, type Result } from '../faults.ts';
import { judgeOf } from '../feed/condition.ts';
import type { RestoreRequest } from '../history/restores.ts';
import { pointerInto } from '../json-pointer.ts';
import type { Exchange } from './exchange.ts';
import { judgedBy } from './feed-query.ts';
import { parseJson } from './json.ts';
import type { FrontLimits } from './limits.ts';
import { CONTROLS, parseListQuery } from './list-query.ts';
import { mediaTypeOf } from './media-type.ts';
import { parseQuery } from './query.ts';
import type { KindNames } from './router.ts';

/** What the body of a restore asks for. It is optional, and so is everything in it. */

export type RestoreBody = Omit<RestoreRequest, 'at'>;

const BODY_BYTES_MAX = 65_536;
const NOTE_LENGTH_MAX = 1000;
const KINDS_MAX = 100;
const PROPERTIES_MAX = 100;
const FILTER_LENGTH_MAX = 8192;
/** Each of them is asked about every record that differs. */
const CONDITIONS_MAX = 32;
const CHANGES_DEFAULT = 100;
export const RESTORE_CHANGES_MAX = 1000;
const MEMBERS: readonly string[] = ['confirm', 'sequence', 'kinds', 'filter', 'properties', 'note', 'limit'];

export async function restoreBodyIn(exchange: Exchange, kinds: KindNames, limits: FrontLimits): Promise<Result<RestoreBody>> {
  const body = await objectIn(exchange);
  if (!body.ok) return body;
  const unknown = Object.keys(body.value).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) return refused(pointerInto('', unknown), 'is not known here');
  const { confirm = false, sequence, note, limit = CHANGES_DEFAULT } = body.value;
  if (typeof confirm !== 'boolean') return refused('/confirm', 'must be true or false');
  if (sequence !== undefined && !isCount(sequence)) return refused('/sequence', 'must be the sequence of a change');
  if (note !== undefined && (typeof note !== 'string' || note.length > NOTE_LENGTH_MAX)) {
    return refused('/note', `must be a text of at most ${NOTE_LENGTH_MAX} characters`);
  }
  if (!isCount(limit) || limit > RESTORE_CHANGES_MAX) return refused('/limit', `must be a number from 0 to ${RESTORE_CHANGES_MAX}`);
  const selection = selectionIn(body.value, kinds, limits);
  if (!selection.ok) return selection;
  return done({
    confirm,
    changesMax: limit,
    ...(sequence === undefined ? {} : { sequence }),
    ...(note === undefined ? {} : { note }),
    ...selection.value,
  });
}

type Selection = Pick<RestoreBody, 'kinds' | 'fits' | 'filter' | 'properties'>;

function selectionIn({ kinds: names, filter, properties }: Readonly<Record<string, unknown>>, kinds: KindNames, limits: FrontLimits): Result<Selection> {
  const named = names === undefined ? done(undefined) : kindsIn(names, kinds);
  if (!named.ok) return named;
  const only = named.value?.length === 1 ? named.value[0] : undefined;
  if (only === undefined) {
    const needy = filter !== undefined ? '/filter' : properties !== undefined ? '/properties' : undefined;
    if (needy !== undefined) return refused(needy, 'needs "kinds" with one kind');
  }
  const fits = only === undefined || filter === undefined ? done(undefined) : fitsIn(filter, only, limits);
  if (!fits.ok) return fits;
  const paths = only === undefined || properties === undefined ? done(undefined) : pathsIn(properties, only);
  if (!paths.ok) return paths;
  return done({
    ...(named.value === undefined ? {} : { kinds: named.value.map(({ name }) => name) }),
    ...(fits.value === undefined ? {} : { fits: fits.value, filter: String(filter) }),
    ...(paths.value === undefined ? {} : { properties: paths.value }),
  });
}

function kindsIn(names: unknown, kinds: KindNames): Result<readonly Kind[]> {
  if (!Array.isArray(names) || names.length === 0 || names.length > KINDS_MAX) return refused('/kinds', `must be a list of 1 to ${KINDS_MAX} kinds`);
  const found = new Set<Kind>();
  for (const [index, name] of (names as readonly unknown[]).entries()) {
    const kind = typeof name === 'string' ? kinds.find(name) : undefined;
    if (kind === undefined) return refused(`/kinds/${index}`, `is not one of ${kinds.all.map((each) => each.name).join(', ')}`);
    found.add(kind);
  }
  return done([...found]);
}

/** The same language as that of lists, in one text as in a URL. */
function fitsIn(filter: unknown, kind: Kind, limits: FrontLimits): Result<NonNullable<Selection['fits']>> {
  if (typeof filter !== 'string' || filter === '' || filter.length > FILTER_LENGTH_MAX) {
    return refused('/filter', `must be a filter as in the URL of a list, of at most ${FILTER_LENGTH_MAX} characters`);
  }
  const query = parseQuery(filter, limits);
  if (!query.ok) return refused('/filter', query.fault.detail);
  const control = query.value.find(([name]) => CONTROLS.includes(name));
  if (control !== undefined) return refused('/filter', `has "${control[0]}", which is for lists`);
  const parsed = parseListQuery(kind, query.value);
  if (!parsed.ok) return refused('/filter', parsed.fault.detail);
  const { conditions } = parsed.value.find;
  if (conditions.length > CONDITIONS_MAX) return refused('/filter', `has ${conditions.length} conditions, and ${CONDITIONS_MAX} is the most`);
  return done(judgeOf(conditions.map((condition) => judgedBy(kind, condition))));
}

function pathsIn(properties: unknown, kind: Kind): Result<readonly (readonly string[])[]> {
  if (!Array.isArray(properties) || properties.length === 0 || properties.length > PROPERTIES_MAX) {
    return refused('/properties', `must be a list of 1 to ${PROPERTIES_MAX} properties`);
  }
  const paths: (readonly string[])[] = [];
  for (const [index, name] of (properties as readonly unknown[]).entries()) {
    const path = typeof name === 'string' ? name.split('.') : [];
    if (!isProperty(kind, path)) return refused(`/properties/${index}`, `is no property of ${kind.name} that can go back by itself`);
    paths.push(path);
  }
  return done(paths);
}

/** It is there, in no list, and not the server's to set. */
function isProperty(kind: Kind, path: readonly string[]): boolean {
  const [first] = path;
  if (first === undefined || first === kind.key || kind.serverSet.includes(first) || columnAt(kind, path) === undefined) return false;
  return path.length === 1 || columnAt(kind, path.slice(0, -1))?.throughList === false;
}

async function objectIn(exchange: Exchange): Promise<Result<Readonly<Record<string, unknown>>>> {
  if (exchange.body === undefined) return done({});
  if (mediaTypeOf(exchange.head.headers.contentType) !== 'application/json') {
    return fail('unsupported-media-type', 'the Content-Type must be application/json');
  }
  const bytes = await exchange.body.readAll(BODY_BYTES_MAX);
  if (!bytes.ok) return bytes;
  if (bytes.value.length === 0) return done({});
  const parsed = parseJson(bytes.value);
  if (!parsed.ok) return parsed;
  const { value } = parsed;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refused('', 'must be an object');
  return done(value as Readonly<Record<string, unknown>>);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function refused(pointer: string, detail: string): ReturnType<typeof fail> {
  return fail('invalid-parameter', `${pointer === '' ? 'the body' : pointer} ${detail}`, [{ pointer, detail }]);
}
