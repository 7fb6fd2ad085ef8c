import type { InitializeHook, LoadHook, ResolveHook } from 'node:module';
import type { Mutation } from './mutation.ts';

/**
 * Hooks for Node's loader, in the thread that Node runs them in: a module whose address says `?mutation=3`, and all that it
 * imports of the project, are loaded for themselves, one of them with that defect in its text.
 */

let mutations: readonly Mutation[] = [];

const QUERY = /\?mutation=(\d+)$/;

export const initialize: InitializeHook<readonly Mutation[]> = (data) => {
  mutations = data;
};

export const resolve: ResolveHook = async (specifier, context, next) => {
  const resolved = await next(specifier, context);
  const [query] = QUERY.exec(context.parentURL ?? '') ?? [];
  const isOwn = resolved.url.startsWith('file:') && !resolved.url.includes('/node_modules/') && !resolved.url.includes('?');
  return query === undefined || !isOwn ? resolved : { ...resolved, url: `${resolved.url}${query}` };
};

export const load: LoadHook = async (url, context, next) => {
  const loaded = await next(url, context);
  const mutation = mutations[Number(QUERY.exec(url)?.[1] ?? Number.NaN)];
  if (mutation === undefined || !new URL(url).pathname.endsWith(`/dist/${mutation.file}`)) return loaded;
  const parts = String(loaded.source).split(mutation.text);
  if (parts.length !== 2) throw new Error(`"${mutation.name}": the text stands in ${mutation.file} ${parts.length - 1} times`);
  return { ...loaded, source: parts.join(mutation.replacement) };
};
