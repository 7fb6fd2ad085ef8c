/** JSON pointers (RFC 6901), as problems use them to name a place in a body. */

/** Member names come from clients: a name of a megabyte must not make an answer of a megabyte. */
const TOKEN_LENGTH_MAX = 256;
const LONE_SURROGATES = /\p{Surrogate}/gu;

/** `pointer` continued by one member name or array index. */
export function pointerInto(pointer: string, token: string | number): string {
  return `${pointer}/${typeof token === 'number' ? token : escaped(token)}`;
}

function escaped(token: string): string {
  const short = token.length > TOKEN_LENGTH_MAX ? `${token.slice(0, TOKEN_LENGTH_MAX)}…` : token;
  // A pointer goes out as UTF-8, which has no lone surrogates.
  return short.replace(LONE_SURROGATES, '\uFFFD').replaceAll('~', '~0').replaceAll('/', '~1');
}
