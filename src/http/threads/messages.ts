/**
 * What front threads and the main thread tell each other. Every message is a tuple that begins with its name; a request is
 * known by a number that its thread gave it. Bytes are the receiver's to keep.
 */

/** A request that is the main thread's to answer. */
export type RelayedHead = readonly [
  name: 'request',
  id: number,
  method: string,
  url: string,
  query: string | null,
  /** The other end of the connection, as text. */
  address: string,
  isUpgrade: boolean,
  /** Names and values in turns, as they came. */
  headers: readonly string[],
];

export type FromThread =
  | readonly [name: 'listening', port: number]
  | readonly [name: 'failed', reason: string]
  | RelayedHead
  | readonly [name: 'body', id: number, bytes: Uint8Array, isLast: boolean]
  /** The client has gone before its answer was complete. */
  | readonly [name: 'gone', id: number]
  /** So much of an answer in parts has been taken by the network. @param isKept there is room for more, and the library keeps some until more comes. */
  | readonly [name: 'taken', id: number, bytes: number, isKept: boolean]
  /** Of a WebSocket: how many bytes of messages have come here in all, and what the library holds of anything for it. */
  | readonly [name: 'buffered', id: number, arrivedBytes: number, bufferedBytes: number]
  | readonly [name: 'pinged', id: number, times: number]
  | readonly [name: 'closed', id: number]
  | readonly [name: 'counted', counted: ThreadCounts]
  /** What was ordered about the certificate is done. @param reason why not; empty: it is. */
  | readonly [name: 'tls', reason: string]
  | readonly [name: 'logged', reason: string]
  /** Everything up to a mark has been taken. */
  | readonly [name: 'mark']
  /** The thread has met a defect, and has let all its connections go. */
  | readonly [name: 'broken', reason: string];

export type ToThread =
  /** A whole answer. @param body null: none, of which a length may be told. @param headers names and values in turns. */
  | readonly [name: 'reply', id: number, status: string, headers: readonly string[], body: Uint8Array | null, length: number | null, isLast: boolean]
  /** The beginning of an answer whose end is not known yet. */
  | readonly [name: 'head', id: number, status: string, headers: readonly string[]]
  | readonly [name: 'chunk', id: number, bytes: Uint8Array]
  /** A part of a body of so many bytes. */
  | readonly [name: 'part', id: number, bytes: Uint8Array, totalBytes: number]
  | readonly [name: 'end', id: number, isLast: boolean]
  | readonly [name: 'cut', id: number]
  /** So much of a request's body has been read. */
  | readonly [name: 'read', id: number, bytes: number]
  | readonly [name: 'pause', id: number]
  | readonly [name: 'resume', id: number]
  | readonly [name: 'upgrade', id: number, key: string, protocol: string, extensions: string]
  | readonly [name: 'send', id: number, bytes: Uint8Array]
  | readonly [name: 'goodbye', id: number, code: number, reason: string]
  | readonly [name: 'subscribe', id: number, channel: string]
  | readonly [name: 'unsubscribe', id: number, channel: string]
  | readonly [name: 'publish', channel: string, bytes: Uint8Array]
  /** To be told of when it is its turn. */
  | readonly [name: 'mark']
  | readonly [name: 'stop']
  | readonly [name: 'tls', order: TlsOrder]
  | readonly [name: 'close'];

/** All threads read the new certificate before any of them uses it; when one cannot, none does. */
export type TlsOrder = 'read' | 'use' | 'drop';

/** What a thread has counted since it last told. */
export interface ThreadCounts {
  readonly turnedAway: Readonly<Record<string, number>>;
  readonly reads: readonly ReadCounts[];
}

/** Of one of the paths under which single records are read. */
export interface ReadCounts {
  readonly base: string;
  readonly statuses: readonly (readonly [status: number, count: number])[];
  readonly seconds: readonly number[];
  readonly secondsSum: number;
}

/** Messages that go to another thread in one piece; more go at once. */
export const BATCH_MESSAGES_MAX = 1024;
export const BATCH_BYTES_MAX: number = 1024 * 1024;
/** Of one request's body: bytes that the main thread has not read; its connection is paused then. */
export const BODY_WINDOW_BYTES: number = 256 * 1024;
/** Of one answer in parts: what the network has not taken; the main thread waits then. */
export const ANSWER_WINDOW_BYTES: number = 256 * 1024;
/** How often a thread tells what it has counted. */
export const COUNTS_INTERVAL_MS = 100;
