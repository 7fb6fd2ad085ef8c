import type { Kind, Schema } from '../../../schemas/kind.ts';
import { isObject } from '../../../schemas/walk.ts';
import { FAULTS, type FaultCode } from '../../faults.ts';
import type { Route } from '../route.ts';
import { ANSWER_HEADERS, REQUEST_HEADERS } from './headers.ts';
import { infoOf, SECURITY_SCHEMES, tagsOf } from './info.ts';
import type { JsonSchema } from './json-schema.ts';
import { kindForms } from './kind-forms.ts';
import { headersOf, operationOf } from './operation.ts';
import { PROBLEM_SCHEMAS, type ProblemAnswer, problemComponent, problemExample } from './problem-answers.ts';

/** The description of the API (OpenAPI 3.1), made from the kinds and the route tables, so that it says what is there. */

export interface DocumentOptions {
  readonly routes: readonly Route[];
  readonly kinds: { readonly all: readonly Kind[]; readonly published: ReadonlyMap<string, Schema> };
  /** Reading needs no token. */
  readonly publicReads: boolean;
  readonly version: string;
}

/** @throws Error when a route is described twice, or its description names what is not there: a defect of the route. */
export function documentOf(options: DocumentOptions): JsonSchema {
  const build = new Build(options);
  for (const route of options.routes) build.add(route);
  return build.document();
}

class Build {
  readonly #options: DocumentOptions;
  /** By their paths with and without the name of the kind in them. */
  readonly #paths = new Map<string, { readonly path: string; readonly kind: Kind | undefined; readonly operations: Record<string, unknown> }>();
  /** Path of a route → other paths of the same. */
  readonly #aliases = new Map<string, ReadonlySet<string>>();
  readonly #operationIds = new Set<string>();
  readonly #problems = new Map<string, ProblemAnswer>();
  readonly #schemas = new Map<string, JsonSchema>();

  constructor(options: DocumentOptions) {
    this.#options = options;
    const { all, published } = options.kinds;
    const names = new Set(all.map(({ name }) => name));
    const isEmbedded = (name: string): boolean => published.has(name) && !names.has(name);
    for (const kind of all) this.#define(kindForms(kind, isEmbedded));
    this.#define(PROBLEM_SCHEMAS);
  }

  add(route: Route): void {
    const { path, about } = route;
    if ('sameAs' in about) {
      this.#aliases.set(about.sameAs, new Set([...(this.#aliases.get(about.sameAs) ?? []), path]));
      return;
    }
    this.#define(about.components ?? {});
    const hasKind = path.includes('{Kind}');
    for (const kind of hasKind ? this.#options.kinds.all : [undefined]) {
      const { operation, problems } = operationOf(route, kind, this.#options.publicReads);
      const { operationId } = operation;
      if (this.#operationIds.has(operationId)) throw new Error(`${route.method} ${path}: another route is described as ${operationId}`);
      this.#operationIds.add(operationId);
      for (const problem of problems) this.#problems.set(problem.name, problem);
      this.#operationsAt(path, kind)[route.method.toLowerCase()] = operation;
    }
  }

  document(): JsonSchema {
    const { version, kinds } = this.#options;
    const paths = this.#pathItems();
    const responses = Object.fromEntries(
      [...this.#problems].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, answer]) => [name, problemComponent(answer, headersOf)]),
    );
    const rest = {
      responses,
      parameters: Object.fromEntries(Object.entries(REQUEST_HEADERS).map(([name, header]) => [name, { name, in: 'header', ...header }])),
      headers: ANSWER_HEADERS,
      examples: Object.fromEntries(this.#examples()),
      securitySchemes: SECURITY_SCHEMES,
    };
    return {
      openapi: '3.1.0',
      info: infoOf(version),
      servers: [{ url: '/', description: 'The server that this description came from' }],
      tags: tagsOf(kinds.all),
      paths,
      components: { schemas: this.#referredSchemas([paths, rest]), ...rest },
    };
  }

  #operationsAt(path: string, kind: Kind | undefined): Record<string, unknown> {
    const expanded = path.replace('{Kind}', kind?.name ?? '');
    const known = this.#paths.get(expanded) ?? { path, kind, operations: {} };
    this.#paths.set(expanded, known);
    return known.operations;
  }

  #pathItems(): JsonSchema {
    const sorted = [...this.#paths].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(
      sorted.map(([expanded, { path, kind, operations }]) => {
        const aliases = this.#aliasesOf(path, kind).filter((alias) => alias !== expanded);
        return [expanded, { ...(aliases.length === 0 ? {} : { 'x-holdfast-aliases': aliases }), ...operations }];
      }),
    );
  }

  /** Other paths of the same operations, by the kind's other names too. */
  #aliasesOf(path: string, kind: Kind | undefined): readonly string[] {
    const paths = [path, ...(this.#aliases.get(path) ?? [])];
    return kind === undefined ? paths : paths.flatMap((each) => [kind.name, ...kind.aliases].map((name) => each.replace('{Kind}', name)));
  }

  #define(schemas: Readonly<Record<string, JsonSchema>>): void {
    for (const [name, schema] of Object.entries(schemas)) {
      const known = this.#schemas.get(name);
      // Kinds that share a schema say the same of it.
      if (known !== undefined && known !== schema && JSON.stringify(known) !== JSON.stringify(schema)) {
        throw new Error(`two different schemas are described as ${name}`);
      }
      this.#schemas.set(name, schema);
    }
  }

  *#examples(): Generator<readonly [string, JsonSchema]> {
    const shown = (isAgentCall: boolean): Set<FaultCode> =>
      new Set([...this.#problems.values()].filter((each) => each.isAgentCall === isAgentCall).flatMap(({ codes }) => codes));
    const [plain, agent] = [shown(false), shown(true)];
    for (const code of Object.keys(FAULTS) as FaultCode[]) {
      if (plain.has(code)) yield [code, problemExample(code, false)];
      if (agent.has(code)) yield [`agent.${code}`, problemExample(code, true)];
    }
  }

  /** Schemas that something refers to, in the order of their names. */
  #referredSchemas(roots: readonly unknown[]): JsonSchema {
    const found = new Map<string, JsonSchema>();
    const waiting = new Set<string>(roots.flatMap((root) => [...referencesIn(root)]));
    for (const name of waiting) {
      const schema = this.#schemas.get(name);
      if (schema === undefined) throw new Error(`the description refers to the schema ${name}, which is not there`);
      found.set(name, schema);
      for (const next of referencesIn(schema)) waiting.add(next);
    }
    return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

const SCHEMA = '#/components/schemas/';

function* referencesIn(value: unknown): Generator<string> {
  if (Array.isArray(value)) {
    for (const element of value) yield* referencesIn(element);
  } else if (isObject(value)) {
    const { $ref } = value;
    if (typeof $ref === 'string' && $ref.startsWith(SCHEMA)) yield $ref.slice(SCHEMA.length);
    for (const member of Object.values(value)) yield* referencesIn(member);
  }
}
