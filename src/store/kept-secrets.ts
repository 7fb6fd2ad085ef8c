import { strict as assert } from 'node:assert';
import type { Fault } from '../faults.ts';
import type { LogLine } from '../protocol/commands.ts';
import { hashOf, type KeyReader, KeyTable } from '../protocol/key-table.ts';
import { NOWHERE } from '../protocol/slab.ts';
import type { SealedSecrets } from './frame.ts';
import type { SecretEntries } from './private-part.ts';
import { EntryReader, entryBytesMax, writeEntry } from './secret-entries.ts';
import type { Vault } from './vault.ts';

/**
 * The secrets of all records, sealed. They are in no table and no image, only in the journal's frames and in a snapshot's
 * private part, and here as they stand there. Invariants: those of a record are what its last change left; bytes that were
 * written once stay as they are, because a snapshot may be at them.
 */

/** What is written goes into pieces of this; a larger entry, and those of a file, have one of their own. Addresses count in them. */
const PIECE_BYTES = 1024 * 1024;
const ADDRESS_MAX: number = 2 ** 31 - 1;
const CAPACITY_MIN = 64;
/** A table is followed by a larger one when so much of it is used. */
const FULL_SHARE = 7 / 8;
const ROOM = 1.5;
/** Of what is current: with more of it, with what a batch brings, no secrets may come. What is replaced has room beside it, and a file of them can be read. */
export const SECRETS_BYTES_MAX: number = 768 * 1024 * 1024;
const FULL: Fault = {
  code: 'not-durable',
  detail: 'there is no room in memory for more secrets; nothing was changed, reads go on, and records can be deleted',
};
/** So much of what was replaced is kept, and as much as there is beside it. */
const GARBAGE_BYTES_MIN: number = 4 * PIECE_BYTES;

interface Piece {
  readonly bytes: Buffer;
  /** The address of its first byte. */
  readonly base: number;
}

/** The secrets as they were at one moment. */
class Moment implements SecretEntries {
  readonly #pieces: readonly Piece[];
  readonly #addresses: Int32Array;
  readonly count: number;

  constructor(pieces: readonly Piece[], addresses: Int32Array) {
    this.#pieces = pieces;
    this.#addresses = addresses;
    this.count = addresses.length;
  }

  *entries(bytesMax: number): Generator<Uint8Array> {
    const piece = Buffer.allocUnsafeSlow(bytesMax);
    let used = 0;
    for (const address of this.#addresses) {
      const entry = bytesAt(this.#pieces, address);
      if (used + entry.length > bytesMax) {
        yield piece.subarray(0, used);
        used = 0;
      }
      if (entry.length > bytesMax) yield entry;
      else {
        piece.set(entry, used);
        used += entry.length;
      }
    }
    yield piece.subarray(0, used);
  }
}

export class KeptSecrets implements KeyReader {
  readonly #seed: number;
  readonly #bytesMax: number;
  /** By `kind/key`. */
  #table: KeyTable = KeyTable.ofCapacity(CAPACITY_MIN, 0);
  /** By address. */
  #pieces: Piece[] = [];
  /** Where the next entry goes, and where the piece with room for it ends. */
  #next = 0;
  #end = 0;
  /** Of all entries, and of those that are not current. Beside them pieces have room that stays empty. */
  #usedBytes = 0;
  #garbageBytes = 0;

  /** @param seed of the hashes of places: a number that nobody can foresee */
  constructor(seed: number, bytesMax: number = SECRETS_BYTES_MAX) {
    this.#seed = seed;
    this.#bytesMax = bytesMax;
  }

  of(kind: string, key: string): SealedSecrets | undefined {
    const address = this.#addressOf(`${kind}/${key}`);
    if (address === undefined) return undefined;
    const reader = readerAt(this.#pieces, address);
    reader.place();
    return reader.secrets();
  }

  /** Why a record may not get these, when there is no room for more. @param stagedBytes what is on its way before them */
  refusalOf(sealed: SealedSecrets | undefined, stagedBytes = 0): Fault | undefined {
    if (sealed === undefined || Object.keys(sealed).length === 0) return undefined;
    return this.#heldBytes - this.#garbageBytes + stagedBytes < this.#bytesMax ? undefined : FULL;
  }

  /** As a snapshot has them. */
  all(): SecretEntries {
    return new Moment([...this.#pieces], this.#liveAddresses());
  }

  /** Those of a snapshot's private part, of which they stay a part. */
  restore({ bytes, count }: { readonly bytes: Buffer; readonly count: number }): void {
    assert(this.#table.used === 0, 'secrets are restored before they change');
    if (count === 0) return;
    this.#makeRoom(count);
    const base = this.#open(bytes);
    this.#usedBytes += bytes.length;
    const reader = new EntryReader(bytes);
    for (let left = count; left > 0; left--) {
      const start = reader.at;
      this.#table.append(reader.placeHash(this.#seed), base + start);
      reader.skipSecrets();
    }
    // What comes goes into a piece of its own.
    this.#next = this.#end;
  }

  /** @param secrets undefined: they stay as they were, unless the record is gone */
  changed(kind: string, key: string, isGone: boolean, secrets: SealedSecrets | undefined): void {
    if (!isGone && secrets === undefined) return;
    const place = `${kind}/${key}`;
    if (isGone || secrets === undefined || Object.keys(secrets).length === 0) this.#delete(place);
    else this.#set(place, secrets);
  }

  /** After a rotation: the next snapshot has all of them under the key of today. */
  reseal(vault: Vault): LogLine {
    // What is sealed anew may make the pieces be copied together.
    const before = [...this.#pieces];
    for (const address of this.#liveAddresses()) {
      const reader = readerAt(before, address);
      const place = reader.place();
      const resealed = Object.entries(reader.secrets()).map(([path, bytes]) => [path, vault.resealed(bytes, `${place}/${path}`)] as const);
      this.#set(place, Object.fromEntries(resealed));
    }
    return {
      level: 'info',
      message: `secrets of ${this.#table.live} records were sealed anew where they had an older store key; the next snapshot has them so`,
      fields: { keyId: vault.keyId },
    };
  }

  hasKey(address: number, place: string): boolean {
    return readerAt(this.#pieces, address).place() === place;
  }

  #addressOf(place: string): number | undefined {
    const entry = this.#table.find(hashOf(place, this.#seed), place, this);
    return entry === -1 ? undefined : this.#table.addressOf(entry);
  }

  #set(place: string, secrets: SealedSecrets): void {
    const hash = hashOf(place, this.#seed);
    const entry = this.#table.find(hash, place, this);
    const address = this.#write(place, secrets);
    if (entry === -1) {
      if (this.#table.used + 1 > this.#table.capacity * FULL_SHARE) this.#makeRoom(this.#table.live + 1);
      this.#table.append(hash, address);
      return;
    }
    const before = this.#table.addressOf(entry);
    this.#table.move(entry, address);
    this.#garbage(before);
  }

  #delete(place: string): void {
    const entry = this.#table.find(hashOf(place, this.#seed), place, this);
    if (entry === -1) return;
    const before = this.#table.addressOf(entry);
    this.#table.remove(entry);
    this.#garbage(before);
  }

  #write(place: string, secrets: SealedSecrets): number {
    const bytesMax = entryBytesMax(place, secrets);
    if (this.#next + bytesMax > this.#end && this.#heldBytes + bytesMax + PIECE_BYTES >= ADDRESS_MAX) this.#copyTogether();
    this.#makeRoomFor(bytesMax);
    const address = this.#next;
    const { bytes, base } = pieceAt(this.#pieces, address);
    this.#next = base + writeEntry(bytes, address - base, place, secrets);
    this.#usedBytes += this.#next - address;
    return address;
  }

  get #heldBytes(): number {
    return this.#pieces.length * PIECE_BYTES;
  }

  #makeRoomFor(bytes: number): void {
    if (this.#next + bytes > this.#end) this.#next = this.#open(Buffer.allocUnsafeSlow(Math.max(bytes, PIECE_BYTES)));
  }

  /** @returns the address of its first byte */
  #open(bytes: Buffer): number {
    const base = this.#heldBytes;
    assert(base + bytes.length < ADDRESS_MAX, 'sealed secrets take 2 GiB at most');
    const piece = { bytes, base };
    for (let covered = 0; covered < bytes.length; covered += PIECE_BYTES) this.#pieces.push(piece);
    this.#end = base + bytes.length;
    return base;
  }

  /** Copies the table into one that has room for so many. */
  #makeRoom(entries: number): void {
    let capacity = CAPACITY_MIN;
    while (capacity < entries * ROOM) capacity *= 2;
    const table = KeyTable.ofCapacity(capacity, 0);
    for (const address of this.#liveAddresses()) table.append(readerAt(this.#pieces, address).placeHash(this.#seed), address);
    this.#table = table;
  }

  /** What is current is copied together when there is less of it than of what is not. */
  #garbage(address: number): void {
    this.#garbageBytes += bytesAt(this.#pieces, address).length;
    if (this.#garbageBytes >= GARBAGE_BYTES_MIN && this.#garbageBytes >= this.#usedBytes / 2) this.#copyTogether();
  }

  #copyTogether(): void {
    const before = this.#pieces;
    this.#pieces = [];
    this.#next = 0;
    this.#end = 0;
    this.#usedBytes = 0;
    this.#garbageBytes = 0;
    for (let entry = 0; entry < this.#table.used; entry++) {
      const from = this.#table.addressOf(entry);
      if (from === NOWHERE) continue;
      const bytes = bytesAt(before, from);
      this.#makeRoomFor(bytes.length);
      const { bytes: target, base } = pieceAt(this.#pieces, this.#next);
      target.set(bytes, this.#next - base);
      this.#table.move(entry, this.#next);
      this.#next += bytes.length;
      this.#usedBytes += bytes.length;
    }
  }

  #liveAddresses(): Int32Array {
    return this.#table.addresses().filter((address) => address !== NOWHERE);
  }
}

function pieceAt(pieces: readonly Piece[], address: number): Piece {
  const piece = pieces[Math.floor(address / PIECE_BYTES)];
  assert(piece !== undefined, 'an address points into a piece');
  return piece;
}

function readerAt(pieces: readonly Piece[], address: number): EntryReader {
  const { bytes, base } = pieceAt(pieces, address);
  return new EntryReader(bytes, address - base);
}

function bytesAt(pieces: readonly Piece[], address: number): Buffer {
  const reader = readerAt(pieces, address);
  const start = reader.at;
  reader.skipEntry();
  return reader.bytes.subarray(start, reader.at);
}
