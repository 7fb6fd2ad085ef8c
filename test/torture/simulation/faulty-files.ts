import type { Prng } from '../../../bench/prng.ts';
import type { Files } from '../../../src/store/files.ts';

/**
 * The disk as one process of the server sees it: it may be full, its syncs may fail, and in the middle of any call the
 * process may be gone. What a dead process still asks for does not reach the disk.
 */

export class ProcessDied extends Error {}

export class FaultyFiles {
  isFull = false;
  syncFails = false;
  isDead = false;
  /** Calls that change something until the process dies in the middle of one. */
  #callsToLive = Number.POSITIVE_INFINITY;
  readonly #disk: Files;
  readonly #numbers: Prng;
  readonly #count: (name: string) => void;

  constructor(disk: Files, numbers: Prng, count: (name: string) => void) {
    this.#disk = disk;
    this.#numbers = numbers;
    this.#count = count;
  }

  /** The process dies in the middle of a call to come. */
  dieWithin(calls: number): void {
    this.#callsToLive = calls;
  }

  get isTroubled(): boolean {
    return this.isFull || this.syncFails || this.isDead || this.#callsToLive !== Number.POSITIVE_INFINITY;
  }

  /** What the store is given. */
  get files(): Files {
    const disk = this.#disk;
    return {
      ...disk,
      create: (path) => this.#change(() => this.#room(() => disk.create(path))),
      openToAppend: (path) => this.#ask(() => disk.openToAppend(path)),
      openToRead: (path) => this.#ask(() => disk.openToRead(path)),
      write: (file, bytes, position) => this.#write(file, bytes, position),
      read: (file, bytes, position) => this.#ask(() => disk.read(file, bytes, position)),
      truncate: (file, length) => this.#change(() => disk.truncate(file, length)),
      syncFile: (file) => this.#change(() => this.#sync(() => disk.syncFile(file))),
      syncDirectory: (path) => this.#change(() => this.#sync(() => disk.syncDirectory(path))),
      close: (file) => disk.close(file),
      linkCount: (file) => this.#ask(() => disk.linkCount(file)),
      size: (path) => this.#ask(() => disk.size(path)),
      exists: (path) => this.#ask(() => disk.exists(path)),
      readAll: (path) => this.#ask(() => disk.readAll(path)),
      list: (path) => this.#ask(() => disk.list(path)),
      makeDirectory: (path) => this.#change(() => disk.makeDirectory(path)),
      rename: (from, to) => this.#change(() => disk.rename(from, to)),
      remove: (path) => this.#change(() => disk.remove(path)),
    };
  }

  #ask<T>(call: () => T): T {
    if (this.isDead) throw new ProcessDied('the process is dead');
    return call();
  }

  /** Dies before, or after, the call that it was told to die in. */
  #change<T>(call: () => T): T {
    if (this.isDead) throw new ProcessDied('the process is dead');
    this.#callsToLive -= 1;
    if (this.#callsToLive > 0) return call();
    if (this.#numbers.next() < 0.5) call();
    return this.#die();
  }

  #write(file: number, bytes: Uint8Array, position: number): void {
    if (this.isDead) throw new ProcessDied('the process is dead');
    this.#callsToLive -= 1;
    if (this.#callsToLive <= 0) {
      this.#disk.write(file, bytes.subarray(0, this.#numbers.below(bytes.length + 1)), position);
      this.#die();
    }
    if (this.isFull) {
      this.#count('writes refused by a full disk');
      this.#disk.write(file, bytes.subarray(0, this.#numbers.below(bytes.length)), position);
      throw systemError('ENOSPC', 'no space left on device');
    }
    this.#disk.write(file, bytes, position);
  }

  #room<T>(call: () => T): T {
    if (this.isFull && this.#numbers.next() < 0.5) throw systemError('ENOSPC', 'no space left on device');
    return call();
  }

  #sync(call: () => void): void {
    if (this.syncFails) {
      this.#count('syncs that failed');
      throw systemError('EIO', 'input/output error');
    }
    call();
  }

  #die(): never {
    this.isDead = true;
    throw new ProcessDied('the process died in the middle of a call');
  }
}

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}
