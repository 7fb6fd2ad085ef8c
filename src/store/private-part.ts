import { Packr } from 'msgpackr';
import type { RememberedAnswer, SealedSecrets } from './frame.ts';
import type { Vault } from './vault.ts';

/**
 * What belongs to the store's state but to nobody's query: secrets and the answers that repeated requests get. One file per
 * snapshot, never served, never in reach of SQL. Secrets are in it as they were sealed when they were set, so that two
 * snapshots have the same bytes for those that did not change; the answers are encrypted as a whole.
 */

export interface PrivatePart {
  /** By `Kind/key`. */
  readonly secrets: ReadonlyMap<string, SealedSecrets>;
  readonly answers: readonly RememberedAnswer[];
}

const packr = new Packr({ useRecords: false, mapsAsObjects: true });

export function sealPrivatePart(part: PrivatePart, sequence: number, vault: Vault): Buffer {
  const answers = vault.seal(packr.pack(part.answers), placeOfAnswers(sequence));
  return packr.pack({ secrets: [...part.secrets], answers } satisfies Packed);
}

/**
 * @param format of the manifest: up to 1 the whole part was encrypted.
 * @throws when the store key is another one.
 */
export function openPrivatePart(bytes: Uint8Array, format: number, sequence: number, vault: Vault): PrivatePart {
  if (format <= 1) {
    const { secrets, answers } = packr.unpack(vault.open(bytes, `snapshot private part at ${sequence}`)) as Unsealed;
    return { secrets: new Map(secrets), answers };
  }
  const { secrets, answers } = packr.unpack(bytes) as Packed;
  return { secrets: new Map(secrets), answers: packr.unpack(vault.open(answers, placeOfAnswers(sequence))) as RememberedAnswer[] };
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
