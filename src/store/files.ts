import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { systemCodeOf } from '../faults.ts';

/**
 * The store's only way to the file system. Calls are synchronous: asynchronous ones share a thread pool with DuckDB's
 * queries and can wait seconds behind them. A test or the simulator puts another disk in here.
 */
export interface Files {
  /** Creates the file (it must not exist), readable by the owner of the process only. */
  create(path: string): number;
  openToAppend(path: string): number;
  openToRead(path: string): number;
  /** Writes all bytes at `position` or throws; a short write is gone on with. */
  write(file: number, bytes: Uint8Array, position: number): void;
  /** Reads up to `bytes.length` from `position`; fewer only at the end of the file. */
  read(file: number, bytes: Uint8Array, position: number): number;
  truncate(file: number, length: number): void;
  /** Data and length are on disk after this. */
  syncFile(file: number): void;
  /** Names in the folder (creations, renames, deletions) are on disk after this. */
  syncDirectory(path: string): void;
  close(file: number): void;
  /** Names that lead to this open file; 0 when somebody deleted it under us. */
  linkCount(file: number): number;
  size(path: string): number;
  /** @throws when it cannot be told, which is not the same as no. */
  exists(path: string): boolean;
  readAll(path: string): Buffer;
  list(path: string): readonly string[];
  makeDirectory(path: string): void;
  rename(from: string, to: string): void;
  /** Deletes a file or a folder with all that is in it; nothing there is fine. */
  remove(path: string): void;
}

const OWNER_ONLY = 0o600;
const OWNER_ONLY_DIRECTORY = 0o700;

export const realFiles: Files = {
  create: (path) => openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_RDWR, OWNER_ONLY),
  openToAppend: (path) => openSync(path, constants.O_RDWR),
  openToRead: (path) => openSync(path, constants.O_RDONLY),
  write(file, bytes, position) {
    let written = 0;
    // A full disk makes the kernel write less than it was asked to, without an error.
    while (written < bytes.length) {
      const count = writeSync(file, bytes, written, bytes.length - written, position + written);
      if (count === 0) throw Object.assign(new Error(`ENOSPC: ${bytes.length - written} bytes could not be written`), { code: 'ENOSPC' });
      written += count;
    }
  },
  read(file, bytes, position) {
    let filled = 0;
    while (filled < bytes.length) {
      const start = filled;
      const count = uninterrupted(() => readSync(file, bytes, start, bytes.length - start, position + start));
      if (count === 0) break;
      filled += count;
    }
    return filled;
  },
  truncate: (file, length) => ftruncateSync(file, length),
  syncFile: (file) => fdatasyncSync(file),
  syncDirectory(path) {
    const directory = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      fsyncSync(directory);
    } finally {
      closeSync(directory);
    }
  },
  close: (file) => closeSync(file),
  linkCount: (file) => fstatSync(file).nlink,
  size: (path) => statSync(path).size,
  // existsSync also says no when it could not look: a journal that cannot be read would pass for none.
  exists: (path) => statSync(path, { throwIfNoEntry: false }) !== undefined,
  readAll: (path) => uninterrupted(() => readFileSync(path)),
  list: (path) => readdirSync(path),
  makeDirectory: (path) => void mkdirSync(path, { recursive: true, mode: OWNER_ONLY_DIRECTORY }),
  rename: (from, to) => renameSync(from, to),
  remove: (path) => rmSync(path, { recursive: true, force: true }),
};

const INTERRUPTS_MAX = 100;

/** A signal may interrupt a read. Node repeats all other calls by itself; only reads it leaves to its callers. */
function uninterrupted<T>(read: () => T): T {
  for (let interrupts = 1; ; interrupts++) {
    try {
      return read();
    } catch (error) {
      if (systemCodeOf(error) !== 'EINTR' || interrupts === INTERRUPTS_MAX) throw error;
    }
  }
}

/** What the process lacks, not what the disk has: a file that cannot be read for one of these reasons may be sound. */
const OF_THE_PROCESS = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EINTR', 'EACCES', 'EPERM']);

/** @throws the error itself when it says nothing of the file. */
export function rethrowUnlessOfFile(error: unknown): void {
  if (OF_THE_PROCESS.has(systemCodeOf(error) ?? '')) throw error;
}

/** For a clean-up behind a failure that is told already. */
export function quietly(cleanUp: () => void): void {
  try {
    cleanUp();
  } catch {
    // The first failure is the one to tell.
  }
}

/** Creates a file with these bytes, on disk when this returns (its folder's entry is the caller's to sync). */
export function writeAndSync(files: Files, path: string, bytes: Uint8Array): void {
  const file = files.create(path);
  try {
    files.write(file, bytes, 0);
    files.syncFile(file);
  } finally {
    files.close(file);
  }
}
