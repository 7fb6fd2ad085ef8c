import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import type { Kind, Schema } from '../../schemas/kind.ts';
import { messageOf } from '../faults.ts';
import type { SnapshotDescription, SnapshotDetail } from '../protocol/commands.ts';
import { type Files, rethrowUnlessOfFile } from './files.ts';

/**
 * What a snapshot says about itself: which change it ends with, by which schemas, and a checksum of every file. DuckDB
 * loads most Parquet files with a flipped bit without a word, so nothing is loaded whose checksum was not compared.
 */

/** 2: schemas have a file of their own, and secrets in the private part are sealed one by one. */
export const MANIFEST_FORMAT = 2;
export const MANIFEST_NAME = '_manifest.json';
export const SUCCESS_NAME = '_SUCCESS';
export const PRIVATE_NAME = '_private';
/** Not in the manifest, which has to stay small: all manifests are read at every start, and a long history has thousands. */
export const SCHEMAS_NAME = '_schemas.json';

const SNAPSHOT_NAME = /^snapshot=(\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}Z-\d{12,16})$/;

export interface ManifestFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface ManifestKind {
  readonly rows: number;
  readonly file: string;
  readonly schemaHash: string;
  /** In format 1 only. */
  readonly schema?: Schema;
}

export interface Manifest {
  readonly format: number;
  /** Without the `snapshot=` of the folder. */
  readonly name: string;
  /** When it was taken: RFC 3339, UTC. */
  readonly time: string;
  /** The last change that is in it. */
  readonly sequence: number;
  readonly epoch: number;
  readonly storeId: string;
  readonly keyId: string;
  readonly reason: string;
  readonly note?: string;
  readonly seconds: number;
  readonly kinds: Readonly<Record<string, ManifestKind>>;
  readonly files: readonly ManifestFile[];
}

/** The name of a snapshot: its time for people and for sorting, its sequence so that no two are alike. */
export function snapshotName(nowMs: number, sequence: number): string {
  const time = `${new Date(nowMs).toISOString().slice(0, 19).replaceAll(':', '-')}Z`;
  return `${time}-${String(sequence).padStart(12, '0')}`;
}

export function folderOf(name: string): string {
  return `snapshot=${name}`;
}

/** The snapshot's name, or undefined when the folder is something else. */
export function nameOfFolder(folder: string): string | undefined {
  return SNAPSHOT_NAME.exec(folder)?.[1];
}

/** The sequence that a snapshot's name ends with. */
export function sequenceInName(name: string): number {
  return Number(name.slice(name.lastIndexOf('-') + 1));
}

export function encodeManifest(manifest: Manifest): Buffer {
  return Buffer.from(`${JSON.stringify({ ...manifest, checksum: checksumOf(manifest) }, undefined, 1)}\n`);
}

export function checksumOf(manifest: Manifest): string {
  return sha256(Buffer.from(JSON.stringify(manifest)));
}

/** The manifest, or why it cannot be used. `future`: a newer version of Holdfast wrote it. */
export type ReadManifest =
  | { readonly ok: true; readonly manifest: Manifest; readonly checksum: string }
  | { readonly ok: false; readonly reason: string; readonly future: boolean };

export function readManifest(files: Files, folder: string): ReadManifest {
  const refused = (reason: string, future = false): ReadManifest => ({ ok: false, reason, future });
  let parsed: unknown;
  try {
    parsed = JSON.parse(files.readAll(join(folder, MANIFEST_NAME)).toString('utf8'));
  } catch (error) {
    rethrowUnlessOfFile(error);
    return refused(`its manifest cannot be read: ${messageOf(error)}`);
  }
  if (typeof parsed !== 'object' || parsed === null) return refused('its manifest is no JSON object');
  const { checksum, ...manifest } = parsed as Manifest & { checksum?: string };
  if (typeof manifest.format === 'number' && manifest.format > MANIFEST_FORMAT) {
    return refused(`its manifest has format ${manifest.format}, written by a newer version of Holdfast`, true);
  }
  if (checksum !== checksumOf(manifest)) return refused('its manifest does not match its own checksum');
  if (!isManifest(manifest)) return refused('its manifest lacks what every manifest has');
  if (folderOf(manifest.name) !== folder.split('/').at(-1)) return refused('its manifest belongs to another snapshot');
  return { ok: true, manifest, checksum };
}

/** Nothing is loaded that has no checksum, and nothing from outside of the folder. */
function isManifest({ format, name, time, sequence, epoch, storeId, keyId, kinds, files }: Partial<Manifest>): boolean {
  if (![format, sequence, epoch].every(Number.isSafeInteger) || [name, time, storeId, keyId].some((text) => typeof text !== 'string')) return false;
  if (typeof kinds !== 'object' || kinds === null || !Array.isArray(files)) return false;
  const names = new Set((files as readonly Partial<ManifestFile>[]).map((file) => file?.name));
  if ([...names].some((file) => typeof file !== 'string' || basename(file) !== file)) return false;
  return names.has(PRIVATE_NAME) && Object.values(kinds).every((kind) => Number.isSafeInteger(kind?.rows) && names.has(kind.file));
}

export function encodeSchemas(kinds: readonly Pick<Kind, 'name' | 'schema'>[]): Buffer {
  return Buffer.from(`${JSON.stringify(Object.fromEntries(kinds.map(({ name, schema }) => [name, schema])), undefined, 1)}\n`);
}

/**
 * By kind, the schemas that a snapshot was written by.
 * @throws when there is no such file, or it is not what the manifest says
 */
export function schemasOf(files: Files, folder: string, manifest: Manifest): Readonly<Record<string, Schema>> {
  const inline = Object.entries(manifest.kinds).flatMap(([name, { schema }]) => (schema === undefined ? [] : [[name, schema] as const]));
  if (inline.length > 0 || manifest.format === 1) return Object.fromEntries(inline);
  const bytes = files.readAll(join(folder, SCHEMAS_NAME));
  const expected = manifest.files.find(({ name }) => name === SCHEMAS_NAME);
  if (expected?.sha256 !== sha256(bytes)) throw new Error(`${SCHEMAS_NAME} does not match its checksum`);
  return JSON.parse(bytes.toString('utf8')) as Record<string, Schema>;
}

/** The schema of one kind. @throws when the snapshot has none, and as `schemasOf` */
export function schemaOf(schemas: Readonly<Record<string, Schema>>, kind: string): Schema {
  const schema = Object.hasOwn(schemas, kind) ? schemas[kind] : undefined;
  if (schema === undefined) throw new Error(`there is no schema of ${kind}`);
  return schema;
}

/** Compares every file with the manifest; undefined when all is well. */
export function damageOf(files: Files, folder: string, manifest: Manifest): string | undefined {
  try {
    if (!files.exists(join(folder, SUCCESS_NAME))) return `it has no ${SUCCESS_NAME}`;
  } catch (error) {
    rethrowUnlessOfFile(error);
    return `${SUCCESS_NAME} cannot be read: ${messageOf(error)}`;
  }
  for (const file of manifest.files) {
    const path = join(folder, file.name);
    try {
      const bytes = files.size(path);
      if (bytes !== file.bytes) return `${file.name} has ${bytes} bytes instead of ${file.bytes}`;
      if (sha256Of(files, path, bytes) !== file.sha256) return `${file.name} does not match its checksum`;
    } catch (error) {
      rethrowUnlessOfFile(error);
      return `${file.name} cannot be read: ${messageOf(error)}`;
    }
  }
  return undefined;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const HASHED_BYTES = 1024 * 1024;

/** Of a file of so many bytes, which Node reads at once up to 2 GiB only. */
function sha256Of(files: Files, path: string, bytes: number): string {
  const hash = createHash('sha256');
  const file = files.openToRead(path);
  try {
    const part = Buffer.allocUnsafeSlow(Math.min(HASHED_BYTES, bytes));
    for (let position = 0; position < bytes; position += part.length) {
      hash.update(part.subarray(0, files.read(file, part, position)));
    }
    return hash.digest('hex');
  } finally {
    files.close(file);
  }
}

/** The same of a file, which may be large: the owner has a turn of its event loop now and then. */
export async function fileSha256(files: Files, path: string): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  const file = files.openToRead(path);
  try {
    const part = Buffer.allocUnsafeSlow(Math.min(HASHED_BYTES, files.size(path)));
    let bytes = 0;
    for (let count = -1; count !== 0; bytes += count) {
      count = part.length === 0 ? 0 : files.read(file, part, bytes);
      hash.update(part.subarray(0, count));
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { bytes, sha256: hash.digest('hex') };
  } finally {
    files.close(file);
  }
}

/** With its files: the manifest among them, what only this store can read not. */
export function describeWithFiles(files: Files, folder: string, manifest: Manifest, checksum: string): SnapshotDetail {
  const own = files.readAll(join(folder, MANIFEST_NAME));
  const shown = manifest.files.filter(({ name }) => name !== PRIVATE_NAME).map(({ name, bytes, sha256: hash }) => ({ name, bytes, sha256: hash }));
  return { ...describe(manifest, checksum), files: [...shown, { name: MANIFEST_NAME, bytes: own.length, sha256: sha256(own) }] };
}

export function describe(manifest: Manifest, checksum: string): SnapshotDescription {
  return {
    name: manifest.name,
    time: manifest.time,
    sequence: manifest.sequence,
    reason: manifest.reason,
    ...(manifest.note === undefined ? {} : { note: manifest.note }),
    rows: Object.fromEntries(Object.entries(manifest.kinds).map(([kind, { rows }]) => [kind, rows])),
    bytes: manifest.files.reduce((sum, file) => sum + file.bytes, 0),
    seconds: manifest.seconds,
    checksum,
  };
}
