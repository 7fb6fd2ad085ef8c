import type { Kind } from '../../../schemas/kind.ts';
import { accessOf, type Route } from '../route.ts';
import type { About, Answer, Parameter } from './about.ts';
import { faultsOf } from './fault-sets.ts';
import type { AnswerHeader } from './headers.ts';
import type { JsonSchema } from './json-schema.ts';
import { type ProblemAnswer, problemAnswers } from './problem-answers.ts';

/** One operation of the description, from its route. */

export interface Operation extends JsonSchema {
  readonly operationId: string;
}

/** @param kind what stands for `{Kind}`; undefined where the path has none. */
export function operationOf(route: Route, kind: Kind | undefined, publicReads: boolean): { operation: Operation; problems: readonly ProblemAnswer[] } {
  const { about } = route;
  // What a plain request needs; the description says in words when it depends on the query.
  const access = accessOf(route, '');
  if ('sameAs' in about) throw new Error(`${route.path} is described elsewhere`);
  const isOpen = access === 'public' || (access === 'read' && publicReads);
  const problems = problemAnswers(faultsOf(route, isOpen), route.isAgentCall === true);
  const parameters = parametersOf(route, about, kind);
  const body = about.body === undefined ? undefined : bodyOf(about.body, kind);
  const operation = {
    operationId: about.operationId,
    tags: [about.tag],
    summary: about.summary,
    ...(about.description === undefined ? {} : { description: about.description }),
    ...(about.deprecated === true ? { deprecated: true } : {}),
    security: isOpen ? [] : securityOf(access === 'read' ? 'inventory:read' : access),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: responsesOf(about, problems),
  };
  return { operation: kind === undefined ? operation : named(operation, kind), problems };
}

/** `headers` of an answer: every one has the request's id. */
export function headersOf(names: readonly AnswerHeader[]): JsonSchema {
  return Object.fromEntries(['X-Request-Id', ...names].map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** The same with the name of the kind for `{Kind}`. */
function named<T>(value: T, kind: Kind): T {
  return JSON.parse(JSON.stringify(value).replaceAll('{Kind}', kind.name)) as T;
}

function securityOf(scope: string): readonly JsonSchema[] {
  const token = { token: [scope] };
  return scope === 'reservations' ? [token, { digest: [] }] : [token];
}

const text: JsonSchema = { type: 'string' };
const PLACEHOLDERS: Readonly<Record<string, string>> = { endpoint: 'The name of an endpoint.', id: 'A reservation id, or the operation id of its join.' };

function parametersOf({ path }: Route, about: About, kind: Kind | undefined): readonly JsonSchema[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).filter((name) => name !== 'Kind');
  const query = typeof about.query === 'function' ? about.query(theKind(kind)) : (about.query ?? []);
  return [
    ...inPath.map((name) => ({ name, in: 'path', required: true, ...(about.path?.[name] ?? { description: placeholderOf(name, kind), schema: text }) })),
    ...query.map((parameter) => queryParameter(parameter)),
    ...(about.headers ?? []).map((name) => ({ $ref: `#/components/parameters/${name}` })),
  ];
}

function queryParameter({ explode, ...parameter }: Parameter): JsonSchema {
  // Exploded forms are what `form` means when nothing else is said.
  return { in: 'query', ...parameter, ...(explode === false ? { style: 'form', explode } : {}) };
}

function placeholderOf(name: string, kind: Kind | undefined): string {
  if (kind === undefined) return PLACEHOLDERS[name] ?? 'A name.';
  const names = [...new Set([kind.key, ...kind.naturalKeys])].map((property) => `\`${property}\``);
  return `The record's ${names.join(' or ')}.`;
}

function theKind(kind: Kind | undefined): Kind {
  if (kind === undefined) throw new Error('a path without {Kind} has no parameters that follow from it');
  return kind;
}

function bodyOf({ description, isOptional, content }: NonNullable<About['body']>, kind: Kind | undefined): JsonSchema {
  return { description, required: isOptional !== true, content: typeof content === 'function' ? content(theKind(kind)) : content };
}

function responsesOf({ answers }: About, problems: readonly ProblemAnswer[]): JsonSchema {
  const own = Object.entries(answers as Readonly<Record<string, Answer>>).map(([status, { description, headers = [], content }]) => {
    return [status, { description, headers: headersOf(headers), ...(content === undefined ? {} : { content }) }] as const;
  });
  const taken = new Set(own.map(([status]) => status));
  const others = problems.filter(({ status }) => !taken.has(String(status)));
  if (others.length !== problems.length) throw new Error('an answer has the status of a problem');
  return Object.fromEntries([...own, ...others.map(({ status, name }) => [String(status), { $ref: `#/components/responses/${name}` }] as const)]);
}
