import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type CryptoKey, importJWK, type JWK } from 'jose';
import type { Clock } from '../clock.ts';
import type { AuthConfig } from '../config/config.ts';
import { messageOf, StartFailure } from '../faults.ts';

/**
 * The public keys of a JWKS file or URL that fit the configured algorithm. A `kid` is looked up in a map and is nothing
 * else; what a token says about keys in other ways (`jku`, `jwk`, `x5c`) is never looked at.
 */
export interface KeySet {
  /** Rejects when there is no such key. */
  keyFor(kid: string | undefined): Promise<CryptoKey>;
  /** Reads the keys again when they were read long ago, so that a key that was taken back stops working. */
  refreshIfOld(): Promise<void>;
}

export interface KeySetEvents {
  warn(message: string): void;
}

interface KeySetListener extends KeySetEvents {
  changed(): void;
}

const RELOAD_EVERY_MS = 60_000;
const AGE_MAX_MS = 600_000;
const FETCH_LIMIT_MS = 5000;
const KEY_SET_BYTES_MAX = 1024 * 1024;
const KEYS_MAX = 100;
const RSA_BITS_MIN = 2048;

const KEY_TYPES = { RS256: 'RSA', ES256: 'EC', EdDSA: 'OKP' } as const;
type AsymmetricAlgorithm = keyof typeof KEY_TYPES;

/** @throws StartFailure when the file is unusable. A URL may come up later than we do: that only warns. */
export async function createKeySet(config: AuthConfig, clock: Clock, listener: KeySetListener): Promise<KeySet> {
  const { algorithm, jwksFile, jwksUrl } = config;
  if (algorithm === 'HS256') throw new StartFailure('HS256 has no key set');
  const set = new LoadedKeySet(algorithm, jwksUrl === undefined ? () => readKeyFile(jwksFile) : () => fetchKeys(jwksUrl), clock, listener);
  const problem = await set.load();
  if (problem === undefined) return set;
  if (jwksUrl === undefined) throw new StartFailure(`auth.jwksFile: ${problem}`);
  listener.warn(`the keys for tokens could not be read from ${jwksUrl}: ${problem}; until they can, every token is refused`);
  return set;
}

class LoadedKeySet implements KeySet {
  readonly #algorithm: AsymmetricAlgorithm;
  readonly #read: () => Promise<string>;
  readonly #clock: Clock;
  readonly #listener: KeySetListener;
  #byKid = new Map<string, CryptoKey>();
  #all: readonly CryptoKey[] = [];
  #hash = '';
  #loadedAtMs = Number.NEGATIVE_INFINITY;
  #triedAtMs = Number.NEGATIVE_INFINITY;
  #loading: Promise<string | undefined> | undefined;

  constructor(algorithm: AsymmetricAlgorithm, read: () => Promise<string>, clock: Clock, listener: KeySetListener) {
    this.#algorithm = algorithm;
    this.#read = read;
    this.#clock = clock;
    this.#listener = listener;
  }

  async keyFor(kid: string | undefined): Promise<CryptoKey> {
    let key = this.#find(kid);
    if (key === undefined && this.#mayTry()) {
      await this.#reload();
      key = this.#find(kid);
    }
    if (key === undefined) throw new Error('no such key');
    return key;
  }

  async refreshIfOld(): Promise<void> {
    if (this.#clock.monotonicMs() - this.#loadedAtMs >= AGE_MAX_MS && this.#mayTry()) await this.#reload();
  }

  /** Reads the keys; says what is wrong when that fails, and keeps those from before. */
  load(): Promise<string | undefined> {
    this.#loading ??= this.#loadOnce().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  #find(kid: string | undefined): CryptoKey | undefined {
    if (kid !== undefined) return this.#byKid.get(kid);
    return this.#all.length === 1 ? this.#all[0] : undefined;
  }

  #mayTry(): boolean {
    return this.#loading !== undefined || this.#clock.monotonicMs() - this.#triedAtMs >= RELOAD_EVERY_MS;
  }

  async #reload(): Promise<void> {
    const problem = await this.load();
    if (problem !== undefined) this.#listener.warn(`the keys for tokens could not be read again: ${problem}`);
  }

  async #loadOnce(): Promise<string | undefined> {
    this.#triedAtMs = this.#clock.monotonicMs();
    let text: string;
    try {
      text = await this.#read();
    } catch (error) {
      return messageOf(error);
    }
    const hash = createHash('sha256').update(text).digest('hex');
    if (hash !== this.#hash) {
      const keys = await importKeys(text, this.#algorithm);
      if (typeof keys === 'string') return keys;
      this.#all = keys.map(({ key }) => key);
      this.#byKid = new Map(keys.flatMap(({ kid, key }) => (kid === undefined ? [] : [[kid, key] as const])));
      this.#hash = hash;
      this.#listener.changed();
    }
    this.#loadedAtMs = this.#clock.monotonicMs();
    return undefined;
  }
}

/** The usable keys, or why there are none. */
async function importKeys(text: string, algorithm: AsymmetricAlgorithm): Promise<readonly { kid: string | undefined; key: CryptoKey }[] | string> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    return `not JSON: ${messageOf(error)}`;
  }
  const listed = typeof content === 'object' && content !== null && 'keys' in content ? content.keys : undefined;
  if (!Array.isArray(listed)) return 'not a JSON Web Key Set: it has no "keys"';
  if (listed.length > KEYS_MAX) return `more than ${KEYS_MAX} keys`;
  const usable: { kid: string | undefined; key: CryptoKey }[] = [];
  let reason = `no key of type ${KEY_TYPES[algorithm]}`;
  for (const jwk of listed as readonly JWK[]) {
    if (!isForSigning(jwk, algorithm)) continue;
    try {
      // Only the public part: a private key in the set must not become more than it has to be.
      const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...publicPart } = jwk;
      const key = await importJWK(publicPart, algorithm);
      if (key instanceof Uint8Array) continue;
      if (algorithm === 'RS256' && rsaBits(key) < RSA_BITS_MIN) throw new Error(`an RSA key needs at least ${RSA_BITS_MIN} bits`);
      usable.push({ kid: typeof jwk.kid === 'string' ? jwk.kid : undefined, key });
    } catch (error) {
      reason = messageOf(error);
    }
  }
  return usable.length === 0 ? `no usable key for ${algorithm}: ${reason}` : usable;
}

function isForSigning(jwk: unknown, algorithm: AsymmetricAlgorithm): jwk is JWK {
  if (typeof jwk !== 'object' || jwk === null) return false;
  const { kty, use, alg } = jwk as JWK;
  return kty === KEY_TYPES[algorithm] && (use === undefined || use === 'sig') && (alg === undefined || alg === algorithm);
}

function rsaBits(key: CryptoKey): number {
  const { algorithm } = key;
  return 'modulusLength' in algorithm && typeof algorithm.modulusLength === 'number' ? algorithm.modulusLength : 0;
}

async function readKeyFile(path: string | undefined): Promise<string> {
  if (path === undefined) throw new Error('neither jwksFile nor jwksUrl is given');
  const text = await readFile(path, 'utf8');
  if (text.length > KEY_SET_BYTES_MAX) throw new Error(`${path} is larger than ${KEY_SET_BYTES_MAX} bytes`);
  return text;
}

async function fetchKeys(url: string): Promise<string> {
  // Redirects would let the other side choose where the keys come from.
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_LIMIT_MS), redirect: 'error', headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`HTTP status ${response.status}`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > KEY_SET_BYTES_MAX) throw new Error(`larger than ${KEY_SET_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
