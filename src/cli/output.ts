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

/** Passes a long text on without holding it. */
export async function printStream(body: AsyncIterable<Buffer>): Promise<void> {
  const last = await printBytes(body);
  if (last !== undefined && last !== 0x0a) process.stdout.write('\n');
}

/** The same for what is no text. @returns the last byte */
export async function printBytes(body: AsyncIterable<Buffer>): Promise<number | undefined> {
  let last: number | undefined;
  for await (const chunk of body) {
    if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
    last = chunk.at(-1);
  }
  return last;
}

/** One line, no faster than they are taken. */
export async function printLine(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
