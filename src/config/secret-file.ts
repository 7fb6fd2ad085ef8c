import { readFileSync, statSync } from 'node:fs';
import { messageOf } from '../faults.ts';

const SECRET_BYTES_MAX = 4096;

/** The secret without the line end that editors put there, or the reason why there is none. */
export function readSecretFile(path: string): { readonly secret: string } | string {
  try {
    if (statSync(path).size > SECRET_BYTES_MAX) return `${path} is larger than ${SECRET_BYTES_MAX} bytes`;
    const secret = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    return secret === '' ? `${path} is empty` : { secret };
  } catch (error) {
    return `${path} cannot be read: ${messageOf(error)}`;
  }
}

/** The mode in octal when somebody besides the owner can read or write the file. */
export function openMode(path: string): string | undefined {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  return (mode & 0o066) === 0 ? undefined : (mode & 0o777).toString(8);
}
