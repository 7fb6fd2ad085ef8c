import type { Kind, Secret } from '../../schemas/kind.ts';
import type { FaultDetail } from '../faults.ts';
import type { SealedSecrets } from './frame.ts';
import type { Vault } from './vault.ts';

/** Taking secrets out of what clients send, sealed, and opening them again for those who may see them. */

type Fields = Record<string, unknown>;

export interface TakenSecrets {
  /** All secrets of the record after the write; undefined when they stay as they were. */
  readonly sealed: SealedSecrets | undefined;
  /** Required secrets that neither came nor are there. */
  readonly missing: readonly FaultDetail[];
}

/**
 * Moves the secrets of a draft into sealed form and sets their flags. A secret that is absent stays as it was.
 * @param cleared dotted paths of secrets that the write takes away.
 */
export function takeSecrets(
  kind: Kind,
  key: string,
  draft: Fields,
  before: SealedSecrets | undefined,
  cleared: ReadonlySet<string>,
  vault: Vault,
): TakenSecrets {
  if (kind.secrets.length === 0) return { sealed: undefined, missing: [] };
  const after: Record<string, Uint8Array> = {};
  const missing: FaultDetail[] = [];
  let changed = false;
  for (const secret of kind.secrets) {
    const path = secret.place;
    const parent = parentOf(draft, secret);
    const name = secret.path.at(-1) as string;
    const given = parent?.[name];
    if (typeof given === 'string') {
      after[path] = vault.seal(Buffer.from(given), placeOf(kind.name, key, path));
      changed = true;
      delete parent?.[name];
    } else if (before?.[path] !== undefined && !cleared.has(path)) {
      after[path] = before[path];
    } else if (before?.[path] !== undefined) {
      changed = true;
    }
    const isSet = after[path] !== undefined;
    if (parent !== undefined) {
      if (isSet) parent[secret.flag] = true;
      else delete parent[secret.flag];
    } else if (isSet) {
      // The object around the secret has gone, and the secret goes with it.
      delete after[path];
      changed = true;
    }
    if (secret.required && after[path] === undefined) missing.push({ pointer: `/${secret.path.join('/')}`, detail: 'is required' });
  }
  return { sealed: changed ? after : undefined, missing };
}

/** @throws when the store key is another one or the bytes have changed. */
export function openSecrets(kind: Kind, key: string, sealed: SealedSecrets, vault: Vault): Record<string, string> {
  const open: Record<string, string> = {};
  for (const [path, bytes] of Object.entries(sealed)) open[path] = vault.open(bytes, placeOf(kind.name, key, path)).toString('utf8');
  return open;
}

export function placeOf(kind: string, key: string, path: string): string {
  return `${kind}/${key}/${path}`;
}

function parentOf(draft: Fields, secret: Secret): Fields | undefined {
  let parent: unknown = draft;
  for (const name of secret.path.slice(0, -1)) {
    if (typeof parent !== 'object' || parent === null) return undefined;
    parent = (parent as Fields)[name];
  }
  return typeof parent === 'object' && parent !== null ? (parent as Fields) : undefined;
}
