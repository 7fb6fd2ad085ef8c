import { createReadStream, fstatSync, openSync } from 'node:fs';
import { messageOf } from '../faults.ts';
import { CliFailure, EXIT } from './failure.ts';

/** A file that is read piece by piece. */
export interface OpenInput {
  readonly chunks: AsyncIterable<Buffer>;
  /** Undefined for pipes. */
  readonly bytes: number | undefined;
  readonly modifiedMs: number;
}

const CHUNK_BYTES = 256 * 1024;

/** `-` is standard input. */
export function openInput(file: string): OpenInput {
  if (file === '-') return { chunks: process.stdin, bytes: undefined, modifiedMs: 0 };
  try {
    const fd = openSync(file, 'r');
    const stat = fstatSync(fd);
    if (stat.isDirectory()) throw new Error('it is a folder');
    return { chunks: createReadStream(file, { fd, highWaterMark: CHUNK_BYTES }), bytes: stat.isFile() ? stat.size : undefined, modifiedMs: stat.mtimeMs };
  } catch (error) {
    throw new CliFailure(EXIT.usage, `cannot read ${file}: ${messageOf(error)}`);
  }
}
