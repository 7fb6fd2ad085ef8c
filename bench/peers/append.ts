import { closeSync, fdatasyncSync, openSync, unlinkSync, writeSync } from 'node:fs';

/** The least that durability costs: bytes at the end of a file, and the disk's word that they are there. */

const WRITE_BYTES_MAX = 8 * 1024 * 1024;

/** Appends all of it and syncs once. @returns seconds. */
export function appendAndSync(path: string, bytes: Buffer): number {
  const file = openSync(path, 'ax');
  try {
    const startMs = performance.now();
    for (let start = 0; start < bytes.length; ) start += writeSync(file, bytes, start, Math.min(WRITE_BYTES_MAX, bytes.length - start));
    fdatasyncSync(file);
    return (performance.now() - startMs) / 1000;
  } finally {
    closeSync(file);
    unlinkSync(path);
  }
}

/** Appends and syncs one group after the other. @returns milliseconds of each. */
export function appendInGroups(path: string, group: Buffer, seconds: number): readonly number[] {
  const file = openSync(path, 'ax');
  try {
    const times: number[] = [];
    const endMs = performance.now() + seconds * 1000;
    for (let beforeMs = performance.now(); beforeMs < endMs; ) {
      writeSync(file, group);
      fdatasyncSync(file);
      const nowMs = performance.now();
      times.push(nowMs - beforeMs);
      beforeMs = nowMs;
    }
    return times;
  } finally {
    closeSync(file);
    unlinkSync(path);
  }
}
