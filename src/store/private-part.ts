import { strict as assert } from 'node:assert';
import { Packr } from 'msgpackr';
import type { RememberedAnswer, SealedSecrets } from './frame.ts';
import { EntryReader, entryBytesMax, writeEntry } from './secret-entries.ts';
import type { Vault } from './vault.ts';

/**
 * What belongs to the store's state but to nobody's query: secrets and the answers that repeated requests get. One file per
 * snapshot, never served, never in reach of SQL. Secrets are in it as they were sealed when they were set, so that two
 * snapshots have the same bytes for those that did not change; the answers are encrypted as a whole.
 */

export interface PrivatePart {
  readonly secrets: StoredSecrets;
  readonly answers: readonly RememberedAnswer[];
}

/** Entries of secrets one after the other, each by `Kind/key`. */
export interface StoredSecrets {
  readonly bytes: Buffer;
  readonly count: number;
}

/** What is to be in the file, as it is at one moment. */
export interface PrivateContents {
  readonly secrets: SecretEntries;
  readonly answers: readonly RememberedAnswer[];
}

export interface SecretEntries {
  readonly count: number;
  /** All entries, as StoredSecrets has them, in pieces of this unless one alone is longer. A piece is only good until the next one. */
  entries(bytesMax: number): Iterable<Uint8Array>;
}

const packr = new Packr({ useRecords: false, mapsAsObjects: true });

/** How msgpack begins a map of two members, and a list whose length follows in four bytes. */
const MAP_OF_TWO = 0x82;
const LONG_LIST = 0xdd;
const BYTES_PER_PIECE = 64 * 1024;

/**
 * The bytes of the file, `Packed`, in pieces: to write all secrets at once would keep the owner from its writes. A piece is
 * only good until the next one.
 */
export function* sealedPrivatePart({ secrets, answers: plain }: PrivateContents, sequence: number, vault: Vault): Generator<Uint8Array> {
  const count = Buffer.alloc(5, LONG_LIST);
  count.writeUInt32BE(secrets.count, 1);
  yield Buffer.concat([Buffer.of(MAP_OF_TWO), packr.pack('secrets' satisfies keyof Packed), count]);
  yield* secrets.entries(BYTES_PER_PIECE);
  const answers = vault.seal(packr.pack(plain), placeOfAnswers(sequence));
  yield Buffer.concat([packr.pack('answers' satisfies keyof Packed), packr.pack(answers)]);
}

/**
 * @param format of the manifest: up to 1 the whole part was encrypted.
 * @throws when the store key is another one.
 */
export function openPrivatePart(bytes: Buffer, format: number, sequence: number, vault: Vault): PrivatePart {
  if (format <= 1) {
    const { secrets, answers } = packr.unpack(vault.open(bytes, `snapshot private part at ${sequence}`)) as Unsealed;
    return { secrets: stored(secrets), answers };
  }
  const reader = new EntryReader(bytes);
  const members = reader.map();
  assert(members === 2 && reader.text() === ('secrets' satisfies keyof Packed), 'secrets come first');
  const count = reader.list();
  const start = reader.at;
  for (let left = count; left > 0; left--) reader.skipEntry();
  const end = reader.at;
  assert(reader.text() === ('answers' satisfies keyof Packed), 'answers follow');
  const answers = packr.unpack(vault.open(reader.binary(), placeOfAnswers(sequence))) as RememberedAnswer[];
  return { secrets: { bytes: bytes.subarray(start, end), count }, answers };
}

function stored(secrets: Unsealed['secrets']): StoredSecrets {
  const bytes = Buffer.alloc(secrets.reduce((sum, [place, sealed]) => sum + entryBytesMax(place, sealed), 0));
  let end = 0;
  for (const [place, sealed] of secrets) end = writeEntry(bytes, end, place, sealed);
  return { bytes: bytes.subarray(0, end), count: secrets.length };
}

/** The secrets alone, sealed as they are: no key is needed for that. None of format 1, which is sealed as a whole. */
export function sealedSecretsIn(bytes: Uint8Array, format: number): ReadonlyMap<string, SealedSecrets> {
  return format <= 1 ? new Map() : new Map((packr.unpack(bytes) as Packed).secrets);
}

interface Packed {
  readonly secrets: readonly [string, SealedSecrets][];
  readonly answers: Uint8Array;
}

interface Unsealed {
  readonly secrets: readonly [string, SealedSecrets][];
  readonly answers: readonly RememberedAnswer[];
}

function placeOfAnswers(sequence: number): string {
  return `remembered answers of the snapshot at ${sequence}`;
}
