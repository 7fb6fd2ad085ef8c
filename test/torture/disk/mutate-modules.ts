import { MUTATIONS } from './mutations.ts';

/**
 * Hooks for Node's loader, in the thread that Node runs them in: a module whose address says `?mutation=3`, and all that it
 * imports of the project, are loaded for themselves, one of them with that defect in its text.
 */

interface Resolved {
  readonly url: string;
}

interface Loaded {
  readonly source: string | Uint8Array | undefined;
}

const QUERY = /\?mutation=(\d+)$/;

export async function resolve(
  specifier: string,
  context: { parentURL?: string },
  next: (specifier: string, context: object) => Promise<Resolved>,
): Promise<Resolved> {
  const resolved = await next(specifier, context);
  const [query] = QUERY.exec(context.parentURL ?? '') ?? [];
  const isOwn = resolved.url.startsWith('file:') && !resolved.url.includes('/node_modules/') && !resolved.url.includes('?');
  return query === undefined || !isOwn ? resolved : { ...resolved, url: `${resolved.url}${query}` };
}

export async function load(url: string, context: object, next: (url: string, context: object) => Promise<Loaded>): Promise<Loaded> {
  const loaded = await next(url, context);
  const mutation = MUTATIONS[Number(QUERY.exec(url)?.[1] ?? Number.NaN)];
  if (mutation === undefined || !new URL(url).pathname.endsWith(`/dist/${mutation.file}`)) return loaded;
  const parts = Buffer.from(loaded.source ?? '')
    .toString('utf8')
    .split(mutation.text);
  if (parts.length !== 2) throw new Error(`"${mutation.name}": the text stands in ${mutation.file} ${parts.length - 1} times`);
  return { ...loaded, source: parts.join(mutation.replacement) };
}
