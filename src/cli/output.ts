import { once } from 'node:events';

/** Standard output is for answers, standard error for everything said about them. */

export function isTerminal(): boolean {
  return process.stdout.isTTY === true;
}

/** JSON in one line, or indented on a terminal. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, isTerminal() ? 2 : undefined)}\n`);
}

/** The server's own JSON text: as it is, or indented on a terminal. */
export function printJsonText(text: string): void {
  if (text.trim() === '') return;
  if (!isTerminal()) {
    process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
    return;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // NDJSON, or no JSON at all.
    process.stdout.write(`${text}\n`);
    return;
  }
  printJson(value);
}

/** Passes a long answer on without holding it. */
export async function printStream(body: AsyncIterable<Buffer>): Promise<void> {
  let last: Buffer | undefined;
  for await (const chunk of body) {
    if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
    last = chunk;
  }
  if (last !== undefined && last.at(-1) !== 0x0a) process.stdout.write('\n');
}

/** One line, no faster than they are taken. */
export async function printLine(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
