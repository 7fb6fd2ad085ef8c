import type { ConfigSchema } from './config-schema.ts';

/** A part of a configuration as a map of its elements. */
export type Elements = Record<string, unknown>;

/** Where an element is: names of elements and of entries in maps, and places in lists from 0. */
export type Path = readonly (string | number)[];

export function isElements(value: unknown): value is Elements {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `agent.endpoints[2].schedulePeriod`; `''` for the whole. */
export function elementName(path: Path): string {
  let name = '';
  for (const step of path) {
    if (typeof step === 'number') name += `[${step}]`;
    else if (/^[\w-]*$/.test(step)) name += name === '' ? step : `.${step}`;
    else name += `[${JSON.stringify(step)}]`;
  }
  return name;
}

/** What the schema says where nothing is given. */
export function defaultsOf(schema: ConfigSchema): Elements {
  const elements: Elements = {};
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    const value = child.properties === undefined ? structuredClone(child.default) : defaultsOf(child);
    if (value !== undefined && !(isElements(value) && child.properties !== undefined && Object.keys(value).length === 0)) elements[name] = value;
  }
  return elements;
}

/** Lets `from` win; maps are merged, all else replaces what was there. */
export function merge(into: Elements, from: Elements): Elements {
  for (const [name, value] of Object.entries(from)) {
    const present = Object.hasOwn(into, name) ? into[name] : undefined;
    const merged = isElements(value) ? merge(isElements(present) ? present : {}, value) : value;
    // A plain assignment of an entry called `__proto__` would be lost.
    Object.defineProperty(into, name, { value: merged, enumerable: true, writable: true, configurable: true });
  }
  return into;
}

export function nested(path: readonly string[], value: unknown): Elements {
  return path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Elements;
}

export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const child of Object.values(value)) deepFreeze(child);
  return Object.freeze(value);
}
