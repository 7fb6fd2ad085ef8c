import hyperid from 'hyperid';

const ACCEPTABLE = /^[A-Za-z0-9._:-]{1,128}$/;
const next = hyperid({ urlSafe: true });

/** The caller's own id when it is harmless in a header and a log line, else a new one. */
export function requestIdFrom(given: string | undefined): string {
  return given !== undefined && ACCEPTABLE.test(given) ? given : next();
}
