import { basename, join } from 'node:path';
import type { Files } from '../files.ts';

/**
 * The real files, of which nothing is changed: what would be done to them is noted, and seen by whoever reads on here.
 * A start that runs on these is a start that only looks.
 */

export type FileAct =
  | { readonly act: 'make' | 'remove' | 'write'; readonly path: string }
  | { readonly act: 'rename'; readonly path: string; readonly to: string }
  | { readonly act: 'cut'; readonly path: string; readonly bytes: number; readonly foundBytes: number };

export class PretendedFiles implements Files {
  readonly #real: Files;
  readonly #gone = new Set<string>();
  readonly #made = new Set<string>();
  readonly #lengths = new Map<string, number>();
  readonly #paths = new Map<number, string>();
  #nextPretended = -1;
  readonly acts: FileAct[] = [];

  constructor(real: Files) {
    this.#real = real;
  }

  create(path: string): number {
    this.acts.push({ act: 'write', path });
    this.#made.add(path);
    this.#gone.delete(path);
    return this.#pretended(path);
  }

  openToAppend(path: string): number {
    return this.#made.has(path) ? this.#pretended(path) : this.openToRead(path);
  }

  openToRead(path: string): number {
    const file = this.#real.openToRead(this.#present(path));
    this.#paths.set(file, path);
    return file;
  }

  write(): void {}

  read(file: number, bytes: Uint8Array, position: number): number {
    if (file < 0) return 0;
    const length = this.#lengths.get(this.#paths.get(file) ?? '') ?? Number.POSITIVE_INFINITY;
    return this.#real.read(file, bytes.subarray(0, Math.max(0, Math.min(bytes.length, length - position))), position);
  }

  truncate(file: number, length: number): void {
    const path = this.#paths.get(file) ?? '';
    this.acts.push({ act: 'cut', path, bytes: length, foundBytes: this.size(path) });
    this.#lengths.set(path, length);
  }

  syncFile(): void {}

  syncDirectory(): void {}

  close(file: number): void {
    this.#paths.delete(file);
    if (file >= 0) this.#real.close(file);
  }

  linkCount(): number {
    return 1;
  }

  size(path: string): number {
    return Math.min(this.#real.size(this.#present(path)), this.#lengths.get(path) ?? Number.POSITIVE_INFINITY);
  }

  exists(path: string): boolean {
    return this.#made.has(path) || (!this.#isGone(path) && this.#real.exists(path));
  }

  readAll(path: string): Buffer {
    return this.#real.readAll(this.#present(path)).subarray(0, this.#lengths.get(path));
  }

  list(path: string): readonly string[] {
    if (this.#made.has(path)) return [];
    return this.#real.list(this.#present(path)).filter((name) => !this.#isGone(join(path, name)));
  }

  makeDirectory(path: string): void {
    if (this.exists(path)) return;
    this.acts.push({ act: 'make', path });
    this.#made.add(path);
  }

  rename(from: string, to: string): void {
    this.acts.push({ act: 'rename', path: from, to: basename(to) });
    this.#gone.add(from);
  }

  remove(path: string): void {
    if (!this.exists(path)) return;
    // What was made here was never there.
    const made = this.#made.delete(path) ? this.acts.findIndex((act) => act.path === path) : -1;
    if (made === -1) this.acts.push({ act: 'remove', path });
    else this.acts.splice(made, 1);
    this.#gone.add(path);
  }

  /** As if this had never been there. */
  hide(path: string): void {
    this.#gone.add(path);
  }

  /** As if the file ended there. */
  shorten(path: string, bytes: number): void {
    this.#lengths.set(path, bytes);
  }

  #pretended(path: string): number {
    const file = this.#nextPretended--;
    this.#paths.set(file, path);
    return file;
  }

  #isGone(path: string): boolean {
    for (const gone of this.#gone) if (path === gone || path.startsWith(`${gone}/`)) return true;
    return false;
  }

  #present(path: string): string {
    if (this.#isGone(path)) throw Object.assign(new Error(`ENOENT: no such file or directory, '${path}'`), { code: 'ENOENT' });
    return path;
  }
}
