import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Random } from '../random.ts';

/**
 * Secrets at rest: AES-256-GCM with a key that is not in the same files. Each ciphertext is bound to the place it belongs
 * to, so that one moved to another record does not open there.
 */

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export class Vault {
  readonly #key: KeyObject;
  readonly #random: Random;
  /** Names the key without telling it: journal and manifest carry it, so that a wrong key is noticed at start. */
  readonly keyId: string;

  constructor(key: Buffer, random: Random) {
    this.#key = createSecretKey(key);
    this.#random = random;
    this.keyId = createHmac('sha256', key).update('holdfast store key').digest('hex').slice(0, 16);
  }

  /** nonce, tag, ciphertext. `place` has to be told again to open it. */
  seal(plain: Uint8Array, place: string): Buffer {
    const nonce = this.#random.bytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    cipher.setAAD(Buffer.from(place));
    const sealed = cipher.update(plain);
    cipher.final();
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  }

  /** @throws when the key or the place is another, or a bit has changed. */
  open(sealed: Uint8Array, place: string): Buffer {
    const decipher = createDecipheriv('aes-256-gcm', this.#key, sealed.subarray(0, NONCE_BYTES));
    decipher.setAAD(Buffer.from(place));
    decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  }
}
