import type { FrontLimits } from '../limits.ts';

/** What may be under way between one front thread and the main thread. A port by itself keeps as much as it is given. */
export interface RelayLimits {
  /** Requests to which the main thread has not begun to answer; one more is answered with 503 by the thread. */
  readonly waitingMax: number;
  /** Those of one address; one more is answered with 429. */
  readonly waitingPerAddressMax: number;
  /** Bytes that the main thread has not taken; a further request is answered with 503. */
  readonly untakenBytesMax: number;
  /** Bodies among them that one address has sent; a further request of it with a body is answered with 429. */
  readonly unreadBytesPerAddressMax: number;
  /** Bytes that the thread has not taken; beyond that answers wait, and what is more counts as buffered for each of its WebSockets. */
  readonly answerBytes: number;
  /** The same where nothing helps any more, and the process ends. */
  readonly answerBytesMax: number;
}

export const RELAY_LIMITS: RelayLimits = {
  waitingMax: 4096,
  waitingPerAddressMax: 3072,
  untakenBytesMax: 64 * 1024 * 1024,
  unreadBytesPerAddressMax: 48 * 1024 * 1024,
  answerBytes: 16 * 1024 * 1024,
  answerBytesMax: 1024 * 1024 * 1024,
};

/** Of a server with these limits: who lets more requests wait there lets them wait here as well. */
export function relayLimitsOf({ inFlightMax, inFlightPerAddressMax }: Pick<FrontLimits, 'inFlightMax' | 'inFlightPerAddressMax'>): RelayLimits {
  return {
    ...RELAY_LIMITS,
    waitingMax: Math.max(RELAY_LIMITS.waitingMax, inFlightMax),
    waitingPerAddressMax: Math.max(RELAY_LIMITS.waitingPerAddressMax, inFlightPerAddressMax),
  };
}
