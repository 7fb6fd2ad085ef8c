import { createHash } from 'node:crypto';
import { type Files, rethrowUnlessOfFile } from './files.ts';
import { type ParquetPieces, readPieces, type Source } from './row-groups.ts';

/**
 * A table's file in the snapshot before, of which row groups are taken over. It stays open meanwhile, so whoever deletes that
 * snapshot takes nothing away; and it is read once, from its beginning to its end, so that what was copied is what was checked.
 */

const PART_BYTES = 1024 * 1024;

export class BaseFile implements Source {
  readonly #files: Files;
  readonly #path: string;
  readonly #file: number;
  readonly #bytes: number;
  readonly #sha256: string;
  readonly #hash = createHash('sha256');
  readonly pieces: ParquetPieces;
  #position = 0;
  /** Each part is read into it. */
  readonly #part = Buffer.allocUnsafeSlow(PART_BYTES);

  private constructor(files: Files, path: string, file: number, sha256: string) {
    this.#files = files;
    this.#path = path;
    this.#file = file;
    this.#bytes = files.size(path);
    this.#sha256 = sha256;
    this.pieces = readPieces(files, path, { file, source: this });
  }

  /**
   * Undefined when there is nothing that can be read as row groups.
   * @param sha256 of the file when it was written
   */
  static open(files: Files, path: string, sha256: string): BaseFile | undefined {
    let file: number | undefined;
    try {
      file = files.openToRead(path);
      return new BaseFile(files, path, file, sha256);
    } catch (error) {
      if (file !== undefined) files.close(file);
      rethrowUnlessOfFile(error);
      return undefined;
    }
  }

  /** Row groups are read in their order. @throws when the file is not what it should be, as far as that is seen yet */
  async read(start: number, end: number, take: (bytes: Uint8Array) => void): Promise<void> {
    if (start < this.#position) throw new Error(`the row groups of ${this.#path} are not in order`);
    await this.#readOn(start, () => undefined);
    await this.#readOn(end, take);
  }

  /** Reads what is left. @returns whether all of it is what was written once; asked once */
  async isSound(): Promise<boolean> {
    try {
      await this.#readOn(this.#bytes, () => undefined);
    } catch (error) {
      rethrowUnlessOfFile(error);
      return false;
    }
    return this.#hash.digest('hex') === this.#sha256;
  }

  close(): void {
    this.#files.close(this.#file);
  }

  /** The owner has a turn of its event loop after each part. */
  async #readOn(end: number, take: (bytes: Uint8Array) => void): Promise<void> {
    while (this.#position < end) {
      const part = this.#part.subarray(0, Math.min(PART_BYTES, end - this.#position));
      if (this.#files.read(this.#file, part, this.#position) < part.length) throw new Error(`${this.#path} ends too early`);
      this.#hash.update(part);
      this.#position += part.length;
      take(part);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
