import { hashOfBytes } from '../protocol/key-table.ts';
import type { SealedSecrets } from './frame.ts';

/**
 * How the secrets of a record stand in the private part of a snapshot, and in memory: msgpack of its place and of a map of
 * sealed bytes by property path. Read and written here where they stand: as objects they would take ten times the memory.
 */

/** What a header of msgpack may take. */
const HEADER_BYTES_MAX = 5;
const CHARACTER_BYTES_MAX = 3;

/** Of msgpack: the first byte of each type that there is in an entry. Short ones have the length in its last bits. */
const SHORT_MAP = 0x80;
const SHORT_LIST = 0x90;
const SHORT_TEXT = 0xa0;
const BYTES = 0xc4;
const TEXT = 0xd9;
const LIST = 0xdc;
const MAP = 0xde;
const PAIR: number = SHORT_LIST | 2;

/** No entry has more bytes than this. */
export function entryBytesMax(place: string, sealed: SealedSecrets): number {
  const textBytes = (text: string): number => HEADER_BYTES_MAX + text.length * CHARACTER_BYTES_MAX;
  let bytes = 1 + textBytes(place) + HEADER_BYTES_MAX;
  for (const [path, secret] of Object.entries(sealed)) bytes += textBytes(path) + HEADER_BYTES_MAX + secret.length;
  return bytes;
}

/** About how many an entry has. */
export function entryBytesOf(place: string, sealed: SealedSecrets): number {
  let bytes = HEADER_BYTES_MAX + place.length;
  for (const [path, secret] of Object.entries(sealed)) bytes += HEADER_BYTES_MAX + path.length + secret.length;
  return bytes;
}

/** @returns where it ends */
export function writeEntry(target: Buffer, start: number, place: string, sealed: SealedSecrets): number {
  const secrets = Object.entries(sealed);
  target[start] = PAIR;
  let at = writeText(target, start + 1, place);
  if (secrets.length < 16) target[at++] = SHORT_MAP | secrets.length;
  else at = writeLength(target, at, MAP, secrets.length);
  for (const [path, secret] of secrets) {
    at = writeText(target, at, path);
    at = writeLength(target, at, BYTES, secret.length);
    target.set(secret, at);
    at += secret.length;
  }
  return at;
}

function writeText(target: Buffer, start: number, text: string): number {
  const bytes = Buffer.byteLength(text);
  let at = start;
  if (bytes < 32) target[at++] = SHORT_TEXT | bytes;
  else at = writeLength(target, at, TEXT, bytes);
  return at + target.write(text, at, 'utf8');
}

/** @param type the first of two or three types in a row, whose lengths have one (lists and maps do not have that), two and four bytes */
function writeLength(target: Buffer, start: number, type: number, length: number): number {
  const [oneByte, twoBytes] = type < LIST ? [type, type + 1] : [undefined, type];
  if (oneByte !== undefined && length < 0x100) {
    target[start] = oneByte;
    return target.writeUInt8(length, start + 1);
  }
  const isShort = length < 0x1_0000;
  target[start] = isShort ? twoBytes : twoBytes + 1;
  return isShort ? target.writeUInt16BE(length, start + 1) : target.writeUInt32BE(length, start + 1);
}

/** Reads on through msgpack. @throws when something else stands there */
export class EntryReader {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  map(): number {
    return this.#length(SHORT_MAP, 0x0f, MAP - 1);
  }

  list(): number {
    return this.#length(SHORT_LIST, 0x0f, LIST - 1);
  }

  text(): string {
    const length = this.#length(SHORT_TEXT, 0x1f, TEXT);
    const start = this.#skip(length);
    return this.bytes.toString('utf8', start, this.at);
  }

  /** A part of what is read. */
  binary(): Buffer {
    const start = this.#skip(this.#length(undefined, 0, BYTES));
    return this.bytes.subarray(start, this.at);
  }

  /** The place of the entry that begins here; what follows are its secrets. */
  place(): string {
    const start = this.#skipPlace();
    return this.bytes.toString('utf8', start, this.at);
  }

  /** The hash of the place. */
  placeHash(seed: number): number {
    const start = this.#skipPlace();
    return hashOfBytes(this.bytes, start, this.at, seed);
  }

  /** Behind the place. */
  secrets(): SealedSecrets {
    return Object.fromEntries(Array.from({ length: this.map() }, () => [this.text(), this.binary()]));
  }

  skipSecrets(): void {
    for (let left = this.map(); left > 0; left--) {
      this.#skip(this.#length(SHORT_TEXT, 0x1f, TEXT));
      this.#skip(this.#length(undefined, 0, BYTES));
    }
  }

  /** From the beginning of an entry to its end. */
  skipEntry(): void {
    this.#skipPlace();
    this.skipSecrets();
  }

  #skipPlace(): number {
    if (this.list() !== 2) throw new RangeError(`no secrets stand at byte ${this.at}`);
    return this.#skip(this.#length(SHORT_TEXT, 0x1f, TEXT));
  }

  #skip(bytes: number): number {
    const start = this.at;
    this.at += bytes;
    if (this.at > this.bytes.length) throw new RangeError(`the secrets end at byte ${this.bytes.length}, in the middle of one`);
    return start;
  }

  /** @param first of the types whose lengths have one, two and four bytes; lists and maps have none of one byte, and `first` is another type */
  #length(short: number | undefined, mask: number, first: number): number {
    const { bytes, at } = this;
    const type = bytes[at] ?? 0;
    if (short !== undefined && (type & ~mask) === short) {
      this.at = at + 1;
      return type & mask;
    }
    const size = type - first;
    if (size === 0 && (first === TEXT || first === BYTES)) {
      this.at = at + 2;
      return bytes.readUInt8(at + 1);
    }
    if (size === 1) {
      this.at = at + 3;
      return bytes.readUInt16BE(at + 1);
    }
    if (size === 2) {
      this.at = at + 5;
      return bytes.readUInt32BE(at + 1);
    }
    throw new RangeError(`no secrets stand at byte ${at}`);
  }
}
