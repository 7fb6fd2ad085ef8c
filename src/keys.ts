import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { syncDirectory, writeFileDurably } from './durable-file.ts';
import { messageOf, StartFailure, systemCodeOf } from './faults.ts';
import type { Log } from './log.ts';

/**
 * The keys of a data folder: the secret that signs tokens and the key that encrypts secrets at rest.
 * Invariant: a new store key is never made beside data that an old one may have encrypted.
 */
export interface Keys {
  readonly tokenSecret: Uint8Array;
  /** For AES-256-GCM. */
  readonly storeKey: Buffer;
  /** The data folder's own secret is used; `holdfast token` can sign with it. */
  readonly tokenSecretIsGenerated: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

const KEY_BYTES = 32;
const SECRET_BYTES_MAX = 64 * 1024;

/**
 * Reads the keys, and makes them on a first start.
 * `secretFile` is `auth.secretFile` of the configuration; HOLDFAST_JWT_SECRET goes before it.
 * @throws StartFailure
 */
export function loadKeys(directory: string, environment: Environment, log: Log, secretFile?: string): Keys {
  const folder = join(directory, 'keys');
  try {
    if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) syncDirectory(directory);
  } catch (error) {
    throw new StartFailure(`cannot use ${folder}: ${messageOf(error)}`);
  }
  const storeKey = loadStoreKey(directory, environment, log);
  const configured = configuredTokenSecret(environment, secretFile, log);
  if (configured !== undefined) return { tokenSecret: configured, storeKey, tokenSecretIsGenerated: false };
  return { tokenSecret: ownTokenSecret(directory, log), storeKey, tokenSecretIsGenerated: true };
}

/** Where the data folder's own token secret is. */
export function tokenSecretPath(directory: string): string {
  return join(directory, 'keys', 'token-secret');
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
  const path = tokenSecretPath(directory);
  const text = readKeyFile(path, log);
  if (text === undefined) return undefined;
  if (Buffer.from(text, 'base64url').length < KEY_BYTES)
    throw new StartFailure(`${path} is damaged: it should hold ${KEY_BYTES} bytes in base64url; remove it to have a new one made (old tokens end with it)`);
  // The text itself is the secret: node-orchestrator's client takes it as `--gen-jwt-secret "$(cat …)"`.
  return Buffer.from(text, 'utf8');
}

function ownTokenSecret(directory: string, log: Log): Uint8Array {
  const present = readTokenSecret(directory, log);
  if (present !== undefined) return present;
  const secret = randomBytes(KEY_BYTES).toString('hex');
  write(tokenSecretPath(directory), secret);
  return Buffer.from(secret, 'utf8');
}

function loadStoreKey(directory: string, environment: Environment, log: Log): Buffer {
  const given = environment['HOLDFAST_STORE_KEY'];
  if (given !== undefined && given !== '') return decodeKey(given, 'HOLDFAST_STORE_KEY');
  const path = join(directory, 'keys', 'store-key');
  const text = readKeyFile(path, log);
  if (text !== undefined) return decodeKey(text, path);
  const holding = ['journal', 'snapshots'].find((name) => hasEntries(join(directory, name)));
  if (holding !== undefined) {
    throw new StartFailure(
      `the store key is missing: ${directory} has records (${holding}/), but neither HOLDFAST_STORE_KEY is set nor ${path} there. Put the key back; a new one could not read the secrets in these records`,
    );
  }
  const key = randomBytes(KEY_BYTES);
  write(path, key.toString('base64'));
  return key;
}

function decodeKey(text: string, source: string): Buffer {
  const trimmed = text.trim();
  const key = Buffer.from(trimmed, 'base64');
  // Buffer.from passes over what is not base64 instead of refusing it.
  if (key.length !== KEY_BYTES || !/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed))
    throw new StartFailure(`${source} must hold ${KEY_BYTES} bytes in base64 (make one with: openssl rand -base64 32)`);
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
