import { readFileSync } from 'node:fs';
import { messageOf } from '../faults.ts';
import { parseJson } from '../http/json.ts';
import { CliFailure, EXIT } from './failure.ts';

export interface InputOptions {
  readonly data?: string;
  readonly file?: string;
}

/** What a command is to send: the text as it was given, and what it says. */
export interface Input {
  readonly text: string;
  readonly value: unknown;
}

/** `--data`, or the content of `--file` (`-` is standard input). */
export function readInput({ data, file }: InputOptions): Input {
  if ((data === undefined) === (file === undefined)) throw new CliFailure(EXIT.usage, 'give either --data or --file');
  const bytes = data === undefined ? readBytes(file ?? '-') : Buffer.from(data, 'utf8');
  const parsed = parseJson(bytes);
  if (!parsed.ok) {
    const place = data === undefined ? `${file}: ` : '--data: ';
    const errors = (parsed.fault.errors ?? []).map(({ pointer, detail }) => `\n  ${pointer === '' ? '' : `${pointer}: `}${detail}`);
    throw new CliFailure(EXIT.usage, `${place}${parsed.fault.detail}${errors.join('')}`);
  }
  return { text: bytes.toString('utf8'), value: parsed.value };
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    throw new CliFailure(EXIT.usage, `cannot read ${file}: ${messageOf(error)}`);
  }
}
