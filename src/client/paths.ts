import { HoldfastError } from './error.ts';

export function collectionPath(kind: string): string {
  return `/inventory/${segment(kind)}`;
}

export function recordPath(kind: string, key: string): string {
  return `${collectionPath(kind)}/${segment(key)}`;
}

/** An empty name would ask for the list, and URLs take dots for a way up, encoded or not. */
export function segment(name: string): string {
  if (name === '' || name === '.' || name === '..') throw new HoldfastError({ code: 'invalid-id', message: `"${name}" can name nothing` });
  return encodeURIComponent(name);
}
