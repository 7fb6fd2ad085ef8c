import type { OwnerReply } from './commands.ts';

/** What the owner's thread is started with. */
export interface OwnerData {
  /** The data folder. */
  readonly directory: string;
  readonly schemaDirectory?: string;
  /** 32 bytes. */
  readonly storeKey: Uint8Array;
  /** After a rotation: what these have sealed can still be opened. */
  readonly olderStoreKeys?: readonly Uint8Array[];
  readonly journalSync: 'always' | 'interval';
  readonly journalKeepBytes?: number;
}

/** The answer to the first call: the recovered store, or why there is none. */
export type OwnerStart = { readonly reply: OwnerReply } | { readonly failed: string; readonly exitCode: number; readonly stack: string };
