import type { Kind } from '../../schemas/kind.ts';
import { StartFailure } from '../faults.ts';
import { firstSegment } from './path.ts';
import type { Route } from './route.ts';

/** Finds the route for a path. Literal segments go before kinds, and kinds before names. */

/** The part of all kinds that routing needs. */
export interface KindNames {
  readonly all: readonly Kind[];
  find(name: string): Kind | undefined;
}

/** What stood for the placeholders of a path: empty for those that it doesn't have. */
export interface PathNames {
  kind: Kind | undefined;
  name: string;
  file: string;
  endpoint: string;
  id: string;
}

export interface Match {
  readonly names: Readonly<PathNames>;
  /** Undefined when the path exists, but not with this method. */
  readonly route: Route | undefined;
  /** For the header `Allow`. */
  readonly allow: string;
}

interface Pattern {
  readonly segments: readonly string[];
  /** What a segment is the place for; undefined where the path has to say the same word. */
  readonly slots: readonly (keyof PathNames | undefined)[];
  readonly routes: Map<string, Route>;
}

export class Router {
  readonly #patterns: readonly Pattern[];
  readonly #kinds: KindNames;
  /** Paths that answer also when there is too much to do. */
  readonly vitalPaths: readonly string[];
  /** First segments of the paths of NodeAgent2's protocol. */
  readonly agentWords: ReadonlySet<string>;

  /** @throws StartFailure when a kind has the name of a route. */
  constructor(routes: readonly Route[], kinds: KindNames) {
    const patterns = new Map<string, Pattern>();
    for (const route of routes) {
      let pattern = patterns.get(route.path);
      if (pattern === undefined) {
        const segments = route.path.split('/').filter((segment) => segment !== '');
        pattern = { segments, slots: segments.map((segment) => SLOTS[segment]), routes: new Map() };
        patterns.set(route.path, pattern);
      }
      if (pattern.routes.has(route.method)) throw new Error(`two routes for ${route.method} ${route.path}`);
      pattern.routes.set(route.method, route);
    }
    this.#patterns = [...patterns.values()].sort((a, b) => generality(a) - generality(b));
    this.#kinds = kinds;
    this.vitalPaths = routes.filter(({ isVital }) => isVital === true).map(({ path }) => path);
    this.agentWords = new Set(routes.filter(({ isAgentCall }) => isAgentCall === true).map(({ path }) => firstSegment(path)));
    this.#refuseCollisions();
  }

  /** The route of a pattern as it stands in the table. */
  routeAt(method: Route['method'], path: string): Route | undefined {
    const routes = this.#patterns.find(({ segments }) => `/${segments.join('/')}` === path)?.routes;
    return routes?.get(method);
  }

  /** Undefined when there is nothing at this path, whatever the method. */
  match(method: string, segments: readonly string[]): Match | undefined {
    const wanted = method === 'HEAD' ? 'GET' : method;
    let methods: Set<string> | undefined;
    let found: PathNames | undefined;
    for (const pattern of this.#patterns) {
      const names = this.#fit(pattern, segments);
      if (names === undefined) continue;
      const route = pattern.routes.get(wanted);
      if (route !== undefined) return { names, route, allow: '' };
      found ??= names;
      methods ??= new Set();
      for (const known of pattern.routes.keys()) methods.add(known);
    }
    return found === undefined || methods === undefined ? undefined : { names: found, route: undefined, allow: allowOf(methods) };
  }

  /** Whether a raw path is one of NodeAgent2's protocol by its first word, also when there is no route for it. */
  isAgentPath(path: string): boolean {
    return this.agentWords.has(firstSegment(path));
  }

  #fit({ segments: expected, slots }: Pattern, segments: readonly string[]): PathNames | undefined {
    if (expected.length !== segments.length) return undefined;
    for (let index = 0; index < segments.length; index++) {
      if (slots[index] === undefined && expected[index] !== segments[index]) return undefined;
    }
    const names: PathNames = { kind: undefined, name: '', file: '', endpoint: '', id: '' };
    for (let index = 0; index < segments.length; index++) {
      const slot = slots[index];
      const segment = segments[index] as string;
      if (slot === undefined) continue;
      if (segment === '') return undefined;
      if (slot !== 'kind') {
        names[slot] = segment;
        continue;
      }
      names.kind = this.#kinds.find(segment);
      if (names.kind === undefined) return undefined;
    }
    return names;
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

const SLOTS: Readonly<Record<string, keyof PathNames>> = { '{Kind}': 'kind', '{name}': 'name', '{file}': 'file', '{endpoint}': 'endpoint', '{id}': 'id' };

function generality({ slots }: Pattern): number {
  return slots.reduce((sum, slot) => sum * 3 + (slot === undefined ? 0 : slot === 'kind' ? 1 : 2), 0);
}

function allowOf(methods: Set<string>): string {
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods, 'OPTIONS'].join(', ');
}
