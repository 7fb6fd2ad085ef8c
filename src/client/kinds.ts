import type { Drafts, Records } from '../generated/types.ts';

/** Kinds as types. What the server's own schemas have is known; kinds of a site are what the caller says they are. */

export type KindName = keyof Records;

/** A record of a kind that this client has no schema of. */
export type SiteRecord = Readonly<Record<string, unknown>>;

/** As answers have it: without secrets. */
export type RecordOf<K extends string> = K extends KindName ? Records[K] : SiteRecord;

/** As clients write it: with secrets, and without what only the server sets. */
export type DraftOf<K extends string> = K extends KindName ? Drafts[K] : SiteRecord;

/** What is in the draft and not in the record is secret. A write that replaces may leave it out: it stays as it was. */
export type Replacement<R, D> = Omit<D, Exclude<keyof D, keyof R>> & Partial<Pick<D, Exclude<keyof D, keyof R>>>;

/** RFC 7396: null takes a property out, a list is replaced as a whole. */
export type MergePatch<T> = T extends readonly unknown[] ? T : T extends object ? { readonly [P in keyof T]?: MergePatch<NonNullable<T[P]>> | null } : T;

/** One operation of RFC 6902; paths are JSON pointers (`/boot_data/kernel_url`). */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string };
