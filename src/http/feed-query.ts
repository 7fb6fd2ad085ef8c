import { columnAt, type Kind } from '../../schemas/kind.ts';
import { done, fail, type Result } from '../faults.ts';
import { type JudgedCondition, joined } from '../feed/condition.ts';
import type { Since } from '../feed/feed.ts';
import type { FeedFilter, SignalTopic } from '../feed/filter.ts';
import type { Condition } from '../protocol/commands.ts';
import { CONTROLS, parseListQuery } from './list-query.ts';
import { flagIn, type QueryParameters, valueIn } from './query.ts';
import { parseReservationQuery } from './reservation-query.ts';
import type { KindNames } from './router.ts';

/** The query of the feed: what a subscriber wants, from where on. Whatever is not understood is refused by name. */

export interface FeedQuery {
  readonly filter: FeedFilter;
  readonly since: Since | undefined;
  /** Reservations are asked for by name: who may not see them is told so. */
  readonly namesReservations: boolean;
  readonly namesInventory: boolean;
}

/** What the caller may see. */
export interface Sight {
  readonly inventory: boolean;
  readonly reservations: boolean;
}

const OWN: readonly string[] = ['kinds', 'keys', 'endpoint', 'since', 'patch'];
const KEYS_MAX = 1000;
/** Each of them is asked about every change, for every subscriber who has it. */
const CONDITIONS_MAX = 32;
/** Ids of positions and resets say what they are at their end. */
const SINCE = /^(?:(\d{1,10})-)?(\d{1,16})(?:-position|-reset)?$/;
const SIGNALS: readonly SignalTopic[] = ['snapshots', 'server'];

/** Whether a query asks for reservations by name, before anything of it is checked. */
export function asksForReservations(query: QueryParameters): boolean {
  const kinds = valueIn(query, 'kinds');
  if (kinds === undefined) return valueIn(query, 'endpoint') !== undefined;
  return kinds.split(',').includes('reservations');
}

/** @param reservations the kind of reservations as clients see it. @param lastEventId of a stream that comes back; goes before `since`. */
export function parseFeedQuery(kinds: KindNames, reservations: Kind, query: QueryParameters, sight: Sight, lastEventId: string | undefined): Result<FeedQuery> {
  for (const name of OWN) if (query.filter(([given]) => given === name).length > 1) return fail('invalid-parameter', `the parameter "${name}" is given twice`);
  const wanted = wantedIn(kinds, reservations, query, sight);
  if (!wanted.ok) return wanted;
  const since = sinceIn(lastEventId ?? valueIn(query, 'since'));
  if (!since.ok) return since;
  const patch = flagIn(query, 'patch');
  if (!patch.ok) return patch;
  const keys = keysIn(valueIn(query, 'keys'));
  if (!keys.ok) return keys;
  const endpoint = valueIn(query, 'endpoint');
  const conditions = conditionsIn(wanted.value.kinds, reservations, query, endpoint);
  if (!conditions.ok) return conditions;
  const { kinds: wantedKinds, signals, isNamed } = wanted.value;
  const names = wantedKinds.map(({ name }) => name);
  const filter: FeedFilter = {
    kinds: names,
    conditions: conditions.value,
    signals,
    patch: patch.value,
    ...(keys.value === undefined ? {} : { keys: keys.value }),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
  const namesReservations = isNamed && names.includes(reservations.name);
  const namesInventory = isNamed && names.some((name) => name !== reservations.name);
  return done({ filter, since: since.value, namesReservations, namesInventory });
}

interface Wanted {
  readonly kinds: readonly Kind[];
  readonly signals: readonly SignalTopic[];
  /** The caller named them. */
  readonly isNamed: boolean;
}

function wantedIn(kinds: KindNames, reservations: Kind, query: QueryParameters, sight: Sight): Result<Wanted> {
  const text = valueIn(query, 'kinds');
  const endpoint = valueIn(query, 'endpoint');
  if (text === undefined && endpoint !== undefined) return done({ kinds: [reservations], signals: ['reservations'], isNamed: true });
  if (text === undefined) {
    return done({
      kinds: [...(sight.inventory ? kinds.all : []), ...(sight.reservations ? [reservations] : [])],
      signals: [...(sight.reservations ? (['reservations'] as const) : []), ...SIGNALS],
      isNamed: false,
    });
  }
  const found = new Set<Kind>();
  const signals = new Set<SignalTopic>();
  for (const name of text.split(',')) {
    const kind = kinds.find(name);
    if (kind !== undefined) found.add(kind);
    else if (name === reservations.name) {
      found.add(reservations);
      signals.add('reservations');
    } else if (name === 'snapshots' || name === 'server') signals.add(name);
    else {
      const known = [...kinds.all.map((each) => each.name), reservations.name, ...SIGNALS].join(', ');
      return fail('invalid-parameter', `"kinds" names "${name.slice(0, 100)}", which there is not (there are: ${known})`);
    }
  }
  if (endpoint !== undefined && !found.has(reservations)) return fail('invalid-parameter', '"endpoint" is for reservations, which "kinds" does not name');
  // One spelling for one wish: subscribers with the same filter are served together.
  const byName = [...found].sort((a, b) => (a.name < b.name ? -1 : 1));
  return done({ kinds: byName, signals: [...signals].sort(), isNamed: true });
}

function conditionsIn(kinds: readonly Kind[], reservations: Kind, query: QueryParameters, endpoint: string | undefined): Result<FeedFilter['conditions']> {
  const filters = query.filter(([name]) => !OWN.includes(name));
  const control = filters.find(([name]) => CONTROLS.includes(name));
  if (control !== undefined) return fail('invalid-parameter', `"${control[0]}" is for lists; the feed has no such thing`);
  const only: Condition[] = endpoint === undefined ? [] : [{ path: ['endpoint'], operator: 'equal', values: [endpoint] }];
  const judged: Record<string, readonly JudgedCondition[]> = {};
  if (only.length > 0) judged[reservations.name] = only.map((condition) => judgedBy(reservations, condition));
  if (filters.length === 0) return done(judged);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    return fail('invalid-parameter', `"${filters[0]?.[0].slice(0, 100)}" is no parameter of the feed, and a filter by a property needs "kinds" with one kind`);
  }
  const parsed = kind === reservations ? parseReservationQuery(reservations, filters, only) : parseListQuery(kind, filters);
  if (!parsed.ok) return parsed;
  const own = joined(parsed.value.find.conditions.map((condition) => judgedBy(kind, condition)));
  if (own.length > CONDITIONS_MAX) return fail('invalid-parameter', `the filter has ${own.length} conditions, and ${CONDITIONS_MAX} is the most`);
  judged[kind.name] = own;
  return done(judged);
}

/** With what the schema says of its property; members of free-form objects have no column of their own. */
export function judgedBy(kind: Kind, condition: Condition): JudgedCondition {
  const holder = condition.path.slice(0, -1);
  const at = holder.length === 0 ? undefined : columnAt(kind, holder)?.column;
  const columns = holder.length === 0 ? kind.columns : at?.type === 'object' ? at.columns : [];
  const column = columns.find(({ name }) => name === condition.path.at(-1))?.column;
  return { ...condition, column: column ?? { type: 'json' } };
}

function sinceIn(text: string | undefined): Result<Since | undefined> {
  if (text === undefined || text === '') return done(undefined);
  const [, epoch, sequence] = SINCE.exec(text) ?? [];
  if (sequence === undefined || !Number.isSafeInteger(Number(sequence))) {
    return fail('invalid-parameter', '"since" is the sequence of a change, or the id of an event');
  }
  return done({ sequence: Number(sequence), epoch: epoch === undefined ? undefined : Number(epoch) });
}

function keysIn(text: string | undefined): Result<readonly string[] | undefined> {
  if (text === undefined) return done(undefined);
  const keys = [...new Set(text.split(','))].sort();
  if (keys.includes('')) return fail('invalid-parameter', '"keys" has an empty key, which no record has');
  if (keys.length > KEYS_MAX) return fail('invalid-parameter', `"keys" names ${keys.length} records, and ${KEYS_MAX} is the most`);
  return done(keys);
}
