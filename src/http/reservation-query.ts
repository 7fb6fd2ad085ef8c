import { columnAt, type Kind } from '../../schemas/kind.ts';
import { done, fail, type Result } from '../faults.ts';
import type { Condition } from '../protocol/commands.ts';
import { isSecretName } from '../secret-names.ts';
import { type ListQuery, parseListQuery } from './list-query.ts';
import { columnValue, isComparable } from './list-value.ts';
import type { QueryParameters } from './query.ts';
import { STATES, TIME_MS_MAX } from './reservation-view.ts';

/**
 * The query grammar of lists of reservations: that of all lists, with several states at once, a time by which they are
 * due, and the properties that callers and plugins gave them.
 */

/** Each looks into two objects of every reservation. */
const PROPERTY_FILTERS_MAX = 8;

/** @param only conditions that hold anyway. @param sequence of a list of the past */
export function parseReservationQuery(shown: Kind, query: QueryParameters, only: readonly Condition[] = [], sequence?: number): Result<ListQuery> {
  const ordinary: (readonly [string, string])[] = [];
  const conditions: Condition[] = [...only];
  const properties = new Map<string, string[]>();
  let isDueGiven = false;
  for (const [name, value] of query) {
    if (name === 'state') {
      const states = statesIn(value);
      if (!states.ok) return states;
      for (const state of states.value) ordinary.push([name, state]);
    } else if (name === 'due_before') {
      const due = dueBefore(shown, value);
      if (!due.ok) return due;
      if (isDueGiven) return fail('invalid-parameter', 'the parameter "due_before" is given twice');
      isDueGiven = true;
      conditions.push(due.value);
    } else if (name === 'property') {
      const added = addProperty(properties, value);
      if (!added.ok) return added;
    } else ordinary.push([name, value]);
  }
  if (properties.size > PROPERTY_FILTERS_MAX) return fail('invalid-parameter', `"property" may ask for ${PROPERTY_FILTERS_MAX} properties at once`);
  for (const [name, values] of properties) {
    conditions.push({ path: ['join_properties', name], orPaths: [['sched_properties', name]], operator: 'equal', values });
  }
  const parsed = parseListQuery(shown, ordinary, sequence);
  if (!parsed.ok || conditions.length === 0) return parsed;
  const { find } = parsed.value;
  return done({ ...parsed.value, find: { ...find, conditions: [...find.conditions, ...conditions] }, isPlain: false });
}

/** `active,unknown` or `!closed`: a state that there is not would give an empty list, which looks like good news. */
function statesIn(text: string): Result<readonly string[]> {
  const states = text.split(',');
  const wrong = states.find((state) => !Object.hasOwn(STATES, state.startsWith('!') ? state.slice(1) : state));
  return wrong === undefined ? done(states) : fail('invalid-parameter', `"state" is one of ${Object.keys(STATES).join(', ')}`);
}

/** RFC 3339, or epoch milliseconds as NodeAgent2 has its deadlines. */
function dueBefore(shown: Kind, text: string): Result<Condition> {
  const path = ['renew_deadline'];
  const column = columnAt(shown, path)?.column;
  const time = /^\d{1,15}$/.test(text) ? timeOf(Number(text)) : text;
  const value = column === undefined || !isComparable(column) || time === undefined ? undefined : columnValue(column, time);
  if (value === undefined) return fail('invalid-parameter', '"due_before" is an RFC 3339 time (2026-11-22T10:00:00Z) or epoch milliseconds');
  return done({ path, operator: 'lt', values: [value] });
}

function timeOf(ms: number): string | undefined {
  return ms <= TIME_MS_MAX ? new Date(ms).toISOString() : undefined;
}

/** `name:value`; the name ends at the first colon. */
function addProperty(properties: Map<string, string[]>, text: string): Result<undefined> {
  const colon = text.indexOf(':');
  if (colon < 1) return fail('invalid-parameter', '"property" is a name, a colon and a value');
  const name = text.slice(0, colon);
  // An answer would tell whether a guess was right.
  if (isSecretName(name)) return fail('invalid-parameter', '"property" names one whose values are secret');
  const values = properties.get(name);
  if (values === undefined) properties.set(name, [text.slice(colon + 1)]);
  else values.push(text.slice(colon + 1));
  return done(undefined);
}
