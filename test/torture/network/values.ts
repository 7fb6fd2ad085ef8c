import type { Prng } from '../../../bench/prng.ts';
import type { Description, Fields } from '../../support/described.ts';

/** Values that fit a schema of the description, mostly of things that another request has also named. */

/** Stands wherever a secret is sent: no answer may have it. */
export const CANARY = 'canary-7f3a9c51';

const DEPTH_MAX = 6;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** So few that requests meet: cabinets, slots, bytes of addresses. */
const BY_FORMAT: Readonly<Record<string, (prng: Prng) => string>> = {
  'mac-address': (prng) => `02:00:00:00:0${prng.below(4)}:${hex(prng.below(64))}`,
  ipv4: (prng) => `192.0.2.${prng.below(256)}`,
  ipv6: (prng) => `2001:db8::${prng.below(256).toString(16)}`,
  uuid: (prng) => `0192f0c4-7b1e-7c3a-9d52-3f6a1b0c8e${hex(prng.below(256))}`,
  'date-time': (prng) => `2026-11-22T02:${String(prng.below(60)).padStart(2, '0')}:00Z`,
  uri: (prng) => `http://boot.example.org/${prng.below(10)}`,
};

export function xname(prng: Prng, end: 'b' | 'n' = 'n'): string {
  const bmc = `x300${prng.below(2)}c0s${prng.below(40)}b${prng.below(2)}`;
  return end === 'b' ? bmc : `${bmc}n${prng.below(2)}`;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

export class Values {
  readonly #description: Description;

  constructor(description: Description) {
    this.#description = description;
  }

  /** @param schema may refer to components. */
  of(schema: Fields | boolean, prng: Prng, depth = 0): unknown {
    if (typeof schema === 'boolean') return prng.pick<unknown>(['anything', 1.5, null, [1], { a: 'b' }]);
    const resolved = this.#description.resolved<Fields>(schema as { readonly $ref: string });
    if (resolved['writeOnly'] === true) return `${CANARY}-${prng.below(10)}`;
    const options = (resolved['anyOf'] ?? resolved['oneOf']) as readonly Fields[] | undefined;
    if (options !== undefined) return this.of(options[prng.below(options.length)] ?? {}, prng, depth);
    if (resolved['const'] !== undefined) return resolved['const'];
    if (Array.isArray(resolved['enum'])) return resolved['enum'][prng.below(resolved['enum'].length)];
    const types = [resolved['type'] ?? 'object'].flat() as string[];
    const type = types[prng.below(12) === 0 ? prng.below(types.length) : 0];
    switch (type) {
      case 'object':
        return this.#object(resolved, prng, depth);
      case 'array':
        return Array.from({ length: prng.below(3) }, () => this.of((resolved['items'] ?? {}) as Fields, prng, depth + 1));
      case 'integer':
      case 'number':
        return Number(resolved['minimum'] ?? 0) + prng.below(1000);
      case 'boolean':
        return prng.below(2) === 0;
      case 'null':
        return null;
      default:
        return this.#text(resolved, prng);
    }
  }

  #object(schema: Fields, prng: Prng, depth: number): Record<string, unknown> {
    const made: Record<string, unknown> = {};
    if (depth > DEPTH_MAX) return made;
    const required = new Set((schema['required'] ?? []) as readonly string[]);
    for (const [name, property] of Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, Fields>>)) {
      const isKey = name === 'xname' || name === 'ID';
      if (required.has(name) || (isKey && prng.below(8) > 0) || prng.below(5) === 0) made[name] = this.of(property, prng, depth + 1);
    }
    const additional = schema['additionalProperties'];
    if (typeof additional === 'object')
      for (let count = prng.below(4); count > 0; count--) made[`p${prng.below(9)}`] = this.of(additional as Fields, prng, depth + 1);
    return made;
  }

  #text(schema: Fields, prng: Prng): string {
    const format = String(schema['format'] ?? '');
    if (format.startsWith('xname')) return xname(prng, format.includes('bmc') ? 'b' : 'n');
    const made = BY_FORMAT[format]?.(prng);
    if (made !== undefined) return made;
    const examples = (schema['examples'] ?? []) as readonly unknown[];
    const example = examples[prng.below(examples.length + 1)];
    if (typeof example === 'string') return /^x\d+c/.test(example) ? xname(prng, example.includes('n') ? 'n' : 'b') : example;
    return Array.from({ length: 1 + prng.below(12) }, () => LETTERS[prng.below(LETTERS.length)]).join('');
  }
}
