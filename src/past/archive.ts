import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Kind, kindOf } from '../../schemas/kind.ts';
import { messageOf, systemCodeOf } from '../faults.ts';
import type { LogLine } from '../protocol/commands.ts';
import type { Files } from '../store/files.ts';
import type { SealedSecrets } from '../store/frame.ts';
import { type Manifest, type ManifestFile, type ManifestKind, PRIVATE_NAME, schemaOf, schemasOf } from '../store/manifest.ts';
import { sealedSecretsIn } from '../store/private-part.ts';
import { schemaIdOf } from '../store/recovery.ts';
import { type KeptSnapshot, listSnapshots } from '../store/snapshot.ts';

/**
 * The snapshots of a data folder, to be read while their owner takes and deletes some. A snapshot is read through files
 * that are held open: one that is deleted meanwhile stays readable for as long as somebody reads it, and nobody has to
 * be asked to wait.
 * Invariant: nothing is read whose checksum was not compared in this process.
 */

const READ_BYTES = 1024 * 1024;

export class Archive {
  readonly #files: Files;
  readonly #directory: string;
  readonly #tell: (line: LogLine) => void;
  readonly #known = new Map<string, KeptSnapshot>();
  /** By folder: whether its files are what its manifest says. */
  readonly #verdicts = new Map<string, boolean>();
  /** By the hash of their schemas. */
  readonly #kinds = new Map<string, Kind>();

  constructor(files: Files, directory: string, tell: (line: LogLine) => void) {
    this.#files = files;
    this.#directory = directory;
    this.#tell = tell;
  }

  /** What there is now, newest first; those of other data folders are left out. */
  list(storeId: string): readonly KeptSnapshot[] {
    if (!this.#files.exists(this.#directory)) return [];
    const kept = listSnapshots(this.#files, this.#directory, this.#known);
    for (const folder of this.#verdicts.keys()) if (!this.#known.has(folder)) this.#verdicts.delete(folder);
    return kept.filter(({ manifest }) => manifest.storeId === storeId);
  }

  /** Undefined when the snapshot is damaged, or has just been deleted. To be closed by the caller. */
  open(snapshot: KeptSnapshot): OpenSnapshot | undefined {
    const { folder, manifest } = snapshot;
    if (this.#verdicts.get(folder) === false) return undefined;
    const kinds = this.kindsOf(snapshot);
    if (kinds === undefined) return undefined;
    const open = new OpenSnapshot(this.#files, manifest, kinds);
    try {
      for (const name of new Set([...Object.values(manifest.kinds).map(({ file }) => file), PRIVATE_NAME])) open.hold(name, join(folder, name));
      if (!this.#verdicts.has(folder)) this.#verify(folder, open);
    } catch (error) {
      open.close();
      if (systemCodeOf(error) !== 'ENOENT') throw error;
      return undefined;
    }
    if (this.#verdicts.get(folder) === true) return open;
    open.close();
    return undefined;
  }

  isSound(snapshot: KeptSnapshot): boolean {
    const verdict = this.#verdicts.get(snapshot.folder);
    if (verdict !== undefined) return verdict;
    const open = this.open(snapshot);
    open?.close();
    return open !== undefined;
  }

  /** The kinds that a snapshot was written by; undefined when it does not say so any more. */
  kindsOf({ folder, manifest }: KeptSnapshot): readonly Kind[] | undefined {
    const entries = Object.entries(manifest.kinds);
    const known = entries.flatMap(([name, { schemaHash }]) => this.#kinds.get(`${name} ${schemaHash}`) ?? []);
    if (known.length === entries.length) return known;
    try {
      const schemas = schemasOf(this.#files, folder, manifest);
      const kinds = entries.map(([name]) => kindOf(name, schemaOf(schemas, name)));
      for (const kind of kinds) this.#kinds.set(`${kind.name} ${kind.schemaHash}`, kind);
      return kinds;
    } catch (error) {
      if (systemCodeOf(error) !== 'ENOENT') this.#refuse(folder, manifest, messageOf(error));
      return undefined;
    }
  }

  #verify(folder: string, open: OpenSnapshot): void {
    const damage = open.damage();
    this.#verdicts.set(folder, damage === undefined);
    if (damage !== undefined) this.#refuse(folder, open.manifest, damage);
  }

  #refuse(folder: string, { name }: Manifest, damage: string): void {
    this.#verdicts.set(folder, false);
    this.#known.delete(folder);
    this.#tell({
      level: 'error',
      message: `the snapshot ${name} cannot be used for what is past: ${damage}; the one before it is used instead`,
      fields: { snapshot: name },
    });
  }
}

export class OpenSnapshot {
  readonly manifest: Manifest;
  readonly #files: Files;
  readonly #held = new Map<string, number>();
  readonly #kinds: readonly Kind[];

  constructor(files: Files, manifest: Manifest, kinds: readonly Kind[]) {
    this.#files = files;
    this.manifest = manifest;
    this.#kinds = kinds;
  }

  hold(name: string, path: string): void {
    this.#held.set(name, this.#files.openToRead(path));
  }

  /** A kind as the snapshot has it: its file, by a path that is good while this is open. Undefined when it has none. */
  table(name: string): { readonly kind: Kind; readonly entry: ManifestKind; readonly path: string } | undefined {
    const entry = Object.hasOwn(this.manifest.kinds, name) ? this.manifest.kinds[name] : undefined;
    const file = entry === undefined ? undefined : this.#held.get(entry.file);
    const kind = this.#kinds.find((candidate) => candidate.name === name);
    if (entry === undefined || file === undefined || kind === undefined) return undefined;
    return { kind, entry, path: `/proc/self/fd/${file}` };
  }

  /** Bytes of the file of a kind, as they lie; fewer at its end. */
  bytes(kindName: string, offset: number, length: number): Buffer {
    const file = this.#held.get(this.manifest.kinds[kindName]?.file ?? '');
    const bytes = Buffer.allocUnsafeSlow(length);
    return file === undefined ? bytes.subarray(0, 0) : bytes.subarray(0, this.#files.read(file, bytes, offset));
  }

  /** By `Kind/key`, secrets as they were sealed. */
  sealedSecrets(): ReadonlyMap<string, SealedSecrets> {
    const file = this.#held.get(PRIVATE_NAME);
    return file === undefined ? new Map() : sealedSecretsIn(this.#files.readAll(`/proc/self/fd/${file}`), this.manifest.format);
  }

  /** What is wrong with the files, or undefined. */
  damage(): string | undefined {
    for (const [name, file] of this.#held) {
      const expected = this.manifest.files.find((candidate) => candidate.name === name);
      if (expected === undefined) return `its manifest has no checksum of ${name}`;
      try {
        if (!this.#matches(file, expected)) return `${name} does not match its checksum`;
      } catch (error) {
        return `${name} cannot be read: ${messageOf(error)}`;
      }
    }
    return undefined;
  }

  close(): void {
    for (const file of this.#held.values()) this.#files.close(file);
    this.#held.clear();
  }

  #matches(file: number, expected: ManifestFile): boolean {
    const hash = createHash('sha256');
    const block = Buffer.alloc(READ_BYTES);
    let bytes = 0;
    for (;;) {
      const count = this.#files.read(file, block, bytes);
      hash.update(block.subarray(0, count));
      bytes += count;
      if (count < READ_BYTES) break;
    }
    return bytes === expected.bytes && hash.digest('hex') === expected.sha256;
  }
}

/** Names the schemas of a snapshot as segments of the journal do. */
export function schemaIdOfManifest({ kinds }: Manifest): string {
  return schemaIdOf(Object.entries(kinds).map(([name, { schemaHash }]) => ({ name, schemaHash })));
}
