import type { Kind } from '../../schemas/kind.ts';
import { StartFailure } from '../faults.ts';
import type { Route } from './route.ts';

/** Finds the route for a path. Literal segments go before kinds, and kinds before names. */

/** The part of all kinds that routing needs. */
export interface KindNames {
  readonly all: readonly Kind[];
  find(name: string): Kind | undefined;
}

export interface Match {
  readonly kind: Kind | undefined;
  readonly name: string;
  /** Undefined when the path exists, but not with this method. */
  readonly route: Route | undefined;
  /** For the header `Allow`. */
  readonly allow: string;
}

interface Pattern {
  readonly segments: readonly string[];
  readonly routes: Map<string, Route>;
}

export class Router {
  readonly #patterns: readonly Pattern[];
  readonly #kinds: KindNames;

  /** @throws StartFailure when a kind has the name of a route. */
  constructor(routes: readonly Route[], kinds: KindNames) {
    const patterns = new Map<string, Pattern>();
    for (const route of routes) {
      let pattern = patterns.get(route.path);
      if (pattern === undefined) {
        pattern = { segments: route.path.split('/').filter((segment) => segment !== ''), routes: new Map() };
        patterns.set(route.path, pattern);
      }
      if (pattern.routes.has(route.method)) throw new Error(`two routes for ${route.method} ${route.path}`);
      pattern.routes.set(route.method, route);
    }
    this.#patterns = [...patterns.values()].sort((a, b) => generality(a) - generality(b));
    this.#kinds = kinds;
    this.#refuseCollisions();
  }

  /** Undefined when there is nothing at this path, whatever the method. */
  match(method: string, segments: readonly string[]): Match | undefined {
    const wanted = method === 'HEAD' ? 'GET' : method;
    const methods = new Set<string>();
    let found: { kind: Kind | undefined; name: string } | undefined;
    for (const pattern of this.#patterns) {
      const fit = this.#fit(pattern, segments);
      if (fit === undefined) continue;
      const route = pattern.routes.get(wanted);
      if (route !== undefined) return { ...fit, route, allow: '' };
      found ??= fit;
      for (const known of pattern.routes.keys()) methods.add(known);
    }
    return found === undefined ? undefined : { ...found, route: undefined, allow: allowOf(methods) };
  }

  #fit(pattern: Pattern, segments: readonly string[]): { kind: Kind | undefined; name: string } | undefined {
    if (pattern.segments.length !== segments.length) return undefined;
    let kind: Kind | undefined;
    let name = '';
    for (let index = 0; index < segments.length; index++) {
      const expected = pattern.segments[index];
      const segment = segments[index] as string;
      if (expected === '{Kind}') {
        kind = this.#kinds.find(segment);
        if (kind === undefined) return undefined;
      } else if (expected === '{name}') {
        if (segment === '') return undefined;
        name = segment;
      } else if (expected !== segment) {
        return undefined;
      }
    }
    return { kind, name };
  }

  #refuseCollisions(): void {
    for (const kind of this.#kinds.all) {
      for (const name of [kind.name, ...kind.aliases]) {
        const taken = this.#patterns.find(({ segments }) => segments[0]?.toLowerCase() === name.toLowerCase());
        if (taken === undefined) continue;
        throw new StartFailure(
          `the kind ${kind.name} cannot be served: "${name}" is the name of the route /${taken.segments[0]}; rename the kind or its alias`,
        );
      }
    }
  }
}

function generality({ segments }: Pattern): number {
  let sum = 0;
  for (const segment of segments) sum = sum * 3 + (segment === '{name}' ? 2 : segment === '{Kind}' ? 1 : 0);
  return sum;
}

function allowOf(methods: Set<string>): string {
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods, 'OPTIONS'].join(', ');
}
