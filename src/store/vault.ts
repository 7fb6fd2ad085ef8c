import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Random } from '../random.ts';

/**
 * Secrets at rest: AES-256-GCM with a key that is not in the same files. Each ciphertext is bound to the place it belongs
 * to, so that one moved to another record does not open there.
 */

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export class Vault {
  /** The one that seals, then those that only open. */
  readonly #keys: readonly [KeyObject, ...KeyObject[]];
  readonly #random: Random;
  /** Names the key that seals: journal and manifest carry it, so that a wrong key is noticed at start. */
  readonly keyId: string;
  /** Names all keys that open. */
  readonly keyIds: ReadonlySet<string>;

  /** @param olderKeys after a rotation: what they sealed can still be opened. */
  constructor(key: Buffer, random: Random, olderKeys: readonly Buffer[] = []) {
    this.#keys = [createSecretKey(key), ...olderKeys.map((older) => createSecretKey(older))];
    this.#random = random;
    this.keyId = keyIdOf(key);
    this.keyIds = new Set([key, ...olderKeys].map(keyIdOf));
  }

  /** nonce, tag, ciphertext. `place` has to be told again to open it. */
  seal(plain: Uint8Array, place: string): Buffer {
    const nonce = this.#random.bytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#keys[0], nonce);
    cipher.setAAD(Buffer.from(place));
    const sealed = cipher.update(plain);
    cipher.final();
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  }

  /** @throws when no key fits, the place is another, or a bit has changed. */
  open(sealed: Uint8Array, place: string): Buffer {
    let reason: unknown;
    for (const key of this.#keys) {
      try {
        return openWith(key, sealed, place);
      } catch (error) {
        reason ??= error;
      }
    }
    throw reason;
  }

  /** The same, sealed with the key of today. @throws as `open` */
  resealed(sealed: Uint8Array, place: string): Uint8Array {
    const [current, ...older] = this.#keys;
    if (older.length === 0) return sealed;
    try {
      openWith(current, sealed, place);
      return sealed;
    } catch {
      return this.seal(this.open(sealed, place), place);
    }
  }
}

/** 16 hex digits that name a key without telling it. */
export function keyIdOf(key: Buffer): string {
  return createHmac('sha256', key).update('holdfast store key').digest('hex').slice(0, 16);
}

function openWith(key: KeyObject, sealed: Uint8Array, place: string): Buffer {
  // Without the length a shorter, and so weaker, tag would do.
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(place));
  decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
}
