import { Packr } from 'msgpackr';
import type { RememberedAnswer, SealedSecrets } from './frame.ts';
import type { Vault } from './vault.ts';

/**
 * What belongs to the store's state but to nobody's query: sealed secrets and the answers that repeated requests get.
 * One file per snapshot, encrypted as a whole, never served, never in reach of SQL.
 */

export interface PrivatePart {
  /** By `Kind/key`. */
  readonly secrets: ReadonlyMap<string, SealedSecrets>;
  readonly answers: readonly RememberedAnswer[];
}

const packr = new Packr({ useRecords: false, mapsAsObjects: true });

export function sealPrivatePart(part: PrivatePart, sequence: number, vault: Vault): Buffer {
  return vault.seal(packr.pack({ secrets: [...part.secrets], answers: part.answers }), place(sequence));
}

/** @throws when the store key is another one. */
export function openPrivatePart(sealed: Uint8Array, sequence: number, vault: Vault): PrivatePart {
  const { secrets, answers } = packr.unpack(vault.open(sealed, place(sequence))) as {
    secrets: [string, SealedSecrets][];
    answers: RememberedAnswer[];
  };
  return { secrets: new Map(secrets), answers };
}

function place(sequence: number): string {
  return `snapshot private part at ${sequence}`;
}
