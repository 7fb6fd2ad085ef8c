import { columnAt, type Kind } from '../../schemas/kind.ts';
import { done, fail, type Result } from '../faults.ts';

/** Which properties of each record a list shows: a tree of names; an empty branch means all that is below. */
export interface Projection {
  readonly branches: Map<string, Projection>;
}

const FIELDS_MAX = 100;

/** Reads `fields=a,b.c`. The key is always shown. */
export function parseProjection(kind: Kind, text: string | undefined): Result<Projection | undefined> {
  if (text === undefined) return done(undefined);
  const names = text.split(',');
  if (names.length > FIELDS_MAX) return fail('invalid-parameter', `"fields" takes at most ${FIELDS_MAX} properties`);
  const root: Projection = { branches: new Map() };
  for (const name of [kind.key, ...names]) {
    const path = name.split('.');
    if (columnAt(kind, path) === undefined) return fail('invalid-parameter', `"fields" names "${name}", which ${kind.name} does not have`);
    plant(root, path);
  }
  return done(root);
}

function plant(root: Projection, path: readonly string[]): void {
  let node = root;
  for (const [index, name] of path.entries()) {
    const known = node.branches.get(name);
    // A whole property was asked for already: a part of it adds nothing.
    if (known !== undefined && known.branches.size === 0) return;
    const isLeaf = index === path.length - 1;
    const next: Projection = known === undefined || isLeaf ? { branches: new Map() } : known;
    node.branches.set(name, next);
    node = next;
  }
}

/** A record's image with only the properties of the projection. */
export function project(projection: Projection, image: Buffer): Buffer {
  return Buffer.from(JSON.stringify(pick(projection, JSON.parse(image.toString()))));
}

function pick({ branches }: Projection, value: unknown): unknown {
  if (branches.size === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => pick({ branches }, element));
  const picked: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const branch = branches.get(name);
    if (branch !== undefined) picked[name] = pick(branch, member);
  }
  return picked;
}
