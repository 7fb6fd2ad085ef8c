import type { MessagePort } from 'node:worker_threads';
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
  /** Of a `StopFlag`: raised when nobody waits for a recovery any more. */
  readonly stop: SharedArrayBuffer;
}

/** The first call; and one for each other reader: the owner shows its memory at the port. */
export interface OwnerIntroduction {
  readonly lane: 'start' | 'show';
  readonly shown: MessagePort;
}

/** The answer to the first call: the recovered store, or why there is none. */
export type OwnerStart = { readonly reply: OwnerReply } | { readonly failed: string; readonly exitCode: number; readonly stack: string };
