import { STATUS_CODES } from 'node:http';

const LINES = new Map<number, string>();
for (const [status, reason] of Object.entries(STATUS_CODES)) LINES.set(Number(status), `${status} ${reason}`);

/** `404 Not Found`: the form in which the library takes a status. */
export function statusLine(status: number): string {
  return LINES.get(status) ?? String(status);
}
