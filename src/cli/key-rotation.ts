import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { syncDirectory } from '../durable-file.ts';
import { StartFailure } from '../faults.ts';
import {
  keepPreviousSecret,
  newStoreKey,
  previousSecretPath,
  readPreviousSecret,
  readStoreKeys,
  readTokenSecret,
  STORE_KEYS_MAX,
  type StoreKeys,
  storeKeyPath,
  tokenSecretPath,
  writeStoreKeys,
  writeTokenSecret,
} from '../keys.ts';
import { lockDirectory, prepareDirectory } from '../lock.ts';
import { realFiles } from '../store/files.ts';
import { type SealedFile, sealedFiles } from '../store/key-use.ts';
import { keyIdOf } from '../store/vault.ts';

/**
 * Rotation of keys. A rotated store key is one file that is replaced in one step: before it there is the old key, after it
 * the new one and the old one, so a crash at any point leaves a folder that opens. What is on disk is not rewritten: the
 * server seals anew what it writes, and the old key stays until nothing on disk needs it.
 */

export interface ListedKeys {
  readonly storeKeys: readonly {
    readonly id: string;
    /** `seals`: what is written now; `opens`: only reads; `missing`: files need it, and it is not here. */
    readonly use: 'seals' | 'opens' | 'missing';
    readonly snapshots: number;
    readonly journalSegments: number;
  }[];
  readonly tokenSecrets: readonly { readonly id: string; readonly use: 'signs' | 'accepted' }[];
}

/** How many files a refusal names. */
const NAMED_FILES_MAX = 3;

/** Ids do not tell their keys. @throws StartFailure */
export function listKeys(directory: string): ListedKeys {
  refuseOtherFolder(directory);
  const ids = (readStoreKeys(directory, process.env) ?? []).map(keyIdOf);
  const used = sealedFiles(realFiles, directory);
  const missing = [...new Set(used.flatMap(({ keyId }) => (keyId === undefined || ids.includes(keyId) ? [] : [keyId])))];
  const secrets = [readTokenSecret(directory), readPreviousSecret(directory)].filter((secret) => secret !== undefined);
  return {
    storeKeys: [...ids, ...missing].map((id, index) => {
      const files = used.filter(({ keyId }) => keyId === id);
      const journalSegments = files.filter(({ path }) => path.endsWith('.journal')).length;
      const use = index === 0 && ids.length > 0 ? 'seals' : index < ids.length ? 'opens' : 'missing';
      return { id, use, snapshots: files.length - journalSegments, journalSegments };
    }),
    tokenSecrets: secrets.map((secret, index) => ({ id: keyIdOf(Buffer.from(secret)), use: index === 0 ? 'signs' : 'accepted' })),
  };
}

/** @returns what to do next. @throws StartFailure */
export function rotateStoreKey(directory: string): string {
  return withOwnKeys(directory, (keys) => {
    const used = sealedFiles(realFiles, directory);
    const ids = new Set(keys.map(keyIdOf));
    if (used.length > 0 && !used.some(({ keyId }) => keyId !== undefined && ids.has(keyId)))
      throw new StartFailure(`nothing in ${directory} was sealed with the keys in ${storeKeyPath(directory)}: the server has its key from elsewhere`);
    if (keys.length >= STORE_KEYS_MAX)
      throw new StartFailure(`there are ${keys.length} store keys already: start the server, and then forget old ones with: holdfast keys forget store-key`);
    const key = newStoreKey();
    writeStoreKeys(directory, [key, ...keys]);
    return `the store key is ${keyIdOf(key)} now, and the one before it is kept to read with: start the server, and it seals everything anew that it writes`;
  });
}

/** @returns what was done. @throws StartFailure while something needs an old key */
export function forgetStoreKeys(directory: string): string {
  return withOwnKeys(directory, ([current, ...older]) => {
    if (older.length === 0) return 'there is only one store key: nothing to forget';
    const currentId = keyIdOf(current);
    const needing = sealedFiles(realFiles, directory).filter(({ keyId }) => keyId !== currentId);
    if (needing.length > 0) throw new StartFailure(describeNeed(needing));
    writeStoreKeys(directory, [current]);
    return `forgot ${older.length === 1 ? 'one store key' : `${older.length} store keys`}; backups that were made under them still need them`;
  });
}

/** @returns what to do next. @throws StartFailure */
export function rotateTokenSecret(directory: string, hasLeaked: boolean): string {
  refuseOtherFolder(directory);
  const secret = readTokenSecret(directory);
  if (secret === undefined)
    throw new StartFailure(`there is no ${tokenSecretPath(directory)}: the server has its secret from the configuration, or has never been started`);
  // The old one is in both places for a moment, and never in none.
  if (hasLeaked) forgetFile(previousSecretPath(directory));
  else keepPreviousSecret(directory, secret);
  writeTokenSecret(directory);
  const then = 'send the server SIGHUP, or start it';
  if (hasLeaked) return `there is a new token secret: ${then}, and tokens of the old one are refused`;
  return `there is a new token secret: ${then}; tokens of the old one are accepted until: holdfast keys forget token-secret`;
}

/** @returns what to do next. @throws StartFailure */
export function forgetTokenSecret(directory: string): string {
  refuseOtherFolder(directory);
  if (!existsSync(previousSecretPath(directory))) return 'there is only one token secret: nothing to forget';
  forgetFile(previousSecretPath(directory));
  return 'forgot the token secret of before: send the server SIGHUP, or start it, and its tokens are refused';
}

/** With the folder's own store keys, while no server has the folder. */
function withOwnKeys(directory: string, change: (keys: StoreKeys) => string): string {
  refuseOtherFolder(directory);
  if (!existsSync(storeKeyPath(directory)) || (process.env['HOLDFAST_STORE_KEY'] ?? '') !== '') {
    throw new StartFailure(
      `the store key is not in ${storeKeyPath(directory)}: rotate it where HOLDFAST_STORE_KEY is set, as "NEW OLD", and take OLD out when holdfast keys list needs it no more`,
    );
  }
  const lock = lockDirectory(directory);
  try {
    const keys = readStoreKeys(directory, {});
    if (keys === undefined) throw new StartFailure(`${storeKeyPath(directory)} is not there`);
    return change(keys);
  } finally {
    lock.release();
  }
}

/** A file of another user, or in a folder that is none, would keep the server from starting. */
function refuseOtherFolder(directory: string): void {
  if (!existsSync(join(directory, 'version'))) throw new StartFailure(`${directory} is no data folder of Holdfast`);
  prepareDirectory(directory);
}

function describeNeed(needing: readonly SealedFile[]): string {
  const named = needing.slice(0, NAMED_FILES_MAX).map(({ path, keyId }) => `${path} (${keyId ?? 'it cannot be read'})`);
  const more = needing.length > named.length ? `, and ${needing.length - named.length} more` : '';
  return `old store keys are still needed by ${named.join(', ')}${more}; they go with retention, or when snapshots are taken and deleted and storage.journalKeepBytes is lowered`;
}

function forgetFile(path: string): void {
  rmSync(path, { force: true });
  syncDirectory(dirname(path));
}
