import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { syncDirectory, writeFileDurably } from './durable-file.ts';
import { messageOf, StartFailure, systemCodeOf } from './faults.ts';
import type { Log } from './log.ts';

/**
 * The keys of a data folder: the secret that signs tokens and the key that encrypts secrets at rest. Of both there may be
 * older ones, which are only read with.
 * Invariant: a new store key is never made beside data that an old one may have encrypted.
 */
export interface Keys {
  /** Tokens of all of them are accepted; `holdfast token` signs with the first. */
  readonly tokenSecrets: TokenSecrets;
  /** For AES-256-GCM; the first one seals. */
  readonly storeKeys: StoreKeys;
  /** The data folder's own secret is used; `holdfast token` can sign with it. */
  readonly tokenSecretIsGenerated: boolean;
}

export type TokenSecrets = readonly [Uint8Array, ...Uint8Array[]];
export type StoreKeys = readonly [Buffer, ...Buffer[]];

/** What `auth` of the configuration says of secrets. */
export interface SecretFiles {
  readonly secretFile?: string;
  readonly previousSecretFile?: string;
}

/** More would be opened with one after the other, and nobody rotates so often. */
export const STORE_KEYS_MAX = 8;

type Environment = Readonly<Record<string, string | undefined>>;

const KEY_BYTES = 32;
const SECRET_BYTES_MAX = 64 * 1024;

/**
 * Reads the keys, and makes them on a first start. HOLDFAST_JWT_SECRET goes before the secret file of the configuration.
 * @throws StartFailure
 */
export function loadKeys(directory: string, environment: Environment, log: Log, files: SecretFiles = {}): Keys {
  const folder = join(directory, 'keys');
  try {
    if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) syncDirectory(directory);
  } catch (error) {
    throw new StartFailure(`cannot use ${folder}: ${messageOf(error)}`);
  }
  const storeKeys = loadStoreKeys(directory, environment, log);
  const isConfigured = configuredTokenSecret(environment, files.secretFile) !== undefined;
  if (!isConfigured && readTokenSecret(directory) === undefined) writeTokenSecret(directory);
  return { tokenSecrets: loadTokenSecrets(directory, environment, log, files), storeKeys, tokenSecretIsGenerated: !isConfigured };
}

/** Reads the token secrets, also while the server runs. @throws StartFailure when there is none, or it is damaged */
export function loadTokenSecrets(directory: string, environment: Environment, log: Log, files: SecretFiles): TokenSecrets {
  const configured = configuredTokenSecret(environment, files.secretFile, log);
  const current = configured ?? readTokenSecret(directory, log);
  if (current === undefined) throw new StartFailure(`${tokenSecretPath(directory)} is not there`);
  const previous = [previousTokenSecret(files.previousSecretFile, log), configured === undefined ? readPreviousSecret(directory, log) : undefined];
  return [current, ...previous.filter((secret) => secret !== undefined)];
}

/** Where the data folder's own token secret is. */
export function tokenSecretPath(directory: string): string {
  return join(directory, 'keys', 'token-secret');
}

/** Where the one before it is, until somebody forgets it. */
export function previousSecretPath(directory: string): string {
  return join(directory, 'keys', 'token-secret-previous');
}

export function storeKeyPath(directory: string): string {
  return join(directory, 'keys', 'store-key');
}

/** The token secret that environment or configuration name, or undefined. */
export function configuredTokenSecret(environment: Environment, secretFile: string | undefined, log?: Log): Uint8Array | undefined {
  const given = environment['HOLDFAST_JWT_SECRET'];
  if (given !== undefined && given !== '') return Buffer.from(given, 'utf8');
  if (secretFile === undefined) return undefined;
  const text = readKeyFile(secretFile, log);
  if (text === undefined) throw new StartFailure(`auth.secretFile: ${secretFile} does not exist`);
  return Buffer.from(text, 'utf8');
}

/** The data folder's own token secret, or undefined when it has none (yet). */
export function readTokenSecret(directory: string, log?: Log): Uint8Array | undefined {
  return readSecret(tokenSecretPath(directory), log);
}

/** The one before it, or undefined when there is none or it was forgotten. */
export function readPreviousSecret(directory: string, log?: Log): Uint8Array | undefined {
  return readSecret(previousSecretPath(directory), log);
}

function previousTokenSecret(path: string | undefined, log: Log): Uint8Array | undefined {
  const text = path === undefined ? undefined : readKeyFile(path, log);
  if (path !== undefined && text === undefined) throw new StartFailure(`auth.previousSecretFile: ${path} does not exist`);
  return text === undefined ? undefined : Buffer.from(text, 'utf8');
}

function readSecret(path: string, log?: Log): Uint8Array | undefined {
  const text = readKeyFile(path, log);
  if (text === undefined) return undefined;
  if (Buffer.from(text, 'base64url').length < KEY_BYTES)
    throw new StartFailure(`${path} is damaged: it should hold ${KEY_BYTES} bytes in base64url; remove it to have a new one made (old tokens end with it)`);
  // The text itself is the secret: node-orchestrator's client takes it as `--gen-jwt-secret "$(cat …)"`.
  return Buffer.from(text, 'utf8');
}

/** Makes a new one and puts it in place. @throws StartFailure */
export function writeTokenSecret(directory: string): void {
  write(tokenSecretPath(directory), randomBytes(KEY_BYTES).toString('hex'));
}

/** Puts an older secret beside the one of today. @throws StartFailure */
export function keepPreviousSecret(directory: string, secret: Uint8Array): void {
  write(previousSecretPath(directory), Buffer.from(secret).toString('utf8'));
}

/** The store keys of the environment or of the data folder, or undefined when there is none. @throws StartFailure */
export function readStoreKeys(directory: string, environment: Environment, log?: Log): StoreKeys | undefined {
  const given = environment['HOLDFAST_STORE_KEY'];
  if (given !== undefined && given !== '') return decodeKeys(given, 'HOLDFAST_STORE_KEY');
  const path = storeKeyPath(directory);
  const text = readKeyFile(path, log);
  return text === undefined ? undefined : decodeKeys(text, path);
}

/** @param keys the one that seals first. @throws StartFailure */
export function writeStoreKeys(directory: string, keys: StoreKeys): void {
  write(storeKeyPath(directory), keys.map((key) => key.toString('base64')).join('\n'));
}

export function newStoreKey(): Buffer {
  return randomBytes(KEY_BYTES);
}

function loadStoreKeys(directory: string, environment: Environment, log: Log): StoreKeys {
  const present = readStoreKeys(directory, environment, log);
  if (present !== undefined) return present;
  refuseNewKey(directory);
  const keys: StoreKeys = [newStoreKey()];
  writeStoreKeys(directory, keys);
  return keys;
}

/** @throws StartFailure where a store key is missing that data needs */
export function refuseNewKey(directory: string): void {
  const path = storeKeyPath(directory);
  const holding = ['journal', 'snapshots'].find((name) => hasEntries(join(directory, name)));
  if (holding !== undefined) {
    throw new StartFailure(
      `the store key is missing: ${directory} has records (${holding}/), but neither HOLDFAST_STORE_KEY is set nor ${path} there. Put the key back; a new one could not read the secrets in these records`,
    );
  }
}

/** One key, or several with white space or commas between them. */
function decodeKeys(text: string, source: string): StoreKeys {
  const [first = '', ...older] = text.split(/[\s,]+/).filter((word) => word !== '');
  if (older.length >= STORE_KEYS_MAX) throw new StartFailure(`${source} has more than ${STORE_KEYS_MAX} keys`);
  return [decodeKey(first, source), ...older.map((each) => decodeKey(each, source))];
}

function decodeKey(text: string, source: string): Buffer {
  const key = Buffer.from(text, 'base64');
  // Buffer.from passes over what is not base64 instead of refusing it.
  if (key.length !== KEY_BYTES || !/^[A-Za-z0-9+/_-]{43}=?$/.test(text))
    throw new StartFailure(
      `${source} must hold ${KEY_BYTES} bytes in base64, or several such keys, the one to seal with first (make one with: openssl rand -base64 32)`,
    );
  return key;
}

/** The content without the line end that editors put there; undefined when there is no such file. */
function readKeyFile(path: string, log: Log | undefined): string | undefined {
  try {
    const { mode, size } = statSync(path);
    if (size > SECRET_BYTES_MAX) throw new Error(`it is larger than ${SECRET_BYTES_MAX} bytes`);
    if ((mode & 0o077) !== 0) log?.warn({ path, mode: (mode & 0o777).toString(8) }, 'others on this machine can read or write this key file: chmod 600 it');
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw new StartFailure(`cannot read the key file ${path}: ${messageOf(error)}`);
  }
}

function write(path: string, text: string): void {
  try {
    writeFileDurably(path, `${text}\n`, 0o600);
    // A umask only takes bits away; a temporary file left by a crash may have others.
    chmodSync(path, 0o600);
  } catch (error) {
    throw new StartFailure(`cannot write the key file ${path}: ${messageOf(error)}`);
  }
}

function hasEntries(directory: string): boolean {
  try {
    return readdirSync(directory).length > 0;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false;
    throw new StartFailure(`cannot read ${directory}: ${messageOf(error)}`);
  }
}
