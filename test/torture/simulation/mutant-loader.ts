import { strict as assert } from 'node:assert';
import type { InitializeHook, LoadHook } from 'node:module';
import type { Mutant } from './mutants.ts';

/** Hooks of Node's module loader: the source of one file is changed on its way in. */

let mutant: Mutant | undefined;

export const initialize: InitializeHook<Mutant> = (data) => {
  mutant = data;
};

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  if (mutant === undefined || !url.endsWith(`/dist/${mutant.file}`)) return loaded;
  const source = String(loaded.source);
  assert.equal(source.split(mutant.from).length, 2, `${mutant.file} has exactly one place to change: ${mutant.from}`);
  return { ...loaded, source: source.replace(mutant.from, () => mutant?.to ?? '') };
};
