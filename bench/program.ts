import { fileURLToPath } from 'node:url';

/**
 * What a file that is also a program was started with; undefined when it was only imported, for its types and its
 * address.
 */
export function argumentOf(moduleUrl: string): unknown {
  const [, script, argument] = process.argv;
  return script === fileURLToPath(moduleUrl) && argument !== undefined ? JSON.parse(argument) : undefined;
}

/** Prints the one line that whoever started the program waits for. */
export function tell(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
